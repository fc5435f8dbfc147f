import {signOffFacts, signOffHead} from '../../../presenters/sign-off.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {Empty, Facts, Line, Notice} from '../../kit/words.tsx';
import {type Perform, type Screen, say, type Typing, type ViewProps} from '../../screen.ts';
import {currentScreen} from '../../state.ts';
import {clearing, erasing} from '../../typings.ts';
import {loadSignOff} from './open.ts';
import {isTyped, type Signing, type SigningAction, signOffSlice} from './state.ts';

/** What signing off lets go, keeps and writes, and the number that confirms it. */
function SignOffView({state, slice: signing}: ViewProps<Signing | null>) {
  const story = state.sessions.stories?.find(({number}) => number === signing?.session);
  if (!signing || !story) return null;
  const {plan, typed, working} = signing;
  return (
    <Page>
      <Notice look="strong" text={signOffHead(story)} flush most={3} />
      <Gap />
      {plan === null ? (
        <Empty of={['Looking at what it would let go ...']} />
      ) : (
        <Facts
          width={10}
          of={signOffFacts(plan).map(({word, text, isGrave}) => ({
            ...(isGrave && {mark: '!'}),
            word,
            says: [{text, look: isGrave ? ('bad' as const) : ('none' as const)}],
          }))}
        />
      )}
      <Gap />
      {working ? (
        <Line look="strong" of="- writing the evidence, then letting go ..." />
      ) : (
        <>
          <Line of="Type the session's number, then Enter; no paste." />
          <TextField asks="   > " text={typed} />
        </>
      )}
    </Page>
  );
}

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
