import {escapeText} from '../../../engine/base/escape.ts';
import type {LoggedLine} from '../../../engine/events/log/logged-line.ts';
import {eventName, factsOf, markOf, personOf} from '../../../presenters/activity-view.ts';
import {moment} from '../../../presenters/moment.ts';
import {
  clip,
  fill,
  type Line,
  pad,
  padStart,
  paragraph,
  plain,
  rule,
  theme,
  toneStyle,
  typedText,
} from '../../kit/line.ts';
import {activityLayout} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {activityEmpty} from './activity-empty.ts';
import {type ActivityState, chosenLine, unseen} from './lines.ts';

/** Columns of what stands in every line before the backup. */
const first = 42;

/** Columns of the backup, whoever did it, and what became of it; 0 where there is no room, or it is said above. */
function widths({backup}: ActivityState, columns: number): {id: number; who: number; result: number} {
  const left = columns - first;
  // What a narrow terminal has no room for stands below.
  if (left < 30) return backup === null ? {id: left, who: 0, result: 0} : {id: 0, who: 0, result: left};
  const id = backup === null ? Math.max(16, Math.min(34, Math.floor(left * 0.4))) : 0;
  const who = Math.max(8, Math.min(20, Math.floor(left * 0.2)));
  return {id, who, result: left - id - who - 2};
}

const cells = (cell: [string, number][]): string =>
  cell.flatMap(([text, width]) => (width > 0 ? [pad(text, width)] : [])).join(' ');

type Widths = ReturnType<typeof widths>;

function row(line: LoggedLine, selected: boolean, now: number, {id, who, result}: Widths): Line {
  const style = selected ? theme.selected : {};
  const start = {text: ` ${selected ? '>' : ' '} ${pad(moment(line.at, now), 12)} `, ...style};
  const mark = markOf(line);
  const tone = toneStyle[line.result.tone];
  // There is nothing else to say of it, and that takes the whole line.
  if (line.broken !== null) return [start, {text: `${mark} ${escapeText(line.broken)}`, ...tone}];
  const others = cells([
    [escapeText(line.backup ?? '-'), id],
    [personOf(line), who],
    [escapeText(line.result.text), result],
  ]);
  return [start, {text: `${mark} ${pad(eventName(line), 23)} `, ...tone}, {text: others, ...style}];
}

/** The audit log, newest first. */
export function activityScreen(state: AppState): Line[] {
  const {activity, size, now} = state;
  const {columns} = size;
  const layout = activityLayout(size);
  const {shown, top, cursor} = activity;
  const {id, who, result} = widths(activity, columns);
  const rows = shown
    .slice(top, top + layout.list)
    .map((line, index) => row(line, top + index === cursor, now, {id, who, result}));
  const chosen = chosenLine(activity);
  const head = cells([
    ['BACKUP', id],
    ['BY', who],
    ['RESULT', result],
  ]);
  return [
    headLine(activity, columns),
    plain(`   ${pad('TIME (UTC)', 12)}   ${pad('EVENT', 23)} ${head}`),
    ...fill(rows.length > 0 ? rows : activityEmpty(state), layout.list),
    rule(position(activity, now), columns),
    ...fill(chosen ? detail(chosen, columns) : [], layout.detail),
  ].map((line) => clip(line, columns));
}

/** What is read, and what of it is shown; at the right what came meanwhile. */
function headLine(activity: ActivityState, columns: number): Line {
  const {onlyOurs, filter, typing, event, backup, log, top} = activity;
  const more = top > 0 ? unseen(activity) : 0;
  const right = more > 0 ? ` ! ${more} new: g ` : ' ';
  const left: Line = [{text: onlyOurs ? ' Backups and restores' : ' All actions of the site'}];
  if (log?.state === 'unreadable') left.push({text: '  x log unreadable', ...theme.bad});
  if (log?.state === 'missing') left.push({text: '  ! no log', ...theme.beware});
  if (typing) left.push({text: '  /'}, typedText(filter, 24));
  else if (filter !== '') left.push({text: `  /${escapeText(filter)}`, ...theme.selected});
  if (event !== null) left.push({text: `  ${escapeText(event)}`, ...theme.selected});
  if (backup !== null) left.push({text: `  ${escapeText(backup)}`, ...theme.selected});
  const shown = clip(left, columns - right.length);
  const used = shown.reduce((sum, {text}) => sum + text.length, 0);
  return [...shown, {text: padStart(right, Math.max(0, columns - used)), ...theme.beware}];
}

/** How much of the log that is. */
function position({lines, shown, cursor, end, wanted}: ActivityState, now: number): string {
  if (lines.length === 0) return wanted ? 'reading ...' : end === null ? 'PgDn reads further back' : '';
  const count =
    shown.length === lines.length
      ? `${Math.min(cursor + 1, shown.length)} of ${shown.length}`
      : `${shown.length} of ${lines.length} pass`;
  const oldest = lines.findLast(({at}) => at !== null)?.at ?? null;
  const back = oldest === null ? '' : `, back to ${moment(oldest, now)}`;
  const further = wanted
    ? 'reading further ...'
    : end === null
      ? 'G, then PgDn reads further'
      : escapeText(end);
  return `${count}${back}: ${further}`;
}

function detail(line: LoggedLine, columns: number): Line[] {
  const [result = '', ...others] = factsOf(line);
  return [
    ...paragraph(`${markOf(line)} ${result}`, columns, toneStyle[line.result.tone]).slice(0, 2),
    ...others.flatMap((text) => paragraph(text, columns)),
  ];
}
