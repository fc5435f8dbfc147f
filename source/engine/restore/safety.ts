import fs from 'node:fs';
import path from 'node:path';
import type {Directory} from '../base/directory.ts';
import {owns} from '../base/owner.ts';
import {placesOf} from '../base/readers.ts';
import {removeTree} from '../base/remove-tree.ts';
import {syncDirectory, syncFile} from '../base/replace-file.ts';
import {fewFiles, syncAll} from '../base/sync-all.ts';
import type {CopyResult} from '../hashing/copy-files.ts';
import type {Pool} from '../hashing/pool.ts';
import type {Directories, JournalItem} from '../session/journal.ts';
import {safetyName} from '../session/safety-place.ts';
import {CancelledRestore, Stopped} from '../session/stopped.ts';
import {checksums, checksumsName} from '../storage/checksums.ts';
import {copyNames} from '../storage/manifest/copy-names.ts';
import {parseManifest} from '../storage/manifest/read.ts';
import {type MadeBackup, type MadeCopy, manifestText} from '../storage/manifest/write.ts';
import {idTime} from '../storage/new-id.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {beginBuilding, buildingName, publishBuilt} from '../storage/runbook/unfinished.ts';
import {liveDirectories} from './directories.ts';
import {nameOf} from './place.ts';
import {lookAtTarget} from './target.ts';

/** One algorithm for all of them, whatever the backups were made with: it has to prove the way back. */
const algorithm = 'sha256';

/** Batches in flight: each holds a directory open. */
const inFlight = 4;
/** Files that go to a worker together. */
const mostTogether = 200;

/** Milliseconds between two looks at how far they are: one may take minutes, and may be cancelled all the while. */
const pause = 200;

export const safetyId = (session: number): string => `${idTime(Date.now())}_before-restore-${session}`;

/** What a file is called in the safety backup; null where nothing of it has to be saved. */
export function safetyNameOf({dataset, place, old, volatile, role}: JournalItem): string | null {
  if (old.kind === 'absent') return null;
  if (role === 'dataset') return dataset;
  // An index of the WAL, which SQLite makes again.
  if (volatile) return null;
  return `${dataset}${/-\w+$/.exec(place.path)?.[0] ?? '-beside'}`;
}

type Saving = {
  state: Directory;
  root: string;
  id: string;
  session: number;
  items: JournalItem[];
  pool: Pool;
  signal: AbortSignal;
  connection: string | null;
  /** Directories that the restore knows of. */
  directories: Directories;
  /** Is told the bytes that are done. */
  onProgress: (bytes: number) => void;
  /** Puts into it what it holds beside the files: databases. */
  more?: (work: Directory) => Promise<Pick<MadeBackup, 'copies' | 'missing'>>;
};

type Saved = JournalItem & {safety: string};

/** Where a live file's copy goes, below the backup. */
type Placed = {item: Saved; at: string[]};

/** Files from one directory that go to one directory. */
function batchesOf(placed: Placed[]): Placed[][] {
  const byWay = Map.groupBy(placed, ({item: {place}, at}) =>
    JSON.stringify([place.base, place.segments.slice(0, -1), at.slice(0, -1)]),
  );
  return [...byWay.values()].flatMap((files) =>
    Array.from({length: Math.ceil(files.length / mostTogether)}, (_, index) =>
      files.slice(index * mostTogether, (index + 1) * mostTogether),
    ),
  );
}

/** Copies live files, in a worker; `counts` gets what tells the bytes of them that are done. */
async function copyBatch(
  {pool, signal, state}: Saving,
  batch: Placed[],
  work: Directory,
  sync: boolean,
  counts: (() => number)[],
): Promise<CopyResult[]> {
  const [first] = batch as [Placed];
  const {place} = first.item;
  const to = work.enter(first.at.slice(0, -1));
  try {
    const job = {
      directory: place.base,
      segments: place.segments.slice(0, -1),
      files: batch.map(({item, at}) => ({
        name: nameOf(item),
        as: at.at(-1) as string,
      })),
      to: to.path,
      algorithm,
      owner: state.stats,
      common: placesOf(state.path),
      sync,
    };
    const copy = pool.copy(job, signal);
    counts.push(copy.bytes);
    return await copy.result;
  } finally {
    if (to !== work) to.close();
  }
}

/** Makes thousands of copies durable at once. @throws Stopped where that failed */
function syncCopies(work: Directory, names: string[][]): void {
  const synced = syncAll(work.path);
  if (synced.state === 'failed')
    throw new Stopped(`what was saved of the live files may not be on the disk: ${synced.said}`);
  if (synced.state !== 'unable') return;
  const directories = new Set(names.flatMap((at) => at.map((_, depth) => at.slice(0, depth).join('/'))));
  for (const at of names) syncFile([work.path, ...at].join('/'));
  for (const at of directories) syncDirectory(`${work.path}/${at}`);
}

