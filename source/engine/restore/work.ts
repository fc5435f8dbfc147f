import type {Directory} from '../base/directory.ts';
import type {Pool} from '../hashing/pool.ts';
import type {JournalFile, JournalItem} from '../session/journal.ts';
import type {Telling} from '../session/progress.ts';
import {CancelledRestore, Stopped} from '../session/stopped.ts';
import {explainTarget} from './target.ts';

/** What a restore works with. */
export type Work = {
  state: Directory;
  file: JournalFile;
  telling: Telling;
  pool: Pool;
  /** Where the copies lie, as a path that stays what it is. */
  copies: string;
  /** Name of the data store's connection, for the safety backup's manifest. */
  connection: string | null;
  /** What is to be known of it although it is done; grows. */
  beware: string[];
};

/** Milliseconds between two looks at whether the operator wants it to stop. */
const pause = 200;

/**
 * Does what takes long, until the operator wants the restore to stop.
 * @throws CancelledRestore then; what `use` throws
 */
export async function untilCancelled<Value>(
  telling: Telling,
  use: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const stop = new AbortController();
  const looking = setInterval(() => telling.cancelled && stop.abort(), pause);
  try {
    const value = await use(stop.signal);
    stop.signal.throwIfAborted();
    return value;
  } catch (error) {
    throw stop.signal.aborted || telling.cancelled ? new CancelledRestore() : error;
  } finally {
    clearInterval(looking);
  }
}

export type Put = JournalItem & {new: NonNullable<JournalItem['new']>};
export const isPut = (item: JournalItem): item is Put => item.new !== null;

/** A system call's error beside a target, in the operator's words. */
export function explained<T>(item: JournalItem, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explain(item, error);
  }
}

export function explain({dataset, place, old}: JournalItem, error: unknown): Error {
  if (error instanceof Stopped || error instanceof CancelledRestore) return error;
  const uid = old.kind === 'file' ? old.uid : null;
  return new Stopped(`${dataset}: ${explainTarget(error, place.path, uid)}`);
}
