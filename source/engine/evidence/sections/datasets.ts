import {counted} from '../../base/format.ts';
import {code, fence, firstFew, list, notRecorded, paragraph, table} from '../markdown.ts';
import {countedOf} from '../replaced-databases.ts';
import type {
  EvidenceBackup,
  EvidenceDatabase,
  EvidenceDataset,
  EvidenceRecord,
  EvidenceSession,
  Restored,
} from '../schema.ts';
import {computed, measured, unknown} from './loss.ts';
import {clockTime, isFirst, moment, mostRows, short, size, tally} from './words.ts';

type Details<T> = {
  /** Of those, these are shown of however many. */
  isBad: (each: T) => boolean;
  /** Of many, only those are shown. */
  isNotable: (each: T) => boolean;
  notable: string;
  head: string[];
  cells: (each: T) => string[];
  name: (each: T) => string;
  values: (each: T) => [string, string | null][];
};

/** Of how many all are shown, and how many that need a look of more. */
type Most = {all: number; notable: number};
const mostOf = (record: EvidenceRecord): Most =>
  isFirst(record) ? {all: mostRows, notable: Number.POSITIVE_INFINITY} : {all: 20, notable: 3};

/** A table, and below it what is too long for a cell: a line each, so that none is wrapped. */
function* detailed<T>(all: T[], most: Most, details: Details<T>) {
  const {isBad, isNotable, notable, head, cells, name, values} = details;
  const numbered = all.map((each, index) => ({number: index + 1, each}));
  const found = all.length <= most.all ? numbered : numbered.filter(({each}) => isNotable(each));
  // Of more than are shown only what is wrong, not what is only new.
  const shown =
    all.length <= most.all || found.length <= most.notable
      ? found
      : found.filter(({each}) => isBad(each)).slice(0, most.notable);
  const which =
    shown.length === found.length
      ? notable
      : `of ${found.length}, ${notable}, ${shown.length === 0 ? 'none is not what it should be' : 'the first that are not what they should be'}`;
  if (shown.length < all.length)
    yield* paragraph(
      `Shown are ${shown.length} of ${all.length}: ${which}. The others are counted above and complete in the record.`,
    );
  if (shown.length === 0) return;
  yield* table(
    ['#', 'Dataset', ...head],
    shown.map(({number, each}) => [String(number), ...cells(each)]),
  );
  yield* fence(
    shown.flatMap(({number, each}) => [
      `${number}. ${name(each)}`,
      ...values(each).map(([of, value]) => `  ${of.padEnd(10)} ${value ?? notRecorded}`),
    ]),
  );
}

/** A line of its own where there is a reason. */
const reasonOf = ({reason}: {reason: string | null}): [string, string][] =>
  reason === null ? [] : [['reason', reason]];

const copyDetails: Details<EvidenceDataset> = {
  isBad: ({status}) => status !== null && status !== 'match',
  isNotable: ({status, reason}) => (status !== null && status !== 'match') || reason !== null,
  notable: 'those that do not match, or of which there is something to say',
  head: ['Result', 'Size', 'Algorithm'],
  cells: ({name, status, bytes, algorithm, weak}) => [
    code(name),
    short(status),
    bytes === null ? '-' : size(bytes),
    `${short(algorithm)}${weak ? ' **weak**' : ''}`,
  ],
  name: ({name}) => name,
  values: (each) => [
    ['source', each.source],
    ['copy', each.copy],
    ['expected', each.expected],
    ['actual', each.actual],
    ...reasonOf(each),
  ],
};

function* copies({datasets}: EvidenceBackup, most: Most, before = ''): Iterable<string> {
  if (datasets.length === 0) return yield* paragraph(`${before}Copies in the backup: none is recorded.`);
  const weak = datasets.filter((each) => each.weak).length;
  yield* paragraph(
    `${before}**Copies in the backup**: ${datasets.length}; ${tally(datasets.map(({status}) => code(status)))}.`,
  );
  if (weak > 0)
    yield* paragraph(
      `${counted(weak, 'hash', 'hashes')} marked **weak**: such a one finds accidents, not tampering.`,
    );
  yield* detailed(datasets, most, copyDetails);
}

