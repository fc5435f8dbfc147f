import fs, {constants} from 'node:fs';
import type {Directory} from '../base/directory.ts';
import {owns} from '../base/owner.ts';
import {phpDate} from '../base/php-date.ts';
import {describeError, Problem} from '../base/problem.ts';
import {attributesOf} from '../hashing/attributes.ts';
import {serverName} from '../postgres/connection.ts';
import {dumpDatabase} from '../postgres/dump.ts';
import {writesIn} from '../postgres/live-rows.ts';
import type {DatabaseItem} from '../session/database-item.ts';
import {CancelledRestore, Stopped} from '../session/stopped.ts';
import type {MadeBackup, MadeCopy} from '../storage/manifest/write.ts';
import {reach, within} from './reach.ts';
import type {Work} from './work.ts';

const algorithm = 'sha256';

/** Dumps one database into the safety backup. */
async function saveDatabase(
  {file, telling, pool, state}: Work,
  index: number,
  {dataset, reached, name}: DatabaseItem,
  work: Directory,
  signal: AbortSignal,
): Promise<{copy: MadeCopy; writes: string}> {
  const {root} = file.journal;
  const writes = await within(file.journal, reached, name, writesIn, signal);
  // No name of a file among the copies is like it, whatever the dataset is called.
  const at = ['databases', `${index + 1}.dump`];
  const directory = work.enter(at.slice(0, -1));
  try {
    const to = `${directory.path}/${at.at(-1)}`;
    const fd = fs.openSync(to, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      const connection = await reach(root, reached, name);
      const onProgress = (part: number): void => {
        telling.progress('saving', part, 1, name);
      };
      const dumped = await dumpDatabase({connection, schemas: null, fd, signal, onProgress});
      owns(fd, state.stats, 0o600);
      fs.fsyncSync(fd);
      const hashed = await pool.hash(
        {directory: `${directory.path}/.`, segments: at.slice(-1), algorithm},
        signal,
      ).result;
      if (hashed.status !== 'read') throw new Stopped('reason' in hashed ? hashed.reason : 'cancelled');
      const stats = fs.fstatSync(fd, {bigint: true});
      const facts = {
        type: 'postgres',
        format: 'custom',
        server: serverName({...reached, database: name}),
        database: name,
        server_version: dumped.serverVersion,
        tool_version: dumped.toolVersion,
        snapshot_at: phpDate(dumped.snapshotAt),
        rows: dumped.rows,
        ...(reached.named !== null && {connection: reached.named}),
      };
      const {hash, bytes} = hashed;
      const source = `${root}/storage/restore/${dataset}.dump`;
      const attributes = attributesOf(stats, stats.mtimeNs);
      return {copy: {name: dataset, source, at, hash, bytes, attributes, facts}, writes: String(writes)};
    } finally {
      fs.closeSync(fd);
    }
  } finally {
    directory.close();
  }
}

/**
 * Dumps the databases that a restore will put aside, and notes in the journal how much had been written to each by then.
 * @param work where the safety backup is built
 * @throws Stopped, CancelledRestore
 */
export async function saveDatabases(
  task: Work,
  work: Directory,
  signal: AbortSignal,
): Promise<Pick<MadeBackup, 'copies' | 'missing'>> {
  const copies: MadeCopy[] = [];
  const missing: MadeBackup['missing'] = [];
  for (const [index, item] of (task.file.journal.databases ?? []).entries()) {
    const {old, safety, dataset} = item;
    if (old === null) missing.push({name: dataset, reason: `there was no ${item.path}`});
    if (old === null || safety === null) continue;
    const stop = new AbortController();
    const looking = setInterval(() => task.telling.cancelled && stop.abort(), 200);
    try {
      const both = AbortSignal.any([signal, stop.signal]);
      const {copy, writes} = await saveDatabase(task, index, item, work, both);
      copies.push(copy);
      const {journal} = task.file;
      const databases = (journal.databases ?? []).with(index, {...item, old: {...old, writes}});
      task.file.journal = {...journal, databases};
    } catch (error) {
      if (stop.signal.aborted || signal.aborted) throw new CancelledRestore();
      const why = error instanceof Problem || error instanceof Stopped ? error.message : describeError(error);
      throw new Stopped(`${dataset}: ${item.path} cannot be saved: ${why.replace(/\.$/, '')}`);
    } finally {
      clearInterval(looking);
    }
  }
  return {copies, missing};
}
