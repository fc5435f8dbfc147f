import {expect, test} from 'vitest';
import {hints} from '../../../../source/ui/meaning.ts';
import {activitySlice} from '../../../../source/ui/screens/activity/state.ts';
import {currentScreen} from '../../../../source/ui/state.ts';
import {activityRead, aLogged, appended, readText} from '../../../support/activity-states.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {configured} from '../../../support/run-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const id = idAt(3, 'nightly');
const list = anApp([aRow(id)]);
const ready = reduceAll(list, configured());
const open = (lines = [aLogged(0), aLogged(-1)]) => keyboard(reduceAll(ready, ...activityRead(lines)));

test('A opens it, L with the activity of the backup alone; both begin to read', () => {
  const {press, state, effects} = keyboard(ready);
  press('A');
  expect([currentScreen(state()), activitySlice.of(state()).backup]).toEqual(['activity', null]);
  press('escape', 'L');
  expect([
    currentScreen(state()),
    activitySlice.of(state()).backup,
    activitySlice.of(state()).reading,
  ]).toEqual(['activity', id, 2]);
  expect(effects.followActivity).toHaveBeenCalledTimes(2);
});

test('also where nothing may be written; not without a root, nor before the configuration is known', () => {
  const {press, state} = keyboard(reduceAll(anApp([aRow(id)], {readOnly: true}), configured()));
  press('A');
  expect(currentScreen(state())).toBe('activity');
  const alone = keyboard(anApp([aRow(id)], {place: {root: null, backups: '/backups'}}));
  alone.press('A');
  expect(alone.state().message?.text).toBe(
    'A not now: a directory of backups alone (--backups) can only be browsed and verified.',
  );
  const early = keyboard(list);
  early.press('L');
  expect(early.state().message?.text).toBe('L not now: the configuration is still being read.');
});

test('Esc ends the filters, then leaves; what is typed is no command', () => {
  const {press, state} = open();
  press('/', 'a', 'y', 'enter', 'f');
  expect(activitySlice.of(state())).toMatchObject({filter: 'ay', typing: false});
  press('escape');
  expect(activitySlice.of(state())).toMatchObject({filter: '', event: null});
  expect(currentScreen(state())).toBe('activity');
  press('tab', 'escape', 'escape');
  expect(currentScreen(state())).toBe('backups');
});

test('a reads all actions, and again only ours', () => {
  const {press, state, effects} = open();
  const hintOf = () => hints(state()).find(({key}) => key === 'a')?.hint;
  expect(hintOf()).toBe('all actions');
  press('a');
  expect(hintOf()).toBe('only backups');
  expect(activitySlice.of(state())).toMatchObject({onlyOurs: false, lines: [], wanted: true});
  press('a');
  expect(activitySlice.of(state())).toMatchObject({onlyOurs: true, reading: 3});
  expect(effects.followActivity).toHaveBeenCalledTimes(2);
});

test("y copies the event's id, of a broken line the line; on the event the line as the log has it", () => {
  const {press, effects, store, state} = open();
  press('y');
  expect(effects.copy).toHaveBeenLastCalledWith('0b6fd2a0-0000-4000-8000-000000000001');
  press('enter', 'y');
  expect(effects.copy).toHaveBeenLastCalledWith(aLogged(0).text);
  press('escape', 'g');
  store.dispatch(appended(readText('magdb. broken', 1)));
  press('g', 'y');
  expect(effects.copy).toHaveBeenLastCalledWith('magdb. broken');
  store.dispatch(appended(aLogged(2, {payload: {note: 'n'.repeat(60_000)}})));
  press('g', 'enter', 'y');
  expect(effects.copy).toHaveBeenCalledTimes(3);
  expect(state().message?.text).toMatch(/^It has 60\d{3} characters, more than a terminal takes/);
});
