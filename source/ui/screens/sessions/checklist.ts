import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes, formatDuration} from '../../../engine/base/format.ts';
import type {Since} from '../../../engine/checklist/since.ts';
import {planOf} from '../../../engine/restore/plan-record.ts';
import {evidenceStep, type Step} from '../../../engine/session/checklist.ts';
import {timeNames} from '../../../engine/session/lines.ts';
import {whoText} from '../../../engine/session/owner.ts';
import type {Story} from '../../../engine/session/story.ts';
import {type TimeName, timeOf, timeTexts} from '../../../engine/session/times.ts';
import {cut, widthOf} from '../../../presenters/graphemes.ts';
import {minuteOf, momentOf} from '../../../presenters/moment.ts';
import {beware, filesOf, saidFor, secondsOf, shortAnswer} from '../../../presenters/story-facts.ts';
import {
  clip,
  fill,
  type Line,
  pad,
  padStart,
  paragraph,
  plain,
  rule,
  type Style,
  theme,
  typedText,
} from '../../kit/line.ts';
import {checklistLayout} from '../../layout.ts';
import type {Prompt} from '../../prompt.ts';
import {watching} from '../../reasons.ts';
import type {AppState} from '../../state.ts';
import {evidenceSlice} from '../evidence/state.ts';
import {answeredOf, chosenStep, openedStory, sessionsSlice} from './state.ts';

const marks = {done: '+', failed: 'x', skipped: '!'};
const styles = {done: theme.good, failed: theme.bad, skipped: theme.beware};

/** What a restore came to, and the steps that follow it. */
export function checklistScreen(state: AppState): Line[] {
  const {size} = state;
  const {steps} = sessionsSlice.of(state);
  const story = openedStory(state);
  if (!story) return [[], plain('   Reading the session ...')];
  const {columns} = size;
  const layout = checklistLayout(size, story.steps.length);
  const step = chosenStep(state);
  const shown = story.steps.slice(steps.top, steps.top + layout.list);
  const widths = widthsOf(story, columns);
  return [
    head(story, state),
    about(story),
    plain(
      `     ${pad('STEP', widths.title)} ${widths.full ? `${pad('BY', 8)} ${pad('AT', 12)} ` : ''}ANSWER`,
    ),
    ...fill(
      shown.map((each, index) => stepLine(each, steps.top + index, state, widths)),
      layout.list,
    ),
    rule(step ? escapeText(step.title) : '', columns),
    ...fill(step ? saysMore(detail(story, step, state), layout.detail) : [], layout.detail),
    bottom(story, state),
  ].map((line) => clip(line, columns));
}

type Widths = {title: number; full: boolean};

/** On a narrow screen who and when stand below, with the chosen step. */
function widthsOf({steps}: Story, columns: number): Widths {
  const full = columns >= 76;
  const longest = Math.max(0, ...steps.map(({title}) => widthOf(escapeText(title))));
  return {full, title: Math.max(12, Math.min(longest + 2, columns - (full ? 44 : 22)))};
}

/** How it ended, and whether it is signed off. */
function head(story: Story, {size, now}: AppState): Line {
  const {state, undoes, closed, steps} = story;
  const files = filesOf(story);
  const seconds = secondsOf(story);
  const isPart = (planOf(story.lines)?.partial.length ?? 0) > 0;
  const what =
    state === 'done'
      ? `${undoes === null ? 'RESTORED' : 'UNDONE'}${isPart ? ' IN PART' : ''}`
      : state.toUpperCase();
  const parts = [
    `${what} ${momentOf(story.endedAt ?? story.openedAt, now)}`,
    files === null ? null : `${files} ${files === 1 ? 'file' : 'files'}`,
    seconds === null ? null : formatDuration(seconds),
  ];
  const good = state === 'done';
  const open = good && !closed && steps.length > 0;
  const right = open ? `NOT SIGNED OFF: ${answeredOf(story)} ` : good && closed ? signedOff(story) : '';
  const left = cut(
    ` ${good ? (isPart ? '!' : '+') : 'x'} ${parts.filter(Boolean).join(', ')}`,
    size.columns - right.length - 1,
  );
  return [
    {text: left, ...(good ? (isPart ? theme.beware : theme.good) : theme.bad)},
    {text: padStart(right, size.columns - widthOf(left)), ...(open ? theme.beware : {})},
  ];
}

