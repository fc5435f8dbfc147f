import {openBackups} from './backup/workplace.ts';
import {takeLock} from './runbook/lock.ts';
import {type Directory, openState} from './runbook/state-directory.ts';
import {finishUnfinished, type Tidied} from './runbook/unfinished.ts';

export type WriterRequest = {
  root: string;
  backups: string;
  /** The command, in the operator's words. */
  doing: string;
  breakHost?: string | undefined;
};

/** What a writer works in: both directories open, the lock taken, and what others left unfinished finished. */
export type Writer = {state: Directory; backups: Directory; tidied: Tidied; close(): void};

/**
 * Becomes the one writer of a root, until `close`.
 * @throws Problem where that cannot be: locked (exit 11), not permitted, another version
 */
export function openWriter({root, backups, doing, breakHost}: WriterRequest): Writer {
  const open: (() => void)[] = [];
  const close = (): void => {
    for (const each of open.splice(0).reverse()) each();
  };
  try {
    const state = openState(root);
    open.push(() => state.close());
    const lock = takeLock(state, {doing, breakHost});
    open.push(() => lock.release());
    const directory = openBackups(root, backups);
    open.push(() => directory.close());
    const tidied = finishUnfinished(state, directory);
    return {state, backups: directory, tidied, close};
  } catch (error) {
    close();
    throw error;
  }
}
