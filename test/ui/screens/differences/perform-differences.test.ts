import {describe, expect, test} from 'vitest';
import {chosenDifference, differencesSlice} from '../../../../source/ui/screens/differences/state.ts';
import {restoreSlice} from '../../../../source/ui/screens/restore/state.ts';
import {currentScreen} from '../../../../source/ui/state.ts';
import {
  aDifference,
  aTable,
  differenceRead,
  differencesCompared,
  tablesRead,
} from '../../../support/difference-states.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {aRestorePlan, restorePlanned} from '../../../support/restore-states.ts';
import {anApp, aRow, idAt, listing, reduceAll} from '../../../support/states.ts';

const rows = [1, 2, 3].map((hour) => aRow(idAt(hour)));
const ids = rows.map(({id}) => id) as [string, string, string];
const board = (...actions: Parameters<typeof reduceAll> extends [unknown, ...infer Rest] ? Rest : never) =>
  keyboard(reduceAll(anApp(rows), ...actions));
const started = (names: string[]) =>
  differencesCompared(
    ids[0],
    names.map((name) => aDifference(name)),
  )[1] as never;

test('they begin with the dataset that one was on: in the plan, of a directory its first file', () => {
  const plan = keyboard(reduceAll(anApp(rows), ...restorePlanned(aRestorePlan(ids[0]))));
  const {names = []} = restoreSlice.of(plan.state()) ?? {};
  plan.press('down', 'd');
  plan.store.dispatch(started(names));
  expect(chosenDifference(plan.state())?.name).toBe(names[1]);
  const directory = keyboard(reduceAll(anApp(rows), ...restorePlanned(aRestorePlan(ids[0]))));
  directory.press('down', 'd');
  directory.store.dispatch(started(['x', `${names[1]}/a`, `${names[1]}/b`]));
  expect(chosenDifference(directory.state())?.name).toBe(`${names[1]}/a`);
  // Of the other ones nothing is known.
  const list = keyboard(anApp(rows));
  list.press('enter');
  list.store.dispatch(started(names));
  expect(chosenDifference(list.state())?.name).toBe(names[0]);
});

describe('while backups come and go', () => {
  const listed = (...now: string[]) =>
    ({type: 'catalog', event: {type: 'listed', listing: listing(now)}}) as const;

  test('what it is to be compared with stays chosen', () => {
    const asking = board(...differencesCompared(ids[0]));
    asking.press('w', 'down', 'down');
    asking.store.dispatch(listed(idAt(0), ...ids));
    asking.press('enter');
    expect(asking.effects.compare).toHaveBeenLastCalledWith(ids[0], ids[2]);
  });

  test('one of the two that goes is said to be gone', () => {
    const asking = board(...differencesCompared(ids[0]));
    asking.store.dispatch(listed(...ids.slice(1)));
    expect(frameText(screenOf('differences')(asking.state()))).toContain(
      `x ${ids[0]} is gone: it was deleted or moved.`,
    );
  });
});

const comparing = () => board(...differencesCompared(ids[1]));
const reading = () => board(...differencesCompared(ids[1]), ...differenceRead(['a'], ['b']));

test('Enter on a backup compares it with the live files, without a project with the backup before it', () => {
  const {press, effects, state} = board();
  press('j', 'enter');
  expect(effects.compare).toHaveBeenCalledExactlyOnceWith(ids[1], null);
  expect(currentScreen(state())).toBe('differences');
  const alone = keyboard(anApp(rows, {place: {root: null, backups: '/srv/backups'}}));
  alone.press('enter');
  expect(alone.effects.compare).toHaveBeenCalledExactlyOnceWith(ids[0], ids[1]);
});

test('one that was cut off is compared, and not restored', () => {
  const cutOff = rows.map((row) => (row.id === ids[1] ? {...row, state: 'interrupted' as const} : row));
  const {press, state} = keyboard(reduceAll(anApp(cutOff), ...differencesCompared(ids[1])));
  press('r');
  expect(currentScreen(state())).toBe('differences');
  expect(state().message?.text).toBe(
    'r not now: it was cut off, and nothing says what it should hold: Enter on it in the list, then m, makes it a backup.',
  );
});

