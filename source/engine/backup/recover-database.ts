import fs from 'node:fs';
import {errorCode} from '../problem.ts';
import {sqlite, targetFault} from './node-sqlite.ts';
import type {Taken} from './sqlite.ts';
import {discard, stampOf, tidy} from './sqlite-files.ts';

/** Times that a database is copied that changes meanwhile. */
const mostAttempts = 3;

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
