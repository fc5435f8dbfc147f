import {expect, test} from 'vitest';
import {chosenDifference} from '../../../../source/ui/screens/differences/state.ts';
import {filesSlice} from '../../../../source/ui/screens/files/state.ts';
import {type AppAction, currentScreen} from '../../../../source/ui/state.ts';
import {aDifference, differencesCompared} from '../../../support/difference-states.ts';
import {lineText, screenOf} from '../../../support/frames.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const id = idAt(3, 'nightly');
const cut = aRow(id, {
  state: 'interrupted',
  datasets: [],
  reason: 'cut off before its end; 3 files in it',
});
const file = (name: string, path: string) => ({name, path, bytes: 2000, mtimeMs: 0});
const listed = filesSlice.to({
  type: 'files listed',
  files: [file('tenants', 'tenants.json'), file('ledger', 'ledger.sqlite'), file('notes', 'notes.txt')],
});

test('Enter on a backup that was cut off lists its files; from there to the differences, and out', () => {
  const board = keyboard(anApp([cut]));
  board.press('enter');
  expect(currentScreen(board.state())).toBe('files');
  expect(board.effects.lookInto).toHaveBeenCalledWith(id);
  board.store.dispatch(listed);
  board.press('down', 'x');
  expect(lineText(screenOf('files')(board.state())[1] ?? [])).toMatch(/ Copy ledger out to the new file: _/);
  board.press('enter');
  expect(board.effects.extract).not.toHaveBeenCalled();
  board.press(...'/tmp/l', 'enter');
  expect(board.effects.extract).toHaveBeenCalledWith(id, 'ledger', '/tmp/l');
  board.press('enter');
  expect(currentScreen(board.state())).toBe('differences');
  expect(board.effects.compare).toHaveBeenCalledWith(id, null);
  // On the file that was chosen.
  const names = ['tenants', 'ledger', 'notes'];
  board.store.dispatch(
    differencesCompared(
      id,
      names.map((name) => aDifference(name)),
    )[1] as AppAction,
  );
  expect(chosenDifference(board.state())?.name).toBe('ledger');
});

test('one that was cut off is neither verified nor restored, and it is said where its files are', () => {
  for (const key of ['v', 'r']) {
    const board = keyboard(anApp([cut]));
    board.press(key);
    expect(currentScreen(board.state())).toBe('backups');
    expect(board.state().message?.text).toMatch(/^. not now: it was cut off: Enter lists the files in it/);
  }
});

test('nothing is copied out with --read-only, or where nothing lies', () => {
  const board = keyboard(anApp([cut], {readOnly: true}));
  board.press('enter', 'x');
  expect(board.state().prompt).toBeNull();
  const empty = keyboard(anApp([cut]));
  empty.press('enter', 'x', 'enter');
  expect(empty.state().prompt).toBeNull();
  expect(currentScreen(empty.state())).toBe('files');
});

test('each file is said to be readable, broken, or nothing that can be checked', () => {
  const found = (name: string, state: 'sound' | 'broken', kind: 'json' | 'sqlite', detail: string | null) =>
    filesSlice.to({
      type: 'files looked into',
      event: {
        type: 'content checked',
        id,
        name,
        result: {dataset: name, state, kind, check: kind === 'json' ? 'parse' : 'integrity_check', detail},
      },
    });
  const begun = filesSlice.to({
    type: 'files looked into',
    event: {
      type: 'content started',
      id,
      datasets: ['tenants', 'ledger', 'notes'].map((name) => ({name, kind: null})),
    },
  });
  const none = filesSlice.to({
    type: 'files looked into',
    event: {type: 'content checked', id, name: 'notes', result: null},
  });
  const state = reduceAll(
    anApp([cut]),
    filesSlice.open({type: 'files opened', id}),
    listed,
    begun,
    found('tenants', 'sound', 'json', null),
    found('ledger', 'broken', 'sqlite', 'row 3 is missing'),
    none,
  );
  const lines = screenOf('files')(state).map(lineText);
  expect(lines[3]).toMatch(/> tenants +2\.0 kB .* \+ parses as JSON/);
  expect(lines[4]).toMatch(/ledger .* x SQLite says: row 3 is missing/);
  expect(lines[5]).toMatch(/notes .* \? no JSON, SQLite or dump: nothing to check/);
});
