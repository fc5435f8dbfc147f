import {createHash} from 'node:crypto';
import {canonicalJson} from './canonical.ts';
import {beginMark, code, digestMark, endMark, list} from './markdown.ts';
import type {EvidenceRecord} from './schema.ts';
import {backupSection} from './sections/backup.ts';
import {catalogSection} from './sections/catalog.ts';
import {chainSection} from './sections/chain.ts';
import {checkingSection} from './sections/checking.ts';
import {checklistSection} from './sections/checklist.ts';
import {commandsSection} from './sections/commands.ts';
import {configuredSection} from './sections/configured.ts';
import {datasetsSection} from './sections/datasets.ts';
import {deviationsSection} from './sections/deviations.ts';
import {flagsOf} from './sections/flags.ts';
import {whatThisIs, whoAndWhere} from './sections/identity.ts';
import {mappingSection} from './sections/mapping.ts';
import {notCheckedSection} from './sections/not-checked.ts';
import {safetySection} from './sections/safety.ts';
import {summarySection} from './sections/summary.ts';
import {timesSection} from './sections/times.ts';
import {trailSection} from './sections/trail.ts';
import {subjectOf} from './sections/words.ts';

type Section = {heading: string; lines: (record: EvidenceRecord) => string[]};

const titles = {
  restore: 'Evidence of a restore',
  drill: 'Evidence of a restore drill',
  undo: 'Evidence of an undone restore',
  verification: 'Evidence of a verification',
  catalog: 'Evidence of the integrity of all backups',
};

const opening: Section[] = [
  {heading: 'Summary', lines: summarySection},
  {heading: 'What this is', lines: whatThisIs},
  {heading: 'Who, where and with what', lines: whoAndWhere},
];
const aboutBackup: Section[] = [
  {heading: 'Backup', lines: backupSection},
  {heading: 'Datasets', lines: datasetsSection},
];
const aboutSession: Section[] = [
  {heading: 'Configured against restored', lines: configuredSection},
  {heading: 'Plan and times', lines: timesSection},
  {heading: 'Checklist', lines: checklistSection},
  {heading: 'Hooks and checks of the application', lines: commandsSection},
  {heading: 'Trail', lines: trailSection},
];
const openPoints: Section[] = [
  {heading: 'Deviations and corrective actions', lines: deviationsSection},
  {heading: 'What was not checked', lines: notCheckedSection},
];
const closing: Section[] = [
  {heading: 'Chain of evidence', lines: chainSection},
  {heading: 'How to check this file without this program', lines: checkingSection},
  {heading: 'Which section serves which framework', lines: mappingSection},
];
const sections: Record<EvidenceRecord['kind'], Section[]> = {
  restore: [
    ...opening,
    ...aboutBackup,
    ...aboutSession,
    ...openPoints,
    {heading: 'Safety backup and the way back', lines: safetySection},
    ...closing,
  ],
  verification: [...opening, ...aboutBackup, ...openPoints, ...closing],
  catalog: [...opening, {heading: 'Backups', lines: catalogSection}, ...openPoints, ...closing],
};
const recordHeading = 'Record';

/** The headings of a record's file in their order, the title first: they hang on its kind alone. */
export const headingsOf = (record: EvidenceRecord): string[] => [
  titles[subjectOf(record)],
  ...sections[record.kind].map(({heading}) => heading),
  recordHeading,
];

/** The file's first line: whether it says that it is signed, and by whom. */
export const firstLine = ({signer}: EvidenceRecord): string =>
  signer
    ? `SIGNED with the key ${code(signer.fingerprint)} of ${code(signer.principal)}, if its signature verifies.`
    : 'UNSIGNED: this file shows corruption only, not tampering.';

/**
 * The whole evidence file of a record: ASCII markdown, lines ended by a line feed. Depends on nothing but the record, so
 * that whoever has it writes the same bytes again.
 */
export function renderEvidence(record: EvidenceRecord): string {
  const json = canonicalJson(record);
  const flags = flagsOf(record);
  return `${[
    firstLine(record),
    '',
    `# ${titles[subjectOf(record)]}`,
    '',
    ...(flags.length === 0 ? [] : list(flags, '')),
    ...sections[record.kind].flatMap(({heading, lines}) => [`## ${heading}`, '', ...lines(record)]),
    `## ${recordHeading}`,
    '',
    beginMark,
    '````json',
    json,
    '````',
    endMark,
    '',
    `${digestMark}${createHash('sha256').update(json).digest('hex')}`,
  ].join('\n')}\n`;
}
