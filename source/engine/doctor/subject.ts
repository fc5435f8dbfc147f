import fs, {type Stats} from 'node:fs';
import {planSources} from '../backup/plan-sources.ts';
import type {Directory} from '../base/directory.ts';
import {userNameOf} from '../base/owner.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import {shellWord} from '../base/shell-word.ts';
import type {Listing} from '../catalog/list.ts';
import {readRows} from '../catalog/read-all.ts';
import type {Row} from '../catalog/row.ts';
import type {Configuration} from '../config/configuration.ts';
import {loadConfiguration} from '../config/effective.ts';
import type {RunPlace} from '../config/project.ts';
import type {ConfiguredDataset, PlannedSources} from '../datasets/type.ts';
import type {DatabaseLook} from '../postgres/dump.ts';
import {findClients} from '../postgres/tools.ts';
import {whyNotCounted} from '../retention/retention.ts';
import {type Story, stories} from '../session/story.ts';
import {idTime} from '../storage/new-id.ts';
import type {Place} from '../storage/root.ts';
import {type LockState, lockState} from '../storage/runbook/lock.ts';
import {findState, whyNoState} from '../storage/runbook/state-directory.ts';
import {checkNotLed} from '../storage/runbook/way.ts';
import {type AskedDataset, askDatabases} from './ask-databases.ts';
import {type Identity, userWith, userWord} from './identity.ts';

/** Where to look, and for whom. */
export type DoctorOptions = {
  place: Place;
  /** The directory from which the root was looked for upwards; null where it was named. */
  from: string | null;
  /** As named by `--env`. */
  environment: string | undefined;
  env: NodeJS.ProcessEnv;
  /** Seconds after which the newest backup, and the newest verified one, is too old. */
  maxAge: number;
  /** Null where there is no terminal. */
  terminal: TerminalFacts | null;
  signal: AbortSignal;
};

/** The backups cannot be listed, and that was told. */
export class Unlisted extends Error {}

/** What the checks look at: what more than one of them needs is read once. */
export class Subject {
  readonly options: DoctorOptions;
  /** Milliseconds since the epoch. */
  readonly now = Date.now();
  readonly root: string | null;
  readonly backups: string;
  /** Null without a root, and where it cannot be told. */
  readonly configuration: Configuration | null;
  /** Why there is no configuration although there is a root. */
  readonly unconfigured: string | null;
  /** Null where there is none, or it cannot be opened. */
  readonly state: Directory | null;
  /** Of `storage/`; null without one. To whom it belongs is who should run this. */
  readonly storage: Stats | null;
  readonly me: number = process.getuid?.() ?? 0;
  #catalog: {listing: Listing; rows: Map<string, Row>} | undefined;
  #isUnlisted = false;
  #sources: Promise<PlannedSources> | undefined;
  #lock: LockState | undefined;
  #stories: Story[] | undefined;
  #owner: Identity | undefined;
  #databases: Promise<AskedDataset[]> | undefined;
  #whyNoState: string | null | undefined;

  private constructor(options: DoctorOptions, configuration: Configuration | null, why: string | null) {
    this.options = options;
    this.root = options.place.root;
    this.configuration = configuration;
    this.unconfigured = why;
    this.backups = configuration?.path.value ?? options.place.backups;
    this.state = this.root === null ? null : findState(this.root);
    this.storage = this.root === null ? null : statsOf(`${this.root}/storage`);
  }

  /** Never throws; to be closed. */
  static async open(options: DoctorOptions): Promise<Subject> {
    const {place, env, environment} = options;
    if (place.root === null) return new Subject(options, null, null);
    try {
      const configuration = await loadConfiguration(place.root, env, environment);
      return new Subject(options, configuration, null);
    } catch (error) {
      return new Subject(options, null, describeError(error));
    }
  }

