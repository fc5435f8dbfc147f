import {type ActionId, type Binding, bindingFor, keyName} from '../input/bindings.ts';
import {isText} from '../input/keys.ts';
import {chosenItem} from '../input/palette.ts';
import {type AppState, currentScreen} from '../state/app.ts';
import {fits} from '../state/layout.ts';
import type {AppStore} from './hooks/use-store.ts';
import {helpText} from './screens/help.ts';

/** What a key may set off beside a change of state. */
export type Effects = {
  openManifest(id: string): void;
  verify(id: string): void;
  stopVerify(): void;
  copy(text: string): void;
  suspend(): void;
  quit(): void;
  /** The state that was on the screen last: a warning counts only once it could be read. */
  painted(): AppState;
};

type Perform = (store: AppStore, effects: Effects) => void;

/** The backup that an action is about: on the list the selected one, else the one that is open. */
function subject(state: AppState): string | null {
  const screen = currentScreen(state) === 'palette' ? state.screens.at(-2) : currentScreen(state);
  if (screen === 'manifest') return state.manifest?.id ?? null;
  if (screen === 'verify') return state.verify?.id ?? null;
  return state.backups.selected;
}

const withSubject =
  (action: (id: string, effects: Effects, store: AppStore) => void): Perform =>
  (store, effects) => {
    const id = subject(store.get());
    if (id !== null) action(id, effects, store);
  };

function startVerify(id: string, effects: Effects, store: AppStore): void {
  const {verify} = store.get();
  if (verify?.state !== 'running') {
    effects.verify(id);
    return;
  }
  store.dispatch({type: 'verify opened'});
  if (verify.id !== id)
    store.dispatch({
      type: 'said',
      message: {text: `${verify.id} is still being verified: wait, or stop it first.`, tone: 'beware'},
    });
}

function quitUnlessBusy(store: AppStore, effects: Effects): void {
  const state = store.get();
  if (state.screens.length > 1) {
    store.dispatch({type: 'key pressed'});
    store.dispatch({type: 'went back'});
  } else if (state.verify?.state !== 'running' || (state.quitAsked && effects.painted().quitAsked))
    effects.quit();
  else
    store.dispatch({
      type: 'quit asked',
      text: 'A verification is running: q again stops it and quits. Nothing is harmed.',
    });
}

function interrupt(store: AppStore, effects: Effects): void {
  if (store.get().quitAsked && effects.painted().quitAsked) effects.quit();
  else store.dispatch({type: 'quit asked', text: 'Ctrl+C again quits.'});
}

function back(store: AppStore): void {
  const state = store.get();
  const onList = currentScreen(state) === 'backups';
  if (onList && (state.backups.typing || state.backups.filter !== ''))
    store.dispatch({type: 'filter cleared'});
  else store.dispatch({type: 'went back'});
}

const chosenDataset = ({manifest}: AppState) => manifest?.manifest?.datasets[manifest.cursor];

function copyField(field: 'hash' | 'backup', store: AppStore, effects: Effects): void {
  const text = chosenDataset(store.get())?.[field];
  if (text) effects.copy(text);
  else store.dispatch({type: 'said', message: {text: 'There is nothing to copy here.', tone: 'plain'}});
}

const performs: Record<ActionId, Perform> = {
  up: (store) => store.dispatch({type: 'moved', how: 'up'}),
  down: (store) => store.dispatch({type: 'moved', how: 'down'}),
  pageUp: (store) => store.dispatch({type: 'moved', how: 'pageUp'}),
  pageDown: (store) => store.dispatch({type: 'moved', how: 'pageDown'}),
  first: (store) => store.dispatch({type: 'moved', how: 'first'}),
  last: (store) => store.dispatch({type: 'moved', how: 'last'}),
  open: withSubject((id, effects) => effects.openManifest(id)),
  verify: withSubject(startVerify),
  stop: (_, effects) => effects.stopVerify(),
  watch: (store) => store.dispatch({type: 'verify opened'}),
  filter: (store) => store.dispatch({type: 'filter opened'}),
  keepFilter: (store) => store.dispatch({type: 'filter kept'}),
  eraseFilter: (store) => store.dispatch({type: 'filter erased'}),
  back,
  sortBackup: (store) => store.dispatch({type: 'sorted', key: 'backup'}),
  sortData: (store) => store.dispatch({type: 'sorted', key: 'data'}),
  sortSize: (store) => store.dispatch({type: 'sorted', key: 'size'}),
  sortVerified: (store) => store.dispatch({type: 'sorted', key: 'verified'}),
  copyId: withSubject((id, effects) => effects.copy(id)),
  copyHash: (store, effects) => copyField('hash', store, effects),
  copyPath: (store, effects) => copyField('backup', store, effects),
  switchView: (store) => store.dispatch({type: 'manifest view switched'}),
  help: (store) => store.dispatch({type: 'help opened', lines: helpText(store.get().size.columns).length}),
  config: (store) => store.dispatch({type: 'config opened'}),
  palette: (store) => store.dispatch({type: 'palette opened'}),
  choose(store, effects) {
    const item = chosenItem(store.get());
    store.dispatch({type: 'went back'});
    if (item) attempt(item.binding, store, effects);
  },
  suspend: (_, effects) => effects.suspend(),
  interrupt,
  quit: quitUnlessBusy,
};

function attempt(binding: Binding, store: AppStore, effects: Effects): void {
  const reason = binding.disabledReason?.(store.get()) ?? null;
  if (reason)
    store.dispatch({
      type: 'said',
      message: {text: `${keyName(binding.keys[0] as string)} not now: ${reason}.`, tone: 'plain'},
    });
  else performs[binding.id](store, effects);
}

/** What works in a terminal that is too small to show anything. */
const blind = new Set<ActionId | undefined>(['quit', 'interrupt', 'suspend']);

/** Turns keys into changes of state and effects; each key sees what the one before it did. */
export function createHandler(store: AppStore, effects: Effects): (key: string) => void {
  return (key) => {
    const state = store.get();
    const typing = currentScreen(state) === 'backups' && state.backups.typing;
    if (typing && isText(key)) {
      store.dispatch({type: 'filter typed', text: key});
      return;
    }
    const binding = bindingFor(state, key);
    // Nothing is obeyed that cannot be seen.
    if (!fits(state.size) && !blind.has(binding?.id)) return;
    if (binding?.id !== 'interrupt' && binding?.id !== 'quit') store.dispatch({type: 'key pressed'});
    if (binding) attempt(binding, store, effects);
  };
}