test('d on the plan of a restore compares what it would restore; of an undo, what its safety backup holds', () => {
  const {press, effects, state} = board(...restorePlanned(aRestorePlan(ids[2])));
  press('d');
  expect(effects.compare).toHaveBeenCalledExactlyOnceWith(ids[2], null);
  press('escape');
  expect(currentScreen(state())).toBe('restore');
  expect(effects.stopPlanning).not.toHaveBeenCalled();
  const undo = board(...restorePlanned(aRestorePlan(ids[2], [], {undoes: 12})));
  undo.press('d');
  const plan = restoreSlice.of(undo.state())?.plan;
  expect(undo.effects.compare).toHaveBeenCalledExactlyOnceWith(plan?.id, null);
  expect(differencesSlice.of(undo.state())?.safetyIn).toBe('/srv/magmoboce/storage/runbook/safety');
  undo.press('w', 'm', 'r');
  expect(currentScreen(undo.state())).toBe('differences');
  expect(undo.state().message?.text).toBe(
    'r not now: it is a safety backup: undoing its session brings it back.',
  );
  undo.press('escape');
  expect(currentScreen(undo.state())).toBe('restore');
  const without = board(...restorePlanned(aRestorePlan('', [], {undoes: 12})));
  without.press('d');
  expect(without.state().message?.text).toBe('d not now: that restore made no safety backup.');
});

test('Enter on a dataset reads it; Esc stops that, and then comparing', () => {
  const {press, effects, state} = comparing();
  press('enter');
  expect(effects.openDifference).toHaveBeenCalledExactlyOnceWith('tenants');
  press('escape');
  expect(effects.stopComparing).toHaveBeenLastCalledWith('dataset');
  expect(currentScreen(state())).toBe('differences');
  press('escape');
  expect(effects.stopComparing).toHaveBeenLastCalledWith('all');
  expect(state().screens).toEqual(['backups']);
});

test('restore and manifest are of the backup that is compared, wherever the list is', () => {
  const {press, effects} = comparing();
  press('m');
  expect(effects.openManifest).toHaveBeenCalledExactlyOnceWith(ids[1]);
});

describe('w', () => {
  test('compares with what is chosen', () => {
    const {press, effects, state} = comparing();
    press('w', 'j', 'j', 'enter');
    expect(effects.compare).toHaveBeenCalledExactlyOnceWith(ids[1], ids[2]);
    expect(effects.openDifference).not.toHaveBeenCalled();
    expect(state().screens).toEqual(['backups', 'differences']);
  });

  test('on one dataset goes on with that one', () => {
    const {press, effects, state} = reading();
    press('w', 'j', 'enter');
    expect(effects.compare).toHaveBeenCalledExactlyOnceWith(ids[1], ids[0]);
    expect(effects.openDifference).toHaveBeenCalledExactlyOnceWith('tenants');
    expect(state().screens).toEqual(['backups', 'differences', 'difference']);
  });

  test('left with Esc changes nothing', () => {
    const {press, effects, state} = reading();
    press('w', 'j', 'escape');
    expect(effects.compare).not.toHaveBeenCalled();
    expect(currentScreen(state())).toBe('difference');
  });

  test('says where there is nothing else', () => {
    const alone = keyboard(
      reduceAll(
        anApp([aRow(ids[0])], {place: {root: null, backups: '/srv/b'}}),
        ...differencesCompared(ids[0]),
      ),
    );
    alone.press('w');
    expect(alone.state().message?.text).toBe('w not now: there is nothing else to compare it with.');
  });
});

test('keys of lines say where there are none', () => {
  const {press, state} = comparing();
  press('enter', 'n');
  expect(state().message?.text).toBe('n not now: there are no lines here.');
});

test('Enter on a table lists its rows, and Esc leads back to the very table', () => {
  const {press, state} = board(...differencesCompared(ids[1]), ...tablesRead());
  press('j', 'enter');
  expect(state().message?.text).toBe('Enter not now: its rows are the same.');
  press('k', 'enter');
  expect(currentScreen(state())).toBe('rows');
  press('escape');
  expect(currentScreen(state())).toBe('difference');
  expect(differencesSlice.of(state())?.opened?.list).toEqual({cursor: 0, top: 0});
  press('escape');
  expect(currentScreen(state())).toBe('differences');
});

test('Enter on a table whose rows were counted has them read, unless nothing may be written', () => {
  const counted = {...aTable('accounts'), by: null, differ: null, isCounted: true};
  const opened = [...differencesCompared(ids[1]), ...tablesRead([counted], [])];
  const {press, state, effects} = board(...opened);
  press('enter');
  expect(currentScreen(state())).toBe('rows');
  expect(effects.openRows).toHaveBeenCalledExactlyOnceWith('accounts');
  press('escape');
  expect(effects.stopComparing).toHaveBeenLastCalledWith('dataset');
  const reader = keyboard(reduceAll(anApp(rows, {readOnly: true}), ...opened));
  reader.press('enter');
  expect(reader.state().message?.text).toBe(
    'Enter not now: its rows are put into private files, and --read-only writes nothing.',
  );
  expect(reader.effects.openRows).not.toHaveBeenCalled();
});
