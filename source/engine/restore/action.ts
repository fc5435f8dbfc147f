import type {RunPlace} from '../config/project.ts';
import type {DatabaseFacts} from '../session/database-facts.ts';
import type {ServerAddress} from '../session/database-item.ts';
import type {Directories} from '../session/journal.ts';
import {partialTexts, type Shortfall} from '../storage/manifest/partial.ts';
import type {OpenSession} from './open-sessions.ts';
import type {TargetPlace, TargetState} from './target.ts';
import {freshTime} from './target-writes.ts';
import type {Writers} from './writers.ts';

export type RestoreOptions = {
  /** Where backups are that are no part of the catalog: held ones, and safety backups. */
  held: string | null;
  id: string;
  /** Names of the datasets that are asked for; null for all. */
  only: string[] | null;
  /** A scratch directory for a drill, absolute; null restores. */
  into: string | null;
  /** Where a drill loads dumps: a connection of the PHP configuration, `service:NAME`, or the directory of a socket. */
  intoDatabase: string | null;
  /** Paths outside the project, or of datasets that are not configured, that may be written. */
  allowed: string[];
  /** Dataset's name and the path it goes to. */
  map: ReadonlyMap<string, string>;
  /** Name of the dataset that is renamed last. */
  last: string | null;
  /** Targets whose other hard links may be left behind with the old content. */
  breakLinks: boolean;
  /** Names of datasets that always change: they do not count for the plan's hash. */
  volatile: string[];
  safety: boolean;
  /** Which copies are hashed for the plan: those that are staged are hashed then, before anything changes. */
  checkCopies: 'all' | 'unstaged' | 'none';
};

/** What happens to one file. */
export type RestoreAction = {
  /** Name in the manifest; for what lies beside a database, the database's. */
  dataset: string;
  role: 'dataset' | 'sidecar';
  action: 'create' | 'overwrite' | 'unchanged' | 'remove' | 'refused';
  /** Why it is refused; null where it is not. */
  reason: string | null;
  /** It is refused for what the backup holds: another one may have a good copy. */
  badCopy?: true;
  algorithm: string;
  /** Recorded in the manifest, lower case. */
  hash: string;
  /** Segments of the copy below the backup. */
  copy: string[];
  bytes: number;
  /** Bytes that the copy takes on the disk, where it has holes. */
  allocated?: number;
  /** Absolute path, for the operator. */
  target: string;
  place: TargetPlace | null;
  /** The path that the manifest records, where it is another. */
  recorded: string | null;
  /** Permission bits that a file gets which does not exist yet. */
  mode: number;
  /** Whose the source was (uid), where nobody but root and us could have written that; else null. */
  owner: number | null;
  live: TargetState | null;
  /** Where it is a database, and no file. */
  database?: DatabaseFacts;
  /** Of a drill: its copy is the dump of a database, which is read whole, or loaded and dropped again. */
  dump?: DrillDump;
  liveHash: string | null;
  /** What is lost by it; null where nothing is. */
  loses: string | null;
  writers: Writers;
  /** Names of what lies beside a database and goes with it. */
  beside: string[];
  /** It changes all the time: a change of it stops nothing. */
  volatile: boolean;
};

export type DrillDump = {
  /** The database that it was made of. */
  database: string;
  rows: Record<string, number> | null;
  /** Where it is loaded; null where it is only read. */
  scratch: ServerAddress | null;
  /** That it took to make; null where the manifest does not say. */
  seconds: number | null;
};

export type Space = {
  /** A directory on the file system that is meant. */
  where: string;
  /** Bytes to be written there, and free there; null where that cannot be told. */
  needed: number;
  free: number | null;
};

export type RestorePlan = {
  id: string;
  /** Where the backup lies. */
  directory: string;
  /** UTC, from the manifest. */
  createdAt: string | null;
  /** The same for as long as the backup and what it would write over are what they are. */
  hash: string;
  /** What the hash is over, so that it can be made again of the session's record. */
  hashed?: string;
  into: string | null;
  actions: RestoreAction[];
  safety: boolean;
  /** One for each file system that is written to. */
  space: Space[];
  /** Estimated, from the rate at which it was hashed. */
  seconds: number;
  /** Processes whose open files could not be seen. */
  unseen: number;
  /** PHP CLIs at work on this machine. */
  php: string[];
  /** Who restores, where the tree belongs to somebody else; null where it is theirs, and for a drill. */
  owner: {me: string; tree: string} | null;
  /** Sessions that are open meanwhile; none for a drill. */
  openSessions: OpenSession[];
  /** Live files of directory datasets that the backup does not hold: they stay. */
  leaves: string[];
  /** Configured datasets, and files of directories, that it does not touch, with why. */
  leftOut: {name: string; reason: string}[];
  /** What is to be known of how its datasets are configured. */
  notes: string[];
  /** Datasets whose bytes the newest content check found broken, and what it said; restoring them stays possible. */
  brokenInside: {name: string; detail: string}[];
  /** What the backup itself says that it does not hold as it should, of what is asked for. */
  partial: Shortfall[];
  /** Session that it takes back; null for an ordinary restore. */
  undoes: number | null;
  /** What the directories were that it may have to make. */
  directories: Directories;
};

export type Planning = {place: RunPlace; options: RestoreOptions};

/** What is to be known of a restore although it is done: how its datasets are configured, and what the backup lacks. */
export const bewareOf = ({notes, partial}: RestorePlan): string[] => [
  ...notes,
  ...partialTexts(partial).map((text) => `the backup is partial: ${text}`),
];

/** Actions that change something. */
export const changes = ({actions}: Pick<RestorePlan, 'actions'>): RestoreAction[] =>
  actions.filter(({action}) => action === 'create' || action === 'overwrite' || action === 'remove');

/** Whether it changes what was written to a moment ago; a drill changes nothing that is there. */
export const isWritten = ({role, action, writers}: RestoreAction): boolean =>
  role === 'dataset' &&
  (action === 'overwrite' || action === 'remove') &&
  writers.writing !== null &&
  writers.writing <= freshTime;

export const refusals = ({actions}: RestorePlan): RestoreAction[] =>
  actions.filter(({action}) => action === 'refused');

export const refuse = (action: RestoreAction, reason: string): RestoreAction => ({
  ...action,
  action: 'refused',
  reason,
});

/** The same for what the backup holds of it. */
export const refuseCopy = (action: RestoreAction, reason: string): RestoreAction => ({
  ...refuse(action, reason),
  badCopy: true,
});

/** An action that nothing is known of yet. */
export const unknownAction = (
  dataset: string,
  algorithm: string,
  volatile: boolean,
): Omit<RestoreAction, 'target'> => ({
  dataset,
  role: 'dataset',
  action: 'refused',
  reason: null,
  algorithm,
  hash: '',
  copy: [],
  bytes: 0,
  place: null,
  recorded: null,
  mode: 0o600,
  owner: null,
  live: null,
  liveHash: null,
  loses: null,
  writers: {openBy: [], writing: null, unseen: 0},
  beside: [],
  volatile,
});

/** What `--allow-target` says of a database. */
export const allowedDatabase = (name: string): string => `database:${name}`;
