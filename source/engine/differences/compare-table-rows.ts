import fs from 'node:fs';
import {closing} from '../base/files.ts';
import {follow} from '../base/follow.ts';
import {openInside} from '../base/open-inside.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import {PrivatePlace} from '../content/private-place.ts';
import {tableName} from '../postgres/copy-text.ts';
import {dumpedRows, type RowReading} from '../postgres/table-rows.ts';
import {type ComparingPlace, collectTables, type SideFile} from './collect-tables.ts';
import type {DifferenceEvent} from './difference.ts';
import type {Pair, Part} from './sides.ts';
import {blank, type Comparing, type TableDifference, usualLimit} from './tables.ts';
import type {Difference} from './texts.ts';

/** Bytes of the rows of one side, as text: what is larger is not compared. */
const mostBytes = 256 * 1024 * 1024;

/** What of the disk there has to be for rows of which nobody knows how many they are. Bytes. */
const leastRoom = 16 * 1024 * 1024;

/** Bytes that are gathered before they are written: a row is small. */
const gathered = 64 * 1024;

/** @throws Problem in one line where they cannot be read; what `take` throws */
async function rowsOf({database, file, reason}: Part, reading: RowReading): Promise<number> {
  if (database && 'count' in database) return database.rows(reading);
  if (!file) throw new Problem(exitCode.failed, reason ?? 'its dump is not there');
  const opened = openInside(file.directory, file.segments);
  if ('status' in opened) throw new Problem(exitCode.failed, opened.reason);
  using _ = closing(opened.fd);
  return await dumpedRows(`/proc/${process.pid}/fd/${opened.fd}`, reading);
}

/** Writes rows to a file, and counts. */
class RowsFile {
  readonly side: SideFile;
  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafe(2 * gathered);
  #filled = 0;
  rows = 0;

  constructor(directory: string, name: string) {
    this.side = {file: {directory, segments: [name]}, isLive: false, bytes: 0};
    this.#fd = fs.openSync(`${directory}/${name}`, 'wx', 0o600);
  }

  readonly take = (line: string): void => {
    const length = Buffer.byteLength(line);
    this.side.bytes += length;
    if (this.side.bytes > mostBytes)
      throw new Problem(exitCode.failed, `its rows are more than ${mostBytes / 1024 / 1024} MB of text`);
    if (this.#filled + length > this.#buffer.length) this.flush();
    if (length > this.#buffer.length) this.#write(Buffer.from(line));
    else this.#filled += this.#buffer.write(line, this.#filled);
    this.rows++;
  };

  /** What was gathered is in the file. @throws the system call's error */
  flush(): void {
    this.#write(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }

  #write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(this.#fd, bytes, done);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

/** What both sides say is the same where it is written alike. */
const note =
  'Rows were compared as they are written by COPY: in other versions or time zones of a server the same value may be written otherwise.';

/**
 * Which rows of one table of a database differ. Those of a dump are read out of it, and loaded nowhere; a server is read
 * only. Both lie in private files meanwhile, which go again.
 * @param table `schema.table` as its server quotes it
 * @throws what the signal is aborted with
 */
export async function* readTableRows(
  {one, other}: Pick<Pair, 'one' | 'other'>,
  table: string,
  {root, readOnly, limit = usualLimit}: ComparingPlace,
  signal: AbortSignal,
): AsyncGenerator<DifferenceEvent, void, undefined> {
  const none = (why: string): DifferenceEvent => ({type: 'finished', difference: {kind: 'none', why}});
  const name = tableName(table);
  if (name === null) return void (yield none('that is no name of a table'));
  if (readOnly)
    return void (yield none('its rows are put into private files, and --read-only writes nothing'));
  const until = performance.now() + limit;
  const late = AbortSignal.timeout(limit);
  const left = new AbortController();
  const place = new PrivatePlace(root, false);
  const files: RowsFile[] = [];
  try {
    const into = place.prepare(leastRoom);
    if ('reason' in into) return void (yield none(into.reason));
    const [mine, theirs] = [new RowsFile(into.path, 'one'), new RowsFile(into.path, 'other')];
    files.push(mine, theirs);
    const all = AbortSignal.any([signal, late, left.signal]);
    const progress = (): Comparing => {
      const rows = mine.rows + theirs.rows;
      return {type: 'comparing', what: `reading ${table}, row ${rows}`, done: 0, of: 0, limit};
    };
    yield* follow<Comparing>(
      async () => {
        for (const [part, file, mark] of [
          [one, mine, '-'],
          [other, theirs, '+'],
        ] as const) {
          try {
            await rowsOf(part, {table: name, signal: all, take: file.take});
            file.flush();
          } catch (error) {
            all.throwIfAborted();
            throw new Unread(
              `${mark === '-' ? 'in the backup' : 'on the other side'} ${describeError(error)}`,
            );
          }
        }
      },
      {interval: 200, progress, stop: () => left.abort()},
    );
    const rest = {root, readOnly, limit: Math.max(1, until - performance.now())};
    yield {type: 'finished', difference: yield* between(table, mine, theirs, rest, signal)};
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Unread) yield none(error.message);
    else if (late.aborted) yield none(`its rows were not read within ${limit / 1000} s`);
    else throw error;
  } finally {
    for (const file of files) file.close();
    place.close();
  }
}

class Unread extends Error {}

async function* between(
  table: string,
  one: RowsFile,
  other: RowsFile,
  place: ComparingPlace,
  signal: AbortSignal,
): AsyncGenerator<Comparing, Difference, undefined> {
  const counted = {...blank(table), one: one.rows, other: other.rows};
  const told = (rows: TableDifference, isWhole: boolean, notes: string[]): Difference => ({
    kind: 'tables',
    as: 'postgres',
    tables: [rows],
    notes,
    isWhole,
  });
  if (one.rows + other.rows === 0) return told({...counted, onlyOne: 0, onlyOther: 0, differ: 0}, true, []);
  const found = yield* collectTables('json lines', one.side, other.side, place, signal);
  if ('why' in found) return {kind: 'none', why: found.why};
  const [rows] = found.tables;
  if (!rows) return {kind: 'none', why: 'nothing was compared'};
  return told({...rows, name: table, one: one.rows, other: other.rows}, found.isWhole, [
    ...found.notes,
    note,
  ]);
}
