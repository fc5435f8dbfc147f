import {code, count, list, notRecorded, paragraph, table} from '../markdown.ts';
import type {EvidenceRecord, EvidenceSession, Restored} from '../schema.ts';
import {mostRows, tally} from './words.ts';

type State = 'restored' | 'not restored' | 'left out' | 'not recorded';

const restoredResults: Restored['result'][] = [
  'as the manifest says',
  'unchanged',
  'written to since',
  'removed',
];

/** Why datasets were left out; of many, each reason once. */
function leftOut(all: EvidenceSession['left_out']): string[] {
  if (all.length === 0) return [];
  const byReason = new Map<string, number>();
  for (const {reason} of all) byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
  const points =
    all.length <= mostRows
      ? all.map(({name, reason}) => `${code(name)}: ${code(reason)}`)
      : [...byReason].map(([reason, many]) => `${count(many, 'dataset')}: ${code(reason)}`);
  return [...paragraph('Left out, and why:'), ...list(points, '')];
}

/** Every configured dataset: whether it was restored, and if not, why. */
export function configuredSection({asset, session}: EvidenceRecord): string[] {
  const results = new Map<string, boolean>();
  for (const {dataset, result} of session?.restored ?? [])
    results.set(dataset, (results.get(dataset) ?? true) && restoredResults.includes(result));
  const left = session?.left_out ?? [];
  const reasons = new Set(left.map(({name}) => name));
  const configured = new Set(asset.datasets?.map(({name}) => name));
  const stateOf = (name: string): State => {
    const isRestored = results.get(name);
    if (isRestored !== undefined) return isRestored ? 'restored' : 'not restored';
    return reasons.has(name) ? 'left out' : notRecorded;
  };
  const names = [...new Set([...configured, ...reasons, ...results.keys()])];
  const all = names.map((name) => ({name, state: stateOf(name)}));
  const shown = all.length <= mostRows ? all : all.filter(({state}) => state === 'not restored');
  const yes = (name: string): string => (asset.datasets === null ? '-' : configured.has(name) ? 'yes' : 'no');
  return [
    ...paragraph(
      asset.datasets === null
        ? `Which datasets are configured: ${notRecorded}.`
        : `Configured: ${count(asset.datasets.length, 'dataset')}.`,
    ),
    ...(all.length <= mostRows
      ? []
      : paragraph(
          `Of ${all.length} that are configured or named: ${tally(all.map(({state}) => state))}. Each is in the record.`,
        )),
    ...(shown.length === 0
      ? []
      : table(
          ['Dataset', 'Configured', 'State'],
          shown.map(({name, state}) => [code(name), yes(name), state]),
        )),
    ...leftOut(left),
  ];
}
