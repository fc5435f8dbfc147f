import type {LoggedLine} from '../../../engine/events/log/logged-line.ts';
import {eventName, markOf, secondOf} from '../../../presenters/activity-view.ts';
import {moment} from '../../../presenters/moment.ts';
import {behindIn} from '../../kit/part.tsx';
import {ScrollText, whereIn} from '../../kit/scroll-text.tsx';
import {bad, beware, cutEnd, gap, type Span, typed} from '../../kit/span.ts';
import {Page, Panel} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {Empty, Notice, Notices, TextLine} from '../../kit/words.tsx';
import {activityLayout, detailHeight} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {type ActivityState, chosenLine, isFiltered, unseen} from './state.ts';

/** The audit log, newest first. */
export function ActivityView({state, slice: activity}: ViewProps<ActivityState>) {
  const {size, now} = state;
  const {shown, top, cursor} = activity;
  const layout = activityLayout(size);
  const chosen = chosenLine(activity);
  return (
    <Page>
      <TextLine wide of={heading(activity, behindIn(state.caret, activity.filter))} />
      <Table
        columns={columnsOf(activity, now)}
        rows={shown}
        top={top}
        cursor={cursor}
        height={layout.list}
        empty={empty(state, activity)}
      />
      <Panel title={position(activity, now)} height={layout.detail}>
        {chosen && detail(chosen)}
      </Panel>
    </Page>
  );
}

/** What a narrow terminal has no room for stands below; of the operator the one at the keyboard, without sudo's. */
const columnsOf = ({backup}: ActivityState, now: number): Column<LoggedLine>[] => [
  {head: 'TIME (UTC)', cell: ({at}) => moment(at, now), width: 12},
  {
    cell: (line) => {
      const look = line.result.tone;
      // There is nothing else to say of it, and that takes the whole line.
      return line.broken === null
        ? {text: markOf(line), look}
        : {rest: {text: `${markOf(line)} ${line.broken}`, look}};
    },
    width: 1,
    gap: 1,
  },
  {head: 'EVENT', cell: (line) => ({text: eventName(line), look: line.result.tone}), width: 23, gap: 1},
  ...(backup === null
    ? [
        {
          head: 'BACKUP',
          cell: (line: LoggedLine) => line.backup ?? '-',
          share: 0.4,
          least: 16,
          most: 34,
          gap: 1,
        },
      ]
    : []),
  {
    head: 'BY',
    cell: ({operator}) => operator?.replace(/(?<=.) as .*$/s, '') ?? '-',
    share: 0.2,
    least: 8,
    most: 20,
    narrow: 0,
    gap: 1,
  },
  {head: 'RESULT', cell: ({result}) => result.text, ...(backup === null ? {narrow: 0} : {}), gap: 1},
];

/** What is read, and what of it is shown; at the right what came meanwhile. */
function heading(activity: ActivityState, behind: number): Span[] {
  const {onlyOurs, filter, typing, event, backup, log, top} = activity;
  const more = top > 0 ? unseen(activity) : 0;
  const chosen = [event, backup].filter((each) => each !== null);
  return [
    onlyOurs ? 'Backups and restores' : 'All actions of the site',
    log?.state === 'unreadable' ? bad('  x log unreadable') : '',
    log?.state === 'missing' ? beware('  ! no log') : '',
    ...(typing ? ['  /', typed(filter, {most: 24, behind})] : []),
    ...(!typing && filter !== '' ? [cutEnd(`  /${filter}`, {look: 'strong'})] : []),
    ...chosen.map((each) => cutEnd(`  ${each}`, {look: 'strong'})),
    gap(),
    more > 0 ? beware(`! ${more} new: g `) : '',
  ];
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
  const further = wanted ? 'reading further ...' : (end ?? 'G, then PgDn reads further');
  return `${count}${back}: ${further}`;
}

/** What became of it, of what and by whom, and when. */
function detail({at, backup, operator, address, host, result, broken}: LoggedLine) {
  const text = result.text === '' ? 'no more is said of it' : result.text;
  const about = backup === null ? 'no backup' : `backup ${backup}`;
  const by = operator === null ? 'by an unnamed operator' : `by ${operator}`;
  const from = `${address === null ? '' : ` from ${address}`}${host === null ? '' : ` on ${host}`}`;
  return (
    <>
      <Notice text={`${markOf({result})} ${text}`} look={result.tone} most={2} />
      <Notices of={broken === null ? [`${about}, ${by}`, secondOf(at) + from] : []} />
    </>
  );
}

/** Why nothing is listed, and what to do. */
function empty({configuration}: AppState, activity: ActivityState) {
  const {log, lines, wanted, onlyOurs, end, backup} = activity;
  const file = configuration?.auditLog.value ?? 'the audit log';
  const further = end === null ? 'PgDn reads further back' : '';
  const told = (...of: string[]) => <Empty of={of.filter(Boolean)} />;
  if (wanted || log === null) return told('Reading the audit log ...');
  if (log.state === 'unreadable')
    return (
      <Empty
        of={[
          {mark: 'x', text: `${file} cannot be read: ${log.reason}.`},
          'What others did cannot be seen here until then. It appears as soon as it can be read.',
        ]}
      />
    );
  if (lines.length > 0) {
    const ways = [
      isFiltered(activity) ? 'Esc ends the filter' : '',
      backup === null ? '' : 'b shows all backups',
      further,
    ];
    return told('Nothing that was read is about that.', `${ways.filter(Boolean).join(', ')}.`);
  }
  if (log.state === 'missing')
    return told(
      `There is no audit log: ${file}`,
      'The first backup, verification or restore begins it, and shows here at once.',
      'Kept elsewhere? security.audit_log.path names it: c on Backups.',
    );
  return told(
    onlyOurs ? 'The audit log says nothing of backups and restores.' : 'The audit log is empty.',
    onlyOurs ? 'a shows all actions of the site.' : '',
    further && `${further}.`,
  );
}

/** A line of it as it stands in the log. */
export function EventView({state: {size}, slice: {opened}}: ViewProps<ActivityState>) {
  if (!opened) return null;
  const {line, text, top} = opened;
  const height = detailHeight(size);
  const name = {text: `${markOf(line)} ${eventName(line)}`, look: line.result.tone};
  return (
    <Page>
      <TextLine wide of={[name, `   ${secondOf(line.at)}   ${line.backup ?? ''}`]} />
      <Panel title={`the line in the log, ${whereIn(top, height, text.length)}`} height={height}>
        <ScrollText of={text} top={top} height={height} indent={2} />
      </Panel>
    </Page>
  );
}
