import fs, {constants} from 'node:fs';
import os from 'node:os';
import type {Directory} from '../base/directory.ts';
import {closing, safeRead, seenAt} from '../base/files.ts';
import {openOurs} from '../base/owner.ts';
import {type ExitCode, errorCode, exitCode, Problem} from '../base/problem.ts';
import {syncDirectory} from '../base/replace-file.ts';
import {lockOwner, startOf} from '../storage/runbook/lock.ts';
import {isFlocked, tryFlock} from '../storage/runbook/lock-file.ts';
import {
  type Extent,
  type Journal,
  type JournalRead,
  readJournal,
  removeUnbegun,
  stoppedWhere,
} from './journal.ts';

/** Where each restore has a directory of its own, by number. */
export const sessionsName = 'sessions';

export type SessionState = {
  number: number;
  read: JournalRead;
  /** Its process is at work. */
  running: boolean;
};

/** Whether the process that wrote a journal is seen to run. Another host's cannot be asked: it is taken to. */
const isRunning = ({process: {pid, started, host}}: Journal): boolean =>
  host !== os.hostname() || (started !== '' && startOf(pid) === started);

/** Whether a session's process is the one that writes: before it has a journal, nothing else tells that it runs. */
const holdsLock = (state: Directory, number: number): boolean =>
  lockOwner(state)?.doing.endsWith(`, session ${number}`) ?? false;

/** The process at work now, as a journal records it. */
export const thisProcess = (): Journal['process'] => ({
  pid: process.pid,
  started: startOf(process.pid) ?? '',
  host: os.hostname(),
});

/** A session with a higher number would be found by nothing: not listed, not recovered, not undone. */
const highest = 999_999_999;

/** The sessions that there are, oldest first. */
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

const isHalfway = ({phase}: Journal): boolean => ['prepare', 'commit', 'back'].includes(phase);

/** Of the process that works in a session. No other user may open it, so none can hold it. */
const lockName = 'lock';

/**
 * For the process that works in a session: it is known by this lock, also where it cannot be seen.
 * @returns ends it; so does the end of the process
 * @throws Problem where another one is at work in it
 */
export function lockSession(session: Directory): () => void {
  const fd = openOurs(`${session.path}/${lockName}`, constants.O_RDWR | constants.O_CREAT, session.stats);
  if (tryFlock(fd)) return () => fs.closeSync(fd);
  fs.closeSync(fd);
  throw new Problem(exitCode.locked, `Another process is at work in ${session.name}. Nothing was changed.`);
}

/**
 * Whether a process is at work in a session, whatever is seen of it.
 * @param alone for the holder of the lock of the root
 */
function isAtWork(state: Directory, session: Directory, alone = false): boolean {
  const held = flockOn(`${session.path}/${lockName}`);
  // Only its owner may ask for it; while it works it holds the lock of the root, too.
  return held ?? (!alone && flockOn(`${state.path}/lock`) === true);
}

/** Whether the kernel's lock on a file is held; null where it may not be asked. */
function flockOn(file: string): boolean | null {
  let fd: number;
  try {
    fd = fs.openSync(file, safeRead);
  } catch (error) {
    return errorCode(error) === 'EACCES' ? null : false;
  }
  using _ = closing(fd);
  return isFlocked(fd);
}

/** The directory of a session, never through a link; null where there is none. */
export function openSession(state: Directory, number: number): Directory | null {
  using sessions = state.find(sessionsName);
  return sessions?.find(String(number)) ?? null;
}

/** Whether an open directory is the one that a session's name leads to. */
export function isNamed(state: Directory, number: number, {stats}: Directory): boolean {
  using named = openSession(state, number);
  return named?.stats.ino === stats.ino && named.stats.dev === stats.dev;
}

/**
 * Begins a session: the next number, and a directory that belongs to the user who runs this, because it will be obeyed.
 */
export function makeSession(state: Directory): {number: number; directory: Directory} {
  using sessions = state.make(sessionsName);
  for (let number = (sessionNumbers(state).at(-1) ?? 0) + 1; ; number++) {
    if (number > highest)
      throw new Problem(
        exitCode.failed,
        `No session can come after ${sessions.name}/${highest}: if it has no business here, move it away. Nothing was changed.`,
      );
    try {
      fs.mkdirSync(`${sessions.path}/${number}`, 0o700);
    } catch (error) {
      // Another process has begun one in this moment.
      if (errorCode(error) === 'EEXIST') continue;
      throw error;
    }
    const directory = sessions.find(String(number));
    if (!directory) throw new Error(`${sessions.name}/${number} vanished as soon as it was made`);
    if (!directory.isNew) {
      directory.close();
      throw new Problem(
        exitCode.failed,
        `${sessions.name}/${number} was swapped as soon as it was made. Nothing was changed.`,
      );
    }
    fs.fchmodSync(directory.fd, 0o755);
    syncDirectory(sessions.path);
    return {number, directory};
  }
}

/** A journal that came with a copy of another tree would lead to that one's live files: it is not obeyed. */
function withPlace(read: JournalRead, state: Directory): JournalRead {
  if (read.state !== 'read' || read.untrusted !== null) return read;
  const {journal} = read;
  if (journal.state === state.real) return read;
  return {...read, untrusted: `it is about another tree than this one: ${journal.root}`};
}

