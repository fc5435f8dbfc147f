import {counted, formatBytes, formatDuration} from '../../../engine/base/format.ts';
import {evidenceStep, isCheckable, type Step, stillOpen} from '../../../engine/session/checklist.ts';
import {timeNames} from '../../../engine/session/lines.ts';
import {namedText, whoText} from '../../../engine/session/owner.ts';
import type {Story} from '../../../engine/session/story.ts';
import {type TimeName, timeOf, timeTexts} from '../../../engine/session/times.ts';
import {minuteOf, momentOf} from '../../../presenters/moment.ts';
import {sinceSentences} from '../../../presenters/since-words.ts';
import {
  bewareOf,
  isInPart,
  replacedText,
  restoredWord,
  saidFor,
  secondsOf,
  shortAnswer,
} from '../../../presenters/story-facts.ts';
import {answeredOf, failedOf} from '../../../presenters/story-words.ts';
import type {Look} from '../../kit/look.ts';
import {beware, cutEnd, gap, key, type Span, type Spans} from '../../kit/span.ts';
import {Page, Panel} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {Notice, Notices, type NoticeText, noticeOf, TextLine} from '../../kit/words.tsx';
import {checklistLayout} from '../../layout.ts';
import {asksWho} from '../../person.ts';
import type {Prompt} from '../../prompt.ts';
import {watching} from '../../reasons.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {evidenceSlice} from '../evidence/state.ts';
import {chosenStep, openedStory, type SessionsState} from './state.ts';
import {reading} from './View.tsx';

const answers: Record<'done' | 'failed' | 'skipped', {mark: string; look: Look}> = {
  done: {mark: '+', look: 'good'},
  failed: {mark: 'x', look: 'bad'},
  skipped: {mark: '!', look: 'beware'},
};

/** What a restore came to, and the steps that follow it. */
export function ChecklistView({state, slice: {steps}}: ViewProps<SessionsState>) {
  const story = openedStory(state);
  if (!story) return reading;
  const layout = checklistLayout(state.size, story.steps.length);
  const step = chosenStep(state);
  return (
    <Page asks={state.prompt !== null}>
      <TextLine wide of={heading(story, state)} />
      <TextLine wide look="strong" of={about(story)} />
      <Table columns={columnsOf(story, state)} rows={story.steps} {...steps} height={layout.list} />
      <Panel title={step?.title ?? ''} height={layout.detail} more="   ... more: l, its record">
        {step && detail(story, step, state)}
      </Panel>
      {bottom(story, state)}
    </Page>
  );
}

/** How it ended, and whether it is signed off. */
function heading(story: Story, {now}: AppState): Span[] {
  const {state, closed, steps, endedAt, openedAt} = story;
  const seconds = secondsOf(story);
  const isPart = isInPart(story.lines);
  const isDone = state === 'done';
  const what = isDone ? restoredWord(story) : state.toUpperCase();
  const parts = [
    `${what} ${momentOf(endedAt ?? openedAt, now)}`,
    replacedText(story),
    seconds === null ? null : formatDuration(seconds),
  ];
  const isOpen = isDone && !closed && steps.length > 0;
  const [mark, look]: [string, Look] = !isDone ? ['x', 'bad'] : isPart ? ['!', 'beware'] : ['+', 'good'];
  const right = isOpen ? `NOT SIGNED OFF: ${answeredOf(story)} ` : isDone && closed ? signedOff(story) : '';
  return [
    cutEnd(`${mark} ${parts.filter(Boolean).join(', ')}`, {look}),
    gap(),
    isOpen ? beware(right) : right,
  ];
}

function signedOff({steps, undoneBy}: Story): string {
  if (undoneBy !== null) return `UNDONE BY SESSION ${undoneBy} `;
  const failed = failedOf({steps}).length;
  return failed > 0 ? `SIGNED OFF: ${failed} FAILED ` : 'SIGNED OFF ';
}

/** Who they say they are gives way. */
function about({number, id, undoes, ticket, operator, owners}: Story): Spans {
  const owner = owners.at(-1);
  const what = undoes === null ? id : `undo of session ${undoes}`;
  const of = (who: string | null): string[] => [
    [`session ${number}`, what, ticket, who].filter(Boolean).join('   '),
  ];
  return owner ? {either: of(whoText(owner)), or: of(whoText({...owner, person: null}))} : of(operator);
}

