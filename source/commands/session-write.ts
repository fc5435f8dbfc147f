import {escapeText} from '../engine/base/escape.ts';
import {operatorName} from '../engine/base/owner.ts';
import {exitCode, Problem} from '../engine/base/problem.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {openWriter, type Writer} from '../engine/retention/writer.ts';
import {cameFrom, standingOf, type Who} from '../engine/session/owner.ts';
import {type Story, stories} from '../engine/session/story.ts';
import {checkMine, takeOver} from '../engine/session/take-over.ts';
import type {Invocation} from './command.ts';
import type {Flags} from './flags.ts';
import {find} from './session-find.ts';
import {tellTidied} from './tidied.ts';

const me = (): Who => ({
  operator: operatorName(process.env),
  from: cameFrom(process.env),
  screen: null,
});

/**
 * Whether a session has to be taken over first, as `--take-over` says.
 * @throws Problem where another operator has it and that was not said, or of another session
 */
export function isTaken(story: Story, {takeOver: given}: Flags): boolean {
  const {number, owners} = story;
  if (given !== undefined && given !== String(number))
    throw new Problem(
      exitCode.usage,
      `--take-over=${escapeText(given)} is another session than ${number}. Nothing was changed.`,
    );
  const isOthers = standingOf(owners, me()) === 'watches';
  if (given === undefined) checkMine(story, me(), `--take-over=${number} takes it over`);
  return isOthers;
}

/**
 * Writes to a session, which is taken over first where `--take-over` says so.
 * @param doing for the lock
 * @param action is given the session as it is once nobody else writes
 * @throws Problem where it cannot be written to, or another operator has it
 */
export async function writing<T>(
  invocation: Invocation,
  doing: string,
  place: RunPlace,
  action: (story: Story, writer: Writer) => T,
  number: string,
): Promise<T> {
  const writer = openWriter({...place, doing, breakHost: invocation.flags.breakLock});
  try {
    tellTidied(writer.tidied);
    const story = find(stories(writer.state), number);
    if (isTaken(story, invocation.flags)) takeOver(writer.state, story, me());
    return action(find(stories(writer.state), number), writer);
  } finally {
    writer.close();
  }
}
