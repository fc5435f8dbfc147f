import type {CatalogEvent} from '../engine/catalog/watcher.ts';
import {type Configuration, configuredNames} from '../engine/config/effective.ts';
import type {ContentEvent} from '../engine/content/check.ts';
import type {Live} from '../engine/live.ts';
import type {Write} from '../engine/live-writes.ts';
import type {Place} from '../engine/root.ts';
import type {Who} from '../engine/session/owner.ts';
import type {DatasetResult, VerifyEvent} from '../engine/verify.ts';
import {type BadSince, firstToLookAt} from '../presenters/bad-since.ts';
import {type CatalogState, reduceCatalog} from '../presenters/catalog.ts';
import {type ContentProgress, reduceContent} from '../presenters/content-progress.ts';
import {withoutLast} from '../presenters/graphemes.ts';
import {noProgress, reduceVerify, type VerifyProgress} from '../presenters/verify-progress.ts';
import {moved, reread, resized} from './app-windows.ts';
import {backupsListHeight, type Size} from './layout.ts';
import {type Prompt, type PromptAction, reducePrompt} from './prompt.ts';
import {currentScreen, push, type Screen} from './screen.ts';
import {type ActivityState, noActivity} from './screens/activity/lines.ts';
import {type ActivityAction, type FilterAction, reduceActivity} from './screens/activity/state.ts';
import {type Damage, noteDamage, overlay} from './screens/backups/damage.ts';
import {arrange, type BackupsState, noBackups, type SortKey, sortBy} from './screens/backups/state.ts';
import {
  type DifferencesAction,
  type DifferencesTask,
  reduceDifferences,
} from './screens/differences/state.ts';
import {
  type EvidenceAction,
  type EvidenceState,
  noEvidence,
  reduceEvidence,
} from './screens/evidence/state.ts';
import type {ManifestState} from './screens/manifest/state.ts';
import type {FollowTask} from './screens/progress/state.ts';
import {type PruneAction, type PruneTask, reducePrune} from './screens/prune/state.ts';
import type {RestoreTask} from './screens/restore/state.ts';
import {type RunAction, type RunTask, reduceRunTask} from './screens/run/state.ts';
import {noSessions, type SessionsState} from './screens/sessions/state.ts';
import type {StoppedTask} from './screens/stopped/state.ts';
import type {Move, Scroll} from './scroll.ts';
import {reduceWalk, type WalkAction} from './walk.ts';

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
  screens: Screen[];
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

function rearrange(state: AppState, backups: BackupsState = state.backups): AppState {
  const facts = {catalog: state.catalog, now: state.now, configured: configuredOf(state)};
  return {...state, backups: arrange(backups, facts, backupsListHeight(state))};
}

/** The list goes to what has to be looked at first, in a list of whatever length. */
function markedBad(state: AppState, since: BadSince | null): AppState {
  const marked = {...state, badSince: since};
  const first = since && firstToLookAt(state.catalog, since.at);
  return rearrange(marked, first ? {...state.backups, selected: first} : state.backups);
}

/** A finished dataset also belongs on the manifest's screen. */
function noteResult(manifest: ManifestState | null, id: string, result: DatasetResult): ManifestState | null {
  if (manifest?.id !== id) return manifest;
  return {...manifest, results: new Map(manifest.results).set(result.name, result)};
}

function verifyEvent(state: AppState, event: VerifyEvent, seconds: number): AppState {
  const {verify} = state;
  if (!verify) return state;
  const progress = reduceVerify(verify.progress, event, seconds);
  const stopped = event.type === 'finished' && event.results.some(({result}) => result === 'cancelled');
  const done = event.type === 'finished' ? (stopped ? 'stopped' : 'done') : verify.state;
  const manifest =
    event.type === 'dataset' ? noteResult(state.manifest, verify.id, event.result) : state.manifest;
  const damaged = event.type === 'backup' ? noteDamage(state.damaged, event.result) : state.damaged;
  const noted = {...state, manifest, damaged, verify: {...verify, progress, state: done}};
  return damaged === state.damaged ? noted : rearrange({...noted, catalog: overlay(state.catalog, damaged)});
}

function filtered(state: AppState, action: FilterAction): AppState {
  const {backups} = state;
  switch (action.type) {
    case 'filter opened':
      return {...state, backups: {...backups, typing: true}};
    case 'filter typed':
      return rearrange(state, {...backups, filter: backups.filter + action.text, typing: true});
    case 'filter erased':
      return rearrange(state, {...backups, filter: withoutLast(backups.filter), typing: true});
    case 'filter kept':
      return rearrange(state, {...backups, typing: false});
    case 'filter cleared':
      return rearrange(state, {...backups, filter: '', typing: false});
  }
}

