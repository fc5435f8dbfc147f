import type {Directory} from '../base/directory.ts';
import {seenAt} from '../base/files.ts';
import {exitCode, Problem, withAdvice} from '../base/problem.ts';
import {removeBackup} from '../base/remove-tree.ts';
import {readRow} from '../catalog/row.ts';
import {type Hold, heldName, heldUntil, isPinned, readHold} from '../storage/held.ts';
import {removingName} from '../storage/runbook/unfinished.ts';
import {rewriteHold} from './hold.ts';

/**
 * What a backup holds, and the copies of which nothing is known against, with what tells them from others; null where
 * that cannot be told.
 */
function soundIn(parent: string, id: string): {names: string[]; sound: Map<string, string>} | null {
  if (!seenAt(`${parent}/${id}`)?.isDirectory()) return null;
  const {state, datasets, verification} = readRow(parent, id, Date.now());
  const failed = verification.state === 'failed' ? verification.failed : [];
  if (state !== 'complete' || (verification.state === 'failed' && failed.length === 0)) return null;
  const sound = datasets.filter(({name, flaw}) => flaw === null && !failed.includes(name));
  const told = sound.map(({name, content, bytes}) => [name, `${content} ${bytes}`] as const);
  return {names: datasets.map(({name}) => name), sound: new Map(told)};
}

/** Whether what lies in the backups directory could take the place of all that is held. */
export function isWholeIn(backups: string, held: Directory, id: string): boolean {
  const usual = soundIn(backups, id);
  if (usual === null || usual.sound.size === 0) return false;
  const wanted = soundIn(held.path, id)?.sound;
  if (!wanted) return usual.names.every((name) => usual.sound.has(name));
  return [...wanted].every(([name, copy]) => usual.sound.get(name) === copy);
}

/** `session 3`, `sessions 3, 4`: whom it is held for. */
const sessionsText = (sessions: number[]): string =>
  `${sessions.length === 1 ? 'session' : 'sessions'} ${sessions.join(', ')}`;

const untilText = (until: string): string => `until ${until.slice(0, 10)}, after its restore was signed off`;

/** The same hold, but for the operator's pin: only its sessions keep it, and the days after them. */
export const withoutPin = (hold: Hold, sessions: number[]): Hold => ({
  ...hold,
  pinned: false,
  reason:
    sessions.length === 0 && hold.until !== undefined
      ? untilText(hold.until)
      : `held for ${sessionsText(sessions)}`,
  sessions,
});

/**
 * Lets a backup go. One that an open session needs stays held for that, and one whose session was signed off for its
 * days. What is held there may be all that is left of it: then only if that is asked for.
 * @param isMeant lets it go before its days are over, and for good where PHP has deleted the other
 * @returns whether it was the last, and what it stays held for
 * @throws Problem where it is not held, or is the last, or no pin holds it
 */
export function release(
  state: Directory,
  backups: string,
  id: string,
  isMeant: boolean,
): {last: boolean; stays: string | null} {
  using held = state.find(heldName);
  if (!held || !seenAt(`${held.path}/${id}`))
    throw new Problem(exitCode.notFound, `${id} is not pinned. Nothing was changed.`);
  const hold = readHold(held.path, id);
  const {sessions = []} = hold;
  if (sessions.length > 0) {
    if (!isPinned(hold))
      throw new Problem(
        exitCode.failed,
        `${id} is held for ${sessionsText(sessions)}, not pinned: closing the session lets it go. Nothing was changed.`,
      );
    rewriteHold(held, withoutPin(hold, sessions));
    return {last: false, stays: `for ${sessionsText(sessions)}, until that is closed`};
  }
  const days = heldUntil(hold, Date.now()) === null ? null : untilText(hold.until ?? '');
  if (days !== null && isPinned(hold) && !isMeant) {
    rewriteHold(held, withoutPin(hold, []));
    return {last: false, stays: days};
  }
  const last = !isWholeIn(backups, held, id);
  if (last && !isMeant) {
    throw new Problem(
      exitCode.failed,
      `${id} is whole in ${held.name} only: unpinning deletes it for good. To do that: --yes=${id}. Nothing was changed.`,
    );
  }
  if (days !== null && !isMeant)
    throw new Problem(
      exitCode.failed,
      `${id} is held ${days}, not pinned. To let it go now: --yes=${id}. Nothing was changed.`,
    );
  takeOut(state, held, id);
  return {last, stays: null};
}

/**
 * Ends a hold: its files go, whatever else there is of the backup.
 * @throws Problem where it stays, or something of it
 */
export function takeOut(state: Directory, held: Directory, id: string): void {
  using removing = state.make(removingName);
  moveOut(held, removing, id);
}

function moveOut(held: Directory, removing: Directory, id: string): void {
  let isOut = false;
  try {
    removeBackup(held.path, removing.path, id, () => {
      isOut = true;
      held.sync();
    });
  } catch (error) {
    throw new Problem(
      exitCode.failed,
      isOut
        ? `${id} is held no longer, but files of it stay in ${removing.name}/${id} (${withAdvice(error)}); the next writing command tries again.`
        : `${id} cannot be unpinned: ${withAdvice(error)}. Nothing was changed.`,
    );
  }
}
