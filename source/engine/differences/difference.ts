import fs from 'node:fs';
import {readAt} from '../base/files.ts';
import {openInside} from '../base/open-inside.ts';
import {describeError} from '../base/problem.ts';
import {headLength} from '../content/sniff.ts';
import {sqlite} from '../datasets/sqlite.ts';
import {isSqlite} from '../storage/content.ts';
import {jsonLines} from './canonical-json.ts';
import {type ComparingPlace, collectTables, type SideFile} from './collect-tables.ts';
import {compareInThread} from './compare-in-thread.ts';
import {compareRowCounts} from './database-rows.ts';
import {entriesOf} from './entries.ts';
import {journalBeside} from './facts.ts';
import type {Pair, Part} from './sides.ts';
import {type ComparedAs, type Comparing, isSame} from './tables.ts';
import {type Content, contentOf, mostReadable} from './text.ts';
import type {Difference} from './texts.ts';

export type DifferenceEvent =
  | {type: 'reading'; bytesDone: number; totalBytes: number}
  | Comparing
  | {type: 'finished'; difference: Difference};

const blockSize = 1024 * 1024;

/** Fills a block as far as the file goes: a read may return less than there is. */
async function readBlock(fd: number, buffer: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const count = await readAt(fd, buffer.subarray(filled), position + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** Where two blocks differ first; the length of the shorter one where it begins the longer; null where they are equal. */
export function firstDifference(one: Uint8Array, other: Uint8Array): number | null {
  if (Buffer.compare(one, other) === 0) return null;
  const shorter = Math.min(one.length, other.length);
  let at = 0;
  while (at < shorter && one[at] === other[at]) at++;
  return at;
}

/** Reads both up to where they differ; yields the bytes compared so far, returns the offset, null where there is none. */
async function* findOffset(
  one: number,
  other: number,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<number, number | null, undefined> {
  const [left, right] = [Buffer.allocUnsafe(blockSize), Buffer.allocUnsafe(blockSize)];
  // What grows without end must not be read without end.
  for (let position = 0; position <= size; position += blockSize) {
    signal.throwIfAborted();
    const [a, b] = await Promise.all([readBlock(one, left, position), readBlock(other, right, position)]);
    const at = firstDifference(a, b);
    if (at !== null) return position + at;
    if (a.length < blockSize) return null;
    yield position + blockSize;
  }
  return null;
}

function whyNoLines(one: Content, other: Content): string {
  const texts = [one, other].filter(({kind}) => kind === 'text').length;
  const why = [one, other].find((content) => content.kind === 'bytes')?.why ?? '';
  return texts === 1 ? `one side is text, and of the other ${why}` : why;
}

type Open = {fd: number; size: number; head: Buffer} & SideFile;

/** @throws Error with why it cannot be opened */
async function openSide({file, reason, recorded}: Part, mark: string): Promise<Open> {
  if (!file) throw new Unopened(reason ?? 'it is gone by now');
  const opened = openInside(file.directory, file.segments);
  if ('status' in opened) {
    const why = recorded ? opened.reason : opened.reason.replace('the copy', 'the file');
    throw new Unopened(`on the ${mark} side ${why}`);
  }
  const {fd, stats} = opened;
  try {
    const head = await readBlock(fd, Buffer.alloc(headLength), 0);
    const isLive = recorded === null;
    const beside = isLive ? sqlite.bytesBeside([file.directory, ...file.segments].join('/')) : 0;
    return {fd, size: stats.size, head, file, isLive, bytes: stats.size + beside};
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

class Unopened extends Error {}

/**
 * How two files differ: databases by the rows of their tables, text and JSON up to 1 MB by lines, everything else by where
 * its bytes differ first. Follows no link, and writes nothing but private copies of databases, which go again. What cannot
 * be opened is said, not thrown.
 * @throws what the signal is aborted with
 */
export async function* readDifference(
  pair: Pick<Pair, 'one' | 'other'>,
  place: ComparingPlace,
  signal: AbortSignal,
): AsyncGenerator<DifferenceEvent, void, undefined> {
  if (pair.one.database && pair.other.database) {
    yield {type: 'finished', difference: yield* databaseDifference(pair.one, pair.other, place, signal)};
    return;
  }
  const open: Open[] = [];
  try {
    const one = await openSide(pair.one, '-');
    open.push(one);
    const other = await openSide(pair.other, '+');
    open.push(other);
    yield {type: 'finished', difference: yield* between(one, other, place, signal)};
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Unopened ? error.message : `it cannot be read: ${describeError(error)}`;
    yield {type: 'finished', difference: {kind: 'none', why}};
  } finally {
    for (const {fd} of open) fs.closeSync(fd);
  }
}

/** Two databases, by how many rows their tables have. */
async function* databaseDifference(
  one: Part,
  other: Part,
  {limit}: ComparingPlace,
  signal: AbortSignal,
): AsyncGenerator<DifferenceEvent, Difference, undefined> {
  if (!one.database || !other.database) return {kind: 'none', why: 'it is not a database'};
  const tables = yield* compareRowCounts(one.database, other.database, limit, signal);
  return 'why' in tables ? {kind: 'none', why: tables.why} : tables;
}

/** What a text is made of; null where it is none. By its name, else as it begins. */
function formatOf({file, head}: Open): Exclude<ComparedAs, 'sqlite' | 'postgres'> | null {
  const name = file.segments.at(-1) ?? '';
  if (head.includes(0)) return null;
  if (/\.json$/i.test(name)) return 'json';
  if (/\.(jsonl|ndjson)$/i.test(name)) return 'json lines';
  if (/\.(csv|tsv)$/i.test(name)) return 'csv';
  const [line = '', ...more] = head.toString().trimStart().split('\n');
  if (!/^[[{]/.test(line)) return 'text';
  return more.length > 0 && !('reason' in jsonLines(line)) ? 'json lines' : 'json';
}

async function* between(
  one: Open,
  other: Open,
  place: ComparingPlace,
  signal: AbortSignal,
): AsyncGenerator<DifferenceEvent, Difference, undefined> {
  const totalBytes = Math.min(one.size, other.size);
  const search = findOffset(one.fd, other.fd, totalBytes, signal);
  let step = await search.next();
  while (!step.done) {
    yield {type: 'reading', bytesDone: step.value, totalBytes};
    step = await search.next();
  }
  const offset = step.value;
  const [isOne, isOther] = [isSqlite(one.head), isSqlite(other.head)];
  const beside = [one, other]
    .filter(({isLive}) => isLive)
    .map(({file}) => journalBeside(file))
    .find((found) => found !== null);
  if (offset === null && beside === undefined) return {kind: 'same', bytes: totalBytes};
  if (isOne && isOther) {
    const tables = yield* collectTables('sqlite', one, other, place, signal);
    if ('kind' in tables) return tables;
    return offset === null ? {kind: 'none', why: tables.why} : {kind: 'bytes', why: tables.why, offset};
  }
  if (offset === null) return {kind: 'same', bytes: totalBytes};
  if (isOne !== isOther) {
    const why = `the ${isOne ? '-' : '+'} side is an SQLite database, the other is not`;
    return {kind: 'bytes', why, offset};
  }
  const isLarge = Math.max(one.size, other.size) > mostReadable;
  const format = formatOf(one) === null || formatOf(other) === null ? null : formatOf(one);
  if (format === 'csv' || format === 'json lines' || (isLarge && format !== null)) {
    const tables = yield* collectTables(format, one, other, place, signal);
    // What is told apart by nothing is better seen by its lines.
    const isTold = 'kind' in tables && tables.tables.some(({by}) => by !== null);
    if (isLarge && 'why' in tables) return {kind: 'bytes', why: tables.why, offset};
    if ('kind' in tables && (isLarge || isTold)) return tables;
  }
  if (isLarge) return {kind: 'bytes', why: 'it is binary', offset};
  const [left, right] = [
    contentOf(await readBlock(one.fd, Buffer.alloc(one.size), 0)),
    contentOf(await readBlock(other.fd, Buffer.alloc(other.size), 0)),
  ];
  if (left.kind !== 'text' || right.kind !== 'text')
    return {kind: 'bytes', why: whyNoLines(left, right), offset};
  const difference = await compareInThread({one: left.text, other: right.text, offset}, signal);
  if (format !== 'json' || difference.kind !== 'lines' || difference.as === 'json') return difference;
  // JSON that is cut off has entries up to there.
  const tables = yield* collectTables('json', one, other, place, signal);
  if ('why' in tables) return difference;
  const notes = [...difference.notes, ...tables.notes];
  const entries = tables.tables.filter((each) => !isSame(each)).map(entriesOf);
  return {...difference, entries, notes, ...(!tables.isWhole && {isPart: true})};
}
