import {escapeText} from '../../../engine/base/escape.ts';
import {formatDuration} from '../../../engine/base/format.ts';
import type {Story} from '../../../engine/session/story.ts';
import {momentOf} from '../../../presenters/moment.ts';
import {filesOf, secondsOf} from '../../../presenters/story-facts.ts';
import {
  clip,
  fill,
  type Line,
  linesShown,
  pad,
  padStart,
  paragraph,
  plain,
  rule,
  type Style,
  theme,
} from '../../kit/line.ts';
import {recordHeight, sessionsLayout} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {answeredOf, chosenSession, openedStory, recordLines, sessionsSlice} from './state.ts';

const whatOf = ({id, undoes, drill}: Story): string =>
  undoes !== null ? `undo of session ${undoes}` : drill ? `drill ${id}` : id;

/** What became of a session, in a word; never by colour alone. */
function judge({state, closed, drill, undoneBy}: Story): {mark: string; text: string; style: Style} {
  if (undoneBy !== null) return {mark: '-', text: `undone by ${undoneBy}`, style: {}};
  if (state === 'done' && !closed) return {mark: '!', text: 'OPEN', style: theme.beware};
  if (state === 'done') return {mark: '+', text: drill ? 'drill done' : 'signed off', style: theme.good};
  if (state === 'stopped') return {mark: 'x', text: 'STOPPED', style: theme.bad};
  if (state === 'unreadable') return {mark: 'x', text: state, style: theme.bad};
  return {mark: '-', text: state, style: {}};
}

/** Every restore that was begun here, newest first. */
export function sessionsScreen(state: AppState): Line[] {
  const {sessions, size, now} = state;
  const {columns} = size;
  const {stories} = sessions;
  const {list} = sessionsSlice.of(state);
  const layout = sessionsLayout(size);
  const id = Math.max(10, Math.min(44, columns - 50));
  const rows = (stories ?? []).slice(list.top, list.top + layout.list).map((story, index): Line => {
    const selected = list.top + index === list.cursor;
    const {mark, text, style} = judge(story);
    const seconds = secondsOf(story);
    const start = ` ${selected ? '>' : ' '} ${padStart(String(story.number), 3)}  ${pad(momentOf(story.openedAt, now), 12)}  ${pad(escapeText(whatOf(story)), id)}  `;
    const steps = story.steps.length > 0 ? answeredOf(story) : '-';
    const took = seconds === null ? '-' : formatDuration(seconds);
    return [
      {text: start, ...(selected ? theme.selected : {})},
      {text: pad(`${mark} ${text}`, 12), ...style},
      {text: ` ${pad(steps, 6)} ${took}`},
    ];
  });
  const none =
    stories === null
      ? ['   Reading ...']
      : ['   No restore was made here yet.', '   r on a backup begins one, with a plan that writes nothing.'];
  const chosen = chosenSession(state);
  return [
    plain(
      `   ${padStart('NO', 3)}  ${pad('OPENED (UTC)', 12)}  ${pad('BACKUP', id)}  ${pad('OUTCOME', 12)} ${pad('STEPS', 6)} TOOK`,
    ),
    ...fill(rows.length > 0 ? rows : [[], ...none.map((each) => plain(each))], layout.list),
    rule(chosen ? `session ${chosen.number}` : '', columns),
    ...fill(chosen ? detail(chosen, columns) : [], layout.detail),
  ].map((line) => clip(line, columns));
}

function detail(story: Story, columns: number): Line[] {
  const {operator, ticket, purpose, title, authorisedBy, badSince, reason, steps, broken} = story;
  const files = filesOf(story);
  const facts = [
    operator === null ? null : `by ${operator}`,
    ticket,
    purpose,
    title,
    authorisedBy === null ? null : `authorised by ${authorisedBy}`,
    badSince === null ? null : `bad since ${badSince.slice(0, 16)}Z`,
    files === null ? null : `${files} ${files === 1 ? 'file' : 'files'}`,
  ];
  const open = steps.filter(({answer}) => answer === null).map(({title}) => title);
  return [
    ...(broken === null ? [] : paragraph(`x record BROKEN: ${broken}`, columns, theme.bad)),
    ...paragraph(facts.filter(Boolean).join(', '), columns),
    ...(reason === null ? [] : paragraph(`x ${reason}`, columns, theme.bad)),
    ...(open.length === 0 || story.closed
      ? []
      : paragraph(`open: ${open.join(', ')}`, columns, theme.beware)),
  ];
}

/** The record of one session, like a log. */
export function recordScreen(state: AppState): Line[] {
  const {size} = state;
  const {recordTop} = sessionsSlice.of(state);
  const story = openedStory(state);
  if (!story) return [[], plain('   Reading the session ...')];
  const lines = recordLines(story, size.columns);
  const height = recordHeight(size);
  const last = Math.min(lines.length, recordTop + height);
  const first = lines.length === 0 ? 0 : recordTop + 1;
  return [
    [
      {text: ` The record of session ${story.number}, UTC   ${linesShown(first, last, lines.length)}`},
      ...(story.broken === null ? [] : [{text: '   x BROKEN', ...theme.bad}]),
    ],
    ...fill(
      lines.slice(recordTop, last).map((line) => plain(line)),
      height,
    ),
  ].map((line) => clip(line, size.columns));
}
