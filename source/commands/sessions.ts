import {escapeText} from '../engine/base/escape.ts';
import {operatorName} from '../engine/base/owner.ts';
import {exitCode, Problem} from '../engine/base/problem.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {openWriter, type Writer} from '../engine/retention/writer.ts';
import {cameFrom, standingOf, type Who} from '../engine/session/owner.ts';
import {type Story, stories, unsigned} from '../engine/session/story.ts';
import {checkMine, takeOver} from '../engine/session/take-over.ts';
import {inState} from '../engine/storage/runbook/state-directory.ts';
import {type Invocation, wrongUsage} from './command.ts';
import {breakLock, type FlagValues, takeOver as takeOverFlag} from './flags.ts';
import {tellTidied} from './tell.ts';

/** Of each command that writes to a session. */
export const writingFlags = {takeOver: takeOverFlag, breakLock};

/** The sessions of a root, oldest first. */
export const readStories = (root: string): Story[] => inState(root, (state) => stories(state));

/** The session that is named, else the only one that is open. */
export function find(all: Story[], given: string | undefined): Story {
  if (given === undefined) {
    const open = unsigned(all);
    const [only] = open;
    if (only && open.length === 1) return only;
    const which =
      open.length === 0 ? 'none is open' : `${open.map(({number}) => number).join(', ')} are open`;
    return wrongUsage(`Which session? ${which}. "magds session list" shows them all.`);
  }
  if (!/^[1-9]\d{0,8}$/.test(given))
    return wrongUsage(`${escapeText(given)} is not a session number: "magds session list" shows them.`);
  const found = all.find(({number}) => String(number) === given);
  if (found) return found;
  throw new Problem(
    exitCode.notFound,
    `There is no session ${escapeText(given)}: "magds session list" shows what there is.`,
  );
}

/** Who calls, as the records of sessions know him. */
export const me = (): Who => ({
  operator: operatorName(process.env),
  from: cameFrom(process.env),
  screen: null,
});

/**
 * Whether a session has to be taken over first, as `--take-over` says.
 * @throws Problem where another operator has it and that was not said, or of another session
 */
export function isTaken(story: Story, {takeOver: given}: FlagValues<typeof writingFlags>): boolean {
  const {number, owners} = story;
  if (given !== undefined && given !== String(number))
    wrongUsage(`--take-over=${escapeText(given)} is not session ${number}. Nothing was changed.`);
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
  {flags}: Invocation<typeof writingFlags>,
  doing: string,
  place: RunPlace,
  action: (story: Story, writer: Writer) => T | Promise<T>,
  number: string,
): Promise<T> {
  using writer = openWriter({...place, doing, breakHost: flags.breakLock});
  tellTidied(writer.tidied);
  const story = find(stories(writer.state), number);
  if (isTaken(story, flags)) takeOver(writer.state, story, me());
  return await action(find(stories(writer.state), number), writer);
}
