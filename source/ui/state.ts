import type {Live} from '../engine/catalog/live.ts';
import {type BadSince, firstToLookAt} from '../engine/catalog/suggest.ts';
import type {CatalogEvent} from '../engine/catalog/watcher.ts';
import type {Configuration} from '../engine/config/configuration.ts';
import {configuredNames} from '../engine/config/effective.ts';
import type {ContentEvent} from '../engine/content/check.ts';
import type {Write} from '../engine/datasets/live-writes.ts';
import type {Who} from '../engine/session/owner.ts';
import type {Place} from '../engine/storage/root.ts';
import type {VerifyEvent} from '../engine/verify/verify.ts';
import type {CatalogState} from '../presenters/catalog.ts';
import type {ContentProgress} from '../presenters/content-progress.ts';
import type {VerifyProgress} from '../presenters/verify-progress.ts';
import type {Move, Scroll} from './kit/scroll.ts';
import {backupsListHeight, type Size} from './layout.ts';
import type {Prompt, PromptAction} from './prompt.ts';
import {type ActivityState, noActivity} from './screens/activity/lines.ts';
import type {ActivityAction} from './screens/activity/state.ts';
import type {Damage} from './screens/backups/damage.ts';
import {arrange, type BackupsState, noBackups, type SortKey} from './screens/backups/state.ts';
import type {DifferencesAction, DifferencesTask} from './screens/differences/state.ts';
import {type EvidenceAction, noEvidence} from './screens/evidence/state.ts';
import type {EvidenceState} from './screens/evidence/task.ts';
import type {ManifestState} from './screens/manifest/state.ts';
import type {FollowAction, FollowTask} from './screens/progress/state.ts';
import type {PruneAction, PruneTask} from './screens/prune/state.ts';
import type {RestoreAction} from './screens/restore/state.ts';
import type {RestoreTask} from './screens/restore/task.ts';
import type {RunAction, RunTask} from './screens/run/state.ts';
import {noSessions, type SessionsAction, type SessionsState} from './screens/sessions/state.ts';
import type {StoppedAction, StoppedTask} from './screens/stopped/state.ts';
import type {ScreenName} from './stack.ts';

export type VerifyTask = {
  id: string;
  state: 'running' | 'done' | 'stopped';
  progress: VerifyProgress;
  /** What is looked into after it; null before that. */
  content: ContentProgress | null;
};

export type Message = {text: string; tone: 'plain' | 'beware' | 'bad'};

export type AppState = {
  place: Place;
  readOnly: boolean;
  host: string;
  /** Who sits here, as the records of sessions know him. */
  me: Who;
  /** From the first screen to the one that is seen. */
  screens: ScreenName[];
  size: Size;
  /** Milliseconds since the epoch, to the minute: the screen shows no more. */
  now: number;
  catalog: CatalogState;
  /** The root's configuration; null until it has been read, and where there is no root. */
  configuration: Configuration | null;
  /** In which it differs from the last run's. */
  changes: string[];
  backups: BackupsState;
  /** Since when things are bad, as the operator of this terminal says; null while nobody has said. */
  badSince: BadSince | null;
  /** Live files that were written to just now. */
  writes: Write[];
  /** The backup whose details are shown: follows the selection once it rests. */
  detail: {id: string | null; live: ReadonlyMap<string, Live>};
  manifest: ManifestState | null;
  verify: VerifyTask | null;
  run: RunTask | null;
  prune: PruneTask | null;
  /** A backup beside the live files or another one; null before the first time. */
  differences: DifferencesTask | null;
  /** A restore that is being planned; null before the first one. */
  restore: RestoreTask | null;
  /** The restore that is at work, or was last. */
  follow: FollowTask | null;
  sessions: SessionsState;
  evidence: EvidenceState;
  activity: ActivityState;
  /** A restore that stopped halfway; null where none did. */
  stopped: StoppedTask | null;
  prompt: Prompt | null;
  /** Backups that were found damaged in this session where that could not be recorded: the disk does not say so. */
  damaged: Damage;
  /** Top line of the help text, and how many lines it has. */
  help: {top: number; lines: number};
  palette: number;
  /** The chosen line of the configuration. */
  config: Scroll;
  message: Message | null;
  /** Asked once to quit although something is running, or by Ctrl+C. */
  quitAsked: boolean;
};

/** What happens on the way from a backup to a restore that is signed off. */
export type WalkAction = RestoreAction | FollowAction | SessionsAction | StoppedAction;

export type AppAction =
  | RunAction
  | PruneAction
  | PromptAction
  | WalkAction
  | DifferencesAction
  | EvidenceAction
  | ActivityAction
  | {type: 'catalog'; event: CatalogEvent}
  | {type: 'resized'; size: Size; helpLines: number}
  | {type: 'minute passed'; now: number}
  | {type: 'moved'; how: Move}
  | {type: 'sorted'; key: SortKey}
  | {type: 'bad since given'; since: BadSince | null}
  | {type: 'writes seen'; writes: Write[]}
  | {type: 'detail opened'; id: string | null}
  | {type: 'live read'; id: string; name: string; live: Live}
  | {type: 'manifest opened'; manifest: ManifestState}
  | {type: 'manifest reread'; manifest: ManifestState}
  | {type: 'manifest view switched'}
  | {type: 'verify opened'}
  | {type: 'verify started'; id: string}
  | {type: 'verify event'; event: VerifyEvent; seconds: number}
  | {type: 'content event'; event: ContentEvent}
  | {type: 'help opened'; lines: number}
  | {type: 'status opened'}
  | {type: 'palette opened'}
  | {type: 'configured'; configuration: Configuration; changes: string[]}
  /** The configuration keeps the backups elsewhere than where they were looked for. */
  | {type: 'relocated'; backups: string; catalog: CatalogState}
  | {type: 'config opened'}
  | {type: 'went back'}
  | {type: 'said'; message: Message}
  | {type: 'quit asked'; text: string}
  | {type: 'key pressed'};

const nobody: Who = {operator: '', from: null, screen: null};

export function openApp(
  start: Pick<AppState, 'place' | 'readOnly' | 'host' | 'size' | 'now' | 'catalog'> & {
    me?: Who;
    badSince?: BadSince | null;
  },
): AppState {
  const facts = {catalog: start.catalog, now: start.now, configured: null};
  const badSince = start.badSince ?? null;
  const selected = badSince && firstToLookAt(start.catalog, badSince.at);
  const height = backupsListHeight({size: start.size, badSince});
  const backups = arrange({...noBackups, selected}, facts, height);
  return {
    me: nobody,
    ...start,
    badSince,
    writes: [],
    screens: ['backups'],
    backups,
    detail: {id: backups.selected, live: new Map()},
    manifest: null,
    verify: null,
    run: null,
    prune: null,
    differences: null,
    restore: null,
    follow: null,
    sessions: noSessions,
    evidence: noEvidence,
    activity: noActivity,
    stopped: null,
    prompt: null,
    damaged: new Map(),
    help: {top: 0, lines: 0},
    palette: 0,
    configuration: null,
    changes: [],
    config: {cursor: 0, top: 0},
    message: null,
    quitAsked: false,
  };
}

/** Names of the datasets configured now; null where that is not known. */
export const configuredOf = ({configuration}: AppState): string[] | null =>
  configuration && configuredNames(configuration);
