import fs from 'node:fs';
import {isOneFile} from '../base/files.ts';
import {Walk} from '../base/open-inside.ts';
import {syncDirectory} from '../base/replace-file.ts';
import type {Pool} from '../hashing/pool.ts';
import {type Journal, type JournalItem, noDirectories} from '../session/journal.ts';
import {Stopped} from '../session/stopped.ts';
import {findParent, nameOf, openParent, removeParents, stampAt} from './place.ts';
import {refreshVolatile, saveLive} from './safety.ts';
import {saveDatabases, sizeOfSaved} from './save-databases.ts';
import {stageAll} from './stage-all.ts';
import {
  clearBeside,
  clearStaged,
  force,
  isAsLeft,
  leave,
  type Standing,
  standingOf,
  switchBack,
  switchItem,
  whyNotBack,
} from './switch.ts';
import {sameStamp} from './target.ts';
import type {Direction, Live, Target, Targets} from './targets.ts';
import {explained, isPut, type Work} from './work.ts';

const sizeOf = ({old}: JournalItem): number => (old.kind === 'file' ? old.stamp.size : 0);
const never = new AbortController().signal;

/**
 * One pass over many files: a directory that several lie in is walked to once. What is put in its place meanwhile is seen by
 * the next pass.
 */
function walking<T>(pass: (walk: Walk) => T): T {
  using walk = new Walk();
  return pass(walk);
}

/** Makes the entries of every directory that a target lies in durable, once each. */
function syncParents(items: JournalItem[]): void {
  const seen = new Set<string>();
  for (const {place} of items) {
    const key = [place.base, ...place.segments.slice(0, -1)].join('/');
    if (seen.has(key)) continue;
    seen.add(key);
    using parent = findParent(place);
    if (!parent) continue;
    syncDirectory(parent.path);
  }
}

async function save(work: Work): Promise<void> {
  const {state, file, telling, pool, connection} = work;
  const {safety, items, databases, root, session, directories = noDirectories} = file.journal;
  if (safety === null) return;
  const files = items.reduce((sum, item) => sum + (item.safety === null ? 0 : sizeOf(item)), 0);
  const total = files + sizeOfSaved(databases);
  let saved = files;
  const stop = new AbortController();
  const onProgress = (bytes: number, last?: string): void => {
    if (!telling.progress('saving', bytes, total, last)) stop.abort();
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
    more: async (building) => {
      const tell = (bytes: number, name: string): void => onProgress(files + bytes, name);
      const made = await saveDatabases(work, building, stop.signal, tell);
      saved += made.copies.reduce((sum, {bytes}) => sum + bytes, 0);
      return made;
    },
  });
  telling.note('saved', {id: safety, bytes: saved});
}

const writtenMeanwhile = ({dataset, place}: JournalItem): Stopped =>
  new Stopped(
    `${dataset}: ${place.path} was written to meanwhile: stop the service that writes, then start again`,
  );

/** The second name of the old file: the way back, and the last check that it may be replaced at all. */
function linkAside(item: JournalItem, walk: Walk): void {
  using parent = openParent(item.place, walk);
  const aside = `${parent.path}/${item.aside}`;
  fs.linkSync(`${parent.path}/${nameOf(item)}`, aside);
  const {old, volatile} = item;
  const linked = stampAt(parent, item.aside);
  if (old.kind === 'file' && !volatile && !(linked && sameStamp(linked, old.stamp)))
    throw writtenMeanwhile(item);
}

