import {formatBytes} from '../../../engine/base/format.ts';
import type {RestoreAction} from '../../../engine/restore/action.ts';
import {moment, momentOf} from '../../../presenters/moment.ts';
import type {Look} from '../../kit/look.ts';
import {beware, cutEnd, gap, key, type Span, sizeText, strong} from '../../kit/span.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {Facts, Line} from '../../kit/words.tsx';
import {restoreListHeight} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {hidden, planFacts} from './scroll.ts';
import {whyNotGoOn} from './state.ts';
import type {RestoreTask} from './task.ts';
import {writingNow} from './writes.ts';

/** What a restore would do, before anything is written. */
export function PlanView({state, slice: task}: ViewProps<RestoreTask | null>) {
  const {size, now, prompt} = state;
  if (!task) return null;
  return (
    <Page asks={prompt !== null}>
      <Line wide of={heading(task)} />
      <Line wide of={subjectOf(task)} />
      <Table
        columns={columnsOf(task, now)}
        rows={task.names}
        look={(name) => (isRefused(task, name) ? 'bad' : 'none')}
        cursor={task.cursor}
        top={task.top}
        height={restoreListHeight(size)}
        after={
          <>
            <Gap />
            <Facts {...planFacts(task, now)} />
          </>
        }
      />
      <Gap />
      {bottom(state, task)}
    </Page>
  );
}

/** Why a restore is taken back was not asked. */
function heading({subject, purpose, ticket}: RestoreTask): Span[] {
  const [word, none] = subject.undoes === null ? [purpose, `${purpose}, no ticket`] : ['ticket', 'no ticket'];
  return [strong('NOTHING CHANGED YET'), gap(2), cutEnd(ticket === '' ? none : `${word} ${ticket}`), ' '];
}

function subjectOf({subject, state, looked, plan, problem, reasons}: RestoreTask): Span[] {
  const {id, undoes} = subject;
  const title = undoes === null ? id : `Undo of session ${undoes}, the restore of ${id}`;
  const read = looked > 0 ? ` ${formatBytes(looked)} hashed` : '';
  const [text, look]: [string, Look] =
    problem !== null || reasons.length > 0
      ? ['x refused', 'bad']
      : state === 'planning'
        ? [`- looking ...${read}`, 'none']
        : plan
          ? ['+ unaltered, just hashed', 'good']
          : ['', 'none'];
  return [cutEnd(title, {look: 'strong'}), '   ', {text, look}];
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

const actionOf = ({plan, left}: RestoreTask, name: string): RestoreAction | undefined =>
  left.has(name)
    ? undefined
    : plan?.actions.find(({dataset, role}) => dataset === name && role === 'dataset');

const isRefused = (task: RestoreTask, name: string): boolean => actionOf(task, name)?.action === 'refused';

/** What is live; its time gives way where the terminal is narrow. */
function liveText({live}: RestoreAction, now: number): Span {
  if (live?.kind !== 'file') return sizeText(null);
  const size = sizeText(live.stamp.size);
  return {text: `${size}  ${moment(live.mtimeMs, now)}`, or: size};
}

function becomes({action, bytes}: RestoreAction, {plan}: RestoreTask, now: number): string {
  if (action === 'remove') return `${sizeText(null)}  gone again`;
  return action === 'unchanged' ? '' : `${sizeText(bytes)}  ${momentOf(plan?.createdAt ?? null, now)}`;
}

const columnsOf = (task: RestoreTask, now: number): Column<string>[] => [
  {
    cell: (name) => {
      const action = actionOf(task, name);
      return action ? boxes[action.action] : '[ ]';
    },
    width: 3,
  },
  {head: 'DATASET', cell: (name) => name, fits: true, gap: 1},
  {
    head: 'DOES',
    cell: (name) => {
      const action = actionOf(task, name);
      return action ? does[action.action] : task.left.has(name) ? 'leave' : '...';
    },
    width: 10,
  },
  {
    head: 'LIVE NOW',
    cell: (name) => {
      const action = actionOf(task, name);
      if (!action) return task.left.has(name) ? {rest: '(your choice)'} : null;
      return action.action === 'refused' ? {rest: 'see below'} : liveText(action, now);
    },
    width: 21,
    narrow: 8,
    gap: 1,
  },
  {
    head: 'BECOMES',
    cell: (name) => {
      const action = actionOf(task, name);
      return action ? becomes(action, task, now) : null;
    },
    least: 22,
    gap: 1,
  },
];

/** What comes next, or why it does not; while something is asked, that. */
function bottom({size, now, prompt, readOnly}: AppState, task: RestoreTask) {
  if (prompt) {
    const asks = prompt.kind === 'audit' ? ' Why without the audit log: ' : ' Ticket, may stay empty: ';
    return <TextField asks={asks} text={prompt.text} after="   Enter done, Esc cancel" />;
  }
  const {below} = hidden(task, now, size);
  const more = below > 0 ? `   ... ${below} more below` : '';
  const why = readOnly ? '--read-only' : whyNotGoOn(task);
  if (why === null) {
    const typed = task.subject.undoes === null ? 'the id' : 'the number';
    return <Line wide of={[key('Enter'), ` goes on: ${typed} is typed first${more}`]} />;
  }
  // What may be done about it stands above, and is said when it is pressed.
  const isHeld = !readOnly && task.state === 'ready' && task.reasons.length === 0;
  const isWritten = isHeld && writingNow(task).holding.length > 0;
  return <Line wide of={[beware(isWritten ? 'Enter go on: not while x' : `Enter not yet: ${why}`), more]} />;
}
