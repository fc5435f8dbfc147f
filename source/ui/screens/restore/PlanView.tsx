import {formatBytes} from '../../../engine/base/format.ts';
import {sum} from '../../../engine/base/sum.ts';
import {changes, type RestoreAction} from '../../../engine/restore/action.ts';
import type {DatasetPlan} from '../../../engine/restore/by-dataset.ts';
import type {DatabaseFacts} from '../../../engine/session/database-facts.ts';
import {isBelow} from '../../../engine/storage/dataset.ts';
import {shortCount} from '../../../presenters/database-view.ts';
import {lossWord} from '../../../presenters/dataset-losses.ts';
import {some} from '../../../presenters/fact.ts';
import {moment} from '../../../presenters/moment.ts';
import type {Look} from '../../kit/look.ts';
import {beware, cutEnd, fits, gap, key, type Span, sizeText, strong} from '../../kit/span.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {type Cell, type Column, Table} from '../../kit/table.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {FactList, TextLine} from '../../kit/words.tsx';
import {restoreListHeight} from '../../layout.ts';
import {asksWho} from '../../person.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {knownHere} from '../backups/state.ts';
import {isOpen} from './choice.ts';
import {hidden, planFacts} from './scroll.ts';
import {whyNotGoOn} from './state.ts';
import type {RestoreTask} from './task.ts';
import {toGo} from './writer-facts.ts';
import {writingNow} from './writes.ts';

