import {inspect} from 'node:util';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
  futureId,
  type RunAction,
  type RunTask,
  reduceRunTask,
  whyNotStart,
} from '../../../../source/ui/screens/run/state.ts';
import {aPlan, aPlanned, aRunResult, twoDatasets} from '../../../support/run-states.ts';

/** A state in words, whole. */
const all = {depth: null, maxArrayLength: null, maxStringLength: null};

const plan = aPlan(twoDatasets);
const taskAfter = (...actions: RunAction[]): RunTask => {
  const task = actions.reduce<RunTask | null>((task, action) => reduceRunTask(task, action), null);
  if (!task) throw new Error('there is no task');
  return task;
};
const opened: RunAction = {type: 'run opened'};
const planned: RunAction = {type: 'run planned', plan};
const typed = (text: string): RunAction => ({type: 'label written', text});
const started: RunAction = {type: 'run started'};
const finished = (outcome: 'done' | 'cancelled' | 'failed'): RunAction => ({
  type: 'run event',
  event: {type: 'finished', result: aRunResult(outcome)},
  seconds: 3,
});
const ready = taskAfter(opened, planned);

describe('a backup that is being prepared', () => {
  test('is planned first, and cannot start before that', () => {
    const planning = taskAfter(opened);
    expect(planning).toMatchObject({state: 'planning', plan: null, label: '', problem: null});
    expect(whyNotStart(planning)).toBe('the plan is still being made');
    expect(futureId(planning)).toBe('');
  });

  test('can start once it is planned', () => {
    expect(ready).toMatchObject({state: 'ready', plan});
    expect(whyNotStart(ready)).toBeNull();
  });

  test('takes a label', () => {
    expect(taskAfter(opened, planned, typed('pre-😀')).label).toBe('pre-😀');
  });

  test('is called by the time and the label as PHP writes it', () => {
    expect(futureId(ready)).toBe('20261123_120000');
    expect(futureId(taskAfter(opened, planned, typed('pre release')))).toBe('20261123_120000_pre-release');
    expect(futureId(taskAfter(opened, planned, typed('é')))).toBe('20261123_120000_--');
    expect(futureId(taskAfter(opened, planned, typed('0')))).toBe('20261123_120000');
  });

  test('keeps its label where it could not be made', () => {
    const refused: RunAction = {type: 'run refused', problem: 'locked'};
    expect(taskAfter(opened, planned, typed('nightly'), started, refused, opened).label).toBe('nightly');
  });

  test('keeps its label when it is planned again, but not its plan', () => {
    const again = taskAfter(opened, planned, typed('nightly'), opened);
    expect(again).toMatchObject({state: 'planning', plan: null, label: 'nightly'});
  });

  test('that was refused says why, and cannot start', () => {
    const refused = taskAfter(opened, {type: 'run refused', problem: 'switched off'});
    expect(refused).toMatchObject({state: 'done', problem: 'switched off'});
    expect(whyNotStart(refused)).toBe('switched off');
    expect(taskAfter(opened, {type: 'run refused', problem: 'switched off'}, opened).problem).toBeNull();
  });
});

describe('it cannot start', () => {
  test('with a label that makes a name too long, until that is shortened', () => {
    const long = taskAfter(opened, planned, typed('x'.repeat(240)));
    expect(whyNotStart(long)).toMatch(/^the label makes a name of 256 bytes.*shorten it by 1$/);
    expect(whyNotStart(reduceRunTask(long, typed('x'.repeat(239))) as RunTask)).toBeNull();
  });

  test('with a label that no manifest can hold', () => {
    expect(whyNotStart(taskAfter(opened, planned, typed('\ud800')))).toMatch(/UTF-8/);
    expect(whyNotStart(taskAfter(opened, planned, typed('a\tb')))).toMatch(/control characters/);
  });

  test('where everything is missing, but where one thing is', () => {
    const missing = aPlanned('ledger', {missing: 'its source is missing'});
    const some: RunAction = {type: 'run planned', plan: aPlan([aPlanned('tenants'), missing])};
    const none: RunAction = {type: 'run planned', plan: aPlan([missing])};
    expect(whyNotStart(taskAfter(opened, some))).toBeNull();
    expect(whyNotStart(taskAfter(opened, none))).toBe('there is nothing to copy');
    expect(whyNotStart(taskAfter(opened, {type: 'run planned', plan: aPlan([])}))).not.toBeNull();
  });

  test('without the space, unless that cannot be told', () => {
    const with_ = (free: number | null): RunAction => ({
      type: 'run planned',
      plan: aPlan(twoDatasets, {needed: 5000, free}),
    });
    expect(whyNotStart(taskAfter(opened, with_(4999)))).toBe('there is not enough space');
    expect(whyNotStart(taskAfter(opened, with_(5000)))).toBeNull();
    expect(whyNotStart(taskAfter(opened, with_(null)))).toBeNull();
  });

  test('twice', () => {
    expect(whyNotStart(taskAfter(opened, planned, started))).toBe('it has been started already');
    expect(whyNotStart(taskAfter(opened, planned, started, finished('done')))).not.toBeNull();
  });
});

