import {describe, expect, test} from 'vitest';
import {FactList} from '../../../../source/ui/kit/words.tsx';
import {wanted} from '../../../../source/ui/screens/restore/choice.ts';
import {hidden, movePlan, planFacts} from '../../../../source/ui/screens/restore/scroll.ts';
import {
  isConfirmed,
  type RestoreTaskAction,
  reduceRestore,
  rightSoFar,
  whyNotGoOn,
} from '../../../../source/ui/screens/restore/state.ts';
import type {RestoreTask} from '../../../../source/ui/screens/restore/task.ts';
import {lineText} from '../../../support/frames.ts';
import {anAction, aRestorePlan} from '../../../support/restore-states.ts';
import {idAt, noon} from '../../../support/states.ts';

const id = idAt(3, 'nightly');
const plan = aRestorePlan(id);
const opened: RestoreTaskAction = {type: 'restore opened', subject: {id, undoes: null}};
const planned = (made = plan, reasons: string[] = []): RestoreTaskAction => ({
  type: 'restore planned',
  plan: made,
  reasons,
});
const typed = (text: string): RestoreTaskAction => ({type: 'word written', text});
const toggled: RestoreTaskAction = {type: 'restore toggled'};
const allToggled: RestoreTaskAction = {type: 'all toggled'};
/** With a plan of all there is, all of it chosen where there is more than one dataset. */
const taskAfter = (first: RestoreTaskAction, ...actions: RestoreTaskAction[]): RestoreTask => {
  const isOpen = first.type === 'restore planned' && first.plan.actions.length > 1;
  const task = [opened, first, ...(isOpen ? [allToggled, first] : []), ...actions].reduce<RestoreTask | null>(
    reduceRestore,
    null,
  );
  if (!task) throw new Error('there is no task');
  return task;
};

describe('what confirms it', () => {
  test.each<[string, boolean]>([
    [id, true],
    ['', false],
    [id.slice(0, -1), false],
    [`${id} `, false],
    [` ${id}`, false],
    [id.toUpperCase(), false],
    [`${id}${id}`, false],
  ])('%j: %s', (text, confirmed) => {
    expect(isConfirmed(taskAfter(planned(), typed(text)))).toBe(confirmed);
  });

  test('not while a plan is made, nor where it is refused or changes nothing, nor a second time', () => {
    expect(isConfirmed(taskAfter(planned(), toggled, typed(id)))).toBe(false);
    expect(isConfirmed(taskAfter(planned(plan, ['no']), typed(id)))).toBe(false);
    const same = aRestorePlan(id, [anAction('tenants', {action: 'unchanged'})]);
    expect(isConfirmed(taskAfter(planned(same), typed(id)))).toBe(false);
    expect(isConfirmed(taskAfter(planned(), typed(id), {type: 'restore starting'}))).toBe(false);
  });

  test('says how much of it is right', () => {
    const soFar = (text: string) => rightSoFar(taskAfter(planned(), typed(text)));
    expect(soFar(id.slice(0, 13))).toEqual({right: 13, typed: 13, of: 23});
    expect(soFar(`${id.slice(0, 4)}x${id.slice(5)}`)).toEqual({right: 4, typed: 23, of: 23});
    expect(soFar(`${id}é`)).toEqual({right: 23, typed: 24, of: 23});
  });

  test('it starts only when it is confirmed; held back, it has to be typed anew under the plan as it is now', () => {
    expect(taskAfter(planned(), typed('x'), {type: 'restore starting'}).state).toBe('ready');
    const other = aRestorePlan(id, undefined, {hash: 'other'});
    const held: RestoreTaskAction = {type: 'restore held back', plan: other, reasons: []};
    const task = taskAfter(planned(), typed(id), {type: 'restore starting'}, held);
    expect(task).toMatchObject({state: 'ready', typed: '', plan: other});
  });
});

