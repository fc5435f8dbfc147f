import {describeError} from '../engine/base/problem.ts';
import {glance} from '../engine/catalog/list.ts';
import {type Live, type LiveCache, readLive} from '../engine/catalog/live.ts';
import type {Row} from '../engine/catalog/row.ts';
import {watchCatalog} from '../engine/catalog/watch.ts';
import {configuredAlgorithm} from '../engine/config/configuration.ts';
import {changesOf} from '../engine/config/last-run.ts';
import {createPool, type Pool} from '../engine/hashing/pool.ts';
import type {DatasetResult} from '../engine/storage/dataset.ts';
import {heldDirectory} from '../engine/storage/held.ts';
import {checkNotLed} from '../engine/storage/runbook/way.ts';
import {verify} from '../engine/verify/verify.ts';
import {openCatalog} from '../presenters/catalog.ts';
import type {Work} from './effects.ts';
import {backupsLayout} from './layout.ts';
import type {ActivityTasks} from './screens/activity/work.ts';
import {backupsSlice} from './screens/backups/state.ts';
import type {DifferencesTasks} from './screens/differences/work.ts';
import type {EvidenceTasks} from './screens/evidence/work.ts';
import {manifestSlice} from './screens/manifest/state.ts';
import {openManifest} from './screens/manifest/work.ts';
import {WritingTasks} from './screens/run/work.ts';
import type {AppStore} from './use-store.ts';
import type {Walk} from './walk-tasks.ts';

/** Milliseconds the selection must rest before the detail follows, and after which live files are looked at again. */
const rest = 150;
const lookAgain = 10_000;

/**
 * The work behind the screens: follows the catalog, the selection and the clock, and runs verifications. Everything
 * comes back as actions; `signal` ends it all.
 */
export class Tasks implements Work {
  readonly #store: AppStore;
  readonly #signal: AbortSignal;
  readonly #cache: LiveCache = {contents: new Map(), reads: new Map()};
  readonly #environment: string | undefined;
  readonly writing: WritingTasks;
  #walk: Promise<Walk> | null = null;
  #differences: Promise<DifferencesTasks> | null = null;
  #evidence: Promise<EvidenceTasks> | null = null;
  #activity: Promise<ActivityTasks> | null = null;
  #catalog = new AbortController();
  #pool: Pool | null = null;
  #verifying: AbortController | null = null;
  #verified: Promise<void> = Promise.resolve();
  #looking: AbortController | null = null;
  /** Until the selection has rested, and until live files are looked at again: each ends without the other. */
  #resting: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;

