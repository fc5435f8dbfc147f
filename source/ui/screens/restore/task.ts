import type {Row} from '../../../engine/catalog/row.ts';
import type {BadSince} from '../../../engine/catalog/suggest.ts';
import type {RestoreSettings} from '../../../engine/config/own-settings.ts';
import type {RestorePlan} from '../../../engine/restore/action.ts';
import type {DatasetPlan} from '../../../engine/restore/by-dataset.ts';
import type {Holder} from '../../../engine/restore/holders.ts';
import type {Loss} from '../../../engine/restore/losses.ts';
import type {Elsewhere, Newer} from '../../../engine/restore/newer.ts';
import type {TargetWrite} from '../../../engine/restore/target-writes.ts';
import type {BadTime} from '../../../presenters/bad-times.ts';
import type {PurposeForm} from './purpose.ts';

/** What is to be restored: a backup, or what a session replaced. */
export type RestoreSubject = {
  /** Id of the backup; for an undo of the one that the session restored. */
  id: string;
  /** Session that is to be taken back; null for an ordinary restore. */
  undoes: number | null;
  /** It holds dumps of databases, which a drill can load. */
  hasDumps?: boolean;
};

/** A restore from what it is for to the moment in which it is started. */
export type RestoreTask = PurposeForm & {
  subject: RestoreSubject;
  /** `asking`: what it is for; there is no plan before that is answered. */
  state: 'asking' | 'planning' | 'ready' | 'starting';
  /** Datasets of the backup, in its order; empty until there is a plan. */
  names: string[];
  /** Those that are to be restored, as the operator says: of an incident nothing is chosen for him. */
  chosen: ReadonlySet<string>;
  /** What was found of each when it was last planned, chosen or not. */
  sets: ReadonlyMap<string, DatasetPlan>;
  /** What was counted of what is lost, by dataset; it is counted beside, and may be of before. */
  losses: ReadonlyMap<string, Loss>;
  /** Newer copies elsewhere, from before things were bad, and what they were looked for by; null before that. */
  newer: {of: string; rows: ReadonlyMap<string, Row>; copies: Newer[]} | null;
  /** Copies elsewhere of what this backup cannot give, and what they were looked for by; null before that. */
  elsewhere: {of: string; rows: ReadonlyMap<string, Row>; copies: Elsewhere[]} | null;
  /** The last plan that was made, of what is chosen; of all datasets while nothing is. It is made again after each choice. */
  plan: RestorePlan | null;
  /** Why the plan may not be carried out, a line each. */
  reasons: string[];
  /** Why there is no plan; null while all is well. */
  problem: string | null;
  /** Bytes hashed so far for the plan that is being made. */
  looked: number;
  /** Line that the cursor is on, and the first line in view. */
  cursor: number;
  top: number;
  /** Since when things are bad; null while nobody has said, and for an undo. */
  badSince: BadSince | null;
  /** The bad time of an incident that the copy of a dataset is from, as sessions tell it. */
  badTimes: ReadonlyMap<string, BadTime>;
  /** What was typed to confirm it. */
  typed: string;
  /** When the plan was begun, in milliseconds since the epoch; null where that is not known. */
  plannedAt: number | null;
  /** What the configuration says of restores. */
  settings: PlanSettings;
  /** Live files that were written to, as they are looked at while the plan is shown. */
  writes: TargetWrite[];
  /** Datasets that the operator restores although they are written to. */
  although: ReadonlySet<string>;
  /** Why the audit log cannot be written; null where it can. */
  noAudit: string | null;
  /** Why it is restored all the same, as the operator says. */
  withoutAudit: string | null;
  /** Processes that may be the service; null until they were looked for. */
  holders: Holder[] | null;
  /** First line in view of how to stop it. */
  serviceTop: number;
};

/** Names that always change, the hooks around a restore, and the names of the datasets. */
export type PlanSettings = Pick<RestoreSettings, 'volatile' | 'before' | 'after'> & {
  datasets: readonly string[];
};
