import {describeError, Problem} from '../base/problem.ts';
import {sum} from '../base/sum.ts';
import {findDatabases} from '../postgres/databases.ts';
import type {Session} from '../postgres/session.ts';
import type {DatabaseItem} from '../session/database-item.ts';
import type {Journal} from '../session/journal.ts';
import {CancelledRestore, Stopped} from '../session/stopped.ts';
import {beside, identityOf} from './reach.ts';
import {stageDatabase} from './stage-database.ts';
import type {Standing} from './switch.ts';
import {
  type At,
  alone,
  dropOld,
  dropStaged,
  findOf,
  forceDatabase,
  isLate,
  isWrittenSince,
  nameAt,
  standingIn,
  switchDatabase,
  switchDatabaseBack,
} from './switch-database.ts';
import type {Direction, Live, Target, Targets} from './targets.ts';
import type {Work} from './work.ts';

/** Milliseconds between two looks at whether the operator wants it to stop. */
const pause = 200;

/** What a server or a client of it said, as a reason of ours. */
function stopped({item: {dataset}}: At, error: unknown): unknown {
  if (error instanceof CancelledRestore) return error;
  const why = error instanceof Stopped || error instanceof Problem ? error.message : describeError(error);
  return new Stopped(`${dataset}: ${why.replace(/\.$/, '')}`);
}

async function explained<Value>(at: At, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    throw stopped(at, error);
  }
}

/** A database that a restore replaces, makes or takes away. */
class DatabaseTarget implements Target {
  readonly #at: At;

  constructor(at: At) {
    this.#at = at;
  }

  get dataset(): string {
    return this.#at.item.dataset;
  }

  get path(): string {
    return this.#at.item.path;
  }

  get isSaved(): boolean {
    return this.#at.item.safety !== null;
  }

  #ask = <Value>(use: (server: Session) => Promise<Value>): Promise<Value> =>
    explained(this.#at, () => beside(this.#at.by, this.#at.item.reached, use));
  #alone = <Value>(use: (server: Session) => Promise<Value>): Promise<Value> =>
    explained(this.#at, () => alone(this.#at, use));

  async #standing(server: Session): Promise<Standing> {
    const standing = standingIn(this.#at.item, await findOf(server, this.#at.item));
    return standing === 'new' && (await isWrittenSince(this.#at)) ? 'written' : standing;
  }

  standing = (): Promise<Standing> => this.#ask((server) => this.#standing(server));

  whyNotBack = (): Promise<string | null> =>
    this.#ask(async (server) => {
      const {old} = await findOf(server, this.#at.item);
      if (this.#at.item.old === null || old !== null) return null;
      return `database "${this.#at.item.aside}", which kept the old one, is gone`;
    });

  whyNotForward = (): Promise<string | null> =>
    this.#ask(async (server) => {
      const {live, made} = await findOf(server, this.#at.item);
      if (this.#at.item.new === null) return null;
      if (made === null) return `what was loaded is gone (database "${this.#at.item.staged}")`;
      return made.oid === live?.oid ? 'it is what was restored, and someone has written to it since' : null;
    });

  forward = (): Promise<void> => this.#alone((server) => switchDatabase(this.#at, server));
  back = (): Promise<string | null> => this.#alone((server) => switchDatabaseBack(this.#at, server));
  force = (direction: Direction): Promise<string | null> =>
    this.#alone((server) => forceDatabase(this.#at, server, direction));

  leave = (): Promise<string | null> =>
    this.#alone(async (server) => {
      await dropStaged(this.#at, server);
      const {item} = this.#at;
      const {old} = await findOf(server, item);
      return old?.name === item.aside ? nameAt(item, item.aside) : null;
    });

  isAsRestored(): boolean {
    // It takes a question to the server, which nobody waits for here.
    throw new Stopped('its server is asked by the plan of an undo only');
  }

  isNew = (): Promise<boolean> =>
    this.#ask(async (server) => standingIn(this.#at.item, await findOf(server, this.#at.item)) === 'new');
}

/** The databases of a restore: each is loaded beside the live one, and the two change their names. */
export class DatabaseTargets implements Targets {
  readonly #file: {journal: Journal};

  /** @param file the journal, as it is by then: what is loaded is noted in it */
  constructor(file: {journal: Journal}) {
    this.#file = file;
  }

  get #all(): DatabaseItem[] {
    return this.#file.journal.databases ?? [];
  }

  /** Those that change their names. What a drill loads is counted, and dropped again at once. */
  get #items(): DatabaseItem[] {
    return this.#file.journal.drill ? [] : this.#all;
  }

  #at = (item: DatabaseItem): At => ({by: identityOf(this.#file), item});

  async #each(action: (at: At, server: Session) => Promise<void>, items = this.#items): Promise<void> {
    for (const item of items) {
      const at = this.#at(item);
      await explained(at, () => alone(at, (server) => action(at, server)));
    }
  }

