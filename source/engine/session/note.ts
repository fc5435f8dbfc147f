import type {Directory} from '../base/directory.ts';
import {exitCode, Problem} from '../base/problem.ts';
import type {Note} from './lines.ts';
import {Telling} from './progress.ts';
import {openSession} from './sessions.ts';

/**
 * Writes lines to a session's record; to be called with the lock held.
 * @param what is recorded, for the operator: `the answer`
 * @throws Problem where the session is gone, or one of them cannot be written
 */
export function writeNotes(state: Directory, number: number, what: string, notes: Note[]): void {
  using session = openSession(state, number);
  if (!session) throw new Problem(exitCode.notFound, `Session ${number} is gone.`);
  using telling = new Telling(session, process.env);
  for (const [type, data] of notes) telling.note(type, data);
  const [lost] = telling.unrecorded;
  if (lost) throw new Problem(exitCode.failed, `${what} could not be recorded: ${lost}.`);
}
