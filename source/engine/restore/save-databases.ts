import type {Directory} from '../base/directory.ts';
import {reasonOf} from '../base/problem.ts';
import {writeNewFile} from '../datasets/write-down.ts';
import {dumpFacts, dumpSource} from '../datasets/write-dump.ts';
import {dumpDatabase} from '../postgres/dump.ts';
import {writesIn} from '../postgres/live-rows.ts';
import type {DatabaseItem} from '../session/database-item.ts';
import {CancelledRestore, Stopped} from '../session/stopped.ts';
import type {MadeBackup, MadeCopy} from '../storage/manifest/write.ts';
import {identityOf, reach, within} from './reach.ts';
import {untilCancelled, type Work} from './work.ts';

const algorithm = 'sha256';

/** Bytes that a database takes on its server which is to be saved. */
const sizeOf = ({old, safety}: DatabaseItem): number => (safety === null ? 0 : (old?.bytes ?? 0));

export const sizeOfSaved = (databases: readonly DatabaseItem[] = []): number =>
  databases.reduce((sum, item) => sum + sizeOf(item), 0);

type Saving = {
  task: Work;
  /** Where the safety backup is built. */
  work: Directory;
  signal: AbortSignal;
  onProgress: (part: number) => void;
};

/** Dumps one database into the safety backup. */
async function saveDatabase(
  {task: {file, pool, state}, work, signal, onProgress}: Saving,
  index: number,
  {dataset, reached, name}: DatabaseItem,
): Promise<{copy: MadeCopy; writes: string}> {
  const by = identityOf(file);
  const writes = await within(by, reached, name, writesIn, signal);
  // No name of a file among the copies is like it, whatever the dataset is called.
  const [below, as] = ['databases', `${index + 1}.dump`];
  using directory = work.enter([below]);
  const connection = await reach(by, reached, name);
  const target = {to: directory.path, as, owner: state.stats, algorithm, pool, signal};
  const {at: _, ...made} = await writeNewFile(target, async (fd) => {
    const dumped = await dumpDatabase({connection, schemas: null, fd, signal, onProgress});
    return {facts: dumpFacts(dumped, connection, reached.named), at: dumped.snapshotAt};
  });
  const source = dumpSource(file.journal.root, dataset);
  return {copy: {name: dataset, source, at: [below, as], ...made}, writes: String(writes)};
}

/**
 * Dumps the databases that a restore will put aside, and notes in the journal how much had been written to each by then.
 * @param work where the safety backup is built
 * @param onProgress is told the bytes so far, and of which database the last are
 * @throws Stopped, CancelledRestore
 */
export async function saveDatabases(
  task: Work,
  work: Directory,
  signal: AbortSignal,
  onProgress: (bytes: number, name: string) => void,
): Promise<Pick<MadeBackup, 'copies' | 'missing'>> {
  const copies: MadeCopy[] = [];
  const missing: MadeBackup['missing'] = [];
  let before = 0;
  for (const [index, item] of (task.file.journal.databases ?? []).entries()) {
    const {old, safety, dataset, name} = item;
    if (old === null) missing.push({name: dataset, reason: `there was no ${item.path}`});
    if (old === null || safety === null) continue;
    try {
      const {copy, writes} = await untilCancelled(task.telling, (cancelled) => {
        const both = AbortSignal.any([signal, cancelled]);
        const tell = (part: number): void => onProgress(before + part * sizeOf(item), name);
        return saveDatabase({task, work, signal: both, onProgress: tell}, index, item);
      });
      copies.push(copy);
      before += sizeOf(item);
      onProgress(before, name);
      const {journal} = task.file;
      const databases = (journal.databases ?? []).with(index, {...item, old: {...old, writes}});
      task.file.journal = {...journal, databases};
    } catch (error) {
      if (error instanceof CancelledRestore || signal.aborted) throw new CancelledRestore();
      const why = reasonOf(error);
      throw new Stopped(`${dataset}: ${item.path} cannot be saved: ${why.replace(/\.$/, '')}`);
    }
  }
  return {copies, missing};
}
