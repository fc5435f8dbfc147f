import {shortCount} from '../../../presenters/database-view.ts';
import {loud} from '../../../presenters/fact.ts';
import {fraction, secondsLeft, speedText} from '../../../presenters/rate.ts';
import {runEnding, runNotes} from '../../../presenters/run-outcome.ts';
import type {RunDataset} from '../../../presenters/run-progress.ts';
import type {Look} from '../../kit/look.ts';
import {Doing, type Progress, ProgressBars} from '../../kit/progress-bars.tsx';
import {cutEnd, names} from '../../kit/span.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {Empty, Notice, Notices, TextLine} from '../../kit/words.tsx';
import {runListHeight} from '../../layout.ts';
import {backingUp} from '../../reasons.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {planView} from './plan.tsx';
import {futureId, type RunTask} from './state.ts';

/** A backup: what it will do, how far it is, how it ended. */
export function RunView({state, slice: task}: ViewProps<RunTask | null>) {
  const {place} = state;
  if (!task) return null;
  if (task.problem)
    return (
      <Page>
        <Empty of={[{mark: 'x', text: task.problem}]} />
      </Page>
    );
  if (task.state === 'planning')
    return (
      <Page>
        <TextLine wide of="NOTHING WRITTEN YET" />
        <Empty of={['Looking at the sources ...']} />
      </Page>
    );
  return <Page>{task.state === 'ready' ? planView(task, place.root) : progressOf(state, task)}</Page>;
}

/** What needs the operator first, then what is being copied. */
const states: Record<RunDataset['state'], {text: string; look: Look; weight: number}> = {
  failed: {text: 'x failed', look: 'bad', weight: 0},
  missing: {text: 'x missing', look: 'bad', weight: 0},
  partly: {text: 'x partly', look: 'bad', weight: 0},
  changed: {text: 'x changed meanwhile', look: 'bad', weight: 0},
  doubtful: {text: 'x as it lies there', look: 'bad', weight: 0},
  copying: {text: '- copying', look: 'none', weight: 1},
  waiting: {text: '- waiting', look: 'none', weight: 2},
  copied: {text: '+ copied', look: 'good', weight: 3},
};

const whole = new Set<RunDataset['state']>(['copied', 'changed', 'doubtful']);

const barOf = ({name, bytes, done, state, holds}: RunDataset): Progress => ({
  name,
  bytes,
  part: whole.has(state) ? 1 : bytes === 0 ? 0 : done / bytes,
  state:
    holds !== undefined && state === 'copied'
      ? {...states.copied, text: `+ copied, ${shortCount(holds.rows)} rows`}
      : states[state],
});

function progressOf(state: AppState, task: RunTask) {
  const {progress} = task;
  const {datasets, published, totalBytes} = progress;
  const height = Math.min(runListHeight(state.size), Math.max(1, datasets.length));
  const seen =
    datasets.length > height
      ? datasets.toSorted((a, b) => states[a.state].weight - states[b.state].weight)
      : datasets;
  const isOver = task.state === 'done' && published === null;
  const becomes = isOver ? 'was not made' : published === null ? 'appears when it is whole' : '';
  const part = isOver ? Math.min(fraction(progress), 0.99) : published === null ? fraction(progress) : 1;
  return (
    <>
      <TextLine wide of={[cutEnd(published ?? futureId(task), {look: 'strong'}), `   ${becomes}`]} />
      <Doing what={backingUp(state) ? 'copying' : null} />
      <ProgressBars
        of={seen.map(barOf)}
        height={height}
        whole={{name: 'whole', bytes: totalBytes, part}}
        state={22}
      />
      <TextLine of={speed(task)} />
      <Gap />
      {outcome(task)}
    </>
  );
}

function speed({progress, state}: RunTask): string {
  const left = secondsLeft(progress);
  return speedText(progress, {
    verb: 'copied',
    isRunning: state === 'running',
    left: left !== null && left > 0 ? left : null,
    // Nothing counts it while it waits.
    counts: progress.waiting === null,
  });
}

type Result = NonNullable<RunTask['progress']['result']>;

function outcome({progress, stopping}: RunTask) {
  const {result, waiting, published} = progress;
  if (result) return ended(result);
  if (published !== null)
    return (
      <Notice
        look="none"
        mark="+"
        text={`The backup is there. ${waiting ? `Waiting ${waiting}.` : 'Retention and notifications follow.'}`}
      />
    );
  if (stopping) return <TextLine look="beware" of="Cancelling ... what was copied is removed." />;
  if (waiting) return <Notice text={`Waiting ${waiting}.`} />;
  return <TextLine of="Connection lost? It is cancelled, and nothing of it stays." />;
}

function ended(result: Result) {
  const end = runEnding(result);
  const next = result.outcome === 'done' ? ' v verifies it.' : '';
  return (
    <>
      <Notice mark={end.mark} text={loud(end) + next} />
      {result.outcome === 'done' && removed(result)}
      <Notices of={runNotes(result)} />
    </>
  );
}

function removed({pruned, safetyRemoved: {length}}: Result) {
  const backups = length === 1 ? 'safety backup' : 'safety backups';
  return (
    <>
      {pruned.length > 0 && <TextLine of={[`Retention deleted ${pruned.length}: `, names(pruned)]} />}
      {length > 0 && <TextLine of={`Deleted ${length} ${backups} of restores signed off long ago.`} />}
    </>
  );
}
