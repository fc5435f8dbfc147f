import {createHash} from 'node:crypto';
import {
  beginMark,
  bewareText,
  code,
  digestMark,
  endMark,
  list,
  recordFence,
  recordFenceEnd,
} from './markdown.ts';
import {recordParts} from './record-text.ts';
import type {EvidenceRecord} from './schema.ts';
import {backupAnnex, backupSection, catalogSection} from './sections/backups.ts';
import {checkingSection, firstCheckingSection} from './sections/checking.ts';
import {choiceSection} from './sections/choice.ts';
import {
  chainSection,
  deviationsSection,
  mappingSection,
  notCheckedSection,
  sessionMapping,
} from './sections/closing.ts';
import {contentSection} from './sections/content.ts';
import {changedSection, configuredSection, copiesSection, datasetsSection} from './sections/datasets.ts';
import {whatThisIs, whoAndWhere} from './sections/identity.ts';
import {openingSection, openSection, proofSection} from './sections/opening.ts';
import {checklistSection, commandsSection, safetySection} from './sections/session.ts';
import {cautionsOf, summarySection} from './sections/summary.ts';
import {firstTimesSection, timesSection} from './sections/times.ts';
import {independentSection, trailSection} from './sections/trail.ts';
import {annexSection, whoSection} from './sections/who.ts';
import {isFirst, subjectOf} from './sections/words.ts';

/** Headings with what stands below each, in the order of the file. */
type Sections = Record<string, (record: EvidenceRecord) => Iterable<string>>;

const titles = {
  restore: 'Evidence of a restore',
  drill: 'Evidence of a restore drill',
  undo: 'Evidence of an undone restore',
  verification: 'Evidence of a verification',
  catalog: 'Evidence of the integrity of all backups',
};

const opening: Sections = {
  Summary: summarySection,
  'What this is': whatThisIs,
  'Who, where and with what': whoAndWhere,
};
const aboutBackup: Sections = {Backup: (record) => backupSection(record), Datasets: datasetsSection};
const openPoints: Sections = {
  'Deviations and corrective actions': deviationsSection,
  'What was not checked': notCheckedSection,
};
const closing: Sections = {
  'Chain of evidence': chainSection,
  'How to check this file without this program': (record) =>
    isFirst(record) ? firstCheckingSection(record) : checkingSection(record),
  'Which section serves which framework': mappingSection,
};
/** Of a session, in files of the first schema. */
const firstOfSession: Sections = {
  ...opening,
  ...aboutBackup,
  'Configured against restored': configuredSection,
  'Plan and times': firstTimesSection,
  Checklist: checklistSection,
  'Hooks and checks of the application': commandsSection,
  Trail: trailSection,
  ...openPoints,
  'Safety backup and the way back': safetySection,
  ...closing,
};
/** Of a session: what a reader asks first comes first (EVIDENCE.md, "The file"). */
const ofSession: Sections = {
  Summary: openingSection,
  'Who, who authorised it, who looked at it': whoSection,
  'Times, and what was lost': timesSection,
  'Why this copy': choiceSection,
  'Proof before, at and after the switch': proofSection,
  'What changed, and what was left': changedSection,
  'Content and reconciliation': contentSection,
  'The overwritten data': safetySection,
  Steps: checklistSection,
  'Deviations, warnings and take-overs': openSection,
  'What was not checked': notCheckedSection,
  'How to check this file without this program': checkingSection,
  'Independent records': independentSection,
  'Annex: what this is, machine and program': annexSection,
  'Annex: the backup': backupAnnex,
  'Annex: copies': copiesSection,
  'Annex: trail': trailSection,
  'Annex: which section serves which framework': sessionMapping,
};

/** What a file has of its kind and its schema. */
function sectionsOf(record: EvidenceRecord): Sections {
  switch (record.kind) {
    case 'verification':
      return {...opening, ...aboutBackup, ...openPoints, ...closing};
    case 'catalog':
      return {...opening, Backups: catalogSection, ...openPoints, ...closing};
    case 'restore':
      return isFirst(record) ? firstOfSession : ofSession;
  }
}
const recordHeading = 'Record';

/** The headings of a record's file in their order, the title first: they hang on its kind and schema alone. */
export const headingsOf = (record: EvidenceRecord): string[] => [
  titles[subjectOf(record)],
  ...Object.keys(sectionsOf(record)),
  recordHeading,
];

/** The file's first line: whether it says that it is signed, and by whom. */
const firstLine = ({signer}: EvidenceRecord): string =>
  signer
    ? `SIGNED with the key ${code(signer.fingerprint)} of ${code(signer.principal)}, if its signature verifies.`
    : 'UNSIGNED: this file shows corruption only, not tampering.';

/**
 * An evidence file in parts, in their order: a record about 20,000 datasets is never held as one text. ASCII markdown,
 * lines ended by a line feed. Depends on nothing but the record, so that the same record gives the same bytes again.
 */
export function* evidenceParts(record: EvidenceRecord): Generator<string, void, undefined> {
  const cautions = record.kind === 'restore' && !isFirst(record) ? [] : cautionsOf(record);
  const prose = [
    firstLine(record),
    '',
    `# ${titles[subjectOf(record)]}`,
    '',
    ...(cautions.length === 0 ? [] : list(cautions.map(bewareText), '')),
    ...Object.entries(sectionsOf(record)).flatMap(([heading, lines]) => [
      `## ${heading}`,
      '',
      ...lines(record),
    ]),
    `## ${recordHeading}`,
    '',
    beginMark,
  ];
  yield `${prose.join('\n')}\n`;
  const digest = createHash('sha256');
  function* fenced(): Iterable<[text: string, isRecord: boolean]> {
    yield [recordFence, false];
    for (const part of recordParts(record)) yield [part, true];
    yield [recordFenceEnd, false];
  }
  for (const [text, isRecord] of fenced()) {
    if (isRecord || !isFirst(record)) digest.update(text);
    yield text;
  }
  yield `${endMark}\n\n${digestMark}${digest.digest('hex')}\n`;
}

/** The whole evidence file of a record. */
export const renderEvidence = (record: EvidenceRecord): string => [...evidenceParts(record)].join('');
