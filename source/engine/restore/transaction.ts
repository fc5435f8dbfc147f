import fs from 'node:fs';
import {Walk} from '../base/open-inside.ts';
import {syncDirectory} from '../base/replace-file.ts';
import {type JournalItem, noDirectories} from '../session/journal.ts';
import type {LineData} from '../session/lines.ts';
import {removeSafety} from '../session/safety-place.ts';
import {CancelledRestore, Stopped} from '../session/stopped.ts';
import {findParent, openParent, removeParents, stampAt} from './place.ts';
import {refreshVolatile, saveLive} from './safety.ts';
import {stageAll} from './stage-all.ts';
import {clearBeside, standingOf, switchBack, switchItem} from './switch.ts';
import {sameStamp} from './target.ts';
import {explained, isPut, type Work} from './work.ts';

const sizeOf = ({old}: JournalItem): number => (old.kind === 'file' ? old.stamp.size : 0);
const never = new AbortController().signal;

const setItems = ({file}: Work, items: JournalItem[]): void => {
  file.journal = {...file.journal, items};
};

/**
 * One pass over many files: a directory that several lie in is walked to once. What is put in its place meanwhile is seen by
 * the next pass.
 */
export function walking<T>(pass: (walk: Walk) => T): T {
  const walk = new Walk();
  try {
    return pass(walk);
  } finally {
    walk.close();
  }
}

/** Makes the entries of every directory that a target lies in durable, once each. */
export function syncParents(items: JournalItem[]): void {
  const seen = new Set<string>();
  for (const {place} of items) {
    const key = [place.base, ...place.segments.slice(0, -1)].join('/');
    if (seen.has(key)) continue;
    seen.add(key);
    const parent = findParent(place);
    if (!parent) continue;
    try {
      syncDirectory(parent.path);
    } finally {
      parent.close();
    }
  }
}

async function save({state, file, telling, pool, connection}: Work): Promise<void> {
  const {safety, items, root, session, directories = noDirectories} = file.journal;
  if (safety === null) return;
  const total = items.reduce((sum, item) => sum + (item.safety === null ? 0 : sizeOf(item)), 0);
  const stop = new AbortController();
  const onProgress = (bytes: number): void => {
    if (!telling.progress('saving', bytes, total)) stop.abort();
  };
  await saveLive({
    state,
    root,
    id: safety,
    session,
    items,
    pool,
    signal: stop.signal,
    connection,
    directories,
    onProgress,
  });
  telling.note('saved', {id: safety, bytes: total});
}

/** The second name of the old file: the way back, and the last check that it may be replaced at all. */
function linkAside(item: JournalItem, walk: Walk): void {
  const parent = openParent(item.place, walk);
  try {
    const aside = `${parent.path}/${item.aside}`;
    fs.linkSync(`${parent.path}/${item.place.segments.at(-1)}`, aside);
    const {old, volatile} = item;
    const linked = stampAt(parent, item.aside);
    if (old.kind === 'file' && !volatile && !(linked && sameStamp(linked, old.stamp)))
      throw new Stopped(
        `${item.dataset}: ${item.place.path} was written to meanwhile: stop the service that writes, then start again`,
      );
  } finally {
    parent.close();
  }
}

/**
 * Everything that can fail is done here, beside the live files: none of them is touched.
 * @throws Stopped, CancelledRestore, or the system call's error; then `abandon` leaves no trace
 */
export async function prepare(work: Work): Promise<void> {
  const {file, telling} = work;
  file.write();
  telling.note('prepare', {id: file.journal.id, files: file.journal.items.map(({place}) => place.path)});
  await save(work);
  setItems(work, file.journal.items.map(refreshVolatile));
  setItems(work, await stageAll(work));
  walking((walk) => {
    for (const item of file.journal.items)
      if (item.old.kind === 'file') explained(item, () => linkAside(item, walk));
  });
  syncParents(file.journal.items);
  if (telling.cancelled) throw new CancelledRestore();
  walking((walk) => {
    for (const item of file.journal.items)
      if (standingOf(item, walk) !== 'old')
        throw new Stopped(
          `${item.dataset}: ${item.place.path} was written to meanwhile: stop the service that writes, then start again`,
        );
  });
}