/** What gave way to a database, and what took its place: names and numbers of the server. */
function databaseValues(
  {oid_before, oid_after, aside, saved, loaded, ended}: EvidenceDatabase,
  {algorithm, expected, owner, reason}: Restored,
  until: string | null,
): [string, string | null][] {
  const then = saved
    ? `; from then on its dump in the safety backup, ${until === null ? 'for ever' : `until ${clockTime(until) ?? until}`}`
    : '; there is no dump of it';
  return [
    ['owner', owner],
    ['was', oid_before === null ? 'no database' : `OID ${oid_before}`],
    ['is', oid_after === null ? 'no database' : `OID ${oid_after}`],
    ...(loaded ? ([['loaded', `from a dump, ${algorithm} ${expected}`]] satisfies [string, string][]) : []),
    ...(aside === null
      ? []
      : ([['old one', `database "${aside}", until this session is signed off${then}`]] satisfies [
          string,
          string,
        ][])),
    ...(ended.length === 0
      ? [['ended', 'no session'] satisfies [string, string]]
      : ended.map((each): [string, string] => ['ended', each])),
    ...reasonOf({reason}),
  ];
}

const liveDetails = (session: EvidenceSession): Details<Restored> => ({
  isBad: ({result}) => !['as the manifest says', 'put back', 'unchanged', 'removed'].includes(result),
  // Another one than before, or not what it should be.
  isNotable: ({result, action, before, at_switch}) =>
    !['as the manifest says', 'unchanged'].includes(result) ||
    (action !== 'unchanged' && (before?.hash ?? null) !== at_switch),
  notable: 'those that failed or were changed',
  head: ['Action', 'Result', 'Size', 'Mode'],
  cells: ({dataset, role, action, result, bytes, mode}) => [
    `${code(dataset)}${role === 'sidecar' ? ' (beside)' : ''}`,
    action,
    result,
    bytes === null ? '-' : size(bytes),
    short(mode),
  ],
  name: ({dataset}) => dataset,
  values: ({before, ...each}) => {
    const database = session.databases?.find(({path}) => path === each.target);
    const target: [string, string] = ['target', each.target];
    if (database && session.state === 'done')
      return [target, ...databaseValues(database, {before, ...each}, session.safety?.until ?? null)];
    return [
      target,
      ['owner', each.owner],
      ['algorithm', each.algorithm],
      ['expected', each.expected],
      ['before', before ? before.hash : each.action === 'create' ? 'no file' : null],
      ['at switch', each.result === 'removed' ? 'no file' : each.at_switch],
      ...(before ? [['was', wasText(before)] satisfies [string, string]] : []),
      ...reasonOf(each),
    ];
  },
});

const wasText = ({bytes, modified}: NonNullable<Restored['before']>): string =>
  `${size(bytes)}, written ${clockTime(modified) ?? modified ?? notRecorded}`;

/** Live files: what they were, and what they were right after the switch. */
function* liveFiles(session: EvidenceSession, most: Most, before = ''): Iterable<string> {
  const {restored, databases = []} = session;
  if (restored.length === 0) return yield* paragraph(`${before}Live files: none was written.`);
  const counted = countedOf(session).length;
  const proof =
    databases.length === 0
      ? ''
      : counted === 0
        ? '; no rows of a database were counted'
        : `; of ${counted === databases.length ? 'a database' : `${counted} of ${databases.length} databases`} it is the rows that were counted, see "Content and reconciliation"`;
  yield* paragraph(
    `${before}**Live files${databases.length > 0 ? ' and databases' : ''}**: ${restored.length}; ${tally(restored.map(({action}) => action))}; results: ${tally(restored.map(({result}) => result))}. The hash at the switch is the proof${proof}.`,
  );
  yield* detailed(restored, most, liveDetails(session));
}