describe('a backup that runs', () => {
  const running = taskAfter(opened, planned, typed('nightly'), started);

  test('is not begun anew by opening the screen', () => {
    expect(reduceRunTask(running, opened)).toBe(running);
  });

  test.each<[string, RunAction]>([
    ['its result', finished('failed')],
    ['why it could not go on', {type: 'run refused', problem: 'Locked by magds'}],
  ])('and ends while nobody looks keeps %s until somebody has', (_, end) => {
    const ended = reduceRunTask(running, end, false);
    expect(ended).toMatchObject({state: 'done', unseen: true});
    const seen = reduceRunTask(ended, opened);
    expect(seen).toEqual({...ended, unseen: false});
    expect(reduceRunTask(seen, opened)).toMatchObject({state: 'planning', unseen: false});
    expect(reduceRunTask(running, end, true)).toMatchObject({state: 'done', unseen: false});
  });

  test('takes no label any more', () => {
    for (const action of [typed('x'), typed('')])
      expect(reduceRunTask(running, action)?.label).toBe('nightly');
  });

  test('goes by the plan that it made itself', () => {
    const fresh = aPlan([aPlanned('tenants')], {id: '20261123_120105'});
    const task = reduceRunTask(running, {
      type: 'run event',
      event: {type: 'planned', plan: fresh},
      seconds: 0,
    });
    expect(task?.plan).toBe(fresh);
    expect(task?.progress.datasets.map(({name}) => name)).toEqual(['tenants']);
    expect(futureId(task as RunTask)).toBe('20261123_120105_nightly');
  });

  test('is asked to stop, and ends with its result', () => {
    const stopping = reduceRunTask(running, {type: 'run stopping'}) as RunTask;
    expect(stopping).toMatchObject({state: 'running', stopping: true});
    expect(reduceRunTask(stopping, finished('cancelled'))).toMatchObject({
      state: 'done',
      progress: {result: {outcome: 'cancelled'}},
    });
  });

  test('leaves nothing of itself to the next one', () => {
    const next = taskAfter(opened, planned, typed('nightly'), started, finished('done'), opened);
    expect(next).toMatchObject({state: 'planning', label: '', plan: null, stopping: false});
    expect(next.progress.result).toBeNull();
  });
});

test('nothing happens where no screen was opened', () => {
  for (const action of [planned, typed('x'), started, finished('done')])
    expect(reduceRunTask(null, action)).toBeNull();
});

describe('what comes when it is not waited for changes nothing', () => {
  const running = taskAfter(opened, planned, started);
  const done = taskAfter(opened, planned, started, finished('done'));
  const refused: RunAction = {type: 'run refused', problem: 'no'};
  const stopping: RunAction = {type: 'run stopping'};

  test.each<[string, RunTask, RunAction[]]>([
    ['before it is planned', taskAfter(opened), [started, stopping, finished('done')]],
    [
      'once it is planned',
      ready,
      [{type: 'run planned', plan: aPlan([])}, refused, stopping, finished('done')],
    ],
    ['while it runs', running, [planned, started]],
    ['once it is over', done, [planned, refused, started, stopping, finished('failed')]],
  ])('%s', (_, task, actions) => {
    for (const action of actions) expect(reduceRunTask(task, action)).toBe(task);
  });

  test('but a run may be refused when it was started: somebody else writes', () => {
    expect(reduceRunTask(running, refused)).toMatchObject({state: 'done', problem: 'no'});
  });
});

describe('whatever happens in whatever order', () => {
  const action: fc.Arbitrary<RunAction> = fc.oneof(
    fc.constantFrom<RunAction>(
      opened,
      planned,
      {type: 'run planned', plan: aPlan([])},
      {type: 'run refused', problem: 'no'},
      typed('x'),
      typed(''),
      started,
      {type: 'run stopping'},
      {type: 'run event', event: {type: 'planned', plan}, seconds: 0},
      {type: 'run event', event: {type: 'progress', bytes: [1, 2], bytesDone: 3}, seconds: 1},
      {type: 'run event', event: {type: 'waiting', reason: 'for the clock'}, seconds: 1},
      {type: 'run event', event: {type: 'published', id: 'x'}, seconds: 1},
      finished('done'),
      finished('failed'),
    ),
    fc.string({unit: 'binary', maxLength: 300}).map(typed),
  );

  test('the label changes only while it is ready, or with a new screen; what may start is ready', () => {
    fc.assert(
      fc.property(fc.array(action, {maxLength: 30}), (actions) => {
        let task: RunTask | null = null;
        for (const each of actions) {
          const next = reduceRunTask(task, each);
          if (task && next && next.label !== task.label) {
            expect(task.state === 'ready' || each.type === 'run opened').toBe(true);
            expect(each.type === 'run opened' || each.type.startsWith('label ')).toBe(true);
          }
          if (next && whyNotStart(next) === null) {
            expect(next.state).toBe('ready');
            expect(next.problem).toBeNull();
            expect(Buffer.byteLength(futureId(next))).toBeLessThanOrEqual(255);
          }
          if (next) expect(futureId(next)).toMatch(/^[\w-]*$/);
          task = next;
        }
      }),
      {numRuns: 500},
    );
  });

  test('the state before is left alone', () => {
    fc.assert(
      fc.property(fc.array(action, {maxLength: 15}), (actions) => {
        let task: RunTask | null = null;
        for (const each of actions) {
          const before = inspect(task, all);
          const next = reduceRunTask(task, each);
          expect(inspect(task, all)).toBe(before);
          task = next;
        }
      }),
      {numRuns: 100},
    );
  });
});