export function reduce(state: AppState, action: AppAction): AppState {
  switch (action.type) {
    case 'catalog':
      return rearrange({
        ...state,
        catalog: overlay(reduceCatalog(state.catalog, action.event), state.damaged),
      });
    case 'resized':
      return resized(rearrange({...state, size: action.size}), action.helpLines);
    case 'minute passed':
      return {...state, now: action.now};
    case 'moved':
      return moved(state, action.how);
    case 'sorted':
      return rearrange(state, sortBy(state.backups, action.key));
    case 'bad since given':
      return markedBad(state, action.since);
    case 'writes seen':
      return {...state, writes: action.writes};
    case 'filter opened':
    case 'filter typed':
    case 'filter erased':
    case 'filter kept':
    case 'filter cleared':
      return currentScreen(state) === 'activity' ? reduceActivity(state, action) : filtered(state, action);
    case 'detail opened':
      return {...state, detail: {id: action.id, live: new Map()}};
    case 'live read':
      if (state.detail.id !== action.id) return state;
      return {
        ...state,
        detail: {...state.detail, live: new Map(state.detail.live).set(action.name, action.live)},
      };
    case 'manifest opened':
      return push({...state, manifest: action.manifest}, 'manifest');
    case 'manifest reread':
      return reread(state, action.manifest);
    case 'manifest view switched':
      if (!state.manifest) return state;
      return {
        ...state,
        manifest: {...state.manifest, view: state.manifest.view === 'table' ? 'raw' : 'table'},
      };
    case 'verify opened':
      return push(state, 'verify');
    case 'verify started':
      return push(
        {...state, verify: {id: action.id, state: 'running', progress: noProgress, content: null}},
        'verify',
      );
    case 'verify event':
      return verifyEvent(state, action.event, action.seconds);
    case 'content event': {
      const {verify} = state;
      if (verify?.id !== action.event.id) return state;
      return {...state, verify: {...verify, content: reduceContent(verify.content, action.event)}};
    }
    case 'help opened':
      return push({...state, help: {top: 0, lines: action.lines}}, 'help');
    case 'configured':
      return rearrange({...state, configuration: action.configuration, changes: action.changes});
    case 'relocated': {
      const place = {...state.place, backups: action.backups};
      return rearrange({...state, place, catalog: action.catalog, detail: {id: null, live: new Map()}});
    }
    case 'config opened':
      return push({...state, config: {cursor: 0, top: 0}}, 'config');
    case 'status opened':
      return push(state, 'status');
    case 'palette opened':
      return push({...state, palette: 0}, 'palette');
    case 'went back':
      return {...state, screens: state.screens.length > 1 ? state.screens.slice(0, -1) : state.screens};
    case 'run opened':
      return push({...state, run: reduceRunTask(state.run, action)}, 'run');
    case 'run planned':
    case 'run refused':
    case 'label typed':
    case 'label erased':
    case 'label cleared':
    case 'run started':
    case 'run stopping':
    case 'run event':
      return {...state, run: reduceRunTask(state.run, action, currentScreen(state) === 'run')};
    case 'prune opened':
      return push({...state, prune: reducePrune(state.prune, action)}, 'prune');
    case 'prune typed':
    case 'prune erased':
    case 'prune started':
    case 'prune event':
    case 'prune ended':
      return {...state, prune: reducePrune(state.prune, action)};
    case 'differences opened':
    case 'differences event':
    case 'differences failed':
    case 'difference opened':
    case 'difference event':
    case 'difference failed':
    case 'looked sideways':
    case 'change sought':
    case 'others opened':
      return reduceDifferences(state, action);
    case 'evidence opened':
    case 'evidence made':
    case 'evidence failed':
    case 'evidence key looked at':
    case 'evidence key chosen':
    case 'evidence writing':
    case 'evidence written':
    case 'evidence sideways':
      return reduceEvidence(state, action);
    case 'activity opened':
    case 'activity found':
    case 'activity appended':
    case 'activity went back':
    case 'activity widened':
    case 'activity of backup':
    case 'next event sought':
    case 'event opened':
      return reduceActivity(state, action);
    case 'asked':
    case 'answer typed':
    case 'answer erased':
    case 'answer cleared':
    case 'answer given':
      return {...state, prompt: reducePrompt(state.prompt, action)};
    case 'said':
      // It takes the place of the question, which has not been asked any more then.
      return {...state, message: action.message, quitAsked: false};
    case 'quit asked':
      return {...state, quitAsked: true, message: {text: action.text, tone: 'beware'}};
    case 'key pressed':
      return state.message || state.quitAsked ? {...state, message: null, quitAsked: false} : state;
    default:
      return reduceWalk(state, action);
  }
}
