import {type BadSince, firstToLookAt} from '../engine/catalog/suggest.ts';
import type {DatasetResult} from '../engine/storage/dataset.ts';
import type {VerifyEvent} from '../engine/verify/verify.ts';
import {reduceCatalog} from '../presenters/catalog.ts';
import {reduceContent} from '../presenters/content-progress.ts';
import {withoutLast} from '../presenters/graphemes.ts';
import {noProgress, reduceVerify} from '../presenters/verify-progress.ts';
import {clampText, type Move, settle} from './kit/scroll.ts';
import {backupsListHeight, helpHeight, manifestLayout, rawHeight} from './layout.ts';
import {reducePrompt} from './prompt.ts';
import {type FilterAction, reduceActivity} from './screens/activity/state.ts';
import {noteDamage, overlay} from './screens/backups/damage.ts';
import {arrange, type BackupsState, sortBy} from './screens/backups/state.ts';
import {reduceDifferences} from './screens/differences/state.ts';
import {reduceEvidence} from './screens/evidence/state.ts';
import type {ManifestState} from './screens/manifest/state.ts';
import {reducePrune} from './screens/prune/state.ts';
import {reduceRunTask} from './screens/run/state.ts';
import {screens} from './screens.ts';
import {currentScreen, push} from './stack.ts';
import {type AppAction, type AppState, configuredOf} from './state.ts';
import {reduceWalk} from './walk.ts';

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

/** What is on the screen was rewritten or deleted meanwhile: shown as it is now, from where one was. */
function reread(state: AppState, fresh: ManifestState): AppState {
  const {manifest, size} = state;
  if (manifest?.id !== fresh.id) return state;
  const {view, rawTop, results} = manifest;
  const position = settle(manifest, fresh.manifest?.datasets.length ?? 0, manifestLayout(size).list);
  const top = clampText(rawTop, fresh.raw.length, rawHeight(size));
  return {...state, manifest: {...fresh, ...position, view, rawTop: top, results}};
}

/** What is seen of a list or a text that does not fit, after a move. */
const moved = (state: AppState, how: Move): AppState =>
  screens[currentScreen(state)].move?.(state, how) ?? state;

/** The same part of everything is seen in a terminal of another size. */
function resized(state: AppState, helpLines: number): AppState {
  const {help, size} = state;
  const fitted = Object.values(screens).reduce((before, screen) => screen.fit?.(before) ?? before, state);
  return {...fitted, help: {lines: helpLines, top: clampText(help.top, helpLines, helpHeight(size))}};
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
