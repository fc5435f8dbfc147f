import fs from 'node:fs';
import type {Directory} from '../base/directory.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {incidentOf, readIncident} from '../session/incident.ts';
import {removeSafety, safetyName} from '../session/safety-place.ts';
import {listSessions, type SessionState} from '../session/sessions.ts';
import {backupTime} from '../storage/backup-id.ts';

const day = 24 * 3600 * 1000;

const shape = /^\d{8}_\d{6}_before-restore-([1-9]\d{0,8})$/;

/** Whether a session still needs its way back: one that is open, at work, stopped, or cannot be read does. */
const needsIt = ({read}: SessionState): boolean =>
  read.state === 'unreadable' ||
  (read.state === 'read' && !read.journal.closed && read.journal.phase !== 'rolled-back');

function idsIn(state: Directory): string[] {
  using safety = state.find(safetyName);
  try {
    return safety ? fs.readdirSync(safety.path).filter((id) => shape.test(id)) : [];
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** When a safety backup may go, in milliseconds since the epoch; null where it is kept for ever, or its name has no time. */
export function safetyUntil(id: string, days: number | null): number | null {
  const time = backupTime(id);
  return time === null || days === null ? null : time * 1000 + days * day;
}

/**
 * Safety backups whose time is over, oldest first: each is of a session that is signed off, and was made this many days
 * ago. None goes while a session is open, or an incident has a time since when things are bad; the newest one always stays,
 * whatever the clock says.
 * @param days null keeps all
 * @param now milliseconds since the epoch
 */
export function oldSafety(state: Directory | null, days: number | null, now: number): string[] {
  if (!state || days === null) return [];
  const ids = idsIn(state).sort();
  if (incidentOf(readIncident(state)).badSince !== null) return [];
  if (ids.length < 2 || listSessions(state, 'head').some(needsIt)) return [];
  return ids.slice(0, -1).filter((id) => (safetyUntil(id, days) ?? now) < now);
}

/** Removes them; to be called with the lock held. What cannot be removed stays whole, or is finished by the next. */
export function removeOldSafety(
  state: Directory,
  days: number | null,
  now: number,
): {removed: string[]; problems: string[]} {
  const removed: string[] = [];
  const problems: string[] = [];
  for (const id of oldSafety(state, days, now)) {
    try {
      removeSafety(state, id);
      removed.push(id);
    } catch (error) {
      problems.push(`${id}: ${describeError(error)}`);
    }
  }
  return {removed, problems};
}
