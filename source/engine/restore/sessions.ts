import fs from 'node:fs';
import os from 'node:os';
import {errorCode} from '../problem.ts';
import {startOf} from '../runbook/lock.ts';
import {type Directory, findState} from '../runbook/state-directory.ts';
import {type Journal, type JournalRead, readJournal} from './journal.ts';

/** Where each restore has a directory of its own, by number. */
export const sessionsName = 'sessions';

export type SessionState = {
  number: number;
  read: JournalRead;
  /** Its process is at work. */
  running: boolean;
};

/** Whether the process that wrote a journal still runs. Another host's cannot be asked: it is taken to. */
export const isRunning = ({process: {pid, started, host}}: Journal): boolean =>
  host !== os.hostname() || (started !== '' && startOf(pid) === started);

export function sessionNumbers(state: Directory): number[] {
  try {
    return fs
      .readdirSync(`${state.path}/${sessionsName}`)
      .filter((name) => /^[1-9]\d{0,8}$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The directory of a session, never through a link; null where there is none. */
export function openSession(state: Directory, number: number): Directory | null {
  const sessions = state.find(sessionsName);
  try {
    return sessions?.find(String(number)) ?? null;
  } finally {
    sessions?.close();
  }
}

/** The sessions of a root, oldest first. */
export function listSessions(state: Directory | null): SessionState[] {
  if (!state) return [];
  return sessionNumbers(state).flatMap((number): SessionState[] => {
    const directory = openSession(state, number);
    if (!directory) return [];
    try {
      const read = readJournal(directory.path);
      return [{number, read, running: read.state === 'read' && isRunning(read.journal)}];
    } finally {
      directory.close();
    }
  });
}

const stopped = ({read, running}: SessionState): boolean =>
  read.state === 'read' && (read.journal.phase === 'prepare' || read.journal.phase === 'commit') && !running;

/** The session that stopped halfway; null where none did. */
export const needsRecovery = (state: Directory | null): SessionState | null =>
  listSessions(state).find(stopped) ?? null;

/** How many second names of ours each live file has: those of sessions that are not closed. By `dev:ino`. */
export function ourLinks(root: string): ReadonlyMap<string, number> {
  const links = new Map<string, number>();
  const state = findState(root);
  try {
    for (const {read} of listSessions(state)) {
      if (read.state !== 'read' || read.journal.closed) continue;
      for (const {old, new: next} of read.journal.items) {
        const stamps = [old.kind === 'file' ? old.stamp : null, next?.stamp ?? null];
        for (const stamp of stamps) if (stamp) links.set(`${stamp.dev}:${stamp.ino}`, 1);
      }
    }
  } finally {
    state?.close();
  }
  return links;
}