  /** @param environment as the operator named it by `--env` */
  constructor(store: AppStore, signal: AbortSignal, environment: string | undefined) {
    this.#store = store;
    this.#signal = signal;
    this.#environment = environment;
    this.writing = new WritingTasks(store, signal, () => this.#hashing);
    signal.addEventListener('abort', () => {
      this.#verifying?.abort();
      this.#looking?.abort();
      clearTimeout(this.#resting);
      clearTimeout(this.#again);
      // Whoever writes tidies up first.
      void this.settled.then(() => this.#pool?.close());
    });
  }

  get #hashing(): Pool {
    this.#pool ??= createPool();
    return this.#pool;
  }

  /** Ends once nothing writes any more. */
  get settled(): Promise<void> {
    const walking = this.#walk?.then(({sessions}) => sessions.settled);
    const exporting = this.#evidence?.then(({settled}) => settled);
    return Promise.all([this.writing.settled, walking, exporting, this.#verified]).then(() => {});
  }

  /** What restores takes a while to load, and the first frame does not need it. */
  #walking(action: (walk: Walk) => void): void {
    this.#walk ??= import('./walk-tasks.ts').then(({openWalk}) =>
      openWalk(this.#store, this.#signal, () => this.#hashing, this.#environment),
    );
    this.#run(this.#walk.then(action));
  }

  restore: Work['restore'] = (action) => this.#walking(({restore}) => action(restore));

  sessions: Work['sessions'] = (action) => this.#walking(({sessions}) => action(sessions));

  /** So does what compares, and its library. */
  differences: Work['differences'] = (action) => {
    this.#differences ??= import('./screens/differences/work.ts').then(
      ({DifferencesTasks}) => new DifferencesTasks(this.#store, this.#signal, () => this.#hashing),
    );
    this.#run(this.#differences.then(action));
  };

  /** And what makes evidence. */
  evidence: Work['evidence'] = (action) => {
    const changed = (): void => this.#walking(({sessions}) => sessions.refresh());
    this.#evidence ??= import('./screens/evidence/work.ts').then(
      ({EvidenceTasks}) => new EvidenceTasks(this.#store, this.#signal, changed),
    );
    this.#run(this.#evidence.then(action));
  };

  /** And what reads the audit log. */
  activity: Work['activity'] = (action) => {
    this.#activity ??= import('./screens/activity/work.ts').then(
      ({ActivityTasks}) => new ActivityTasks(this.#store, this.#signal),
    );
    this.#run(this.#activity.then(action));
  };

  start(): void {
    this.#run(this.#followCatalog());
    this.#run(this.#configure());
    this.#followSelection();
    this.#followClock();
    this.#followManifest();
    if (this.#store.get().place.root !== null) this.#walking(({sessions}) => sessions.watch());
  }

  /** The configuration comes after the first frame; should it keep the backups elsewhere, they are looked for there. */
  async #configure(): Promise<void> {
    const store = this.#store;
    const {root} = store.get().place;
    if (root === null) return;
    const {loadConfiguration} = await import('../engine/config/effective.ts');
    const configuration = await loadConfiguration(root, process.env, this.#environment);
    if (this.#signal.aborted) return;
    store.dispatch({type: 'configured', configuration, changes: changesOf(root, configuration)});
    const backups = configuration.path.value;
    if (backups !== store.get().place.backups) {
      this.#catalog.abort();
      this.#catalog = new AbortController();
      store.dispatch({
        type: 'relocated',
        backups,
        catalog: openCatalog(glance(backups, 0, heldDirectory(root)), []),
      });
      this.#run(this.#followCatalog());
    }
    this.#look();
    const {followWrites} = await import('./screens/backups/writes.ts');
    await followWrites(store, this.#signal);
  }

  /** Work that fails in a way nobody foresaw is told, and ends neither the app nor the rest. */
  #run(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#store.dispatch({type: 'said', message: {text: describeError(error), tone: 'bad'}});
    });
  }

  async #followCatalog(): Promise<void> {
    const store = this.#store;
    const signal = AbortSignal.any([this.#signal, this.#catalog.signal]);
    const {place} = store.get();
    const watch = watchCatalog(place.backups, heldDirectory(place.root), signal);
    let sent = '';
    const tell = (): void => {
      const {size} = store.get();
      const backups = backupsSlice.of(store.get());
      const visible = backups.shown.slice(backups.top, backups.top + backupsLayout(size).list);
      const key = visible.join('/');
      if (key !== sent) watch.setVisible(visible);
      sent = key;
    };
    tell();
    signal.addEventListener('abort', store.subscribe(tell));
    for await (const event of watch.events) store.dispatch({type: 'catalog', event});
  }

  #followSelection(): void {
    const store = this.#store;
    let selected = backupsSlice.of(store.get()).selected;
    this.#look();
    const follow = (): void => {
      const now = backupsSlice.of(store.get()).selected;
      if (now === selected) return;
      selected = now;
      clearTimeout(this.#resting);
      this.#resting = setTimeout(() => {
        store.dispatch(backupsSlice.to({type: 'detail opened', id: now}));
        this.#look();
      }, rest);
    };
    this.#signal.addEventListener('abort', store.subscribe(follow));
  }

  /** Looks at the live files of the backup whose details are shown, and again after a while. */
  #look(): void {
    this.#run(this.#lookAtLive());
  }

  async #lookAtLive(): Promise<void> {
    const store = this.#store;
    const {place} = store.get();
    const detail = backupsSlice.of(store.get()).detail;
    const {id} = detail;
    const looking = new AbortController();
    this.#looking?.abort();
    this.#looking = looking;
    clearTimeout(this.#again);
    if (id !== null) {
      const options = {
        place,
        id,
        pool: this.#hashing,
        signal: looking.signal,
        cache: this.#cache,
        sizes: this.#sizesOf,
        configured: this.#sourceOf,
      };
      for await (const {name, live} of readLive(options)) {
        if (looking.signal.aborted) return;
        // What is on the screen stays until something else is known.
        const known = backupsSlice.of(store.get()).detail.live.get(name);
        if (live.state === 'reading' ? known : isSame(known, live)) continue;
        store.dispatch(backupsSlice.to({type: 'live read', id, name, live}));
      }
    }
    if (!looking.signal.aborted && !this.#signal.aborted)
      this.#again = setTimeout(() => this.#look(), lookAgain);
  }

  #sourceOf = (name: string): {file: string} | {reason: string} | null => {
    const {configuration} = this.#store.get();
    const dataset = configuration?.datasets.value.find((each) => each.name === name);
    if (!dataset) return null;
    const reason = dataset.type.whyNotComparable;
    return reason === null ? {file: dataset.source} : {reason};
  };

  #sizesOf = (name: string): Set<number> => {
    const sizes = new Set<number>();
    for (const row of this.#store.get().catalog.rows.values()) {
      for (const dataset of row.datasets)
        if (dataset.name === name && dataset.bytes !== null) sizes.add(dataset.bytes);
    }
    return sizes;
  };

  #followClock(): void {
    const store = this.#store;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      timer = setTimeout(
        () => {
          store.dispatch({type: 'minute passed', now: Date.now()});
          wait();
        },
        60_000 - (Date.now() % 60_000) + 20,
      );
    };
    wait();
    this.#signal.addEventListener('abort', () => clearTimeout(timer));
  }

  /** An open manifest is read again when its row changes, or goes. */
  #followManifest(): void {
    const store = this.#store;
    let seen: {id: string; row: Row | undefined} | null = null;
    const follow = (): void => {
      const {catalog} = store.get();
      const manifest = manifestSlice.of(store.get());
      if (!manifest) return;
      const {id} = manifest;
      const row = catalog.rows.get(id);
      const changed = seen?.id === id && seen.row !== row;
      seen = {id, row};
      if (changed)
        store.dispatch(manifestSlice.to({type: 'manifest reread', manifest: openManifest(store.get(), id)}));
    };
    this.#signal.addEventListener('abort', store.subscribe(follow));
  }

  openManifest(id: string): void {
    this.#store.dispatch(
      manifestSlice.open({type: 'manifest opened', manifest: openManifest(this.#store.get(), id)}),
    );
  }

  verify(id: string): void {
    const work = this.#verify(id);
    // A private copy that is looked into goes before the program does.
    this.#verified = Promise.all([this.#verified, work.catch(() => {})]).then(() => {});
    this.#run(work);
  }

  async #verify(id: string): Promise<void> {
    const store = this.#store;
    const {place, readOnly, configuration} = store.get();
    // What is found is written beside the backups.
    if (place.root !== null && !readOnly) checkNotLed(place.root, place.backups);
    // What is in the one before may still be looked into.
    this.#verifying?.abort();
    const verifying = new AbortController();
    this.#verifying = verifying;
    // The operator waits for this; what the live files hold can wait.
    this.#looking?.abort();
    store.dispatch({type: 'verify started', id});
    const began = performance.now();
    const options = {
      root: place.root,
      backups: place.backups,
      held: heldDirectory(place.root),
      ids: [id],
      algorithm: configuredAlgorithm(configuration),
      pool: this.#hashing,
      signal: verifying.signal,
      record: !readOnly,
    };
    let datasets: DatasetResult[] = [];
    const {root} = place;
    const project = root !== null && configuration ? {root, backups: place.backups, configuration} : null;
    const {tellVerification} = await import('../engine/verify/tell-verification.ts');
    for await (const event of tellVerification(
      verify(options),
      readOnly ? null : project,
      verifying.signal,
    )) {
      store.dispatch({type: 'verify event', event, seconds: (performance.now() - began) / 1000});
      if (event.type === 'backup') datasets = event.result.datasets;
    }
    if (!verifying.signal.aborted) {
      const {checkContent} = await import('../engine/content/check.ts');
      const {signal} = verifying;
      const {backups, held} = options;
      for await (const event of checkContent({
        id,
        datasets,
        backups,
        held,
        root: place.root,
        readOnly,
        signal,
      }))
        if (this.#verifying === verifying) store.dispatch({type: 'content event', event});
    }
    if (this.#verifying !== verifying) return;
    this.#verifying = null;
    if (!this.#signal.aborted) this.#look();
  }

  stopVerify(): void {
    this.#verifying?.abort();
  }
}

const isSame = (a: Live | undefined, b: Live): boolean => JSON.stringify(a) === JSON.stringify(b);