  all = (): Target[] => this.#items.map((item) => new DatabaseTarget(this.#at(item)));

  /** The files' own puts all of it into one safety backup. */
  async save(): Promise<void> {}

  async stage(work: Work): Promise<void> {
    for (const [index, item] of this.#all.entries()) {
      if (!item.new?.load) continue;
      await this.#stage(work, index);
      if (this.#file.journal.drill) await this.discard();
    }
  }

  async #stage(work: Work, index: number): Promise<void> {
    const at = this.#at(this.#all[index] as DatabaseItem);
    const {load} = at.item.new ?? {};
    const all = Math.max(1, sum(Object.values(load?.rows ?? {})));
    const total = load?.bytes ?? 0;
    let done = 0;
    let table = '';
    const stop = new AbortController();
    const tell = (): void => {
      const bytes = Math.min(total, Math.round((total * done) / all));
      if (!work.telling.progress('staging', bytes, total, table)) stop.abort();
    };
    const timer = setInterval(tell, pause);
    const keep = (put: NonNullable<DatabaseItem['new']>): void => {
      at.item = {...at.item, new: put};
      const databases = this.#all.with(index, at.item);
      work.file.journal = {...work.file.journal, databases};
      work.file.write();
    };
    try {
      const loaded = await stageDatabase({
        at,
        work,
        signal: stop.signal,
        onTable: (name, rows) => {
          done += rows;
          table = name;
          tell();
        },
        keep,
      });
      const {dataset, path} = at.item;
      work.telling.note('loaded', {dataset, database: path, ...loaded});
    } catch (error) {
      throw stop.signal.aborted || work.telling.cancelled ? new CancelledRestore() : stopped(at, error);
    } finally {
      clearInterval(timer);
    }
  }

  keep(): void {}

  check = (): Promise<void> =>
    this.#each(async (at, server) => {
      const found = await findOf(server, at.item);
      if (standingIn(at.item, found) !== 'old')
        throw new Stopped(
          `database "${at.item.name}" is not the one it was: find out who made or renamed it`,
        );
      if (at.item.new !== null && found.made === null)
        throw new Stopped(`database "${at.item.staged}", which was to take its place, is gone`);
      const [taken] = await findDatabases(server, {names: [at.item.aside]});
      if (taken && taken.oid !== found.made?.oid)
        throw new Stopped(
          `database "${at.item.aside}" is there already, of another restore: look at it, and drop or rename it`,
        );
    });

  forward = (): Promise<void> => this.#each(switchDatabase);

  async prove(): Promise<Live[]> {
    const live: Live[] = [];
    await this.#each(async (at, server) => {
      if (standingIn(at.item, await findOf(server, at.item)) !== 'new')
        throw new Stopped(`database "${at.item.name}" is not what was restored`);
      const {dataset, path, new: put} = at.item;
      // Its rows were counted when it was loaded, of the dump with this hash.
      if (put) live.push({dataset, target: path, hash: put.load?.hash ?? null, written: false});
    });
    return live;
  }

  async late(): Promise<string[]> {
    const late: string[] = [];
    for (const item of this.#items) {
      const at = this.#at(item);
      const what = `${nameAt(item, item.aside)}, as it was right before the restore`;
      try {
        if (await alone(at, (server) => isLate(at, server))) late.push(what);
      } catch (error) {
        // All of it is done: it is only not known whether something is kept there.
        late.push(`${what}, if it was written to (${(stopped(at, error) as Error).message})`);
      }
    }
    return late;
  }

  async back(): Promise<string[]> {
    const kept: string[] = [];
    await this.#each(async (at, server) => {
      const written = await switchDatabaseBack(at, server);
      if (written !== null) kept.push(written);
    }, this.#items.toReversed());
    return kept;
  }

  discard = (): Promise<void> => this.#each(dropStaged, this.#all);
  settle(): void {}

  async tidy(): Promise<void> {
    await this.#each(dropStaged);
  }

  async release(): Promise<string[]> {
    const kept: string[] = [];
    await this.#each(async (at, server) => {
      if (await isLate(at, server)) kept.push(nameAt(at.item, at.item.aside));
      else await dropOld(at, server);
    });
    return kept;
  }
}
