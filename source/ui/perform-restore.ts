import type {ActionId} from '../input/bindings.ts';
import {type RestoreSubject, wanted} from '../state/restore-screen.ts';
import {type Effects, type Perform, withSubject} from './effects.ts';
import type {AppStore} from './hooks/use-store.ts';

/** Opens the screen first: the plan takes as long as everything takes to be hashed. */
function openRestore(subject: RestoreSubject, store: AppStore, effects: Effects): void {
  store.dispatch({type: 'restore opened', subject});
  planAgain(store, effects);
}

function planAgain(store: AppStore, effects: Effects): void {
  const {restore} = store.get();
  if (restore) effects.planRestore(restore.subject, wanted(restore));
}

type RestoreActionId = Extract<ActionId, 'restore' | 'lookAgain' | 'toggle' | 'ticket' | 'goOn'>;

/** What the keys of a restore do. */
export const restorePerforms: Record<RestoreActionId, Perform> = {
  restore: withSubject((id, effects, store) => openRestore({id, undoes: null}, store, effects)),
  lookAgain(store, effects) {
    const {restore} = store.get();
    if (restore) openRestore(restore.subject, store, effects);
  },
  toggle(store, effects) {
    store.dispatch({type: 'restore toggled'});
    planAgain(store, effects);
  },
  ticket(store) {
    const {restore} = store.get();
    if (restore)
      store.dispatch({type: 'asked', kind: 'ticket', id: restore.subject.id, text: restore.ticket});
  },
  goOn: (store) => store.dispatch({type: 'confirm opened'}),
};
