import {code, count, fence, notRecorded, paragraph, table} from '../markdown.ts';
import type {EvidenceBackup, EvidenceDataset, EvidenceRecord, Restored} from '../schema.ts';
import {clockTime, mostRows, short, size, tally} from './words.ts';

const row = (name: string, value: string | null): string => `  ${name.padEnd(10)} ${value ?? notRecorded}`;

/** Rows with their numbers: all of few, else those that are worth a look. */
function chosen<T>(all: T[], isNotable: (each: T) => boolean): {number: number; each: T}[] {
  const numbered = all.map((each, index) => ({number: index + 1, each}));
  return all.length <= mostRows ? numbered : numbered.filter(({each}) => isNotable(each));
}

const rest = (shown: number, all: number, what: string): string[] =>
  shown === all
    ? []
    : paragraph(
        `Shown are ${shown} of ${all}: ${what}. The others are counted above and complete in the record.`,
      );

const algorithmOf = ({algorithm, weak}: EvidenceDataset): string =>
  `${short(algorithm)}${weak ? ' **weak**' : ''}`;

/** A table of copies, and their hashes below it: one to a line, so that none is wrapped. */
export function copies({datasets}: EvidenceBackup): string[] {
  if (datasets.length === 0) return paragraph('Copies in the backup: none is recorded.');
  const weak = datasets.filter((each) => each.weak).length;
  const isNotable = ({status, reason}: EvidenceDataset): boolean =>
    (status !== null && status !== 'match') || reason !== null;
  const shown = chosen(datasets, isNotable);
  return [
    ...paragraph(
      `**Copies in the backup**: ${datasets.length}; ${tally(datasets.map(({status}) => code(status)))}.`,
    ),
    ...(weak === 0
      ? []
      : paragraph(
          `${count(weak, 'hash', 'hashes')} marked **weak**: such a one finds accidents, not tampering.`,
        )),
    ...rest(shown.length, datasets.length, 'those that do not match, or of which there is something to say'),
    ...(shown.length === 0
      ? []
      : [
          ...table(
            ['#', 'Dataset', 'Result', 'Size', 'Algorithm'],
            shown.map(({number, each}) => [
              String(number),
              code(each.name),
              short(each.status),
              each.bytes === null ? '-' : size(each.bytes),
              algorithmOf(each),
            ]),
          ),
          ...fence(
            shown.flatMap(({number, each}) => [
              `${number}. ${each.name}`,
              row('source', each.source),
              row('copy', each.copy),
              row('expected', each.expected),
              row('actual', each.actual),
              ...(each.reason === null ? [] : [row('reason', each.reason)]),
            ]),
          ),
          '',
        ]),
  ];
}

const fine: Restored['result'][] = ['as the manifest says', 'unchanged'];

/** Whether a live file is another one than before, or not what it should be. */
const isChange = ({result, action, before, at_switch}: Restored): boolean =>
  !fine.includes(result) || (action !== 'unchanged' && (before?.hash ?? null) !== at_switch);

/** Live files: what they were, and what they were right after the switch. */
export function liveFiles(restored: Restored[]): string[] {
  if (restored.length === 0) return paragraph('Live files: none was written.');
  const shown = chosen(restored, isChange);
  return [
    ...paragraph(
      `**Live files**: ${restored.length}; ${tally(restored.map(({action}) => action))}; results: ${tally(restored.map(({result}) => result))}. The hash at the switch is the proof.`,
    ),
    ...rest(shown.length, restored.length, 'those that failed or were changed'),
    ...(shown.length === 0
      ? []
      : [
          ...table(
            ['#', 'Dataset', 'Action', 'Result', 'Size', 'Mode'],
            shown.map(({number, each}) => [
              String(number),
              `${code(each.dataset)}${each.role === 'sidecar' ? ' (beside)' : ''}`,
              each.action,
              each.result,
              each.bytes === null ? '-' : size(each.bytes),
              short(each.mode),
            ]),
          ),
          ...fence(
            shown.flatMap(({number, each}) => [
              `${number}. ${each.dataset}`,
              row('target', each.target),
              row('owner', each.owner),
              row('algorithm', each.algorithm),
              row('expected', each.expected),
              row('before', each.before ? each.before.hash : each.action === 'create' ? 'no file' : null),
              row('at switch', each.result === 'removed' ? 'no file' : each.at_switch),
              ...(each.before
                ? [
                    row(
                      'was',
                      `${size(each.before.bytes)}, written ${clockTime(each.before.modified) ?? each.before.modified ?? notRecorded}`,
                    ),
                  ]
                : []),
              ...(each.reason === null ? [] : [row('reason', each.reason)]),
            ]),
          ),
          '',
        ]),
  ];
}

export const datasetsSection = ({backups, session}: EvidenceRecord): string[] => [
  ...(backups.length === 0 ? paragraph(`Copies: ${notRecorded}.`) : backups.flatMap(copies)),
  ...(session ? liveFiles(session.restored) : []),
];
