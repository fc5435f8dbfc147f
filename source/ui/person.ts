import {longestOf} from '../engine/session/about.ts';
import {type Perform, type Question, say} from './screen.ts';
import {type AppState, currentScreen} from './state.ts';

/** What is asked where the login is shared and neither sudo nor an SSH key names the person. */
export const asksWho = ' Shared login. Your name, for the record: ';

/** The name that was typed last for this login from this very address: of any other one it may be somebody else's. */
function nameBefore({sessions: {stories}, me}: AppState): string {
  const mine = (stories ?? [])
    .flatMap(({owners}) => owners)
    .filter(
      ({operator, from, person}) => operator === me.operator && from !== null && from === me.from && person,
    );
  return mine.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0]?.person ?? '';
}

/**
 * Asks who it is, once, and goes on then; at once where that is known, or was asked before.
 * @param key of the screen that is seen, which is gone on with
 */
export const asWhom =
  (key: string, goOn: Perform): Perform =>
  (store, reach) => {
    const state = store.get();
    if (state.isUnnamed) store.dispatch({type: 'asked', kind: 'who', id: key, text: nameBefore(state)});
    else goOn(store, reach);
  };

/** Takes the name as it was typed, and goes on. That there is none is said: an Enter too many must not say it. */
export const whoQuestion: Question = {
  most: longestOf.title,
  lacks: ({text}) => (text.trim() === '' ? 'Type your name; - goes on without one.' : null),
  give({id, text}, store, reach) {
    const typed = text.trim();
    const name = typed === '-' ? '' : typed;
    reach.callOperator(name);
    say(
      store,
      name === '' ? 'No name is recorded.' : `Will be recorded as typed, not verified: ${name}.`,
      'plain',
    );
    const binding = reach.screens[currentScreen(store.get())]?.keys.find(({keys}) => keys.includes(id));
    if (binding) reach.attempt(binding);
  },
};
