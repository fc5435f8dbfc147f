import {escapeText} from '../../engine/escape.ts';
import type {LoggedLine} from '../../engine/events/logged-line.ts';
import {type ActivityState, chosenLine, unseen} from '../../state/activity-screen.ts';
import {eventLines, eventName, factsOf, markOf, secondOf} from '../../state/activity-view.ts';
import type {AppState} from '../../state/app.ts';
import {activityLayout, eventHeight} from '../../state/layout.ts';
import {moment} from '../../state/moment.ts';
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
  theme,
  typedText,
} from '../line.ts';

const styles = {good: theme.good, bad: theme.bad, beware: theme.beware, none: {}};

/** Columns of what stands in every line before the backup. */
const first = 40;

/** Columns of the backup, whoever did it, and what became of it; 0 where there is no room, or it is said above. */
function widths({backup}: ActivityState, columns: number): {id: number; who: number; result: number} {
  const left = columns - first;
  // What a narrow terminal has no room for stands below.
  if (left < 30) return backup === null ? {id: left, who: 0, result: 0} : {id: 0, who: 0, result: left};
  const id = backup === null ? Math.max(16, Math.min(34, Math.floor(left * 0.4))) : 0;
  const who = Math.max(8, Math.min(20, Math.floor(left * 0.2)));
  return {id, who, result: left - id - who - 2};
}

/** The audit log, newest first. */
export function activityScreen(state: AppState): Line[] {
  const {activity, size, now} = state;
  const {columns} = size;
  const layout = activityLayout(size);
  const {shown, top, cursor} = activity;
  const {id, who, result} = widths(activity, columns);
  const cells = (cell: [string, number][]): string =>
    cell.flatMap(([text, width]) => (width > 0 ? [pad(text, width)] : [])).join(' ');
  const rows = shown.slice(top, top + layout.list).map((line, index): Line => {
    const selected = top + index === cursor;
    return [
      {
        text: ` ${selected ? '>' : ' '} ${pad(moment(line.at, now), 12)} `,
        ...(selected ? theme.selected : {}),
      },
      {text: `${markOf(line)} ${pad(eventName(line), 21)} `, ...styles[line.result.tone]},
      {
        text: cells([
          [escapeText(line.backup ?? (line.broken === null ? '-' : '')), id],
          [escapeText(line.operator ?? ''), who],
          [escapeText(line.result.text), result],
        ]),
        ...(selected ? theme.selected : {}),
      },
    ];
  });
  const chosen = chosenLine(activity);
  const head = cells([
    ['BACKUP', id],
    ['BY', who],
    ['RESULT', result],
  ]);
  return [
    headLine(activity, columns),
    plain(`   ${pad('TIME (UTC)', 12)}   ${pad('EVENT', 21)} ${head}`),
    ...fill(rows.length > 0 ? rows : nothing(state), layout.list),
    rule(position(activity, now), columns),
    ...fill(chosen ? detail(chosen, columns) : [], layout.detail),
  ].map((line) => clip(line, columns));
}

/** What is read, and what of it is shown; at the right what came meanwhile. */
function headLine(activity: ActivityState, columns: number): Line {
  const {onlyOurs, filter, typing, event, backup, log, top} = activity;
  const more = top > 0 ? unseen(activity) : 0;
  const right = more > 0 ? ` ! ${more} new: g ` : ' ';
  const left: Line = [{text: onlyOurs ? ' Backups and restores (magdb.)' : ' All actions of the site'}];
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
    ...paragraph(`${markOf(line)} ${result}`, columns, styles[line.result.tone]).slice(0, 2),
    ...others.flatMap((text) => paragraph(text, columns)),
  ];
}

/** Why nothing is listed, and what to do. */
function nothing({activity, size, configuration}: AppState): Line[] {
  const {columns} = size;
  const {log, lines, wanted, onlyOurs, end, backup} = activity;
  const file = configuration?.auditLog.value ?? 'the audit log';
  const told = (...sentences: string[]): Line[] => [
    [],
    ...sentences.flatMap((text) => paragraph(text, columns)),
  ];
  if (wanted || log === null) return told('Reading the audit log ...');
  if (log.state === 'unreadable')
    return [
      [],
      ...paragraph(`x ${file} cannot be read: ${log.reason}.`, columns, theme.bad),
      ...paragraph(
        'What others did cannot be seen here until then. It appears as soon as it can be read.',
        columns,
      ),
    ];
  if (lines.length > 0)
    return told(
      backup === null
        ? 'No line that was read passes the filter: Esc ends it, PgDn reads further back.'
        : 'No line that was read is about this backup and passes: b shows all backups.',
    );
  if (log.state === 'missing')
    return told(
      `There is no audit log: ${file}`,
      'The first backup, verification or restore begins it, and shows here at once.',
      'Does the site keep it elsewhere? security.audit_log.path names it: c on Backups shows where that is set.',
    );
  return told(
    onlyOurs ? 'The audit log says nothing of backups and restores.' : 'The audit log is empty.',
    ...(onlyOurs ? ['a shows all actions of the site.'] : []),
    ...(end === null ? ['PgDn reads further back.'] : []),
  );
}

/** One line of the log, all of it. */
export function eventScreen({activity, size}: AppState): Line[] {
  const {opened} = activity;
  if (!opened) return [];
  const {columns} = size;
  const {line, top} = opened;
  const lines = eventLines(line, columns);
  const height = eventHeight(size);
  const last = Math.min(lines.length, top + height);
  return [
    [
      {text: ` ${markOf(line)} ${eventName(line)}`, ...styles[line.result.tone]},
      {text: `   ${secondOf(line.at)}   ${escapeText(line.backup ?? '')}`},
    ],
    rule(`the line in the log, ${linesShown(top + 1, last, lines.length)}`, columns),
    ...fill(
      lines.slice(top, last).map((text) => plain(`  ${text}`)),
      height,
    ),
  ].map((each) => clip(each, columns));
}
