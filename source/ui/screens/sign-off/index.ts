import {type Perform, type Screen, say, type Typing} from '../../screen.ts';
import {currentScreen} from '../../state.ts';
import {clearing, erasing} from '../../typings.ts';
import {loadSignOff} from './open.ts';
import {isTyped, type Signing, type SigningAction, signOffSlice} from './state.ts';
import {SignOffView} from './View.tsx';

/** Signs it off where what was typed was on the screen, below what it means. */
const sign: Perform = (store, reach) => {
  const signing = signOffSlice.of(store.get());
  const painted = reach.painted();
  const seen = currentScreen(painted) === 'signOff' ? signOffSlice.of(painted) : null;
  if (!signing || signing.working) return;
  const {session} = signing;
  if (!isTyped(signing) || !seen || seen.session !== session || !isTyped(seen)) {
    say(store, `Type ${session}, the session's number, then Enter: nothing was changed.`, 'beware');
    return;
  }
  store.dispatch(signOffSlice.to({type: 'signing begun'}));
  reach.ask(loadSignOff, (work) => work.sign(session));
};

const numberTyping: Typing = {
  help: 'Signing a session off',
  typed: (text) => signOffSlice.to({type: 'number typed', text}),
  keys: [
    {keys: ['enter'], label: 'sign it off, once its number is typed', hint: 'sign off', run: sign},
    erasing(signOffSlice.to({type: 'number erased'})),
    clearing(signOffSlice.to({type: 'number cleared'})),
  ],
};

/** What signing off lets go, before it does. */
export const signOff: Screen<Signing | null, SigningAction> = {
  slice: signOffSlice,
  title: 'Sign off',
  help: null,
  keys: [],
  View: SignOffView,
  typings: [numberTyping],
  typing: (state) => (signOffSlice.of(state)?.working === false ? numberTyping : null),
  writes: true,
};