export function readSession(state: Directory, number: number, extent: Extent = 'whole'): SessionState | null {
  using directory = openSession(state, number);
  if (!directory) return null;
  const read = withPlace(readJournal(directory.path, number, extent), state);
  const running =
    read.state === 'read'
      ? isRunning(read.journal) || (isHalfway(read.journal) && isAtWork(state, directory))
      : holdsLock(state, number);
  return {number, read, running};
}

/** The sessions of a root, oldest first. */
export const listSessions = (state: Directory | null, extent: 'told' | 'head'): SessionState[] =>
  state ? sessionNumbers(state).flatMap((number) => readSession(state, number, extent) ?? []) : [];

/** To be called with the lock held, so that no process is about to begin. */
export function tidyUnbegun(state: Directory): void {
  for (const {number, read} of listSessions(state, 'head')) {
    using directory = read.state === 'none' ? openSession(state, number) : null;
    if (!directory) continue;
    removeUnbegun(directory.path);
  }
}

const isUnderWay = ({read}: SessionState): boolean => read.state === 'read' && isHalfway(read.journal);

function isLocked(state: Directory, number: number): boolean {
  using directory = openSession(state, number);
  return directory !== null && isAtWork(state, directory, true);
}

/**
 * The session that stopped halfway; null where none did. None begins before that is settled, so the last one that was at
 * work tells. One that is obeyed goes before one that is not: a user who puts a journal there must not keep the
 * operator from the real one.
 * @param alone for the holder of the lock: then no other process is at work, whatever a journal's process, or its host,
 * looks like, unless the root's lock was deleted under him; the session's own tells
 */
export function stoppedSession(state: Directory | null, alone = false): SessionState | null {
  if (!state) return null;
  let disobeyed: SessionState | null = null;
  for (const number of sessionNumbers(state).reverse()) {
    const head = readSession(state, number, 'head');
    // Of all that are settled only the head is looked at.
    const session = head && isUnderWay(head) ? readSession(state, number, 'told') : head;
    if (session?.read.state !== 'read') continue;
    const stopped = isUnderWay(session) && !(alone ? isLocked(state, number) : session.running);
    if (session.read.untrusted === null) return stopped ? session : disobeyed;
    if (stopped) disobeyed ??= session;
  }
  return disobeyed;
}

/** The session whose restore is at work although the lock of the root is free; for its holder. Null where none is. */
export function workingSession(state: Directory): number | null {
  for (const number of sessionNumbers(state).reverse()) {
    const session = readSession(state, number, 'head');
    if (session?.read.state !== 'read' || session.read.untrusted !== null) continue;
    return isUnderWay(session) && isLocked(state, number) ? number : null;
  }
  return null;
}

/**
 * What has to be decided before anything else is written, for the operator; null where nothing has.
 * @param alone for the holder of the lock
 */
export function whyRecover(state: Directory | null, alone = false): string | null {
  const stopped = stoppedSession(state, alone);
  if (!state || stopped?.read.state !== 'read') return null;
  const {number, read} = stopped;
  const {phase} = read.journal;
  if (read.untrusted === null && phase === 'commit')
    return `The restore of session ${number} stopped halfway. Look: "magds restore status". Then finish it: "magds restore --resume", or go back: "magds restore --rollback".`;
  return read.untrusted === null
    ? `The restore of session ${number} stopped ${stoppedWhere(phase)}. ${phase === 'prepare' ? 'Clean up' : 'Finish that'}: "magds restore --rollback".`
    : `Session ${number} says that its restore stopped halfway, but is ignored: ${read.untrusted}. If it has no business here, move ${state.name}/${sessionsName}/${number} away.`;
}

/** Sessions whose way back is still kept, or that are at work. */
export const openSessions = (state: Directory | null): SessionState[] =>
  listSessions(state, 'head').filter(
    ({read}) => read.state === 'read' && !read.journal.closed && read.journal.phase !== 'rolled-back',
  );

/** What is thrown where a session that was there is not there any more. */
export const sessionGone = (number: number): Problem =>
  new Problem(exitCode.notFound, `Session ${number} is gone.`);

/** @throws Problem where there is no such session that may be believed */
export function journalOf(state: Directory, number: number): Journal {
  const session = readSession(state, number);
  const cannot = (why: string, exit: ExitCode = exitCode.notFound): never => {
    throw new Problem(exit, `Session ${number} ${why}. Nothing was changed.`);
  };
  if (!session) return cannot('does not exist: "magds restore status" lists them');
  const {read} = session;
  if (read.state === 'none') return cannot('has restored nothing');
  if (read.state === 'unreadable') return cannot(`cannot be read: ${read.reason}`, exitCode.failed);
  if (read.untrusted) return cannot(`is ignored: ${read.untrusted}`, exitCode.failed);
  return read.journal;
}

/** Changes whenever a session begins, or something of one is recorded; the same text means that nothing did. */
export function sessionsMark(state: Directory): string {
  const stampOf = (file: string): string => {
    const stats = seenAt(`${state.path}/${sessionsName}/${file}`);
    return stats ? `${stats.mtimeMs}/${stats.size}` : '';
  };
  return sessionNumbers(state)
    .map((number) => [number, stampOf(`${number}/journal.json`), stampOf(`${number}/session.jsonl`)].join())
    .join(';');
}
