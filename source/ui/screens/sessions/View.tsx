import {formatDuration} from '../../../engine/base/format.ts';
import {namedText} from '../../../engine/session/owner.ts';
import type {Story} from '../../../engine/session/story.ts';
import {momentOf} from '../../../presenters/moment.ts';
import {stateWord} from '../../../presenters/restore-outcome.ts';
import {replacedText, secondsOf} from '../../../presenters/story-facts.ts';
import {answeredOf, failedOf, whatOf} from '../../../presenters/story-words.ts';
import {ScrollText, whereIn} from '../../kit/scroll-text.tsx';
import {bad, type StyledText} from '../../kit/span.ts';
import {Page, Panel} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {Empty, Notice, TextLine} from '../../kit/words.tsx';
import {sessionsLayout, textHeight} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import {chosenSession, openedStory, recordLines, type SessionsState} from './state.ts';

/** Every restore that was begun here, newest first. */
export function SessionsView({state, slice: {list}}: ViewProps<SessionsState>) {
  const {size, now} = state;
  const {stories} = state.sessions;
  const layout = sessionsLayout(size);
  const chosen = chosenSession(state);
  const none =
    stories === null
      ? ['Reading ...']
      : ['No restore was made here yet.', 'r on a backup begins one, with a plan that writes nothing.'];
  return (
    <Page>
      <Table
        columns={columnsAt(now)}
        rows={stories ?? []}
        {...list}
        height={layout.list}
        empty={<Empty of={none} />}
      />
      <Panel title={chosen ? `session ${chosen.number}` : ''} height={layout.detail}>
        {chosen && detail(chosen)}
      </Panel>
    </Page>
  );
}

/** What became of a session, in a word; never by colour alone. */
function judge({state, closed, drill, undoneBy, steps}: Story): StyledText {
  const failed = failedOf({steps}).length;
  if (undoneBy !== null) return {text: `- undone by ${undoneBy}`};
  if (state === 'done' && !closed) return {text: '! OPEN', look: 'beware'};
  if (state === 'done' && failed > 0) return bad(`x ${failed} FAILED`);
  if (state === 'done') return {text: drill ? '+ drill done' : '+ signed off', look: 'good'};
  if (state === 'stopped') return bad('x STOPPED');
  return state === 'unreadable' ? bad(`x ${state}`) : {text: `- ${stateWord(state)}`};
}

const columnsAt = (now: number): Column<Story>[] => [
  {head: 'NO', cell: ({number}) => `${number}`, width: 3, right: true},
  {head: 'OPENED (UTC)', cell: ({openedAt}) => momentOf(openedAt, now), width: 12},
  {head: 'BACKUP', cell: whatOf, least: 10, most: 44},
  {head: 'OUTCOME', cell: judge, width: 12},
  {
    head: 'STEPS',
    cell: answeredOf,
    width: 6,
    gap: 1,
  },
  {
    head: 'TOOK',
    cell(story) {
      const seconds = secondsOf(story);
      return seconds === null ? '-' : formatDuration(seconds);
    },
    least: 6,
    gap: 1,
  },
];

function detail(story: Story) {
  const {operator, owners, ticket, purpose, title, authorisedBy, badSince, reason, steps, broken, closed} =
    story;
  const facts = [
    operator === null ? null : `by ${namedText({operator, person: owners[0]?.person ?? null})}`,
    ticket,
    purpose,
    title,
    authorisedBy === null ? null : `authorised by ${authorisedBy}`,
    badSince === null ? null : `bad since ${badSince.slice(0, 16)}Z`,
    replacedText(story),
  ];
  const open = steps.filter(({answer}) => answer === null).map((step) => step.title);
  const failed = failedOf(story);
  return (
    <>
      {broken !== null && <Notice mark="x" text={`record BROKEN: ${broken}`} />}
      <Notice text={facts.filter(Boolean).join(', ')} />
      {reason !== null && <Notice mark="x" text={reason} />}
      {failed.length > 0 && (
        <Notice mark="x" text={`${closed ? 'signed off, ' : ''}failed: ${failed.join(', ')}`} />
      )}
      {open.length > 0 && !closed && <Notice look="beware" text={`open: ${open.join(', ')}`} />}
    </>
  );
}

/** Where a session has not been read yet. */
export const reading = (
  <Page>
    <Empty of={['Reading the session ...']} />
  </Page>
);

/** The record of one session, like a log. */
export function RecordView({state, slice: {recordTop: top}}: ViewProps<SessionsState>) {
  const {size} = state;
  const story = openedStory(state);
  if (!story) return reading;
  const lines = recordLines(story, size.columns);
  const height = textHeight(size);
  const title = `Record of session ${story.number} (UTC)   ${whereIn(top, height, lines.length)}`;
  return (
    <Page>
      <TextLine wide of={[title, story.broken === null ? '' : bad('   x BROKEN')]} />
      <ScrollText of={lines} top={top} height={height} indent={0} />
    </Page>
  );
}
