import {signOffFacts, signOffHead} from '../../../presenters/sign-off.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {Empty, Facts, Line, Notice} from '../../kit/words.tsx';
import type {ViewProps} from '../../screen.ts';
import type {Signing} from './state.ts';

/** What signing off lets go, keeps and writes, and the number that confirms it. */
export function SignOffView({state, slice: signing}: ViewProps<Signing | null>) {
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
