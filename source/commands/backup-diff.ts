import path from 'node:path';
import {escapeText} from '../engine/base/escape.ts';
import {formatBytes} from '../engine/base/format.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {
  type CompareEvent,
  type ComparisonResult,
  compare,
  type DatasetDifference,
} from '../engine/differences/compare.ts';
import {readTableRows} from '../engine/differences/compare-table-rows.ts';
import {countsOf} from '../engine/differences/counts.ts';
import {readDifference} from '../engine/differences/difference.ts';
import type {FileFacts} from '../engine/differences/facts.ts';
import {type Comparison, pairs} from '../engine/differences/sides.ts';
import {isSame} from '../engine/differences/tables.ts';
import type {Difference} from '../engine/differences/texts.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {tableName} from '../engine/postgres/copy-text.ts';
import {directoryOf, heldDirectory, isSafetyAt} from '../engine/storage/held.ts';
import {rowsDifferText} from '../presenters/database-view.ts';
import {countsJson, differsText} from '../presenters/dataset-losses.ts';
import {comparingText, sentencesOf, shownLine} from '../presenters/difference-view.ts';
import {isEven, tableLines} from '../presenters/tables-view.ts';
import {say, writeJson, writeOut, writeText} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openConfigured, wrongUsage} from './command.ts';
import {type Counted, countAll} from './diff-counts.ts';
import {findLatestOr, namedId} from './find-backup.ts';
import {idOrLatest as id, text} from './flags.ts';
import {progressLine, statusEvery, statusJson} from './progress.ts';
import {table} from './table.ts';

const flags = {
  id,
  dataset: text('NAME', 'only this dataset, and how its lines differ'),
  table: text('NAME', 'with --dataset=DATABASE: which rows of this table differ'),
  with: text('live|ID', 'what to compare with: the live files (the default), or another backup, or latest'),
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'how a backup differs from the live files, or from another backup (exit 0: same, 4: differs)',
  task: 'Look',
  operands: ['ID'],
  flags,
  examples: ['magds backup diff 20261123_020000_nightly --dataset=ledger'],
  run,
};

const exits: Record<ComparisonResult, ExitCode> = {
  same: exitCode.done,
  differs: exitCode.verificationFailed,
  unknown: exitCode.partial,
  nothing: exitCode.notFound,
  cancelled: exitCode.cancelled,
};

/** A copy that is not what was recorded is a mismatch, also where the other side holds the same. */
const exitOf = (datasets: DatasetDifference[], result: ComparisonResult): ExitCode =>
  result !== 'cancelled' && datasets.some(({one, other}) => one.altered || other.altered)
    ? exitCode.verificationFailed
    : exits[result];

type Found = {datasets: DatasetDifference[]; result: ComparisonResult};

/** Compares, and says how far it is: as JSON lines, or on a terminal that somebody looks at. */
async function found(events: AsyncGenerator<CompareEvent>, json: boolean): Promise<Found> {
  const due = statusEvery();
  const seen: Found = {datasets: [], result: 'nothing'};
  let totalBytes = 0;
  let told = false;
  for await (const event of events) {
    if (event.type === 'started') {
      seen.datasets = event.datasets;
      totalBytes = event.totalBytes;
    } else if (event.type === 'dataset') seen.datasets[event.index] = event.dataset;
    else if (event.type === 'finished') seen.result = event.result;
    else if (due()) {
      const part = totalBytes === 0 ? 0 : Math.min(1, event.bytesDone / totalBytes);
      const amount = {doneBytes: event.bytesDone, totalBytes, seconds: 0};
      if (json) await writeOut(`${statusJson(part, amount, null)}\n`);
      else if (process.stderr.isTTY) {
        process.stderr.write(progressLine(part, amount, null));
        told = true;
      }
    }
  }
  if (told) process.stderr.write('\r\u001b[K');
  return seen;
}

