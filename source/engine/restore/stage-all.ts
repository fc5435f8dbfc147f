import {Walk} from '../base/open-inside.ts';
import {userNameOf} from '../base/owner.ts';
import {syncFile} from '../base/replace-file.ts';
import {fewFiles, type Synced, syncAll} from '../base/sync-all.ts';
import {type JournalItem, noDirectories} from '../session/journal.ts';
import {Stopped} from '../session/stopped.ts';
import {type AttributePair, copyAttributes, mostPairs} from './attributes.ts';
import {makeParents, openParent, Shared} from './place.ts';
import {type Half, stage} from './stage.ts';
import {explain, isPut, type Put, type Work} from './work.ts';

/** Bytes that wait for their attributes and to be made durable. */
const mostBytes = 64 * 1024 * 1024;

type Waiting = {item: Put; half: Half};

/** What the files of one restore have in common. */
type Common = {
  walk: Walk;
  sync: boolean;
  /** The directory of the file before, while it waits; null where none does. */
  last: {at: string; parent: Shared} | null;
};

const never = new AbortController().signal;

/**
 * Gives what is staged the attributes of the live files, for many at once, and makes it durable.
 * @returns the items with what was staged for each
 */
function finish({telling, beware}: Work, waiting: Waiting[]): Put[] {
  const withLive = waiting.flatMap((each) => (each.half.pair ? {...each, pair: each.half.pair} : []));
  const copied = copyAttributes(withLive.map(({pair}): AttributePair => pair));
  if (copied.state === 'failed') {
    const {item, half} = withLive[copied.index] as Waiting;
    throw explain(item, new Stopped(`${half.at}: its attributes cannot be kept: ${copied.said}`));
  }
  return waiting.map(({item, half}) => {
    const note = (message: string): void => {
      telling.note('beware', {dataset: item.dataset, message});
      beware.push(`${item.dataset}: ${message}`);
    };
    if (copied.state === 'unable' && half.pair)
      note('ACLs and extended attributes were not carried over: there is no GNU cp here');
    try {
      const {stamp, given} = half.finish();
      if (given)
        note(
          `${item.place.path} belongs to ${userNameOf(given.uid)}, as its copy does: whose place it is could not have read the copy`,
        );
      return {...item, new: {...item.new, stamp, ...(given && {given})}};
    } catch (error) {
      throw explain(item, error);
    }
  });
}

async function begin(
  {file, pool, copies, telling, beware}: Work,
  item: Put,
  common: Common,
  onProgress: (bytes: number) => boolean,
): Promise<Half> {
  const {place, algorithm} = item;
  const {drill, directories = noDirectories} = file.journal;
  const hashStaged = async (temporary: string): Promise<string> => {
    const segments = [...place.segments.slice(0, -1), temporary];
    const result = await pool.hash({directory: place.base, segments, algorithm}, never).result;
    return result.status === 'read' ? result.hash : '';
  };
  const parentOf = (): Shared => {
    const at = [place.base, ...place.segments.slice(0, -1)].join('/');
    if (common.last?.at === at) return common.last.parent.share();
    makeParents(place, directories, (directory, what) => {
      telling.note('beware', {dataset: item.dataset, message: `${directory}: ${what}`});
      beware.push(`${directory}: ${what}`);
    });
    const {fd, name} = openParent(place);
    const parent = new Shared(fd, name);
    common.last = {at, parent};
    return parent;
  };
  try {
    const parent = parentOf();
    const {walk, sync} = common;
    try {
      return await stage({item, backup: copies, walk, sync, parent, drill, hashStaged, onProgress});
    } catch (error) {
      parent.close();
      throw error;
    }
  } catch (error) {
    throw explain(item, error);
  }
}

/** Makes thousands of files durable at once, one file system after the other. @throws Stopped where that failed */
function syncStaged(staged: Put[]): void {
  const state = new Map<string, Synced['state']>();
  using walk = new Walk();
  for (const {place, temporary, new: put} of staged) {
    const dev = put.stamp?.dev ?? '';
    if (state.get(dev) === 'synced') continue;
    const parent = openParent(place, walk);
    const synced: Synced = state.has(dev) ? {state: 'unable'} : syncAll(parent.path);
    state.set(dev, synced.state);
    // A failed sync is never tried again: nobody knows what is on the disk.
    if (synced.state === 'failed')
      throw new Stopped(`${parent.name}: what was staged may not be on the disk: ${synced.said}`);
    if (synced.state === 'unable') syncFile(`${parent.path}/${temporary}`);
  }
}

/**
 * Copies what is to be restored beside its targets, and hashes it. All of it is durable before it returns.
 * @returns the items, with what was staged for each
 * @throws Stopped, or CancelledRestore
 */
export async function stageAll(work: Work): Promise<JournalItem[]> {
  const {items} = work.file.journal;
  const total = items.filter(isPut).reduce((sum, item) => sum + item.new.bytes, 0);
  const staged = new Map<JournalItem, Put>();
  const common: Common = {walk: new Walk(), sync: items.length <= fewFiles, last: null};
  let waiting: Waiting[] = [];
  let done = 0;
  let unsettled = 0;
  const settle = (): void => {
    for (const [index, put] of finish(work, waiting).entries())
      staged.set((waiting[index] as Waiting).item, put);
    for (const {half} of waiting) half.close();
    waiting = [];
    unsettled = 0;
    common.last = null;
  };
  try {
    for (const item of items.filter(isPut)) {
      const before = done;
      const onProgress = (bytes: number): boolean => work.telling.progress('staging', before + bytes, total);
      waiting.push({item, half: await begin(work, item, common, onProgress)});
      done += item.new.bytes;
      unsettled += item.new.bytes;
      if (waiting.length === mostPairs || unsettled >= mostBytes) settle();
    }
    settle();
    if (!common.sync) syncStaged([...staged.values()]);
  } finally {
    for (const {half} of waiting) half.close();
    common.walk.close();
  }
  work.telling.note('staged', {files: staged.size, bytes: total});
  return items.map((item) => staged.get(item) ?? item);
}
