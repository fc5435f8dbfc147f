import type {Directory} from '../base/directory.ts';
import {describeError} from '../base/problem.ts';
import {freeSpace} from '../datasets/space.ts';
import type {LineData} from '../session/lines.ts';
import {readSession} from '../session/sessions.ts';
import {type Hold, heldName, heldUntil, isPinned, listHeld, readHold} from '../storage/held.ts';
import {holdAs, holdBy, type Lack, rewriteHold} from './hold.ts';
import {isWholeIn, takeOut, withoutPin} from './release.ts';

/**
 * Holds the backup of a restore until its session is closed (SCREENS.md): no retention may take it meanwhile, PHP's
 * neither. What an operator has pinned stays pinned. To be called with the lock held.
 * @param plan what the restore needs: a copy never takes the room of that
 * @returns what is not held, because there is no copy of it
 * @throws Problem where it cannot be held
 */
export async function holdForSession(
  state: Directory,
  backups: string,
  {id, space}: {id: string; space: {needed: number}[]},
  session: number,
): Promise<Lack[]> {
  const needed = space.reduce((sum, each) => sum + each.needed, 0);
  const mayCopy = (bytes: number): boolean => {
    const free = freeSpace(state.path);
    return free === null || free > needed + bytes;
  };
  const holding = (before: Hold | null): Hold => {
    const sessions = [...new Set([...(before?.sessions ?? []), session])];
    if (before && isPinned(before)) return {...before, sessions};
    return withoutPin(before ?? holdBy(id, ''), sessions);
  };
  const {without} = await holdAs(state, backups, id, holding, mayCopy);
  return without;
}

/**
 * Holds the backup of a session for some time after that is signed off: it may be needed again. To be called with
 * the lock held, before it is signed off.
 * @param until milliseconds since the epoch
 * @returns whether it is held
 * @throws Problem where it is, and that cannot be written
 */
export function holdOn(state: Directory, id: string, session: number, until: number): boolean {
  using held = state.find(heldName);
  const hold = held && readHold(held.path, id);
  if (!hold?.sessions?.includes(session)) return false;
  const later = Math.max(until, heldUntil(hold, Date.now()) ?? 0);
  rewriteHold(held as Directory, {...hold, until: new Date(later).toISOString()});
  return true;
}

/** What it means that a backup could not be held, in one sentence. */
export function unheldText(id: string, reason: string): string {
  const why = reason.replace(`${id} cannot be held: `, '').replace(/\. Nothing was changed\.$/, '');
  return `${id} is not held (${why}): a retention run, PHP's too, may delete it, and what was restored could not be verified again`;
}

/** Backups that are held no longer, and those that had to stay held, with why. */
type ReleasedHolds = LineData<'let go'>;

/** Whether a session still needs its backup; what cannot be read may. Nobody is at work but whoever asks. */
function isOpen(state: Directory, number: number): boolean {
  const session = readSession(state, number, 'head');
  if (!session || session.read.state === 'none') return false;
  if (session.read.state === 'unreadable') return true;
  const {closed, phase} = session.read.journal;
  // What is on its way holds its backup, a drill too, which is closed from its beginning.
  return phase === 'done' ? !closed : phase !== 'rolled-back';
}

/**
 * Lets go what sessions held that are over, however they ended. To be called with the lock held, and by every
 * writer, so that one that was killed leaves nothing held for good. What an operator has pinned stays; so does what PHP
 * has deleted meanwhile, because it is the last of it.
 */
export function releaseHolds(state: Directory, backups: string): ReleasedHolds {
  const result: ReleasedHolds = {released: [], stay: []};
  try {
    using held = state.find(heldName);
    if (!held) return result;
    for (const hold of listHeld(held.path)) {
      try {
        releaseHold(state, held, backups, hold, result);
      } catch (error) {
        result.stay.push({id: hold.id, reason: describeError(error)});
      }
    }
  } catch (error) {
    // No writer is kept from working by it.
    result.stay.push({id: heldName, reason: describeError(error)});
  }
  return result;
}

function releaseHold(
  state: Directory,
  held: Directory,
  backups: string,
  hold: Hold,
  {released, stay}: ReleasedHolds,
): void {
  const {id, sessions: before = []} = hold;
  const sessions = before.filter((number) => isOpen(state, number));
  const isOver = hold.until !== undefined && heldUntil(hold, Date.now()) === null;
  if (sessions.length === before.length && (before.length > 0 || !isOver)) return;
  if (isPinned(hold)) {
    const {until: _, ...pin} = hold;
    rewriteHold(held, {...(isOver ? pin : hold), sessions});
    return;
  }
  if (sessions.length > 0 || (hold.until !== undefined && !isOver)) {
    rewriteHold(held, withoutPin(hold, sessions));
    return;
  }
  if (isWholeIn(backups, held, id)) {
    takeOut(state, held, id);
    released.push(id);
    return;
  }
  const after = before.at(-1);
  const reason = `kept after ${after === undefined ? 'its session' : `session ${after}`}: nowhere else is it whole`;
  rewriteHold(held, {...hold, pinned: true, reason, sessions});
  stay.push({id, reason});
}
