import type {Directory} from '../base/directory.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import {JournalFile} from '../session/journal.ts';
import {Telling} from '../session/progress.ts';
import {journalOf, openSession, sessionGone} from '../session/sessions.ts';
import {targetsOf} from './all-targets.ts';

/**
 * Ends a session: the old files' second names go, whose content the safety backup holds. What was written to one after
 * it was saved is nowhere else: it stays, and is named.
 * @param undoneBy the session that has taken it back: nobody has signed it off then
 * @param isTold its record says already that it is signed off
 * @throws Problem where the session is not over, or cannot be believed
 */
export async function closeSession(
  state: Directory,
  number: number,
  undoneBy: number | null = null,
  isTold = false,
): Promise<{kept: string[]}> {
  const journal = journalOf(state, number);
  if (journal.phase !== 'done' && journal.phase !== 'rolled-back')
    throw new Problem(
      exitCode.needsRecovery,
      `Session ${number} is not over: "magds restore status" says more.`,
    );
  using session = openSession(state, number);
  if (!session) throw sessionGone(number);
  const kinds = targetsOf({journal});
  const kept: string[] = [];
  for (const each of kinds) kept.push(...(await each.release()));
  for (const each of kinds) await each.settle('forward');
  const file = new JournalFile(session.path, {...journal, closed: true});
  if (!journal.closed) file.write();
  if (!journal.closed || undoneBy !== null) {
    const telling = new Telling(session, process.env);
    if (undoneBy === null && !isTold) telling.note('closed', {kept});
    if (undoneBy !== null) telling.note('undone', {by: undoneBy, kept});
    telling.close();
  }
  // A process that was killed right after its last step may have had no time for that.
  file.tidy();
  return {kept};
}

/**
 * Ends a session that was taken back: what was kept beside the live files for its way back is of no use any more.
 * @returns what is to be known of it
 */
export async function closeUndone(state: Directory, number: number, by: number): Promise<string[]> {
  try {
    const {kept} = await closeSession(state, number, by);
    return kept.map((file) => `kept: ${file}`);
  } catch (error) {
    return [`session ${number} cannot be closed: ${describeError(error)}`];
  }
}
