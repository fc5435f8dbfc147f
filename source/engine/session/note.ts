import {exitCode, Problem} from '../problem.ts';
import {openSession} from '../restore/sessions.ts';
import {Telling} from '../restore/telling.ts';
import type {Directory} from '../runbook/directory.ts';

/** A line of a record: its type, and what it says. */
export type Note = [type: string, data: Record<string, unknown>];

/**
 * Writes lines to a session's record; to be called by whoever holds the lock.
 * @param what is recorded, for the operator: `the answer`
 * @throws Problem where the session is gone, or one of them cannot be written
 */
export function writeNotes(state: Directory, number: number, what: string, notes: Note[]): void {
  const session = openSession(state, number);
  if (!session) throw new Problem(exitCode.notFound, `Session ${number} is gone.`);
  const telling = new Telling(session, process.env);
  try {
    for (const [type, data] of notes) telling.note(type, data);
    const [lost] = telling.unrecorded;
    if (lost) throw new Problem(exitCode.failed, `${what} could not be recorded: ${lost}.`);
  } finally {
    telling.close();
    session.close();
  }
}