/** On a narrow screen who and when stand below, with the chosen step. */
const columnsOf = ({steps}: Story, {now}: AppState): Column<Step>[] => [
  {cell: ({answer}) => (answer ? answers[answer.state].mark : '-'), width: 1},
  {
    head: 'STEP',
    cell: ({title}) => `${steps.findIndex((step) => step.title === title) + 1} ${title}`,
    fits: true,
    least: 12,
    gap: 1,
  },
  {
    head: 'BY',
    cell: ({answer}) =>
      answer?.machine ? 'machine' : answer ? {text: namedText(answer), or: answer.operator} : '',
    fits: true,
    least: 8,
    most: 28,
    narrow: 0,
    gap: 1,
  },
  {
    head: 'AT',
    cell: ({answer}) => (answer ? momentOf(answer.at, now) : ''),
    width: 12,
    narrow: 0,
    gap: 1,
  },
  {
    head: 'ANSWER',
    cell: ({answer}, _, room) =>
      answer ? {text: shortAnswer(answer, room), look: answers[answer.state].look} : 'open',
    least: 16,
    gap: 1,
  },
];

function answerText(answer: NonNullable<Step['answer']>, now: number): string {
  const {state, machine, at, note} = answer;
  const who = machine ? 'machine' : namedText(answer);
  return `${answers[state].mark} ${state} by ${who}, ${momentOf(at, now)}${note ? `: ${note}` : ''}`;
}

/** What a step means, what was answered, and what is to be known since. */
function detail(story: Story, step: Step, state: AppState) {
  const {now} = state;
  const {checking} = state.sessions;
  const {answer, replaced, help} = step;
  const watched = watching(state);
  const isChecked = checking?.session === story.number && checking.step === step.id;
  const far =
    checking && checking.total > 0
      ? ` ${formatBytes(checking.done)} of ${formatBytes(checking.total)} hashed`
      : '';
  return (
    <>
      {isChecked && <TextLine look="strong" of={`- checking ...${far}   ^C stops it`} />}
      {watched !== null && <Notice mark="!" text={`You watch: ${watched}.`} />}
      {answer && <Notice text={answerText(answer, now)} look={answers[answer.state].look} />}
      <Notices of={replaced.map((each) => `replaced: ${answerText(each, now)}`)} />
      {saidFor(story, step).map(saidOf)}
      {help !== '' && <Notice text={help} />}
      {times(story, now)}
      <Notices of={since(story, state)} />
      <Notices of={bewareOf(story).map((line) => noticeOf('!', line))} />
      {!story.closed && story.state === 'done' && watched === null && (
        <Notice text="u undoes it, with a plan first; also after you sign off (C)." />
      )}
    </>
  );
}

/** What one of the site's own commands said, as far as it tells how it ended. */
const saidOf = ({command, reason, output}: ReturnType<typeof saidFor>[number]) => [
  reason === null ? (
    <Notice key={command} mark="+" text={command} />
  ) : (
    <Notice key={command} mark="x" text={`${command}: ${reason}`} />
  ),
  ...output.map((line) => <TextLine key={line} of={`  | ${line}`} />),
];

/** When it went wrong, was noticed and was over: what the report of an incident asks for, as far as it is known. */
function times({badSince, times: known}: Story, now: number) {
  const at = (time: string | null): string => (time === null ? '?' : minuteOf(Date.parse(time), now));
  const parts = [
    `bad since ${at(badSince)}`,
    ...timeNames.map((what) => `${timeTexts[what]} ${at(timeOf(known, what))}`),
  ];
  return <Notice text={parts.join('   ')} or={parts.join(', ')} />;
}

/** Whether the live files are still what was restored; what changed comes last. */
function since(story: Story, {sessions}: AppState): NoticeText[] {
  if (story.closed || sessions.since?.session !== story.number) return [];
  return sinceSentences(story, sessions.since.datasets).map(({mark, text}) => noticeOf(mark, text));
}