describe('datasets', () => {
  const firstOf = (made: typeof plan, ...before: RestoreTaskAction[]): RestoreTask | null =>
    [opened, ...before, planned(made)].reduce<RestoreTask | null>(reduceRestore, null);
  const names = (task: RestoreTask | null): string[] => [...(task?.chosen ?? [])];

  test('of an incident are not chosen for the operator, unless there is only one; of a drill and an undo all are', () => {
    expect(names(firstOf(plan))).toEqual([]);
    expect(names(firstOf(aRestorePlan(id, [anAction('tenants')])))).toEqual(['tenants']);
    const drill: RestoreTaskAction[] = [{type: 'purpose switched', to: 'drill'}, opened];
    expect(names(firstOf(plan, ...drill))).toEqual(['tenants', 'ledger']);
    const undo = reduceRestore(null, {type: 'restore opened', subject: {id, undoes: 12}});
    expect(names(reduceRestore(undo, planned()))).toEqual(['tenants', 'ledger']);
  });

  test('what a drill chose is not chosen for an incident', () => {
    const drill = firstOf(plan, {type: 'purpose switched', to: 'drill'}, opened);
    const incident = [{type: 'purpose switched', to: 'incident'} as const, opened, planned()].reduce(
      reduceRestore,
      drill,
    );
    expect(names(incident)).toEqual([]);
  });

  test('of which none is chosen say how, and nothing confirms it', () => {
    const none = firstOf(plan);
    const why = 'nothing is chosen (Space chooses one, a all)';
    expect(none && whyNotGoOn(none)).toBe(why);
    const typedAll = reduceRestore(none, typed(id));
    expect(typedAll && isConfirmed(typedAll)).toBe(false);
    // Even where something else is wrong with what nobody wants back.
    const refused = reduceRestore(reduceRestore(null, opened), planned(plan, ['ledger: no']));
    expect(refused && whyNotGoOn(refused)).toBe(why);
  });

  test('are chosen and left out again', () => {
    const first = reduceRestore(firstOf(plan), toggled);
    expect(first && wanted(first)).toEqual(['tenants']);
    expect(first?.state).toBe('planning');
    expect(wanted(taskAfter(planned()))).toBeNull();
    expect(wanted(taskAfter(planned(), toggled))).toEqual(['ledger']);
    expect(names(taskAfter(planned(), allToggled))).toEqual([]);
  });

  test('that cannot be restored are not chosen, neither alone nor with all', () => {
    const made = aRestorePlan(id, [
      anAction('tenants', {action: 'refused', reason: 'the copy is missing', loses: null}),
      anAction('ledger'),
      anAction('media'),
    ]);
    expect(names(reduceRestore(firstOf(made), toggled))).toEqual([]);
    expect(names(reduceRestore(firstOf(made), allToggled))).toEqual(['ledger', 'media']);
  });

  test('of a directory are one, however many files it has', () => {
    const files = Array.from({length: 300}, (_, index) => anAction(`media/${index}`));
    const task = firstOf(aRestorePlan(id, [...files, anAction('ledger')]));
    expect(task?.names).toEqual(['media', 'ledger']);
    expect(task?.sets.get('media')).toMatchObject({
      action: 'overwrite',
      files: 300,
      changed: 300,
      bytes: 600_000,
    });
  });

  test('of an undo are not chosen: it takes all of it back', () => {
    const undo = reduceRestore(null, {type: 'restore opened', subject: {id, undoes: 12}});
    const task = reduceRestore(reduceRestore(undo, planned()), toggled);
    expect(task).toMatchObject({state: 'ready', chosen: new Set(['tenants', 'ledger'])});
  });
});

test('the same backup opened again keeps choice and ticket, another one only the ticket', () => {
  const first = taskAfter(planned(), toggled, {type: 'ticket given', text: 'INC-4711'});
  expect(reduceRestore(first, opened)).toMatchObject({ticket: 'INC-4711', chosen: new Set(['ledger'])});
  const other = reduceRestore(first, {type: 'restore opened', subject: {id: 'other', undoes: null}});
  expect(other).toMatchObject({ticket: 'INC-4711', chosen: new Set(), names: []});
});