function signedOff({steps, undoneBy}: Story): string {
  if (undoneBy !== null) return `UNDONE BY SESSION ${undoneBy} `;
  const failed = steps.filter(({answer}) => answer?.state === 'failed').length;
  return failed > 0 ? `SIGNED OFF: ${failed} FAILED ` : 'SIGNED OFF ';
}

function about({number, id, undoes, ticket, operator, owners}: Story): Line {
  const what = undoes === null ? id : `undo of session ${undoes}`;
  const owner = owners.at(-1);
  const rest = [ticket, owner ? whoText(owner) : operator].filter(Boolean).map((each) => `   ${each}`);
  return plain(` session ${number}   ${escapeText(what)}${escapeText(rest.join(''))}`, theme.selected);
}

function stepLine({title, answer}: Step, index: number, state: AppState, {title: width, full}: Widths): Line {
  const {size, now} = state;
  const selected = index === sessionsSlice.of(state).steps.cursor;
  const mark = answer ? marks[answer.state] : '-';
  const name = pad(`${index + 1} ${escapeText(title)}`, width);
  const who = answer ? (answer.machine ? 'machine' : escapeText(answer.operator)) : '';
  const at = answer ? momentOf(answer.at, now) : '';
  const start = ` ${selected ? '>' : ' '} ${mark} ${name} ${full ? `${pad(who, 8)} ${pad(at, 12)} ` : ''}`;
  return [
    {text: start, ...(selected ? theme.selected : {})},
    {
      text: answer ? shortAnswer(answer, size.columns - widthOf(start)) : 'open',
      ...(answer ? styles[answer.state] : {}),
    },
  ];
}

function answerText({state, machine, operator, at, note}: NonNullable<Step['answer']>, now: number): string {
  const who = machine ? 'machine' : operator;
  return `${marks[state]} ${state} by ${who}, ${momentOf(at, now)}${note ? `: ${note}` : ''}`;
}

/** As many as there is room for; where that is not all, the last one says so. */
const saysMore = (lines: Line[], room: number): Line[] =>
  lines.length > room ? [...lines.slice(0, room - 1), plain('   ... more: l, its record')] : lines;

/** What a step means, what was answered, and what is to be known since. */
function detail(story: Story, step: Step, state: AppState): Line[] {
  const {sessions, size, now} = state;
  const watched = watching(state);
  const {columns} = size;
  const {checking} = sessions;
  const isChecked = checking?.session === story.number && checking.step === step.id;
  const far =
    checking && checking.total > 0
      ? ` ${formatBytes(checking.done)} of ${formatBytes(checking.total)} hashed`
      : '';
  const {answer} = step;
  return [
    ...(isChecked ? [plain(`   - checking ...${far}   ^C stops it`, theme.selected)] : []),
    ...(watched === null ? [] : paragraph(`! You watch: ${watched}.`, columns, theme.beware)),
    ...(answer ? paragraph(answerText(answer, now), columns, styles[answer.state]) : []),
    ...step.replaced.flatMap((each) => paragraph(`replaced: ${answerText(each, now)}`, columns)),
    ...saidLines(story, step, columns),
    ...(step.help === '' ? [] : paragraph(step.help, columns)),
    ...timesLines(story, state),
    ...since(story, state).flatMap(({text, style}) => paragraph(text, columns, style)),
    ...beware(story).flatMap((line) => paragraph(`! ${line}`, columns, theme.beware)),
    ...(story.closed || story.state !== 'done' || watched !== null
      ? []
      : paragraph(
          'u undoes it, with a plan first. The old files stay beside the live ones until C.',
          columns,
        )),
  ];
}

/** What the site's own commands said, as far as it tells how they ended. */
const saidLines = (story: Story, step: Step, columns: number): Line[] =>
  saidFor(story, step).flatMap(({command, reason, output}) => [
    ...paragraph(
      `${reason === null ? '+' : 'x'} ${command}${reason === null ? '' : `: ${reason}`}`,
      columns,
      reason === null ? theme.good : theme.bad,
    ),
    ...output.map((line) => plain(`     | ${cut(escapeText(line), columns - 8)}`)),
  ]);