const questions: Readonly<Record<string, string>> = {
  done: ' Done. A note (optional): ',
  failed: ' Failed. Why: ',
  skipped: ' Skipped. Why: ',
  who: asksWho,
  takeOver: " Take it over. Type the session's number: ",
};

const timeQuestions: Record<TimeName, string> = {
  noticed: ' When was it noticed? (HH:MM, "20m ago"; Enter skips) ',
  declared: ' When was it declared? (HH:MM, "20m ago"; Enter skips) ',
  'service-back': ' When was the service back? (HH:MM, "20m ago"; Enter skips) ',
};

function questionOf({kind, id}: Prompt, {times: known}: Story): string | undefined {
  if (kind === 'time') return timeQuestions[id as TimeName];
  if (kind !== 'back') return questions[kind];
  // A time that is recorded stands there already, and Enter takes it.
  const now = timeOf(known, 'service-back') === null ? 'Enter: now; ' : '';
  return ` When was it back? (${now}never: was not stopped) `;
}

/** Whose answer it is stands in full above, with the chosen step; what takes its place is said here. */
function replaces({steps}: Story, {id, note}: Prompt, {now}: AppState): Span[] {
  const answer = steps.find((step) => step.id === id)?.answer;
  if (!answer) return ['Enter answers it, Esc leaves it open'];
  const who: Span = answer.machine ? 'machine' : cutEnd(namedText(answer), {most: 24, look: 'beware'});
  const does = note === 'check' ? 'checks again and replaces it' : 'asks, then replaces it';
  return ['Answered by ', who, ` ${momentOf(answer.at, now)}: Enter ${does}, Esc keeps it`];
}

/** Evidence from before the sign-off does not show it: the final one does. */
function finalEvidence({number, steps}: Story, state: AppState) {
  const {written} = evidenceSlice.of(state);
  const read = state.sessions.final?.session === number ? state.sessions.final : null;
  const file =
    written.findLast(({session, final: isFinal}) => isFinal && session === number)?.file ?? read?.file;
  if (file != null)
    return <TextLine wide look="good" of={`+ final evidence: ${file.split('/').at(-1) ?? ''}`} />;
  if (!read) return <TextLine wide of="Looking for its evidence ..." />;
  const had = steps.find(({id}) => id === evidenceStep)?.answer?.state === 'done';
  const lacks = had ? 'Its evidence lacks the sign-off: ' : '';
  return <TextLine wide of={[lacks, key('e'), ` exports ${had ? 'the final one' : 'its evidence'}`]} />;
}

/** What Enter does now with a step. */
function enterDoes(step: Step): string {
  if (step.id === evidenceStep) return 'shows the evidence, before it is written';
  const does = step.command === null ? 'hashes the copies again' : "runs the site's check";
  // What that does is said with the question.
  if (step.answer) return 'asks whether its answer is replaced';
  return isCheckable(step) ? `${does}, and answers it` : 'asks for a note, and answers it on your word';
}

/** The question that is asked, or what comes next. */
function bottom(story: Story, state: AppState) {
  const {prompt} = state;
  if (prompt?.kind === 'replace') return <TextLine wide look="beware" of={replaces(story, prompt, state)} />;
  const asks = prompt && questionOf(prompt, story);
  if (asks) return <TextField asks={asks} text={prompt.text} />;
  if (story.state !== 'done') return <TextLine of="" />;
  if (story.closed) return finalEvidence(story, state);
  if (watching(state) !== null)
    return <TextLine wide look="beware" of="You watch: T takes the session over" />;
  const open = story.steps.filter(({answer}) => answer === null).length;
  if (stillOpen(story.steps).length === 0) {
    const [before, after] =
      open === 0
        ? ['All are answered: ', ' signs it off, with final evidence']
        : ['Only evidence is open: ', ' signs off, and writes it'];
    return <TextLine wide of={[before, key('C'), after]} />;
  }
  const step = chosenStep(state);
  const left = `${counted(open, 'step')} left`;
  if (!step) return <TextLine wide of={left} />;
  const then = ['. ', key('Enter'), `: ${enterDoes(step)}`];
  return <TextLine wide of={{either: [left, ...then], or: [`${open} left`, ...then]}} />;
}