/** @throws Stopped, or CancelledRestore, where it could not be saved as it was */
function check(item: Saved, result: CopyResult): Extract<CopyResult, {status: 'copied'}> {
  const {path: target} = item.place;
  if (result.status === 'cancelled') throw new CancelledRestore();
  if (result.status !== 'copied')
    throw new Stopped(`${item.dataset}: ${target} cannot be saved: ${result.reason}`);
  if (result.changed && !item.volatile)
    throw new Stopped(
      `${item.dataset}: ${target} was written to while it was saved: stop the service that writes, then start again`,
    );
  return result;
}

/** Tells again and again how far the copies in flight are, beside the bytes that are done before them. */
const lookAt = ({onProgress}: Saving, before: number, counts: (() => number)[]): NodeJS.Timeout =>
  setInterval(() => {
    try {
      onProgress(counts.reduce((sum, count) => sum + count(), before));
    } catch {
      // What fails here fails again as soon as they are done, where it is told.
    }
  }, pause);

function settle(work: Directory, directories: string[][], owner: fs.Stats, sync: boolean): void {
  for (const segments of directories) {
    const directory = work.enter(segments);
    try {
      owns(directory.fd, owner, (owner.mode & 0o7755) | 0o700);
      if (sync) fs.fsyncSync(directory.fd);
    } finally {
      if (directory !== work) directory.close();
    }
  }
}

/**
 * Makes a backup of the live files that a restore will write over: ordinary in format, so that PHP reaches it with
 * `--id=../runbook/safety/ID`. Whole or not at all. What was absent is named in it.
 * @throws Stopped where a file cannot be saved as it is
 */
export async function saveLive(saving: Saving): Promise<void> {
  const {state, root, id, items, session, signal} = saving;
  const saved = items.filter((item): item is Saved => item.safety !== null);
  const names = copyNames(
    saved.map(({safety, place}) => ({
      name: safety,
      basename: path.basename(place.path),
      group: path.dirname(place.path),
    })),
  ).map((segments) => ['datasets', ...segments]);
  const building = state.make(buildingName);
  const began = new Date();
  const owner = state.stats;
  try {
    using work = beginBuilding(building, id);
    const made = new Map<Saved, MadeCopy>();
    let bytes = 0;
    const sync = saved.length <= fewFiles;
    const batches = batchesOf(saved.map((item, index) => ({item, at: names[index] as string[]})));
    for (let first = 0; first < batches.length; first += inFlight) {
      const some = batches.slice(first, first + inFlight);
      const counts: (() => number)[] = [];
      const looking = lookAt(saving, bytes, counts);
      const results = await Promise.all(
        some.map((batch) => copyBatch(saving, batch, work, sync, counts)),
      ).finally(() => clearInterval(looking));
      for (const [index, batch] of some.entries())
        for (const [which, {item, at}] of batch.entries()) {
          const result = results[index]?.[which] ?? {status: 'cancelled' as const, reason: 'cancelled'};
          const {hash, bytes: size, attributes} = check(item, result);
          made.set(item, {name: item.safety, source: item.place.path, at, hash, bytes: size, attributes});
          bytes += size;
        }
      saving.onProgress(bytes);
    }
    if (signal.aborted) throw new CancelledRestore();
    const more = (await saving.more?.(work)) ?? {copies: [], missing: []};
    const absent = items.filter(({old}) => old.kind === 'absent');
    const text = manifestText({
      id,
      backups: path.join(root, stateName, safetyName),
      algorithm,
      label: `before restore, session ${session}`,
      connection: saving.connection,
      began,
      ended: new Date(),
      copies: [...saved.flatMap((item) => made.get(item) ?? []), ...more.copies],
      missing: [
        ...absent.map(({dataset, place}) => ({name: dataset, reason: `there was no ${place.path}`})),
        ...more.missing,
      ],
      changed: [],
      leftOut: [],
      directories: liveDirectories(saved, saving.directories),
    });
    const manifest = Buffer.from(text);
    work.write('manifest.json', manifest, owner);
    const parsed = parseManifest(manifest);
    const sums = 'reason' in parsed ? null : checksums(parsed, id);
    if (sums !== null) work.write(checksumsName, sums, owner);
    const below = new Set(
      [...names, ...more.copies.map(({at}) => at)].flatMap((at) =>
        at.slice(0, -1).map((_, depth) => at.slice(0, depth + 1).join('/')),
      ),
    );
    settle(work, [...[...below].map((each) => each.split('/')), []], owner, sync);
    if (!sync) syncCopies(work, names);
    using safety = state.make(safetyName);
    publishBuilt(work, building, id, safety, id);
    syncDirectory(safety.path);
  } catch (error) {
    removeTree(building.path, id);
    throw error;
  } finally {
    building.close();
  }
}

/** The state of each saved file again, once it was copied: a file that always changes may have done so. */
export function refreshVolatile(item: JournalItem): JournalItem {
  if (!item.volatile || item.old.kind === 'absent') return item;
  const live = lookAtTarget(item.place);
  if ('refused' in live || live.kind === 'absent') return item;
  return {...item, old: {...item.old, stamp: live.stamp}};
}