export type Live = LineData<'switched'>['live'][number];

/** Hashes the live files: this hash, taken right after the switch, is the proof. @throws Stopped where one is wrong */
export async function checkLive({file, pool, telling}: Work): Promise<Live[]> {
  const puts = file.journal.items.filter(isPut);
  telling.progress('checking', 0, 1);
  return Promise.all(
    puts.map(async (item): Promise<Live> => {
      const {dataset, place, algorithm} = item;
      const job = {directory: place.base, segments: place.segments, algorithm};
      const result = await pool.hash(job, never, item.new.bytes).result;
      const hash = result.status === 'read' ? result.hash : null;
      if (hash === item.new.hash) return {dataset, target: place.path, hash, written: false};
      const parent = findParent(place);
      try {
        const live = parent && stampAt(parent, place.segments.at(-1) as string);
        const written = !live || !item.new.stamp || !sameStamp(live, item.new.stamp);
        // The service has begun to write to it: that is no fault of the restore.
        if (written) return {dataset, target: place.path, hash, written};
      } finally {
        parent?.close();
      }
      const why =
        'reason' in result
          ? result.reason.replace(/^the copy/, 'it')
          : 'its bytes are others than those written';
      throw new Stopped(
        `${dataset}: ${place.path} is not what was restored: ${why}; the disk may be failing`,
      );
    }),
  );
}

/** Old files that were written to between the safety backup and the switch: they are kept beside. */
function writtenLate(items: JournalItem[]): string[] {
  return walking((walk) =>
    items.flatMap(({place, old, aside, volatile}) => {
      if (old.kind === 'absent' || volatile) return [];
      const parent = findParent(place, walk);
      const kept = parent && stampAt(parent, aside);
      return kept && !sameStamp(kept, old.stamp) ? [`${parent?.name}/${aside}`] : [];
    }),
  );
}

/** The switch: under a second, whatever the size. @throws Stopped, or the system call's error; then `goBack` */
export async function commit(work: Work): Promise<{live: Live[]; late: string[]}> {
  const {file, telling} = work;
  file.foresee('done', 'back', 'rolled-back');
  file.advance('commit');
  const began = performance.now();
  telling.progress('switching', 0, 1);
  walking((walk) => {
    for (const item of file.journal.items) explained(item, () => switchItem(item, walk));
  });
  syncParents(file.journal.items);
  const seconds = (performance.now() - began) / 1000;
  const live = await checkLive(work);
  file.advance('done');
  const late = writtenLate(file.journal.items);
  telling.note('switched', {seconds, live, late});
  return {live, late};
}

/** @param keepSafety where something of it may still be wanted */
export function settleBack({file, state}: Pick<Work, 'file' | 'state'>, keepSafety = false): void {
  const {items, safety} = file.journal;
  syncParents(items);
  for (const {place, old} of items) if (old.kind === 'absent') removeParents(place, old.missing);
  if (safety !== null && !keepSafety) removeSafety(state, safety);
  // Nobody closes a session that was rolled back: nothing may be left to be done after its last step.
  file.tidy('rolled-back');
  file.advance('rolled-back');
}

/** Removes every trace of a restore that has not touched a live file yet. */
export function abandon(work: Pick<Work, 'file' | 'state'>): void {
  walking((walk) => {
    for (const item of work.file.journal.items) clearBeside(item, walk);
  });
  settleBack(work);
}

/** Makes every live file the old one again. @throws Stopped where somebody has written to one since */
export function goBack(work: Work): void {
  const {file} = work;
  // Also where the journal could not be made to stay at `done`: on the disk it may say so.
  if (file.journal.phase !== 'prepare') file.advance('back');
  walking((walk) => {
    for (const item of file.journal.items.toReversed()) explained(item, () => switchBack(item, walk));
  });
  settleBack(work);
}
