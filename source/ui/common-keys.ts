import {listed} from '../engine/base/format.ts';
import {answeredOf} from '../presenters/story-words.ts';
import {finishing, restoring} from './reasons.ts';
import {type Binding, type Perform, questionOf, type Reach} from './screen.ts';
import {exporting} from './screens/evidence/state.ts';
import {helpSlice} from './screens/help/state.ts';
import {paletteSlice} from './screens/palette/state.ts';
import {pruneSlice} from './screens/prune/state.ts';
import {runSlice} from './screens/run/state.ts';
import {openSession} from './screens/sessions/state.ts';
import {signOffSlice} from './screens/sign-off/state.ts';
import {statusSlice} from './screens/status/state.ts';
import {stoppedSlice} from './screens/stopped/state.ts';
import {type AppState, type AppStore, currentScreen} from './state.ts';

/** What quitting would cut off, for the operator; null when nothing. */
function busyWith(state: AppState, key: string): string | null {
  const {verify, extracting, sessions, stopped} = state;
  const run = runSlice.of(state);
  const prune = pruneSlice.of(state);
  const signing = signOffSlice.of(state);
  if (restoring(state))
    return `A restore is running, and goes on without this screen: ${key} again quits; run magds again to see it.`;
  if (run?.state === 'running')
    return `A backup is running: ${key} again cancels it and quits. Nothing of it stays.`;
  if (prune?.state === 'running')
    return `Backups are being deleted: ${key} again stops after this one and quits.`;
  if (finishing(state))
    return `One that was cut off is being made a backup: ${key} again stops that and quits. Nothing of it stays.`;
  if (verify?.state === 'running')
    return `A verification is running: ${key} again stops it and quits. Nothing is harmed.`;
  if (extracting.length > 0)
    return `${listed(extracting, 2)} ${extracting.length === 1 ? 'is' : 'are'} being copied out: ${key} again stops that and quits. Nothing of it stays.`;
  if (exporting(state)) return `Evidence is being written: ${key} again quits as soon as it is.`;
  if (signing?.working)
    return `Session ${signing.session} is being signed off: ${key} again quits as soon as it is.`;
  if (sessions.checking) return `A step is being checked: ${key} again stops that and quits.`;
  if (stopped && stoppedSlice.of(state).working)
    return `What was decided of session ${stopped.session} is being done: ${key} again quits as soon as it is.`;
  if (stopped)
    return `The restore of session ${stopped.session} still waits for a decision: ${key} again quits, and changes nothing.`;
  const open = openSession(sessions);
  if (open)
    return `Session ${open.number} is not signed off (${answeredOf(open)} answered): ${key} again quits, and it stays open.`;
  return null;
}

/** Quits at the second press, once the question could be read, and while it is the same. */
function askToQuit(store: AppStore, reach: Reach, key: string): void {
  const busy = busyWith(store.get(), key);
  if (store.get().quitAsked && reach.painted().quitAsked) reach.quit();
  else
    store.dispatch({
      type: 'quit asked',
      text: busy ?? `${key} again quits.`,
      holds: (state) => busyWith(state, key) === busy,
    });
}

const interrupt: Perform = (store, reach) => askToQuit(store, reach, 'Ctrl+C');

const back: Perform = (store, reach) => {
  const state = store.get();
  const screen = reach.screens[currentScreen(state)];
  if (questionOf(state, reach.screens)) {
    store.dispatch({type: 'answer given'});
    return;
  }
  if (screen?.back?.(store, reach)) return;
  store.dispatch({type: 'went back'});
};

const quit: Perform = (store, reach) => {
  const state = store.get();
  if (state.screens.length > 1) {
    store.dispatch({type: 'key pressed'});
    back(store, reach);
    return;
  }
  if (busyWith(state, 'q') === null) reach.quit();
  else askToQuit(store, reach, 'q');
};

const isFirst = ({screens}: AppState): boolean => screens.length === 1;

/** The keys that mean the same on every screen. */
export const commonKeys: Binding[] = [
  {
    keys: ['escape'],
    label: 'clear the filter, else back',
    hint(state, {slice, ends}) {
      if (state.prompt) return 'back';
      return ends?.(slice.of(state)) ?? (isFirst(state) ? null : 'back');
    },
    unlisted: true,
    run: back,
  },
  {
    keys: [':'],
    label: 'a menu of what can be done here',
    hint: (state) => (isFirst(state) ? 'menu' : null),
    unlisted: true,
    run: (store) => store.dispatch(paletteSlice.open({type: 'palette opened'})),
  },
  {
    keys: ['ctrl+t'],
    label: 'status text: two sentences for the phone',
    run: (store) => store.dispatch(statusSlice.open(null)),
  },
  {
    keys: ['?'],
    label: 'this help',
    hint: (_, {passing}) => (passing ? null : 'help'),
    why: (state) => (currentScreen(state) === 'help' ? 'this is it' : null),
    run: (store) => store.dispatch(helpSlice.open({type: 'help opened'})),
  },
  {
    keys: ['ctrl+z'],
    label: 'suspend; fg brings it back',
    blind: true,
    run: (_, reach) => reach.suspend(),
  },
  {
    keys: ['ctrl+l'],
    label: 'paint the screen again',
    blind: true,
    again: true,
    run: (_, reach) => reach.repaint(),
  },
  {keys: ['ctrl+c'], label: 'twice: quit', blind: true, again: true, unlisted: true, run: interrupt},
  {
    keys: ['q'],
    label: 'back; at the first screen, quit',
    hint: (state) => (isFirst(state) ? 'quit' : null),
    again: true,
    run: quit,
  },
];
