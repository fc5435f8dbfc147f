import fs from 'node:fs';
import type {Directory} from '../../base/directory.ts';
import {closing, safeRead} from '../../base/files.ts';
import {recordFile} from '../../session/record.ts';
import {openSession, openSessions, sessionsMark} from '../../session/sessions.ts';
import {findState} from '../../storage/runbook/state-directory.ts';

/** `since`: when the oldest of them began, in seconds since the epoch; 0 where none is open. */
type SessionsOpen = {count: number; since: number};

/** How a record's first line begins; as it is written. */
const beginning = /^\{"sequence":\d{1,15},"at":"([0-9T:.Z-]{1,64})"/;

/** When a session began, in seconds since the epoch: as its record says, else as its directory does. */
function beganAt({path, stats}: Directory): number {
  try {
    const fd = fs.openSync(`${path}/${recordFile}`, safeRead);
    using _ = closing(fd);
    const data = Buffer.alloc(200);
    const text = data.toString('latin1', 0, fs.readSync(fd, data, 0, data.length, 0));
    const at = Date.parse(beginning.exec(text)?.[1] ?? '');
    if (at > 0) return at / 1000;
  } catch {
    // Its record is missing or cannot be read: that it is open is what counts.
  }
  return stats.birthtimeMs / 1000 || stats.mtimeMs / 1000;
}

/** What was found last, by root: while many backups are verified nothing of it changes. */
let last: {root: string; mark: string; found: SessionsOpen} | null = null;

/** The restore sessions of a root that are not signed off, drills aside: those close by themselves. */
export function sessionsOpen(root: string): SessionsOpen {
  using state = findState(root);
  if (!state) return {count: 0, since: 0};
  const mark = sessionsMark(state);
  if (last?.root === root && last.mark === mark) return last.found;
  const began = openSessions(state).flatMap(({number}) => {
    using directory = openSession(state, number);
    if (!directory) return [];
    return [beganAt(directory)];
  });
  const found = {count: began.length, since: began.length === 0 ? 0 : Math.min(...began)};
  last = {root, mark, found};
  return found;
}
