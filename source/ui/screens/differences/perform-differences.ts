import path from 'node:path';
import type {ActionId} from '../../common-keys.ts';
import {type Effects, type Perform, withSubject} from '../../effects.ts';
import {currentScreen} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import type {AppStore} from '../../use-store.ts';
import {chosenDifference, othersOf, usualOther} from './state.ts';

/** What an undo brings back lies in its safety backup. */
function openSafety(effects: Effects, store: AppStore): void {
  const plan = store.get().restore?.plan;
  if (!plan) return;
  const {id, directory} = plan;
  store.dispatch({type: 'differences opened', id, other: null, safetyIn: path.dirname(directory)});
  effects.compare(id, null);
}

const isUndo = ({restore, screens}: AppState): boolean =>
  screens.at(-1) === 'restore' && restore !== null && restore.subject.undoes !== null;

function openDifferences(id: string, other: string | null, effects: Effects, store: AppStore): void {
  store.dispatch({type: 'differences opened', id, other});
  effects.compare(id, other);
}

function openDifference(name: string, effects: Effects, store: AppStore): void {
  store.dispatch({type: 'difference opened', name});
  effects.openDifference(name);
}

const lookSideways =
  (how: 'left' | 'right'): Perform =>
  (store) => {
    const type = currentScreen(store.get()) === 'evidence' ? 'evidence sideways' : 'looked sideways';
    store.dispatch({type, how});
  };

type DifferencesActionId = Extract<
  ActionId,
  'differences' | 'difference' | 'others' | 'chooseOther' | 'left' | 'right' | 'nextChange' | 'previousChange'
>;

/** What the keys of what compares a backup do. */
export const differencesPerforms: Record<DifferencesActionId, Perform> = {
  differences: withSubject((id, effects, store) => {
    if (isUndo(store.get())) openSafety(effects, store);
    else openDifferences(id, usualOther(store.get(), id), effects, store);
  }),
  difference(store, effects) {
    const chosen = chosenDifference(store.get());
    if (chosen) openDifference(chosen.name, effects, store);
  },
  others: (store) => store.dispatch({type: 'others opened'}),
  chooseOther(store, effects) {
    const state = store.get();
    const {differences} = state;
    if (!differences) return;
    const other = othersOf(state, differences.id)[differences.choice] ?? null;
    // Whoever was looking at one dataset goes on with it.
    const name = state.screens.includes('difference') ? differences.opened?.name : undefined;
    store.dispatch({type: 'went back'});
    openDifferences(differences.id, other, effects, store);
    if (name !== undefined) openDifference(name, effects, store);
  },
  left: lookSideways('left'),
  right: lookSideways('right'),
  nextChange: (store) => store.dispatch({type: 'change sought', how: 'next'}),
  previousChange: (store) => store.dispatch({type: 'change sought', how: 'previous'}),
};
