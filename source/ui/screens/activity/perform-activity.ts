import type {ActionId} from '../../common-keys.ts';
import {type Effects, type Perform, say, withSubject} from '../../effects.ts';
import type {AppStore} from '../../use-store.ts';
import {chosenLine} from './lines.ts';

/** Bytes of text that terminals take into a clipboard, as far as is known of them. */
const mostCopied = 50_000;

function copy(text: string, store: AppStore, effects: Effects): void {
  if (text === '') say(store, 'There is nothing to copy here.', 'plain');
  else if (text.length > mostCopied)
    say(
      store,
      `It has ${text.length} characters, more than a terminal takes: magds activity --json`,
      'beware',
    );
  else effects.copy(text);
}

type ActivityActionId = Extract<
  ActionId,
  | 'activity'
  | 'activityOfBackup'
  | 'event'
  | 'nextEvent'
  | 'onlyBackup'
  | 'allActions'
  | 'copyEventId'
  | 'copyEvent'
>;

/** What the keys of the audit log do. */
export const activityPerforms: Record<ActivityActionId, Perform> = {
  activity(store, effects) {
    store.dispatch({type: 'activity opened', backup: null});
    effects.followActivity();
  },
  activityOfBackup: withSubject((id, effects, store) => {
    store.dispatch({type: 'activity opened', backup: id});
    effects.followActivity();
  }),
  event: (store) => store.dispatch({type: 'event opened'}),
  nextEvent: (store) => store.dispatch({type: 'next event sought'}),
  onlyBackup: (store) => store.dispatch({type: 'activity of backup'}),
  allActions(store, effects) {
    store.dispatch({type: 'activity widened'});
    effects.followActivity();
  },
  copyEventId(store, effects) {
    const line = chosenLine(store.get().activity);
    if (line) copy(line.id ?? line.text, store, effects);
  },
  copyEvent(store, effects) {
    const {opened} = store.get().activity;
    if (opened) copy(opened.line.text, store, effects);
  },
};
