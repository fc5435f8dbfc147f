import {describe, expect, test} from 'vitest';
import type {TargetWrite} from '../../../../source/engine/restore/target-writes.ts';
import {
  isConfirmed,
  type RestoreTaskAction,
  reduceRestore,
  whyNotGoOn,
} from '../../../../source/ui/screens/restore/state.ts';
import type {RestoreTask} from '../../../../source/ui/screens/restore/task.ts';
import {deviationsOf, quietFor, targetsOf, unwatched} from '../../../../source/ui/screens/restore/writes.ts';
import {anAction, aRestorePlan, aWrite, noSettings, watchedActions} from '../../../support/restore-states.ts';
import {idAt, noon} from '../../../support/states.ts';

const id = idAt(3, 'nightly');
const plan = aRestorePlan(id);
function taskAfter(
  writes: TargetWrite[],
  made = plan,
  settings = {},
  ...more: RestoreTaskAction[]
): RestoreTask {
  const actions = [...watchedActions(made, writes, settings), ...more];
  const task = actions.reduce<RestoreTask | null>(reduceRestore, null);
  if (!task) throw new Error('there is no task');
  return task;
}
const although: RestoreTaskAction = {type: 'although written'};
const again = (made = plan): RestoreTaskAction => ({
  type: 'restore planned',
  plan: made,
  reasons: [],
  at: noon,
  settings: noSettings,
});
const unsteady = aRestorePlan(id, [anAction('tenants', {volatile: true}), anAction('ledger')]);

describe('what is written now', () => {
  const isWritten = 'tenants is being written: s says how to stop the service, W restores all the same';

  test.each<[string, RestoreTask, string | null]>([
    ['holds it up', taskAfter([aWrite('tenants')]), isWritten],
    [
      'of several, one is named',
      taskAfter([aWrite('tenants'), aWrite('ledger')]),
      isWritten.replace('is', 'and others are'),
    ],
    ['not once it was quiet', taskAfter([aWrite('tenants', {quiet: 45})]), null],
    ['not where it was only copied', taskAfter([aWrite('tenants', {times: 0})]), null],
    ['not where it always changes', taskAfter([aWrite('tenants')], unsteady, {volatile: ['tenants']}), null],
    ['not where it stays as it is', taskAfter([aWrite('media')]), null],
    ['not where a hook stops the service', taskAfter([aWrite('tenants')], plan, {before: [['stop']]}), null],
    [
      'not where it is a drill',
      taskAfter([aWrite('tenants')], aRestorePlan(id, undefined, {into: '/x'})),
      null,
    ],
    [
      'not where it is restored all the same',
      taskAfter([aWrite('tenants')], plan, {}, although, again(unsteady)),
      null,
    ],
    [
      'but the next one does',
      taskAfter([aWrite('tenants')], plan, {}, although, again(unsteady), {
        type: 'targets watched',
        writes: [aWrite('ledger')],
      }),
      isWritten.replace('tenants', 'ledger'),
    ],
  ])('%s', (_, task, why) => {
    expect(whyNotGoOn(task)).toBe(why);
  });

  test('a dataset that is left out does not count, even before the plan is made again', () => {
    const task = taskAfter([aWrite('tenants')], plan, {}, {type: 'restore toggled'});
    expect(whyNotGoOn(task)).toBe('the plan is still being made');
    expect(whyNotGoOn({...task, state: 'ready'})).toBeNull();
  });

  test('keeps the typed id from counting', () => {
    const typed: RestoreTaskAction = {type: 'word written', text: id};
    expect(isConfirmed(taskAfter([], plan, {}, typed))).toBe(true);
    expect(isConfirmed(taskAfter([aWrite('tenants')], plan, {}, typed))).toBe(false);
  });

  test('looking again does not make it quiet, and what was said of it is said anew', () => {
    const task = taskAfter([aWrite('tenants')], plan, {}, although, again(unsteady));
    const opened = reduceRestore(task, {type: 'restore opened', subject: {id, undoes: null}});
    expect(opened).toMatchObject({although: new Set(), writes: [aWrite('tenants')]});
  });

  test('nothing is restored all the same where nobody writes', () => {
    expect(taskAfter([], plan, {}, although)).toMatchObject({state: 'ready', although: new Set()});
  });
});

test('what was written to since the plan was begun has to be looked at again', () => {
  const late = [aWrite('ledger', {quiet: 45, last: noon + 1})];
  expect(whyNotGoOn(taskAfter(late))).toBe('ledger was written to since this plan was made: r looks again');
  expect(whyNotGoOn(taskAfter([aWrite('ledger', {quiet: 45, last: noon})]))).toBeNull();
});

test('how long it has been quiet goes by what would be changed, and does not always change', () => {
  const state = aRestorePlan(id, [anAction('tenants'), anAction('kernel_state', {volatile: true})]);
  const writes = [
    aWrite('tenants', {times: 0, quiet: 20}),
    aWrite('kernel_state'),
    aWrite('media', {quiet: 5}),
  ];
  expect(quietFor(taskAfter(writes, state))).toBe(20);
  expect(quietFor(taskAfter([], state))).toBe(45);
});

test('the live files that would be changed are looked at, not too many, and our own are known', () => {
  const many = Array.from({length: 203}, (_, index) => anAction(`media/${index}`));
  const task = taskAfter([], aRestorePlan(id, [anAction('same', {action: 'unchanged'}), ...many]));
  expect(targetsOf(task)).toHaveLength(200);
  expect(unwatched(task)).toBe(3);
  const undo = aRestorePlan(id, [anAction('tenants', {loses: null}), anAction('ledger')], {undoes: 12});
  expect(targetsOf(taskAfter([], undo)).map(({dataset, ours}) => [dataset, ours])).toEqual([
    ['tenants', true],
    ['ledger', false],
  ]);
  expect(targetsOf(taskAfter([]))[0]).toEqual({
    dataset: 'tenants',
    path: '/srv/magmoboce/storage/data/tenants.json',
    ours: false,
  });
});

test('what goes another way than it should is told for the record', () => {
  const task = taskAfter([aWrite('tenants', {times: 14})], plan, {}, although, again(unsteady));
  expect(deviationsOf(task)).toEqual(['restored although it was written (tenants: 14 times in 60s)']);
  expect(deviationsOf({...task, writes: []})).toEqual([
    'restored although it was written (tenants: no writes for at least 45s)',
  ]);
  expect(deviationsOf(taskAfter([]))).toEqual([]);
});
