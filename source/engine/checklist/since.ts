import type {Directory} from '../base/directory.ts';
import {describeError} from '../base/problem.ts';
import type {Pool} from '../hashing/pool.ts';
import {targetsOf} from '../restore/all-targets.ts';
import type {Journal} from '../session/journal.ts';
import {isLine, said} from '../session/lines.ts';
import type {RecordLine} from '../session/record.ts';
import {readSession} from '../session/sessions.ts';
import {restoredNames, storiesAfter} from '../session/story.ts';

/** A restored dataset, and whether its live files are still what the restore left. */
export type Since = {
  dataset: string;
  state: 'as restored' | 'changed' | 'unseen';
  /** Why that is not seen; null where it is. */
  reason: string | null;
  /** Of one that changed, the last session since that wrote it; null where none did. */
  by: number | null;
};

/**
 * What became of the live files since a restore, by inode, size and time; nothing is hashed. None for a session that is
 * not done, is signed off, or is not obeyed: a forged journal must not have us look anywhere.
 */
export function sinceRestore(state: Directory, session: number): Since[] {
  const read = readSession(state, session, 'told')?.read;
  if (read?.state !== 'read' || read.untrusted !== null) return [];
  if (read.journal.phase !== 'done' || read.journal.closed) return [];
  const found = new Map<string, Since>();
  for (const target of targetsOf(read).flatMap((each) => each.all())) {
    const {dataset} = target;
    // One file that changed says that the dataset did.
    if (found.has(dataset) && found.get(dataset)?.state !== 'as restored') continue;
    try {
      const state = target.isAsRestored() ? 'as restored' : 'changed';
      found.set(dataset, {dataset, state, reason: null, by: null});
    } catch (error) {
      found.set(dataset, {dataset, state: 'unseen', reason: describeError(error), by: null});
    }
  }
  const all = [...found.values()];
  if (!all.some(({state}) => state === 'changed')) return all;
  const later = storiesAfter(state, session).filter(({drill}) => !drill);
  const by = (name: string) => later.findLast(({lines}) => restoredNames(lines).includes(name))?.number;
  return all.map((each) => (each.state === 'changed' ? {...each, by: by(each.dataset) ?? null} : each));
}

/**
 * What the live files hold that are as an open restore left them: they were hashed at the switch, and are not read again.
 */
export function heldSince(
  state: Directory,
  session: number,
): {file: string; algorithm: string; hash: string}[] {
  const read = readSession(state, session, 'told')?.read;
  if (read?.state !== 'read' || read.untrusted !== null || read.journal.closed) return [];
  if (read.journal.phase !== 'done' || read.journal.drill) return [];
  const held = new Set<string>();
  for (const target of targetsOf(read).flatMap((each) => each.all())) {
    try {
      if (target.isAsRestored()) held.add(target.path);
    } catch {
      // What cannot be seen is read, if it can be.
    }
  }
  return read.journal.items.flatMap(({place: {path: file}, algorithm, new: put}) =>
    put && held.has(file) ? [{file, algorithm, hash: put.hash}] : [],
  );
}

/** A live file that was restored: its hash now, beside the one of right after the switch. */
export type LiveSince = {
  dataset: string;
  target: string;
  state: 'same' | 'changed' | 'unseen';
  algorithm: string;
  /** Of right after the switch, as the record says; what was to be restored, where it does not say. */
  before: string;
  recorded: boolean;
  /** Null where it could not be read, `reason` says why. */
  now: string | null;
  reason: string | null;
};

/** The hashes of the live files right after the switch, by path, as a record tells them. */
function switchedHashes(lines: RecordLine[]): Map<string, string> {
  const live = said(lines.findLast(isLine('switched')), 'live') ?? [];
  return new Map(live.flatMap(({target, hash}) => (hash === null ? [] : [[target, hash] as const])));
}

/**
 * Hashes the live files of a restore again, and compares each with its hash at the switch; nothing is written. What the
 * restore has removed is not among them.
 * @param journal of a session that is obeyed: it names the files
 * @param lines of its record
 */
export async function* liveSince(
  {items}: Journal,
  lines: RecordLine[],
  pool: Pool,
  signal: AbortSignal,
): AsyncGenerator<LiveSince> {
  const switched = switchedHashes(lines);
  const jobs = items.flatMap(({dataset, place, algorithm, new: put}) => {
    if (!put) return [];
    const {base, segments, path} = place;
    const {result} = pool.hash({directory: base, segments, algorithm}, signal, put.bytes);
    const recorded = switched.get(path);
    const about = {dataset, target: path, algorithm, before: recorded ?? put.hash};
    return [{...about, recorded: recorded !== undefined, result}];
  });
  for (const {result, ...about} of jobs) {
    const read = await result;
    if (read.status === 'read') {
      const state = read.hash === about.before ? 'same' : 'changed';
      yield {...about, state, now: read.hash, reason: null};
    } else {
      // What is not there any more has changed for certain.
      const state = read.status === 'missing' ? 'changed' : 'unseen';
      yield {...about, state, now: null, reason: read.reason};
    }
  }
}