const allMeasured = `All of this is ${measured}. `;

/** What the backup held. */
export function* copiesSection(record: EvidenceRecord): Iterable<string> {
  const {backups} = record;
  if (backups.length === 0) yield* paragraph(`Copies: ${unknown}.`);
  for (const backup of backups) yield* copies(backup, mostOf(record), allMeasured);
}

/** What was written, and what was not. */
export function* changedSection(record: EvidenceRecord): Iterable<string> {
  const {session, backups} = record;
  if (!session) return yield* paragraph(`What changed: ${unknown}.`);
  yield* liveFiles(session, mostOf(record), allMeasured);
  yield* configuredSection(record);
  const taken = session.restored.some(({action}) => action === 'overwrite' || action === 'create');
  if (taken && session.left_out.length > 0 && session.state === 'done' && !session.drill)
    yield* paragraph(
      `The datasets now stem from different times: those that were restored from ${moment(backups[0]?.time ?? null)}, the others are as they were live ${computed}. Nothing asks what the operator says of that; a note below "Steps" may say it.`,
    );
}

export function* datasetsSection(record: EvidenceRecord): Iterable<string> {
  const {backups, session} = record;
  if (backups.length === 0) yield* paragraph(`Copies: ${notRecorded}.`);
  for (const backup of backups) yield* copies(backup, mostOf(record));
  if (session) yield* liveFiles(session, mostOf(record));
}

const restoredResults: Restored['result'][] = [
  'as the manifest says',
  'put back',
  'unchanged',
  'written to since',
  'removed',
];

/** Every configured dataset: whether it was restored, and if not, why. */
export function* configuredSection(record: EvidenceRecord): Iterable<string> {
  const {asset, session} = record;
  const most = mostOf(record);
  const results = new Map<string, boolean>();
  for (const {dataset, result} of session?.restored ?? [])
    results.set(dataset, (results.get(dataset) ?? true) && restoredResults.includes(result));
  const left = session?.left_out ?? [];
  const reasons = new Set(left.map(({name}) => name));
  const configured = new Set(asset.datasets?.map(({name}) => name));
  const stateOf = (name: string): string => {
    const isRestored = results.get(name);
    if (isRestored !== undefined) return isRestored ? 'restored' : 'not restored';
    return reasons.has(name) ? 'left out' : notRecorded;
  };
  const names = [...new Set([...configured, ...reasons, ...results.keys()])];
  const all = names.map((name) => ({name, state: stateOf(name)}));
  const isLong = all.length > most.all;
  const shown = isLong ? all.filter(({state}) => state === 'not restored').slice(0, most.notable) : all;
  const yes = (name: string): string => (asset.datasets === null ? '-' : configured.has(name) ? 'yes' : 'no');
  const known =
    asset.datasets === null
      ? `Which datasets are configured: ${notRecorded}.`
      : `Configured: ${counted(asset.datasets.length, 'dataset')}.`;
  const told = `Of ${all.length} that are configured or named: ${tally(all.map(({state}) => state))}. Each is in the record.`;
  if (isFirst(record)) {
    yield* paragraph(known);
    if (isLong) yield* paragraph(told);
  } else yield* paragraph(isLong ? `${known} ${told}` : known);
  if (shown.length > 0)
    yield* table(
      ['Dataset', 'Configured', 'State'],
      shown.map(({name, state}) => [code(name), yes(name), state]),
    );
  if (left.length === 0) return;
  // Of many, each reason once.
  const byReason = Map.groupBy(left, ({reason}) => reason);
  yield* paragraph('Left out, and why:');
  yield* list(
    left.length <= most.all
      ? left.map(({name, reason}) => `${code(name)}: ${code(reason)}`)
      : firstFew(
          [...byReason].map(([reason, of]) => `${counted(of.length, 'dataset')}: ${code(reason)}`),
          most.notable,
        ),
    '',
  );
}