  /** @throws Problem where the backups directory cannot be listed; from the second time on `Unlisted` */
  get catalog(): {listing: Listing; rows: Map<string, Row>} {
    if (this.#isUnlisted) throw new Unlisted();
    if (this.#catalog) return this.#catalog;
    try {
      if (this.root !== null) checkNotLed(this.root, this.backups);
      this.#catalog = readRows({root: this.root, backups: this.backups});
      return this.#catalog;
    } catch (error) {
      this.#isUnlisted = true;
      throw error;
    }
  }

  /** Newest first. */
  get rows(): Row[] {
    return [...this.catalog.rows.values()];
  }

  /** Null where no configuration says what is backed up. */
  get place(): RunPlace | null {
    const {root, backups, configuration} = this;
    return root === null || !configuration ? null : {root, backups, configuration};
  }

  /** What the next run would back up; null where nothing says that. */
  get sources(): Promise<PlannedSources> | null {
    const {place} = this;
    const asking = {signal: this.options.signal, ask: this.#look};
    this.#sources ??= place ? planSources(place, idTime(this.now), asking) : undefined;
    return this.#sources ?? null;
  }

  /** Those datasets that are databases, each asked once. */
  databases(): Promise<AskedDataset[]> {
    const {configuration, options} = this;
    this.#databases ??= configuration
      ? askDatabases(configuration.datasets.value, configuration.connections(), options.signal)
      : Promise.resolve([]);
    return this.#databases;
  }

  /** What the next run would find, of what its server has said already. */
  readonly #look = async (dataset: ConfiguredDataset): Promise<DatabaseLook> => {
    const asked = (await this.databases()).find((each) => each.dataset === dataset);
    if (!asked) throw new Error(`${dataset.name} is no database`);
    if ('reason' in asked.answer) throw new Problem(exitCode.failed, asked.answer.reason);
    const {standing} = asked.answer;
    await findClients(standing.major);
    return standing;
  };

  /** The newest such backup; one whose name holds no time sorts first, and is taken only where there is no other. */
  newestOf(is: (row: Row) => boolean): Row | null {
    const found = this.rows.filter(is);
    return found.find(({time}) => time !== null) ?? found[0] ?? null;
  }

  /** The newest backup that is whole as far as one sees without hashing. */
  get newest(): Row | null {
    return this.newestOf((row) => whyNotCounted(row) === null);
  }

  /** Null without our state. */
  get lock(): LockState | null {
    if (this.state) this.#lock ??= lockState(this.state);
    return this.#lock ?? null;
  }

  get stories(): Story[] {
    this.#stories ??= stories(this.state);
    return this.#stories;
  }

  /** To whom `storage/` belongs: PHP's runs are theirs. */
  get owner(): Identity | null {
    if (this.storage) this.#owner ??= userWith(this.storage.uid);
    return this.#owner ?? null;
  }

  get ownerName(): string {
    return this.storage ? userNameOf(this.storage.uid) : 'its owner';
  }

  /** What to do where something may not be seen. */
  get asWhom(): string {
    return this.storage?.uid === 0 ? 'Run as root:' : `Run as ${this.ownerName}, or as root:`;
  }

  /** Why this user cannot work here; null where they can. */
  get whyNoState(): string | null {
    if (this.#whyNoState === undefined) this.#whyNoState = this.root === null ? null : whyNoState(this.root);
    return this.#whyNoState;
  }

  /** This user is neither root nor the owner, and may not write: what they may not do is no fault of the root's. */
  get isOnlooker(): boolean {
    return this.me !== 0 && this.me !== this.storage?.uid && this.whyNoState !== null;
  }

  /** `magds …` for this very place, to be copied; as the owner where that is another user. */
  command(words: string): string {
    const {from, environment} = this.options;
    const where =
      this.root === null
        ? ` --backups=${shellWord(this.backups)}`
        : from === null
          ? ` --root=${shellWord(this.root)}`
          : '';
    const environmentFlag = environment === undefined ? '' : ` --env=${shellWord(environment)}`;
    const command = `magds ${words}${where}${environmentFlag}`;
    return this.#sudo(command);
  }

  /** A command that changes what is in `storage/`, as a user who may: root may do without sudo. */
  asOwner = (command: string): string => (this.me === 0 ? command : this.#sudo(command));

  #sudo(command: string): string {
    const uid = this.storage?.uid ?? this.me;
    if (uid === this.me) return command;
    return uid === 0 ? `sudo ${command}` : `sudo -u ${userWord(uid, '#')} ${command}`;
  }

  /** The shortest that still tells what is meant. */
  short(file: string): string {
    return this.root !== null && file.startsWith(`${this.root}/`) ? file.slice(this.root.length + 1) : file;
  }

  close(): void {
    this.state?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function statsOf(file: string): Stats | null {
  try {
    return fs.statSync(file);
  } catch {
    // What follows from that is found, and said, by the check of our own state.
    return null;
  }
}

/** What there is to be known of a terminal without asking it. */
export type TerminalFacts = {
  columns: number;
  rows: number;
  /** Bits for its colours: 1, 4, 8 or 24. */
  colours: number;
};
