import type {Directory} from '../base/directory.ts';
import {connectionName} from '../postgres/connection.ts';
import {commentedDatabases} from '../postgres/databases.ts';
import {type Mark, markStart, type Reached, readMark} from '../session/database-item.ts';
import {readSession} from '../session/sessions.ts';
import {beside} from './reach.ts';

/** A database that a restore of this root has made or put aside. */
export type LeftDatabase = {
  name: string;
  /** How it is called, for the operator. */
  path: string;
  mark: Mark;
  /** Its session is open, or stopped halfway, and needs it still, or cannot be read; else it can be dropped once it was looked at. */
  isNeeded: boolean;
};

function isNeeded(state: Directory, {session}: Mark): boolean {
  const read = readSession(state, session, 'told')?.read;
  // Of one that cannot be read it is not known.
  if (read?.state !== 'read') return read?.state === 'unreadable';
  return !read.journal.closed && read.journal.phase !== 'rolled-back';
}

/**
 * The databases on a server that restores of a root have left there, by the comment that each of them has.
 * @throws Problem where the server does not answer
 */
export const leftDatabases = (root: string, state: Directory, reached: Reached): Promise<LeftDatabase[]> =>
  beside({root, state: state.real, session: 0}, reached, async (server) => {
    const all = await commentedDatabases(server, markStart);
    return all.flatMap(({name, comment}) => {
      const mark = readMark(comment);
      if (mark?.root !== root) return [];
      const path = connectionName({...reached, database: name});
      return [{name, path, mark, isNeeded: isNeeded(state, mark)}];
    });
  });
