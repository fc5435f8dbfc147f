import type {Directory} from '../base/directory.ts';
import {exitCode, Problem} from '../base/problem.ts';
import {standingOf, type Who, whyWatching} from './owner.ts';
import {writeNotes} from './progress.ts';
import type {Story} from './story.ts';

/**
 * @param how what takes it over, for the operator: `T takes it over`
 * @throws Problem (exit 11) where another operator, or another screen of his, has the session
 */
export function checkMine({number, owners}: Story, me: Who, how: string): void {
  const why = whyWatching(number, owners, me, Date.now());
  if (why === null) return;
  throw new Problem(
    exitCode.locked,
    `${why.charAt(0).toUpperCase()}${why.slice(1)}; ${how}. Nothing was changed.`,
  );
}

/**
 * Records who has a session from now on; who had it watches. To be called with the lock held.
 * @throws Problem where that cannot be recorded
 */
export function takeOver(state: Directory, {number}: Story, {from, screen, person}: Who): void {
  writeNotes(state, number, 'That', [['taken-over', {from, screen, ...(person && {person})}]]);
}

/**
 * Before a session is answered for: it has to be one's own. An operator who comes back in a new terminal goes on in that
 * one. To be called with the lock held.
 * @throws Problem where another operator has it
 */
export function goOn(state: Directory, story: Story, me: Who, how: string): void {
  checkMine(story, me, how);
  if (me.screen !== null && standingOf(story.owners, me) === 'goes on') takeOver(state, story, me);
}
