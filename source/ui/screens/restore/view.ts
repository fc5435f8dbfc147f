import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes} from '../../../engine/base/format.ts';
import type {RestoreAction} from '../../../engine/restore/action.ts';
import {cut, widthOf} from '../../../presenters/graphemes.ts';
import {moment, momentOf} from '../../../presenters/moment.ts';
import {
  clip,
  fill,
  type Line,
  pad,
  padStart,
  plain,
  type Style,
  theme,
  toneStyle,
  typedText,
} from '../../kit/line.ts';
import {restoreListHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {factLines, hidden} from './scroll.ts';
import {restoreSlice, whyNotGoOn} from './state.ts';
import type {RestoreTask} from './task.ts';
import {writingNow} from './writes.ts';

/** What a restore would do, before anything is written. */
export function restoreScreen(state: AppState): Line[] {
  const {size, now} = state;
  const restore = restoreSlice.of(state);
  if (!restore) return [];
  const {columns} = size;
  const height = restoreListHeight(size);
  const widths = widthsOf(restore, columns);
  const rows = restore.names.map((name, index) => datasetLine(state, restore, name, index, widths));
  const facts = factLines(restore, now, columns).map(({text, tone}) => plain(text, toneStyle[tone]));
  const lines = [...rows, [], ...facts].slice(restore.top, restore.top + height);
  const heads =
    restore.names.length > 0
      ? plain(
          `       ${pad('DATASET', widths.name)}  ${pad('DOES', 10)} ${pad('LIVE NOW', widths.live)} BECOMES`,
        )
      : [];
  return [
    headLine(restore, columns),
    subjectLine(restore, columns),
    heads,
    ...fill(lines, height),
    [],
    bottom(state, restore),
  ].map((line) => clip(line, columns));
}

function headLine({subject, purpose, ticket}: RestoreTask, columns: number): Line {
  const start = ' NOTHING CHANGED YET';
  // Why a restore is taken back was not asked.
  const [word, none] = subject.undoes === null ? [purpose, `${purpose}, no ticket`] : ['ticket', 'no ticket'];
  const right = ticket === '' ? none : `${word} ${escapeText(ticket)}`;
  const room = columns - start.length - 1;
  return [{text: start, ...theme.selected}, {text: `${padStart(cut(right, room - 2), room)} `}];
}

function subjectLine({subject, state, looked, plan, problem, reasons}: RestoreTask, columns: number): Line {
  const {id, undoes} = subject;
  const title =
    undoes === null ? escapeText(id) : `Undo of session ${undoes}, the restore of ${escapeText(id)}`;
  const read = looked > 0 ? ` ${formatBytes(looked)} hashed` : '';
  const [text, style]: [string, Style] =
    problem !== null || reasons.length > 0
      ? ['x refused', theme.bad]
      : state === 'planning'
        ? [`- looking ...${read}`, {}]
        : plan
          ? ['+ unaltered, just hashed', theme.good]
          : ['', {}];
  return [
    {text: ` ${cut(title, columns - widthOf(text) - 4)}   `, ...theme.selected},
    {text, ...style},
  ];
}

type Widths = {name: number; live: number};

/** On a narrow screen the live file's time gives way. */
function widthsOf({names}: RestoreTask, columns: number): Widths {
  const live = columns < 76 ? 8 : 21;
  const longest = Math.max(7, ...names.slice(0, 200).map((name) => widthOf(escapeText(name))));
  return {live, name: Math.max(7, Math.min(longest, columns - live - 43))};
}

const does: Record<RestoreAction['action'], string> = {
  create: 'create',
  overwrite: 'overwrite',
  unchanged: 'same',
  remove: 'remove',
  refused: 'refused',
};
const boxes: Record<RestoreAction['action'], string> = {
  create: '[*]',
  overwrite: '[*]',
  unchanged: '[=]',
  remove: '[*]',
  refused: '[x]',
};

function datasetLine(
  {now}: AppState,
  task: RestoreTask,
  name: string,
  index: number,
  {name: width, live: room}: Widths,
): Line {
  const selected = index === task.cursor;
  const style = selected ? theme.selected : {};
  const start = (box: string, what: string): string =>
    ` ${selected ? '>' : ' '} ${box} ${pad(escapeText(name), width)}  ${pad(what, 10)} `;
  if (task.left.has(name)) return plain(`${start('[ ]', 'leave')}(your choice)`, style);
  const {plan} = task;
  const action = plan?.actions.find(({dataset, role}) => dataset === name && role === 'dataset');
  if (!plan || !action) return plain(start('[ ]', '...'), style);
  if (action.action === 'refused')
    return plain(`${start('[x]', 'refused')}see below`, {...theme.bad, ...style});
  const {live, bytes} = action;
  const old =
    live?.kind === 'file'
      ? `${padStart(formatBytes(live.stamp.size), 7)}${room > 8 ? `  ${moment(live.mtimeMs, now)}` : ''}`
      : '      -';
  const becomes =
    action.action === 'remove'
      ? '      -  gone again'
      : action.action === 'unchanged'
        ? ''
        : `${padStart(formatBytes(bytes), 7)}  ${momentOf(plan.createdAt, now)}`;
  return plain(`${start(boxes[action.action], does[action.action])}${pad(old, room)} ${becomes}`, style);
}

/** What comes next, or why it does not; while the ticket is asked for, that. */
function bottom(state: AppState, task: RestoreTask): Line {
  const {size, now, prompt, readOnly} = state;
  if (prompt) {
    const asked = prompt.kind === 'audit' ? ' Why without the audit log: ' : ' Ticket, may stay empty: ';
    const keys = '   Enter done, Esc cancel';
    return [{text: asked}, typedText(prompt.text, size.columns - asked.length - keys.length), {text: keys}];
  }
  const {below} = hidden(task, now, size);
  const more = below > 0 ? `   ... ${below} more below` : '';
  const why = readOnly ? '--read-only' : whyNotGoOn(task);
  if (why === null)
    return [
      {text: ' '},
      {text: 'Enter', ...theme.key},
      {text: ` goes on: ${task.subject.undoes === null ? 'the id' : 'the number'} is typed first${more}`},
    ];
  // What may be done about it stands above, and is said when it is pressed.
  if (!readOnly && task.state === 'ready' && task.reasons.length === 0 && writingNow(task).holding.length > 0)
    return [{text: ' Enter go on: not while x', ...theme.beware}, {text: more}];
  return [{text: ` Enter not yet: ${escapeText(why)}`, ...theme.beware}, {text: more}];
}
