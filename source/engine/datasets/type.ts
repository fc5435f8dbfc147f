import type * as z from 'zod/mini';
import type {CopyResult} from '../hashing/copy-files.ts';
import type {Pool} from '../hashing/pool.ts';
import type {Connection} from '../postgres/connection.ts';
import type {DatabaseLook} from '../postgres/dump.ts';
import type {Counting, LiveRows} from '../postgres/live-rows.ts';
import type {RowReading} from '../postgres/table-rows.ts';
import type {LeftOut} from '../storage/dataset.ts';
import type {CopyFacts} from '../storage/manifest/facts.ts';

/** A dataset as it is configured. A type keeps fields of its own beside these. */
export type ConfiguredDataset = {
  name: string;
  /** Absolute path: of the live file or directory, or the one that the manifest records for what has none. */
  source: string;
  type: DatasetType;
  /** Where it is configured. */
  from: string;
};

/** One file that a backup will hold. */
export type SourceFile = {
  /** Its name in the manifest: the dataset's, or `dataset/relative/path` for a file of a directory. */
  name: string;
  /** Directories below the dataset's base, then its own name; none where there is no live file. */
  segments: string[];
  /** Its way below the dataset's source, and below the place of its copies; none where it is all of the dataset. */
  below: string[];
  bytes: number;
  /** Bytes that its copy takes on the disk: fewer than its size where it has holes, more where a WAL holds commits. */
  allocated: number;
  /** Has its data written down; null where the live file as it lies is all of it. */
  produce: Produce | null;
};

/** What there is of a dataset. */
export type Source = {
  dataset: ConfiguredDataset;
  /** The real directory that the live files lie below. */
  base: string;
  files: SourceFile[];
  leftOut: LeftOut[];
  /** Why nothing of it can be copied, but for what belongs beside it; null when something can. */
  missing: string | null;
};

export type PlannedDataset = Source & {
  /** Below `datasets/` of the backup. */
  copyAt: string[];
};

/** What a backup will hold, and whether there is room for it. */
export type PlannedSources = {
  datasets: PlannedDataset[];
  /** Bytes to be read, and to be taken on the disk. */
  bytes: number;
  needed: number;
  /** Bytes free where the backups lie; null where that cannot be told. */
  free: number | null;
  /** Bytes that its manifest will have at least. */
  manifestBytes: number;
  missing: {name: string; reason: string}[];
  leftOut: LeftOut[];
};

export type ProduceTask = {
  dataset: ConfiguredDataset;
  file: SourceFile;
  /** The path of its live file. */
  source: string;
  /** The directory for the copy, as a path that stays what it is, and the copy's name in it. */
  to: string;
  as: string;
  algorithm: string;
  /** To whom the copy belongs. */
  owner: {uid: number; gid: number; mode: number};
  /** Directories that lead to the backups (`placesOf`). */
  common: string[];
  pool: Pool;
  /** Whether the copy is to be on the disk when it is made; else the caller syncs all. */
  sync: boolean;
  signal: AbortSignal;
  /** Copies the live file as it lies, hashed on the way. */
  copy: () => Promise<CopyResult>;
  /** Is told the bytes so far of what it makes itself. */
  onProgress: (bytes: number) => void;
};

/**
 * @property doubt why the copy may not be as it should; null where it is
 * @property facts what the manifest is to say of the copy
 */
export type Produced = {result: CopyResult; doubt: string | null; facts?: CopyFacts};

/** Writes the data of one file of a dataset into the backup, and hashes it. */
export type Produce = (task: ProduceTask) => Promise<Produced>;

/** A database: the name of a connection of the PHP configuration, or how it is reached; only these schemas, or all (null). */
export type DatabaseAddress = {by: string | Connection; schemas: readonly string[] | null};

/** What a database holds now. */
export type LiveCounts = LiveRows & {database: string; server: string};

/** How a connection of the PHP configuration is reached, by its name; where that is not known, why, with no secret in it. */
export type FindConnection = (name: string) => Promise<{connection: Connection} | {reason: string}>;

/** How servers are reached that sources lie on. */
export type Servers = {
  find: FindConnection;
  signal?: AbortSignal | undefined;
  /** What a server has said of a dataset already; without it, it is asked. @throws Problem where it did not answer */
  ask?: ((dataset: ConfiguredDataset) => Promise<DatabaseLook>) | undefined;
};

/** Reads tables on a server, as they are now. Both throw a Problem in one line. */
export type TablesOf<Dataset> = {
  /** Counts in the terms that the manifest's facts have. */
  count(dataset: Dataset, find: FindConnection, counting: Omit<Counting, 'schemas'>): Promise<LiveCounts>;
  /** The rows of one table. @returns how many there are */
  rows(dataset: Dataset, find: FindConnection, reading: RowReading): Promise<number>;
};

/**
 * What the engine asks of a dataset, whatever it is. Each type is one such object and a line of `all.ts`; nothing else
 * knows a type by its name.
 * @template Entry what `config.json` says of one, as `fields` have it
 * @template Dataset one as it is configured
 */
export type DatasetType<
  Entry extends {name: string} = {name: string},
  Dataset extends ConfiguredDataset = ConfiguredDataset,
> = {
  name: string;
  /** Its fields in `config.json`, beside `name` and `type`; types with the same ones share the object. */
  fields: Readonly<Record<string, z.ZodMiniType>>;
  /** All that lies below its source is its own, each file under a name of its own (`dataset/relative/path`). */
  isTree: boolean;
  /** Why a copy cannot be compared with what is live: no two have the same bytes; null where it can. */
  whyNotComparable: string | null;

  /** What is wrong with an entry that has the right fields; null where nothing is. */
  whyUnfit?(entry: Entry): string | null;
  /** The dataset that an entry of `config.json` means. @param from where it stands */
  read(entry: Entry, root: string, from: string): Dataset;
  /** How it is said where its data come from, in the configuration and in a plan. */
  describe(dataset: Dataset): string;
  /** How its files are counted in a plan: `3 files`; null where there is but one. */
  counted(files: number): string | null;
  /** The name that its only copy asks for; null where its copies have a directory of their own. */
  copyName(dataset: Dataset): string | null;
  /**
   * The files that a backup will hold of it; writes nothing. It may have to ask a server.
   * @param excluded real paths that are not backed up: the backups themselves, and our own state
   * @param isPassed of a file, for a caller that knows of it: it need not be looked at, and told
   */
  look(
    root: string,
    dataset: Dataset,
    excluded: string[],
    servers: Servers,
    isPassed?: (below: string[]) => boolean,
  ): Source | Promise<Source>;
  /** Where a file of it lies live, by its name in the manifest; null where it has none of that name. */
  targetOf(dataset: Pick<Dataset, 'name' | 'source'>, name: string): string | null;
  /** The database that it holds; only where it holds one. */
  reaches?(dataset: Dataset): DatabaseAddress;
  /** What reads its tables; only of what has no live file. */
  tables?: TablesOf<Dataset>;
  /** The files whose times tell that it is written to: the first also where it is empty. */
  live(dataset: Pick<Dataset, 'source'>): string[];
};
