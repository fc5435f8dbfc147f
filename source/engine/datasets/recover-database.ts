import fs from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import {hasProc, openFile} from '../base/open-inside.ts';
import {openDatabase, targetFault} from './node-sqlite.ts';
import {type DatabaseStats, databaseStamp, namesAnotherFile, statsOf, type Taken} from './sqlite-files.ts';
import {type LiveDatabase, makePlace, moveCopy, type SqlitePlace} from './sqlite-place.ts';

/** Times that a database is copied that changes meanwhile. */
const mostAttempts = 5;

/** Only with all of its files could SQLite tell what was committed; and it would remove a file that others named. */
const twoDatabases =
  'the journal beside it names another file, as one does that was left by a transaction over several databases: have the application open it once, or move the journal away';

type Task = {live: LiveDatabase; target: string; signal: AbortSignal};

/** Copies a database with what its last writer left beside it, and lets SQLite recover the copy. */
export async function recover({live, target, signal}: Task): Promise<Taken> {
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return {how: 'cancelled'};
    const place = makePlace(live, target, live.bytes);
    if (!place) return {how: 'failed', reason: 'there is no place for a private copy'};
    try {
      const of = await copyFor(place, live);
      if (of) return await recoverIn(place, target, of);
      if (attempt === mostAttempts) return {how: 'failed', reason: 'it changed each time that it was copied'};
    } finally {
      place.close();
    }
    await wait(attempt);
  }
}

async function recoverIn({database}: SqlitePlace, target: string, of: DatabaseStats): Promise<Taken> {
  if (namesAnotherFile(`${database}-journal`)) return {how: 'failed', reason: twoDatabases};
  try {
    fs.chmodSync(database, 0o600);
    using opened = await openDatabase(database, {readOnly: false});
    opened.prepare('SELECT count(*) FROM sqlite_schema').get();
    opened.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch (error) {
    throw targetFault(error, database);
  }
  moveCopy(database, target);
  return {how: 'copied', of};
}

/**
 * Copies the files that are open then, whatever gets their names meanwhile.
 * @returns null where any of them was written to or replaced while they were copied
 */
async function copyFor({database}: SqlitePlace, live: LiveDatabase): Promise<DatabaseStats | null> {
  const {file} = live;
  const before = databaseStamp(file);
  const opened: {fd: number; end: string}[] = [];
  try {
    for (const end of ['', '-wal', '-journal']) {
      const each = openFile(file + end, `its ${end || 'file'}`);
      if (!('status' in each)) opened.push({fd: each.fd, end});
      // Who had it open has closed it: the stamps tell.
      else if (each.status !== 'missing' || end === '') throw new Error(each.reason);
    }
    for (const {fd, end} of opened) {
      const from = hasProc ? `/proc/self/fd/${fd}` : file + end;
      const to = database + end;
      await fs.promises.copyFile(from, to, fs.constants.COPYFILE_EXCL).catch((error: unknown) => {
        throw targetFault(error, to);
      });
    }
    if (databaseStamp(file) !== before) return null;
    const [stats, wal] = ['', '-wal'].map((end) => {
      const one = opened.find((each) => each.end === end);
      return one && fs.fstatSync(one.fd, {bigint: true});
    });
    const {ino} = fs.lstatSync(file, {bigint: true});
    return stats?.ino === ino ? statsOf(live, stats, wal) : null;
  } finally {
    for (const {fd} of opened) fs.closeSync(fd);
  }
}
