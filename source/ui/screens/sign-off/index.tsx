import {signOffFacts, signOffHead} from '../../../presenters/sign-off.ts';
import {cutEnd, key, strong} from '../../kit/span.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {Empty, FactList, type ListedFact, Notice, TextLine} from '../../kit/words.tsx';
import {type Perform, type Screen, sayNotTyped, type ViewProps} from '../../screen.ts';
import {type AppState, currentScreen} from '../../state.ts';
import {typingInto} from '../../typings.ts';
import {loadSignOff} from './open.ts';
import {
  commandOf,
  isTyped,
  moveWorth,
  type Signed,
  type Signing,
  type SigningAction,
  signOffSlice,
} from './state.ts';

/** Somebody else has signed it off meanwhile: nothing is left to be asked. */
const isOver = ({sessions}: AppState, {session, working, signed}: Signing): boolean =>
  !working && !signed && sessions.stories?.find(({number}) => number === session)?.closed === true;

/** A sentence to its end, unless there is a shorter one for a narrow screen. */
const factOf = ({word, text, short, isGrave}: ReturnType<typeof signOffFacts>[number]): ListedFact => ({
  ...(isGrave && {mark: '!', look: 'bad'}),
  word,
  says: short === undefined ? text : [{text, or: short}],
});

/** What signing off deletes, keeps and writes, and the number that confirms it; once it is done, what would prove more. */
function SignOffView({state, slice: signing}: ViewProps<Signing | null>) {
  const story = state.sessions.stories?.find(({number}) => number === signing?.session);
  if (!signing || !story) return null;
  const {plan, typed, working, signed} = signing;
  if (signed) return worthPage(signing, signed);
  if (isOver(state, signing))
    return (
      <Page>
        <Notice mark="!" text={`Session ${story.number} is signed off by now, in another terminal.`} />
      </Page>
    );
  return (
    <Page>
      <Notice look="strong" text={signOffHead(story)} flush most={3} />
      <Gap />
      {plan === null ? (
        <Empty of={['Looking at what it would delete ...']} />
      ) : (
        <FactList width={7} of={signOffFacts(plan).map(factOf)} />
      )}
      <Gap />
      {working ? (
        <TextLine look="strong" of="- writing the evidence, then deleting ..." />
      ) : (
        <>
          <TextLine of="Type the session's number, then Enter; no paste." />
          <TextField asks="   > " text={typed} />
        </>
      )}
    </Page>
  );
}

/** What would make the evidence worth more, and the command that gets the one that is chosen. */
function worthPage(signing: Signing, {worth, cursor}: Signed) {
  const command = commandOf(signing);
  return (
    <Page>
      <Notice
        mark="+"
        look="good"
        text={`Session ${signing.session} is signed off. What would make its evidence worth more:`}
      />
      <Gap />
      <FactList
        width={13}
        of={worth.map(({what, proves}, index) => ({
          ...(index === cursor && {mark: '>', wordLook: 'strong' as const}),
          word: what.startsWith('signed') ? 'signed' : what,
          says: [index === cursor ? strong(proves) : cutEnd(proves)],
        }))}
      />
      <Gap />
      {command === null ? (
        <TextLine of="It is signed already." />
      ) : (
        <>
          <Notice text={command} flush />
          <TextLine
            of={[
              key('y'),
              command.includes('KEY') ? ' copies it; replace KEY with your key file' : ' copies it',
            ]}
          />
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
  const {session, plan} = signing;
  if (!isTyped(signing) || !seen || seen.plan !== plan || !isTyped(seen)) {
    const typedIn = (state: AppState) => {
      const now = signOffSlice.of(state);
      return now !== null && isTyped(now) ? now.session : null;
    };
    const missing = `Type ${session}, the session's number, then Enter: nothing was changed.`;
    sayNotTyped(store, typedIn, {missing});
    return;
  }
  store.dispatch(signOffSlice.to({type: 'signing begun'}));
  reach.ask(loadSignOff, (work) => work.sign(session));
};

const numberTyping = typingInto({
  help: 'Signing a session off',
  text: (state) => signOffSlice.of(state)?.typed ?? '',
  write: (text) => signOffSlice.to({type: 'number written', text}),
  keys: [{keys: ['enter'], label: 'sign it off, once its number is typed', hint: 'sign off', run: sign}],
  clears: 'what was typed',
});

/** What signing off lets go, before it does; after it, what would make its evidence worth more. */
export const signOff: Screen<Signing | null, SigningAction> = {
  slice: signOffSlice,
  title: 'Sign off',
  help: 'Signing off, once it is done',
  keys: [
    {
      keys: ['y'],
      label: 'copy the command that gets the signature, the time stamp or the approval that is chosen',
      hint: 'copy',
      why: (state) =>
        commandOf(signOffSlice.of(state)) === null ? 'there is no command to be copied' : null,
      run(store, reach) {
        const command = commandOf(signOffSlice.of(store.get()));
        if (command !== null) reach.copy(command);
      },
    },
  ],
  View: SignOffView,
  typings: [numberTyping],
  move: moveWorth,
  typing(state) {
    const signing = signOffSlice.of(state);
    const isAsked = signing && !signing.working && !signing.signed && !isOver(state, signing);
    return isAsked ? numberTyping : null;
  },
  writes: true,
};