/** When it went wrong, was noticed and was over: what the report of an incident asks for, as far as it is known. */
function timesLines({badSince, times}: Story, {size: {columns}, now}: AppState): Line[] {
  const said = (at: string | null): string => (at === null ? '?' : minuteOf(Date.parse(at), now));
  const parts = [
    `bad since ${said(badSince)}`,
    ...timeNames.map((what) => `${timeTexts[what]} ${said(timeOf(times, what))}`),
  ];
  const line = `   ${parts.join('   ')}`;
  return line.length < columns ? [plain(line)] : paragraph(parts.join(', '), columns);
}

/** Whether the live files are still what was restored; what changed comes last. */
function since({number, closed}: Story, {sessions}: AppState): {text: string; style: Style}[] {
  if (closed || sessions.since?.session !== number) return [];
  const names = (wanted: Since['state']): string =>
    sessions.since?.datasets
      .filter(({state}) => state === wanted)
      .map(({dataset}) => dataset)
      .join(', ') ?? '';
  const [same, changed, unseen] = [names('as restored'), names('changed'), names('unseen')];
  return [
    ...(same ? [{text: `= ${same}: as restored`, style: {}}] : []),
    ...(changed ? [{text: `! ${changed}: changed since the restore`, style: theme.beware}] : []),
    ...(unseen ? [{text: `? ${unseen}: cannot be looked at`, style: theme.beware}] : []),
  ];
}

const questions: Partial<Record<Prompt['kind'], string>> = {
  done: ' Done. A note, may stay empty: ',
  failed: ' Failed. Why: ',
  skipped: ' Skipped. Why: ',
  back: ' When was it back? Empty is now: ',
  takeOver: " Take it over. Type the session's number: ",
};

const times: Record<TimeName, string> = {
  noticed: ' When was it noticed? Empty leaves it: ',
  declared: ' When was it declared? Empty leaves it: ',
  'service-back': ' When was the service back? Empty leaves it: ',
};

const questionOf = ({kind, id}: Prompt): string | undefined =>
  kind === 'time' ? times[id as TimeName] : questions[kind];

/** Whose answer it is stands in full above, with the chosen step. */
function replaceText({steps}: Story, {id}: Prompt, {now}: AppState): string {
  const answer = steps.find((step) => step.id === id)?.answer;
  if (!answer) return ' Enter answers it, Esc leaves it open';
  const who = answer.machine ? 'machine' : cut(escapeText(answer.operator), 16);
  return ` Answered by ${who} ${momentOf(answer.at, now)}: Enter replaces it, Esc keeps it`;
}

/** Evidence from before the sign-off does not show it: the final one does. */
function finalEvidence({number, steps}: Story, state: AppState): Line {
  const evidence = evidenceSlice.of(state);
  const final = evidence.written.findLast(({session, final: isFinal}) => isFinal && session === number);
  if (final) return plain(` + final evidence: ${escapeText(final.file.split('/').at(-1) ?? '')}`, theme.good);
  const had = steps.find(({id}) => id === evidenceStep)?.answer?.state === 'done';
  return [
    {text: had ? ' Its evidence lacks the sign-off: ' : ' '},
    {text: 'e', ...theme.key},
    {text: ` exports ${had ? 'the final one' : 'its evidence'}`},
  ];
}

/** The question that is asked, or what comes next. */
function bottom(story: Story, state: AppState): Line {
  const {prompt, size} = state;
  if (prompt?.kind === 'replace') return plain(replaceText(story, prompt, state), theme.beware);
  const asked = prompt && questionOf(prompt);
  if (asked) return [{text: asked}, typedText(prompt.text, size.columns - asked.length)];
  if (story.state !== 'done') return [];
  if (story.closed) return finalEvidence(story, state);
  if (watching(state) !== null) return plain(' You watch: T takes the session over', theme.beware);
  const open = story.steps.filter(({answer}) => answer === null).length;
  if (open === 0) return [{text: ' All are answered: '}, {text: 'C', ...theme.key}, {text: ' signs it off'}];
  return plain(cut(` ${open} open: Enter does or answers one`, size.columns));
}