/** What a restore would do, before anything is written. */
export function PlanView({state, slice: task}: ViewProps<RestoreTask | null>) {
  const {size, now, prompt} = state;
  if (!task) return null;
  return (
    <Page asks={prompt !== null}>
      <TextLine wide of={heading(task)} />
      <TextLine wide of={subjectOf(task)} />
      <Table
        columns={columnsOf(task, state)}
        rows={task.names}
        look={(name) => (isBad(task, name) ? 'bad' : 'none')}
        cursor={task.cursor}
        top={task.top}
        height={restoreListHeight(size)}
        after={
          <>
            <Gap />
            <FactList {...planFacts(task, now)} />
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

function subjectOf(task: RestoreTask): Span[] {
  const {id, undoes} = task.subject;
  const title = undoes === null ? id : `Undo of session ${undoes}, the restore of ${id}`;
  const [text, look] = judgement(task);
  return [cutEnd(title, {look: 'strong'}), '   ', {text, look}];
}

function judgement(task: RestoreTask): [string, Look] {
  const {state, looked, plan, problem, reasons, sets} = task;
  if (problem !== null || (reasons.length > 0 && !isOpen(task))) return ['x refused', 'bad'];
  if (state === 'planning')
    return [`- looking ...${looked > 0 ? ` ${formatBytes(looked)} hashed` : ''}`, 'none'];
  if (!plan) return ['', 'none'];
  const refused = [...sets.values()].filter(({action}) => action === 'refused').length;
  return refused > 0
    ? [`! ${refused} of ${sets.size} cannot be restored`, 'beware']
    : ['+ unaltered, just hashed', 'good'];
}

const isBad = ({sets, chosen}: RestoreTask, name: string): boolean =>
  chosen.has(name) && sets.get(name)?.action === 'refused';

function box({sets, chosen}: RestoreTask, name: string): string {
  const action = sets.get(name)?.action;
  if (action === 'refused') return ' x ';
  if (!chosen.has(name)) return '[ ]';
  return action === 'unchanged' ? '[=]' : '[*]';
}

/** What is live; its time gives way where the terminal is narrow. */
function liveText({live, actions}: DatasetPlan, now: number): Span {
  const database = databaseOf(actions);
  if (database) return `${sizeText(database.live?.bytes ?? null)}  database`;
  if (!live) return sizeText(null);
  const size = sizeText(live.bytes);
  return {text: `${size}  ${moment(live.mtimeMs, now)}`, or: size};
}

/** The database that a dataset is; undefined where it is files. */
const databaseOf = (actions: RestoreAction[]): DatabaseFacts | undefined =>
  actions.find(({database}) => database)?.database;

function becomes({action, bytes, actions}: DatasetPlan): string {
  if (action === 'unchanged') return '   same';
  const comes = databaseOf(actions)?.comes;
  if (comes?.how === 'rename') return 'as it was before';
  // The bytes of a dump say nothing of how large the database becomes.
  if (comes?.rows) return `${shortCount(sum(Object.values(comes.rows)))} rows`;
  return action === 'remove' ? `${sizeText(null)}  gone again` : sizeText(bytes);
}

/** Which version a copy is, as in the list of backups: the plan has just hashed it. */
function versionText(
  name: string,
  versions: ReadonlyMap<string, number> | undefined,
  {plan}: RestoreTask,
): Span {
  const version = versions?.get(name);
  if (version === undefined) return '';
  const isBroken = plan?.brokenInside.some((each) => isBelow(each.name, name));
  return {text: `${isBroken ? 'x' : '+'} ${version}`, look: isBroken ? 'bad' : 'good'};
}

function columnsOf(task: RestoreTask, state: AppState): Column<string>[] {
  const {now} = state;
  // What an undo brings back is none of a backup's versions.
  const {id, undoes} = task.subject;
  const versions = undoes === null ? knownHere(state).versions?.get(id) : undefined;
  const isLive = task.plan?.into == null;
  const cell = (name: string, of: (set: DatasetPlan) => Cell): Cell => {
    const set = task.sets.get(name);
    return set ? of(set) : null;
  };
  return [
    {cell: (name) => box(task, name), width: 3},
    {head: 'DATASET', cell: (name) => name, fits: true, most: 26, gap: 1},
    {
      // Of a drill it is the directory that is looked at.
      head: isLive ? 'LIVE NOW' : 'DIR NOW',
      cell: (name) =>
        cell(name, (set) =>
          set.action === 'refused' ? {rest: `cannot: ${set.reason}`} : liveText(set, now),
        ),
      width: 21,
      narrow: 8,
      gap: 1,
    },
    {
      head: 'BECOMES',
      cell: (name) => cell(name, becomes),
      fits: true,
      least: 8,
    },
    {cell: (name) => cell(name, () => versionText(name, versions, task)), fits: true},
    {
      head: isLive ? 'YOU LOSE' : '',
      cell: (name) => cell(name, (set) => (isLive ? lossWord(set, task.losses.get(name)) : null)),
      least: 8,
    },
  ];
}

/** What is chosen, and not the same already. */
const changedNames = ({names, chosen, sets}: RestoreTask): string[] =>
  names.filter((name) => chosen.has(name) && changes({actions: sets.get(name)?.actions ?? []}).length > 0);

const questions: Readonly<Record<string, string>> = {
  audit: ' Why without the audit log: ',
  ticket: ' Ticket (optional): ',
  who: asksWho,
};

/** What comes next, or why it does not; while something is asked, that. */
function bottom({size, now, prompt, readOnly}: AppState, task: RestoreTask) {
  if (prompt) {
    const asks = questions[prompt.kind] ?? '';
    return <TextField asks={asks} text={prompt.text} after="   Enter confirm, Esc cancel" />;
  }
  const {below} = hidden(task, now, size);
  const more = below > 0 ? `   ... ${below} more: PgDn` : '';
  const why = readOnly ? '--read-only' : whyNotGoOn(task);
  if (why === null) {
    const typed = task.subject.undoes === null ? 'the id' : 'the number';
    const names = changedNames(task);
    const [enter, goes] = [key('Enter'), ' goes on with '];
    const then = `: ${typed} is typed first`;
    // The first name stands there whole: what comes then gives way to it.
    const least = [enter, goes, some(names, 1), then, more];
    const end = fits(least, size.columns - 2) ? then : '';
    return <TextLine wide of={[enter, goes, {names}, end, more]} />;
  }
  // What may be done about it stands above, and is said when it is pressed.
  const isHeld = !readOnly && task.state === 'ready' && task.reasons.length === 0;
  const isWritten = isHeld && writingNow(task).holding.length > 0;
  return (
    <TextLine
      wide
      of={[
        beware(isWritten ? `Enter not yet: written now, ${toGo(task)}s to go` : `Enter not yet: ${why}`),
        more,
      ]}
    />
  );
}