/** How one dataset differs; null where it was cancelled. */
async function differenceOf(
  comparison: Comparison,
  name: string,
  table: string | null,
  readOnly: boolean,
  signal: AbortSignal,
): Promise<Difference | null> {
  const pair = pairs(comparison).find((each) => each.name === name);
  if (!pair) return {kind: 'none', why: 'it is gone by now'};
  const where = {root: comparison.place.root, readOnly};
  let told = false;
  try {
    const events =
      table === null ? readDifference(pair, where, signal) : readTableRows(pair, table, where, signal);
    for await (const event of events) {
      if (event.type === 'finished') return event.difference;
      if (event.type === 'comparing' && process.stderr.isTTY) {
        process.stderr.write(`\r\u001b[K${comparingText(event)}`);
        told = true;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (told) process.stderr.write('\r\u001b[K');
  }
  return null;
}

/** The table whose rows are asked for; one without a schema is looked for where those mostly lie. @throws Problem */
function tableIn(given: string | undefined, comparison: Comparison, only: string | null): string | null {
  if (given === undefined) return null;
  const pair = pairs(comparison).find(({name}) => name === only);
  if (!pair?.one.database || !pair.other.database)
    wrongUsage('--table is for a database: name it with --dataset.');
  return tableName(given) === null ? `public.${given}` : given;
}

/** In a line each, how much the datasets that differ do so. */
function countedLines(datasets: DatasetDifference[], counted: Counted, other: string): string[] {
  const lines: string[] = [];
  let left = 0;
  for (const {name, relation, one, other: two} of datasets) {
    if (relation !== 'differs') continue;
    const counts = counted.get(name);
    if (one.rows && two.rows) lines.push(`! ${name}: ${rowsDifferText(one.rows, two.rows, other)}`);
    else if (counts) lines.push(`! ${name}: ${differsText(counts, other)}`);
    else if (counts === undefined) left++;
  }
  return left === 0 ? lines : [...lines, `? ${left} more: not counted`];
}

function resultOf(difference: Difference | null): ComparisonResult {
  if (difference?.kind !== 'tables') return 'unknown';
  if (difference.tables.some((table) => table.reason === null && !isEven(table))) return 'differs';
  return difference.isWhole && difference.tables.every(isSame) ? 'same' : 'unknown';
}

/** The bytes of a live database do not tell what lies beside it; its tables do. Where one table is asked for, it alone counts. */
function concluded({result}: Found, difference: Difference | null, ofTable: string | null): ComparisonResult {
  if (ofTable !== null && result !== 'cancelled') return resultOf(difference);
  if (result !== 'unknown' || difference?.kind !== 'tables') return result;
  return resultOf(difference);
}

const words: Record<DatasetDifference['relation'], string> = {
  same: '= same',
  alike: '= as many rows',
  differs: '! differs',
  'one side': '! on one side only',
  unknown: '? not compared',
  reading: '? not compared',
};

/** What a dataset comes to; that a copy is damaged comes before how it compares. */
const wordOf = ({relation, one, other}: DatasetDifference): string =>
  one.altered || other.altered ? `x damaged, ${words[relation].slice(2)}` : words[relation];

/** @param isSeen a terminal shows it: times to the minute, and reasons below the table, so that 80 columns will do */
export async function tableOf(
  datasets: DatasetDifference[],
  other: string,
  isSeen: boolean,
): Promise<string[]> {
  const timeOf = (at: string | null): string => (isSeen ? at?.slice(0, 16).replace('T', ' ') : at) ?? '-';
  const below: string[] = [];
  const sizeOf = ({bytes}: DatasetDifference['one']): string => (bytes === null ? '-' : formatBytes(bytes));
  const rows = datasets.map((each) => {
    const {name, relation, one, other: second} = each;
    const word = wordOf(each);
    const beside = [one.beside, second.beside].map(
      (file) => file && `${file} may hold more, and is not compared`,
    );
    const reasons = [one.reason, second.reason, ...beside].filter((reason) => reason !== null);
    if (isSeen && reasons.length > 0)
      below.push(escapeText(`${word.charAt(0)} ${name}: ${reasons.join(': ')}`));
    return [
      name,
      sizeOf(one),
      timeOf(one.at),
      sizeOf(second),
      timeOf(second.at),
      isSeen ? (relation === 'one side' ? '! one side' : word) : [word, ...reasons].join(': '),
    ];
  });
  return [...(await table(['DATASET', 'SIZE', 'TIME', other, 'TIME', 'RESULT'], rows)), ...below];
}

/** Lines as a reader of patches knows them; sentences about them first. */
function linesOf(difference: Difference): string[] {
  const sentences = sentencesOf(difference).map(escapeText);
  if (difference.kind === 'tables') return [...sentences, ...tableLines(difference).map(escapeText)];
  if (difference.kind !== 'lines') return sentences;
  const lines = difference.lines.map((line) =>
    line.mark === '@' ? `@@ ${escapeText(line.text)} @@` : `${line.mark} ${shownLine(line)}`,
  );
  return [...sentences, ...lines];
}

/** A map is an object in JSON. */
const sideJson = ({rows, ...facts}: FileFacts) => ({
  ...facts,
  ...(rows && {rows: {...rows, rows: Object.fromEntries(rows.rows)}}),
});

const datasetJson =
  (counted: Counted) =>
  ({one, other, ...dataset}: DatasetDifference) => ({
    ...dataset,
    counted: countsJson(counted.get(dataset.name) ?? null),
    one: sideJson(one),
    other: sideJson(other),
  });

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const given = namedId(invocation);
  const pool = sharedPool();
  try {
    const {place, configuration} = await openConfigured(invocation);
    const id = findLatestOr(place, given);
    const other = flags.with === undefined || flags.with === 'live' ? null : findLatestOr(place, flags.with);
    if (other === null && place.root === null)
      wrongUsage(
        'Without the project there are no live files: give --root DIR, or --with=ID to compare with another backup.',
      );
    const directory = directoryOf(place.backups, heldDirectory(place.root), id);
    // Its own manifest says which live files it was saved of.
    const safety = other === null && isSafetyAt(place.root, directory);
    const where = safety ? {...place, backups: path.dirname(directory)} : place;
    const comparison = {place: where, configuration, id, other, safety};
    const only = flags.dataset ?? null;
    if (only !== null && !pairs(comparison).some(({name}) => name === only))
      throw new Problem(
        exitCode.notFound,
        `No dataset "${escapeText(only)}" on either side. "magds backup diff ${escapeText(id)}" shows what there is.`,
      );
    const ofTable = tableIn(flags.table, comparison, only);
    const seen = await found(compare({...comparison, pool, signal, only}), flags.json ?? false);
    const difference =
      only !== null && seen.result !== 'cancelled'
        ? await differenceOf(comparison, only, ofTable, flags.readOnly ?? false, signal)
        : null;
    const result = signal.aborted ? 'cancelled' : concluded(seen, difference, ofTable);
    const against = other ?? 'live';
    const counted =
      only === null
        ? await countAll(comparison, seen.datasets, flags.readOnly ?? false, signal)
        : new Map([[only, difference && countsOf(difference)]]);
    if (flags.json) {
      const summary = {
        message_type: 'summary',
        command: 'backup:diff',
        root: place.root,
        id,
        with: against,
        result,
      };
      await writeJson({...summary, datasets: seen.datasets.map(datasetJson(counted)), difference});
      return signal.aborted ? exitCode.cancelled : exitOf(seen.datasets, result);
    }
    if (result === 'cancelled') {
      say('Cancelled: nothing is known yet.');
      return exitCode.cancelled;
    }
    const head =
      difference?.kind === 'lines' || difference?.kind === 'tables'
        ? [`- ${escapeText(id)}`, `+ ${escapeText(against)}`]
        : [];
    const second = other === null ? 'LIVE' : 'OTHER';
    const lines =
      seen.datasets.length === 0
        ? ['It holds no datasets: there is nothing to compare.']
        : await tableOf(seen.datasets, second, process.stdout.isTTY === true);
    const shown =
      difference && (seen.result !== 'same' || difference.kind === 'tables')
        ? ['', ...head, ...linesOf(difference)]
        : [];
    const below = only === null ? countedLines(seen.datasets, counted, against) : [];
    await writeText(`${[...lines, ...below.map((line) => escapeText(line))].join('\n')}\n`);
    // As they lie in the files.
    if (shown.length > 0) await writeOut(`${shown.join('\n')}\n`);
    return signal.aborted ? exitCode.cancelled : exitOf(seen.datasets, result);
  } finally {
    pool.close();
  }
}
