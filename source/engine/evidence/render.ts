import {canonicalJson} from './canonical.ts';
import {beginMark, bewareText, code, digestMark, endMark, list} from './markdown.ts';
import {sha256Of} from './place.ts';
import type {EvidenceRecord} from './schema.ts';
import {backupSection, catalogSection} from './sections/backups.ts';
import {checkingSection, firstCheckingSection} from './sections/checking.ts';
import {chainSection, deviationsSection, mappingSection, notCheckedSection} from './sections/closing.ts';
import {configuredSection, datasetsSection} from './sections/datasets.ts';
import {whatThisIs, whoAndWhere} from './sections/identity.ts';
import {openingSection, openSection} from './sections/opening.ts';
import {checklistSection, commandsSection, safetySection} from './sections/session.ts';
import {cautionsOf, summarySection} from './sections/summary.ts';
import {timesSection} from './sections/times.ts';
import {trailSection} from './sections/trail.ts';
import {subjectOf} from './sections/words.ts';

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
/** Its summary has no verdict: what a reader must not overlook stands above it. */
const isFirst = ({schema}: EvidenceRecord): boolean => schema === 'magds-evidence/1';
const aboutBackup: Sections = {Backup: backupSection, Datasets: datasetsSection};
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
const sections: Record<EvidenceRecord['kind'], Sections> = {
  restore: {
    ...opening,
    Summary: (record) => (isFirst(record) ? summarySection(record) : openingSection(record)),
    ...aboutBackup,
    'Configured against restored': configuredSection,
    'Plan and times': timesSection,
    Checklist: checklistSection,
    'Hooks and checks of the application': commandsSection,
    Trail: trailSection,
    ...openPoints,
    'Deviations and corrective actions': (record) =>
      isFirst(record) ? deviationsSection(record) : openSection(record),
    'Safety backup and the way back': safetySection,
    ...closing,
  },
  verification: {...opening, ...aboutBackup, ...openPoints, ...closing},
  catalog: {...opening, Backups: catalogSection, ...openPoints, ...closing},
};
const recordHeading = 'Record';

/** The headings of a record's file in their order, the title first: they hang on its kind alone. */
export const headingsOf = (record: EvidenceRecord): string[] => [
  titles[subjectOf(record)],
  ...Object.keys(sections[record.kind]),
  recordHeading,
];

/** The file's first line: whether it says that it is signed, and by whom. */
const firstLine = ({signer}: EvidenceRecord): string =>
  signer
    ? `SIGNED with the key ${code(signer.fingerprint)} of ${code(signer.principal)}, if its signature verifies.`
    : 'UNSIGNED: this file shows corruption only, not tampering.';

/**
 * The whole evidence file of a record: ASCII markdown, lines ended by a line feed. Depends on nothing but the record, so
 * that the same record gives the same bytes again.
 */
export function renderEvidence(record: EvidenceRecord): string {
  const json = canonicalJson(record);
  const cautions = record.kind === 'restore' && !isFirst(record) ? [] : cautionsOf(record);
  return `${[
    firstLine(record),
    '',
    `# ${titles[subjectOf(record)]}`,
    '',
    ...(cautions.length === 0 ? [] : list(cautions.map(bewareText), '')),
    ...Object.entries(sections[record.kind]).flatMap(([heading, lines]) => [
      `## ${heading}`,
      '',
      ...lines(record),
    ]),
    `## ${recordHeading}`,
    '',
    beginMark,
    '````json',
    json,
    '````',
    endMark,
    '',
    `${digestMark}${sha256Of(json)}`,
  ].join('\n')}\n`;
}
