import {wrap} from '../presenters/graphemes.ts';
import {backupsListHeight, configLayout, helpHeight, manifestLayout, rawHeight, rawWidth} from './layout.ts';
import {currentScreen} from './screen.ts';
import {fitActivity, moveActivity} from './screens/activity/state.ts';
import {moveSelection} from './screens/backups/state.ts';
import {configLines} from './screens/config/state.ts';
import {fitDifferences, moveDifferences} from './screens/differences/state.ts';
import {fitEvidence, moveEvidence} from './screens/evidence/state.ts';
import {type ManifestState, moveInRaw, moveInTable} from './screens/manifest/state.ts';
import {fitPrune, scrollPrune} from './screens/prune/state.ts';
import {fitPlan, movePlan} from './screens/restore/scroll.ts';
import {moveService} from './screens/restore/service-view.ts';
import {fitSessions, moveSessions} from './screens/sessions/state.ts';
import {clampText, type Move, move, moveText, settle} from './scroll.ts';
import type {AppState} from './state.ts';

const configCount = ({configuration, changes}: AppState): number =>
  configLines(configuration, changes).length;

/** What is seen of a list or a text that does not fit, after a move. */
export function moved(state: AppState, how: Move): AppState {
  switch (currentScreen(state)) {
    case 'backups':
      return {...state, backups: moveSelection(state.backups, how, backupsListHeight(state))};
    case 'manifest': {
      const {manifest, size} = state;
      if (!manifest) return state;
      return {
        ...state,
        manifest:
          manifest.view === 'table'
            ? moveInTable(manifest, how, manifestLayout(size).list)
            : moveInRaw(manifest, how, manifest.raw.length, rawHeight(size)),
      };
    }
    case 'help':
      return {
        ...state,
        help: {...state.help, top: moveText(state.help.top, how, state.help.lines, helpHeight(state.size))},
      };
    case 'palette': {
      const steps: Record<Move, number> = {
        up: -1,
        down: 1,
        pageUp: -5,
        pageDown: 5,
        first: -state.palette,
        last: -1 - state.palette,
      };
      return {...state, palette: state.palette + steps[how]};
    }
    case 'config':
      return {...state, config: move(state.config, how, configCount(state), configLayout(state.size).list)};
    case 'prune':
      return {...state, prune: state.prune && scrollPrune(state.prune, how, state.size)};
    case 'service':
      return {...state, restore: state.restore && moveService(state.restore, how, state.size)};
    case 'restore':
      return {...state, restore: state.restore && movePlan(state.restore, how, state.now, state.size)};
    case 'sessions':
    case 'checklist':
    case 'record': {
      const screen = currentScreen(state) as 'sessions' | 'checklist' | 'record';
      return {...state, sessions: moveSessions(state, screen, how)};
    }
    case 'differences':
    case 'difference':
    case 'others':
      return moveDifferences(state, currentScreen(state) as 'differences' | 'difference' | 'others', how);
    case 'evidence':
      return {...state, evidence: moveEvidence(state, how)};
    case 'activity':
    case 'event':
      return {...state, activity: moveActivity(state, currentScreen(state) as 'activity' | 'event', how)};
    case 'purpose':
    case 'confirm':
    case 'progress':
    case 'stopped':
    case 'status':
    case 'run':
    case 'verify':
      return state;
  }
}

/** What is on the screen was rewritten or deleted meanwhile: shown as it is now, from where one was. */
export function reread(state: AppState, fresh: ManifestState): AppState {
  const {manifest, size} = state;
  if (manifest?.id !== fresh.id) return state;
  const {view, rawTop, results} = manifest;
  const position = settle(manifest, fresh.manifest?.datasets.length ?? 0, manifestLayout(size).list);
  const top = clampText(rawTop, fresh.raw.length, rawHeight(size));
  return {...state, manifest: {...fresh, ...position, view, rawTop: top, results}};
}

/** The same part of everything is seen in a terminal of another size. */
export function resized(state: AppState, helpLines: number): AppState {
  const {manifest, help, size} = state;
  const raw = manifest ? wrap(manifest.text, rawWidth(size)) : [];
  const fitted = manifest && {
    ...manifest,
    ...settle(manifest, manifest.manifest?.datasets.length ?? 0, manifestLayout(size).list),
    raw,
    rawTop: clampText(manifest.rawTop, raw.length, rawHeight(size)),
  };
  return {
    ...state,
    manifest: fitted,
    config: settle(state.config, configCount(state), configLayout(size).list),
    prune: state.prune && fitPrune(state.prune, size),
    restore: state.restore && fitPlan(state.restore, state.now, size),
    differences: fitDifferences(state),
    sessions: fitSessions(state.sessions, size),
    evidence: fitEvidence(state),
    activity: fitActivity(state),
    help: {lines: helpLines, top: clampText(help.top, helpLines, helpHeight(size))},
  };
}
