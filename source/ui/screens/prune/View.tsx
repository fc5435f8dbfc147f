import {type Verdict, whyWaiting} from '../../../engine/retention/retention.ts';
import {lastCopySentences} from '../../../presenters/retention-plan.ts';
import type {Look} from '../../kit/look.ts';
import {cutStartOf, names} from '../../kit/span.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {Notice, TextLine} from '../../kit/words.tsx';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {going, type PruneTask, pruneWindow} from './state.ts';

/** What retention removes, and what the operator has to do, or to know. */
export function PruneView({state, slice: task}: ViewProps<PruneTask | null>) {
  const {size} = state;
  if (!task) return null;
  const {top, verdicts} = task;
  const {lines, scrolls} = pruneWindow(task, size);
  return (
    <Page>
      {head(state, task)}
      <Table
        columns={columnsOf(task)}
        rows={lastCopiesFirst(verdicts)}
        look={(each) => looks[judge(task, each).mark] ?? 'none'}
        top={top}
        height={scrolls ? lines + 1 : lines}
        more={(hidden) =>
          `     ... ${hidden > 0 ? `${hidden} more below` : 'that is the last'}${top > 0 ? `, ${top} above` : ''}`
        }
      />
      <Gap />
      {php(task)}
      <Gap />
      {below(task)}
    </Page>
  );
}

/** How many go, or went, and by which rule. */
function head({configuration}: AppState, task: PruneTask) {
  const goes = going(task).length;
  const of = `${goes} of ${task.verdicts.length}`;
  const what = {
    ready: goes === 0 ? 'Nothing to delete' : `Deletes ${of}`,
    running: `Deleting ${of}`,
    done: task.pruned.length === 0 ? 'Nothing was deleted' : `${task.pruned.length} of ${goes} deleted`,
  }[task.state];
  const limit = configuration?.maxCount;
  if (limit === undefined || limit.value === null)
    return <TextLine wide of={`${what}: retention keeps all.`} />;
  const keeps = `${what}: retention keeps the newest ${limit.value} (`;
  return <TextLine wide of={[keeps, cutStartOf(limit.from), ').']} />;
}

/** What is said of each: whether it stays, goes, or is gone. */
function judge({pruned}: PruneTask, {id, stays, lastCopies}: Verdict): {mark: string; word: string} {
  if (stays) return {mark: '=', word: 'keep'};
  if (pruned.includes(id)) return {mark: '-', word: 'deleted'};
  return {mark: lastCopies ? '!' : 'x', word: 'delete'};
}

const looks: Record<string, Look> = {'!': 'bad', x: 'beware'};

/** What is lost for good comes before all else that goes. */
const lastCopiesFirst = (verdicts: Verdict[]): Verdict[] =>
  verdicts.toSorted((a, b) => Number(!a.lastCopies) - Number(!b.lastCopies));

const columnsOf = (task: PruneTask): Column<Verdict>[] => [
  {cell: (each) => judge(task, each).mark, width: 1},
  {cell: ({id}) => id, fits: true, least: 18, keeps: 24, most: 44, gap: 1},
  {cell: (each) => judge(task, each).word, width: 7},
  {cell: ({reason, namesFirst}) => namesFirst ?? reason, least: 34},
];

function php({php: ids, phpEmpties}: PruneTask) {
  if (phpEmpties)
    return (
      <TextLine
        look="bad"
        of={`x PHP's next run would then empty ${phpEmpties.target}: ${phpEmpties.link} leads there`}
      />
    );
  if (ids.length === 0) return <TextLine of="PHP's next run would then delete nothing." />;
  return <TextLine look="beware" of={["! PHP's next run would then delete ", names(ids)]} />;
}

const failures = (all: {id: string; reason: string}[], what: string) =>
  all[0] && <Notice mark="x" text={`${all.length} ${what}: ${all[0].id}: ${all[0].reason}`} />;

/** The question, or how it ended. */
function below(task: PruneTask) {
  const {state, typed, pruned, failed, left, problem} = task;
  if (problem) return <Notice mark="x" text={problem} />;
  if (state === 'running')
    return <TextLine of={`Deleting: ${pruned.length} of ${going(task).length} done ...`} />;
  if (state === 'done')
    return (
      <>
        <TextLine look="good" of={`${pruned.length} deleted.`} />
        {failures(failed, 'could not be deleted')}
        {failures(left, 'left files behind')}
      </>
    );
  if (going(task).length === 0) {
    const waiting = whyWaiting(task.verdicts);
    return (
      <>
        {waiting !== null && <Notice mark="!" text={waiting} />}
        <TextLine of="Nothing to confirm. Esc goes back." />
      </>
    );
  }
  return (
    <>
      {lastCopySentences(task.verdicts).map(({mark, text}) => (
        <TextLine key={text} look="bad" of={`${mark} ${text}`} />
      ))}
      <TextLine of="They are deleted for good. Type how many, then Enter:" />
      <TextField asks="   > " text={typed} />
    </>
  );
}
