import type {RunPlace} from '../config/project.ts';
import type {Pool} from '../hashing/pool.ts';
import type {PruneEvent} from '../retention/prune.ts';
import type {LeftOut} from '../storage/dataset.ts';
import type {MadeCopy} from '../storage/manifest/write.ts';
import type {Tidied} from '../storage/runbook/unfinished.ts';
import type {DatasetOutcome} from './copy-sources.ts';
import type {BackupHookResult} from './hooks.ts';
import type {Waiting} from './next-id.ts';
import type {RunPlan} from './plan.ts';

export type RunResult = {
  /** `partial`: the backup is there, and something is not in it. */
  outcome: 'done' | 'partial' | 'failed' | 'cancelled';
  /** Null where no backup was made. */
  id: string | null;
  path: string | null;
  algorithm: string;
  copies: MadeCopy[];
  missing: {name: string; reason: string}[];
  /** Copied, but perhaps half old and half new. */
  changed: string[];
  doubtful: {name: string; reason: string}[];
  leftOut: LeftOut[];
  pruned: string[];
  /** Safety backups whose time was over. */
  safetyRemoved: string[];
  /** What retention did not do, and why; null where it did all it should. */
  notPruned: string | null;
  /** Why the next run will not know what this one was configured to do; null where it will. */
  notRemembered: string | null;
  /** SHA-256 over the manifest's content; null where no backup was made. */
  manifestDigest: string | null;
  /** What became of the site's commands before and after it, in the order in which they were run. */
  hooks: BackupHookResult[];
  /** What of it could not be told to others: the audit log, the metrics, the site's hooks. */
  untold: string[];
  /** Why it failed; null where it did not. */
  reason: string | null;
  seconds: number;
};

export type RunEvent =
  /** What a writer that was killed had left was tidied up. */
  | {type: 'tidied'; tidied: Tidied}
  /** A command of the site's own begins; null: they are over. */
  | {type: 'hook'; when: 'before' | 'after'; command: string[] | null}
  | {type: 'planned'; plan: RunPlan}
  | Waiting
  | {type: 'progress'; bytes: number[]; bytesDone: number}
  | {type: 'dataset'; index: number; outcome: DatasetOutcome}
  | {type: 'published'; id: string}
  | PruneEvent
  | {type: 'finished'; result: RunResult};

/** A backup is there; retention follows. */
export type MadeEvent = {type: 'made'; result: RunResult};

export type RunOptions = RunPlace & {
  label: string;
  /** Nothing is written if anything is missing. */
  strict: boolean;
  pool: Pool;
  signal: AbortSignal;
  breakHost?: string | undefined;
  /** Milliseconds between two progress events. */
  interval?: number;
};
