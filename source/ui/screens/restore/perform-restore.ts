import type {ActionId} from '../../common-keys.ts';
import {type Effects, type Perform, say, withSubject} from '../../effects.ts';
import {restoring} from '../../reasons.ts';
import {currentScreen} from '../../screen.ts';
import type {AppStore} from '../../use-store.ts';
import {openedStory} from '../sessions/state.ts';
import {whyNotPlan} from './purpose.ts';
import {drillInto, isConfirmed, type RestoreSubject, wanted, whyUnaudited, whyWritten} from './state.ts';

/** Opens the screen first: the plan takes as long as everything takes to be hashed. */
function openRestore(subject: RestoreSubject, store: AppStore, effects: Effects): void {
  store.dispatch({type: 'restore opened', subject, badSince: store.get().badSince});
  planAgain(store, effects);
}

function planAgain(store: AppStore, effects: Effects): void {
  const {restore} = store.get();
  if (restore) effects.planRestore(restore.subject, wanted(restore), drillInto(restore));
}

const openChosen = withSubject((id, _, store) =>
  store.dispatch({type: 'purpose opened', subject: {id, undoes: null}, badSince: store.get().badSince}),
);

/** On to the plan: a drill has to say where its files go. */
function toPlan(store: AppStore, effects: Effects): void {
  const {restore} = store.get();
  if (!restore) return;
  const why = whyNotPlan(restore, restore.subject.id);
  if (why === null) openRestore(restore.subject, store, effects);
  else say(store, why, 'beware');
}

/** Starts it where what was confirmed has been read: this very plan, all of its word typed below it, on the screen. */
function begin(store: AppStore, effects: Effects): void {
  const {restore} = store.get();
  const painted = effects.painted();
  const seen = currentScreen(painted) === 'confirm' ? painted.restore : null;
  const written = restore && (whyWritten(restore) ?? whyUnaudited(restore));
  if (written) {
    store.dispatch({type: 'went back'});
    say(store, `${written}. Nothing was changed.`, 'beware');
    return;
  }
  if (restore && isConfirmed(restore) && seen?.plan === restore.plan && isConfirmed(seen)) {
    store.dispatch({type: 'restore starting'});
    effects.restore();
  } else say(store, 'Type all of it, then Enter: nothing was changed.', 'beware');
}

type RestoreActionId = Extract<
  ActionId,
  | 'restore'
  | 'toPlan'
  | 'switchPurpose'
  | 'nextField'
  | 'previousField'
  | 'eraseField'
  | 'clearField'
  | 'lookAgain'
  | 'toggle'
  | 'ticket'
  | 'withoutAudit'
  | 'stopService'
  | 'although'
  | 'goOn'
  | 'begin'
  | 'eraseWord'
  | 'clearWord'
  | 'cancelRestore'
  | 'undo'
>;

/** What the keys of a restore do. */
export const restorePerforms: Record<RestoreActionId, Perform> = {
  restore(store, effects) {
    if (store.get().stopped) store.dispatch({type: 'stopped opened'});
    else if (restoring(store.get())) store.dispatch({type: 'follow opened'});
    else openChosen(store, effects);
  },
  toPlan,
  switchPurpose: (store) => store.dispatch({type: 'purpose switched'}),
  nextField: (store) => store.dispatch({type: 'field chosen', how: 'next'}),
  previousField: (store) => store.dispatch({type: 'field chosen', how: 'previous'}),
  eraseField: (store) => store.dispatch({type: 'field erased'}),
  clearField: (store) => store.dispatch({type: 'field cleared'}),
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
  withoutAudit(store) {
    const {restore} = store.get();
    if (restore)
      store.dispatch({
        type: 'asked',
        kind: 'audit',
        id: restore.subject.id,
        text: restore.withoutAudit ?? '',
      });
  },
  stopService(store, effects) {
    store.dispatch({type: 'service opened'});
    effects.findService();
  },
  although(store, effects) {
    store.dispatch({type: 'although written'});
    planAgain(store, effects);
  },
  goOn: (store) => store.dispatch({type: 'confirm opened'}),
  begin,
  undo(store, effects) {
    const story = openedStory(store.get().sessions);
    if (story) openRestore({id: story.id, undoes: story.number}, store, effects);
  },
  eraseWord: (store) => store.dispatch({type: 'word erased'}),
  clearWord: (store) => store.dispatch({type: 'word cleared'}),
  cancelRestore(store, effects) {
    store.dispatch({type: 'follow stopping'});
    effects.cancelRestore();
  },
};