test('everything can be scrolled into view, and back, however small the terminal', () => {
  const size = {columns: 60, rows: 16};
  const many = Array.from({length: 30}, (_, index) => anAction(`dataset-${index}`));
  let task = taskAfter(planned(aRestorePlan(id, many)));
  expect(hidden(task, noon, size).above).toBe(0);
  for (let step = 0; step < 29; step++) task = movePlan(task, 'down', noon, size);
  expect(task.cursor).toBe(29);
  for (let step = 0; step < 60; step++) task = movePlan(task, 'down', noon, size);
  expect(hidden(task, noon, size).below).toBe(0);
  expect(task.cursor).toBe(29);
  for (let step = 0; step < 60; step++) task = movePlan(task, 'up', noon, size);
  expect(task).toMatchObject({cursor: 0, top: 0});
  task = movePlan(task, 'last', noon, size);
  expect(hidden(task, noon, size).below).toBe(0);
  expect(movePlan(task, 'first', noon, size)).toMatchObject({cursor: 0, top: 0});
});

test('what an operator has to know of a plan', () => {
  const facts = (changes: Parameters<typeof aRestorePlan>[2], actions = [anAction('tenants')]) =>
    FactList.lines(planFacts(taskAfter(planned(aRestorePlan(id, actions, changes))), noon), {
      columns: 200,
      height: Number.POSITIVE_INFINITY,
    }).map((line) => lineText(line).trim());
  expect(facts({})).toContainEqual(
    expect.stringMatching(/^! YOU LOSE {2}tenants: changes between 09:00:00Z and 11:00:00Z \(2h00m\)/),
  );
  expect(facts({safety: false})).toContainEqual(expect.stringMatching(/^! WAY BACK {2}NONE/));
  expect(facts({unseen: 12})).toContainEqual('? UNSEEN    open files of 12 processes: you are not root');
  const owner = {me: 'root', tree: 'www-data'};
  expect(facts({owner})).toContainEqual(
    "! OWNER     root in www-data's tree: files keep their owner, session is root's",
  );
  const created = [anAction('tenants', {action: 'create', live: {kind: 'absent', missing: []}, loses: null})];
  expect(facts({owner}, created)).toContainEqual(
    "! OWNER     root in www-data's tree: files keep their owner, new ones get their directory's, session is root's",
  );
  expect(facts({php: ['php 4711']})).toContainEqual(expect.stringMatching(/^! PHP .*php 4711/));
  expect(facts({leftOut: [{name: 'sessions', reason: 'not in the backup'}]})).toContainEqual(
    expect.stringMatching(/^! NOT IN IT sessions: configured now/),
  );
  const partial = Array.from({length: 7}, (_, index) => ({dataset: `d${index}`, reason: 'torn'}));
  expect(facts({partial}).filter((line) => line.startsWith('! PARTIAL'))).toEqual([
    ...partial.slice(0, 5).map(({dataset}) => `! PARTIAL   in this backup: ${dataset}: torn`),
    '! PARTIAL   in this backup: and 2 more',
  ]);
  const inside = Array.from({length: 7}, (_, index) => ({name: `d${index}`, detail: 'SQLite says: no'}));
  expect(facts({brokenInside: inside}).filter((line) => line.startsWith('! INSIDE'))).toEqual([
    ...inside.slice(0, 5).map(({name}) => `! INSIDE    ${name} is broken in this backup: SQLite says: no`),
    '! INSIDE    and 2 more',
  ]);
  expect(
    facts({}, [anAction('tenants', {volatile: true, writers: {openBy: [], writing: 3, unseen: 0}})]),
  ).not.toContainEqual(expect.stringMatching(/WRITING/));
});
