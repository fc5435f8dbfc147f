import {formatBytes, formatDuration} from '../../../engine/base/format.ts';
import {changes, type RestorePlan} from '../../../engine/restore/action.ts';
import {lasting} from '../../../presenters/dataset-losses.ts';
import {moment} from '../../../presenters/moment.ts';
import {cutEnd, cutStartOf} from '../../kit/span.ts';
import {Flex, Gap, Page} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {FactList, Notice, Notices, TextLine} from '../../kit/words.tsx';
import type {ViewProps} from '../../screen.ts';
import {badSinceFacts, type Check, confirmChecks, confirmFacts} from './confirm-facts.ts';
import {badTimeFacts} from './facts.ts';
import {factsProps} from './scroll.ts';
import {rightSoFar, whyBlocked, wordOf} from './state.ts';
import type {RestoreTask} from './task.ts';

/**
 * The last step before files change: what was checked, and the word that has to be typed. That is seen in any case; what
 * has to give way for it stands in the plan too.
 */
export function ConfirmView({state, slice: task}: ViewProps<RestoreTask | null>) {
  const {now, host} = state;
  if (!task) return null;
  const {plan} = task;
  if (!plan) return <Page>{<Notice mark="x" text={`${task.problem ?? ''} Nothing was changed.`} />}</Page>;
  const facts = confirmFacts(task, plan);
  const changed = changes(plan).every(({database}) => database) ? 'DATABASES' : 'FILES';
  return (
    <Page>
      <TextLine
        wide
        look="strong"
        of={`LAST STEP BEFORE ${plan.into === null ? `${changed} CHANGE` : 'THE DRILL'} ON ${host}`}
      />
      {what(task, plan, now)}
      <Flex whole turn={1}>
        <Gap />
      </Flex>
      <Flex more="   ... more in the plan: Esc">
        {/* What needs the operator comes first: it is not what gives way where there is little room. */}
        <FactList
          {...factsProps([
            ...badSinceFacts(task, now),
            ...badTimeFacts(task, now),
            ...facts.filter(({mark}) => mark === 'x'),
          ])}
        />
        <Table columns={grid} rows={pairs(confirmChecks(task, plan, now))} />
        <FactList {...factsProps(facts.filter(({mark}) => mark !== 'x'))} />
      </Flex>
      <Gap />
      {question(task, plan)}
    </Page>
  );
}

type Pair = [Check, Check | undefined];

/** Two to a line. */
const pairs = (checks: Check[]): Pair[] =>
  checks.flatMap((check, index): Pair[] => (index % 2 === 0 ? [[check, checks[index + 1]]] : []));

const cellOf = (check: Check | undefined) =>
  check ? {text: `${check.mark} ${check.text}`, look: check.tone} : null;

const grid: Column<Pair>[] = [
  {cell: ([left]) => cellOf(left), share: 0.5, most: 33},
  {cell: ([, right]) => cellOf(right), gap: 0},
];

/** What goes back, and how far. */
function what({subject}: RestoreTask, plan: RestorePlan, now: number) {
  const names = [...new Set(changes(plan).map(({dataset}) => dataset))];
  const from = Date.parse(plan.createdAt ?? '');
  const at = Number.isNaN(from)
    ? 'a time that is not known'
    : `${moment(from, now)} (${lasting({from, to: now})})`;
  if (plan.into !== null)
    return (
      <>
        <Notices flush most={2} of={[{before: 'Copies of ', names, text: ` as of ${at}, into`}]} />
        <TextLine of={cutStartOf(plan.into)} />
        <TextLine of="No live file is touched." />
      </>
    );
  const back = subject.undoes === null ? at : `what they were before session ${subject.undoes}`;
  const verb = names.length === 1 ? 'goes' : 'go';
  return (
    <>
      <Notices flush most={2} of={[{names, text: ` ${verb} back to ${back}.`}]} />
      <TextLine of={plan.safety ? 'Safety backup first.' : '! No safety backup.'} />
    </>
  );
}

function question(task: RestoreTask, plan: RestorePlan) {
  const asked = task.subject.undoes === null ? "the backup's id" : "the session's number";
  return (
    <>
      <TextLine of={`Type ${asked}, then Enter. Paste does nothing.`} />
      <TextLine of={['  ', cutStartOf(wordOf(task), {look: 'strong'})]} />
      <TextField asks="   > " text={task.typed} />
      {judgement(task)}
      <TextLine of={`About ${formatDuration(plan.seconds)}. Connection lost? It goes on; run magds again.`} />
    </>
  );
}

/** How far what is typed is right. */
function judgement(task: RestoreTask) {
  const {right, typed, of} = rightSoFar(task);
  if (task.state === 'starting') {
    const read = task.looked > 0 ? ` ${formatBytes(task.looked)} hashed` : '';
    return <TextLine of={`  - looking once more ...${read}   Esc stops it`} />;
  }
  if (typed > right)
    return <TextLine look="bad" of={`  x wrong from character ${right + 1} on: Backspace, or ^U`} />;
  if (right < of) return <TextLine of={`  ${right} of ${of}${right > 0 ? ', right so far' : ''}`} />;
  const why = whyBlocked(task);
  if (why !== null)
    return <TextLine look="bad" of={[`  x blocked: `, cutEnd(why), '; Esc, back to the plan']} />;
  const does = task.plan?.into == null ? 'restores' : 'begins the drill';
  return <TextLine look="good" of={`  + ${of} of ${of}: Enter ${does}`} />;
}