/** Hashes the live files: this hash, taken right after the switch, is the proof. @throws Stopped where one is wrong */
async function prove({file, pool, telling}: Work): Promise<Live[]> {
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

/** An old file that was written to between the safety backup and the switch: it is kept beside. */
function writtenLate({place, old, aside, volatile}: JournalItem, walk: Walk): string[] {
  if (old.kind === 'absent' || volatile) return [];
  const parent = findParent(place, walk);
  const kept = parent && stampAt(parent, aside);
  return kept && !sameStamp(kept, old.stamp) ? [`${parent?.name}/${aside}`] : [];
}

/** Removes the second name of an old file. @returns the name of one that was written to since, which stays */
function release({place, old, aside, volatile}: JournalItem, walk: Walk): string[] {
  if (old.kind === 'absent') return [];
  const parent = findParent(place, walk);
  const kept = parent && stampAt(parent, aside);
  if (!kept) return [];
  // Where it is the live file itself under a second name nothing goes with that.
  const isLive = isOneFile(parent.path, place.segments.at(-1) as string, aside);
  if (!volatile && !sameStamp(kept, old.stamp) && !isLive) return [`${parent.name}/${aside}`];
  fs.unlinkSync(`${parent.path}/${aside}`);
  return [];
}

async function hashOf(
  pool: Pool,
  {place, algorithm, new: put}: JournalItem,
  name?: string,
): Promise<string | null> {
  const segments = name === undefined ? place.segments : [...place.segments.slice(0, -1), name];
  const result = await pool.hash({directory: place.base, segments, algorithm}, never, put?.bytes).result;
  return result.status === 'read' ? result.hash : null;
}

/** A live file that a restore replaces, makes or takes away. */
class FileTarget implements Target {
  readonly #item: JournalItem;

  constructor(item: JournalItem) {
    this.#item = item;
  }

  get dataset(): string {
    return this.#item.dataset;
  }

  get path(): string {
    return this.#item.place.path;
  }

  get isSaved(): boolean {
    return this.#item.safety !== null;
  }

  async standing(pool: Pool): Promise<Standing> {
    const {old, new: put, volatile} = this.#item;
    const standing = standingOf(this.#item);
    if (volatile || standing === 'written') return standing;
    const expected = standing === 'new' ? (put?.hash ?? null) : old.kind === 'file' ? old.hash : null;
    // Its times may have been set back: only its bytes prove what it is.
    const same = expected === null || (await hashOf(pool, this.#item)) === expected;
    return same ? standing : 'written';
  }

  whyNotBack = (): string | null => whyNotBack(this.#item);

  async whyNotForward(pool: Pool): Promise<string | null> {
    const {new: put, temporary} = this.#item;
    if (!put || (await hashOf(pool, this.#item, temporary)) === put.hash) return null;
    return `what was staged is gone or damaged (${temporary})`;
  }

  forward = (): void => switchItem(this.#item);
  back = (): null => switchBack(this.#item);
  force = (direction: Direction): string | null => force(this.#item, direction);

  leave(direction: Direction): string | null {
    if (direction === 'back') return leave(this.#item);
    // Forward, the old file keeps its second name like all the others, until the session is closed.
    clearStaged(this.#item);
    return null;
  }

  isAsRestored = (): boolean => isAsLeft(this.#item);

  async isNew(pool: Pool): Promise<boolean> {
    const {new: put, volatile} = this.#item;
    return !put || volatile || (await hashOf(pool, this.#item)) === put.hash;
  }
}

/** The files of a restore: each is staged, linked and renamed beside its target. */
export class FileTargets implements Targets {
  readonly #file: {journal: Journal};

  /** @param file the journal, as it is by then: what is staged is noted in it */
  constructor(file: {journal: Journal}) {
    this.#file = file;
  }

  get #items(): JournalItem[] {
    return this.#file.journal.items;
  }

  set #items(items: JournalItem[]) {
    this.#file.journal = {...this.#file.journal, items};
  }

  #each(action: (item: JournalItem, walk: Walk) => void, items = this.#items): never[] {
    walking((walk) => {
      for (const item of items) explained(item, () => action(item, walk));
    });
    return [];
  }

  #flat = (find: (item: JournalItem, walk: Walk) => string[]): string[] =>
    walking((walk) => this.#items.flatMap((item) => find(item, walk)));

  all = (): Target[] => this.#items.map((item) => new FileTarget(item));

  async save(work: Work): Promise<void> {
    await save(work);
    this.#items = this.#items.map(refreshVolatile);
  }

  async stage(work: Work): Promise<void> {
    this.#items = await stageAll(work);
  }

  keep(): void {
    this.#each((item, walk) => {
      if (item.old.kind === 'file') linkAside(item, walk);
    });
    syncParents(this.#items);
  }

  check(): void {
    walking((walk) => {
      for (const item of this.#items) if (standingOf(item, walk) !== 'old') throw writtenMeanwhile(item);
    });
  }

  forward(): void {
    this.#each(switchItem);
    syncParents(this.#items);
  }

  prove = prove;
  late = (): string[] => this.#flat(writtenLate);
  back = (): never[] => this.#each(switchBack, this.#items.toReversed());

  discard(): void {
    walking((walk) => {
      for (const item of this.#items) clearBeside(item, walk);
    });
  }

  settle(direction: Direction): void {
    syncParents(this.#items);
    if (direction === 'forward') return;
    for (const {place, old} of this.#items) if (old.kind === 'absent') removeParents(place, old.missing);
  }

  tidy(): void {
    for (const item of this.#items) clearStaged(item);
  }

  release = (): string[] => this.#flat(release);
}
