import {bounded, longestOf} from '../engine/session/about.ts';
import {type Perform, type Question, say} from './screen.ts';

/** What is asked where the login is shared and neither sudo nor an SSH key names the person. */
export const asksWho = ' Shared login. Your name, for the record: ';

/** Asks who it is, once, and goes on then; at once where that is known, or was asked before. */
export const asWhom =
  (goOn: Perform): Perform =>
  (store, reach) => {
    if (store.get().isUnnamed) store.dispatch({type: 'asked', kind: 'who', id: '', text: ''});
    else goOn(store, reach);
  };

/**
 * Takes the name as it was typed, and goes on. Nothing typed is no name, and is not asked for again.
 * @param named instead, where a name was typed
 */
export const whoQuestion = (goOn: Perform, named = goOn): Question => ({
  give({text}, store, reach) {
    const name = bounded(text, longestOf.title).trim();
    reach.callOperator(name);
    say(
      store,
      name === '' ? 'No name is recorded.' : `Will be recorded as typed, not verified: ${name}.`,
      'plain',
    );
    (name === '' ? goOn : named)(store, reach);
  },
});
