import os from 'node:os';
import type {Directory} from '../base/directory.ts';
import {type Connection, connectionName} from '../postgres/connection.ts';
import type {ServerStanding} from '../postgres/standing.ts';
import {type Mark, readMark} from '../session/database-item.ts';
import {readSession} from '../session/sessions.ts';

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

/** Whether this root may have begun a session on a machine of this name: a container has another one each time. */
function beganOn(state: Directory, session: number, host: string): boolean {
  const read = readSession(state, session, 'head')?.read;
  return read?.state === 'read' ? read.journal.process.host === host : read?.state === 'unreadable';
}

/** Of another machine's root of the same name nothing is known here. */
const isOf = (root: string, state: Directory, {root: of, host = os.hostname(), session}: Mark): boolean =>
  of === root && (host === os.hostname() || beganOn(state, session, host));

/** The databases on a server that restores of a root have left there, by the comment that each of them has. */
export const leftDatabases = (
  root: string,
  state: Directory,
  connection: Connection,
  marked: ServerStanding['marked'],
): LeftDatabase[] =>
  marked.flatMap(({name, comment}) => {
    const mark = readMark(comment);
    if (!mark || !isOf(root, state, mark)) return [];
    return [
      {name, path: connectionName({...connection, database: name}), mark, isNeeded: isNeeded(state, mark)},
    ];
  });
