import fs from 'node:fs';
import {errorCode} from '../problem.ts';
import {sqlite, targetFault} from './node-sqlite.ts';
import type {Taken} from './sqlite.ts';
import {discard, namesAnotherFile, stampOf, tidy} from './sqlite-files.ts';

/** Times that a database is copied that changes meanwhile. */
const mostAttempts = 3;

/** Only with all of its files could SQLite tell what was committed; and it would remove a file that others named. */
const twoDatabases =
  'the journal beside it names another file, as one does that was left by a transaction over several databases: have the application open it once, or move the journal away';

/** Copies a database with what its last writer left beside it, and lets SQLite recover the copy. */
export async function recover({
  source,
  target,
  signal,
}: {
  source: string;
  target: string;
  signal: AbortSignal;
}): Promise<Taken> {
  const {DatabaseSync} = await sqlite();
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return {how: 'cancelled'};
    const before = stampOf(source);
    for (const end of ['', '-wal', '-journal']) await copyForRecovery(source + end, target + end);
    if (stampOf(source) === before) break;
    discard(target);
    if (attempt === mostAttempts) return {how: 'failed', reason: 'it changed each time that it was copied'};
  }
  if (namesAnotherFile(`${target}-journal`)) {
    discard(target);
    return {how: 'failed', reason: twoDatabases};
  }
  try {
    fs.chmodSync(target, 0o600);
    const database = new DatabaseSync(target, {timeout: 0});
    try {
      database.prepare('SELECT count(*) FROM sqlite_schema').get();
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      database.close();
    }
  } catch (error) {
    const fault = targetFault(error, target);
    discard(target);
    throw fault;
  }
  tidy(target);
  return {how: 'copied'};
}

async function copyForRecovery(from: string, to: string): Promise<void> {
  try {
    if (fs.lstatSync(from, {throwIfNoEntry: false})?.isFile())
      await fs.promises.copyFile(from, to, fs.constants.COPYFILE_EXCL);
  } catch (error) {
    // Who had it open has closed it meanwhile: the stamps tell.
    if (errorCode(error) !== 'ENOENT') throw targetFault(error, to);
  }
}
