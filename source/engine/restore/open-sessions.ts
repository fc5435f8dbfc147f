import {ownersOf, type Who} from '../session/owner.ts';
import {restoredNames, unsignedOf} from '../session/story.ts';
import {inState} from '../storage/runbook/state-directory.ts';

/** A session whose checks and whose undo are about files that are live. */
export type OpenSession = {
  number: number;
  /** Null where its record does not say. */
  owner: Who | null;
  /** Names of the datasets that it restored. */
  restored: string[];
};

/**
 * Sessions that are done and not signed off: a restore of the same datasets changes what they are about.
 * @param undoes the session that is taken back itself; null for an ordinary restore
 */
export const openSessionsOf = (root: string, undoes: number | null): OpenSession[] =>
  inState(root, (state) =>
    unsignedOf(state)
      .filter(({number, state: is}) => is === 'done' && number !== undoes)
      .map(({number, lines}) => ({
        number,
        owner: ownersOf(lines).at(-1) ?? null,
        restored: restoredNames(lines),
      })),
  );
