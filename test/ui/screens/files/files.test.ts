import {describe, expect, test} from 'vitest';
import type {ContentEvent} from '../../../../source/engine/content/check.ts';
import {footer} from '../../../../source/ui/frame.ts';
import {atWork} from '../../../../source/ui/reasons.ts';
import {chosenDifference} from '../../../../source/ui/screens/differences/state.ts';
import {filesSlice} from '../../../../source/ui/screens/files/state.ts';
import {type AppAction, type AppState, currentScreen} from '../../../../source/ui/state.ts';
import {aDifference, differencesCompared} from '../../../support/difference-states.ts';
import {lineText, screenOf} from '../../../support/frames.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {configured} from '../../../support/run-states.ts';
import {anApp, aRow, idAt, listing, reduceAll} from '../../../support/states.ts';

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

test('one that was cut off is neither verified nor restored and has no manifest, and it is said where its files are', () => {
  for (const key of ['v', 'r', 'm']) {
    const board = keyboard(anApp([cut]));
    board.press(key);
    expect(currentScreen(board.state())).toBe('backups');
    expect(board.state().message?.text).toMatch(/^. not now: it was cut off: Enter lists the files in it/);
  }
});

test('what is typed for a path goes nowhere else once it is a backup by now', () => {
  const board = keyboard(anApp([cut]));
  board.press('enter');
  board.store.dispatch(listed);
  board.press('x', ...'/tmp');
  board.store.dispatch({type: 'went back'});
  expect(board.state().prompt).toBeNull();
  board.press('enter');
  expect(board.state().prompt).toBeNull();
});

test('where there is no project nobody is sent to make it a backup', () => {
  const alone = keyboard(anApp([cut], {place: {root: null, backups: '/b'}}));
  expect(screenOf('backups')(alone.state()).map(lineText).join('\n')).not.toContain('makes it a backup');
  alone.press('v');
  expect(alone.state().message?.text).toBe(
    'v not now: it was cut off: Enter lists the files in it and looks into them.',
  );
  alone.press('enter');
  expect(screenOf('files')(alone.state()).map(lineText).join('\n')).toContain(
    '? Cut off: no manifest says what is in it.',
  );
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

describe('what it is by now is said', () => {
  const second = (state: AppState): string => lineText(screenOf('files')(state)[1] ?? []).trim();
  const onFiles = (row = cut) => {
    const board = keyboard(reduceAll(anApp([row]), configured()));
    board.press('enter');
    board.store.dispatch(listed);
    return board;
  };

  test('one that may still be running', () => {
    const running = aRow(id, {...cut, reason: 'cut off before its end; it may still be running'});
    expect(second(onFiles(running).state())).toBe(
      '- It may still be running: no manifest says yet what is in it.',
    );
  });

  test('one that has its manifest', () => {
    const board = onFiles();
    board.store.dispatch({type: 'catalog', event: {type: 'rows', rows: [aRow(id)]}});
    expect(second(board.state())).toBe('+ It has its manifest by now: the list (Esc) says more of it.');
  });

  test('one that is gone', () => {
    const board = onFiles();
    board.store.dispatch({type: 'catalog', event: {type: 'listed', listing: listing([])}});
    expect(second(board.state())).toBe('x It is gone: it was deleted or moved.');
    board.press('m');
    expect(board.state().message?.text).toBe('m not now: it is gone.');
  });
});

describe('m makes it a backup', () => {
  const opened = (row = cut, changes = {}) => {
    const board = keyboard(reduceAll(anApp([row], changes), configured()));
    board.press('enter');
    board.store.dispatch(listed);
    return board;
  };

  test('and says how far it is; nothing else writes meanwhile, and Esc stops it', () => {
    const board = opened();
    board.press('m');
    expect(lineText(screenOf('files')(board.state())[1] ?? [])).toMatch(/Enter adds manifest\.json/);
    // There is nothing to clear.
    expect(lineText(footer(board.state())).trim()).toBe('Enter confirm  Esc back');
    board.press('escape', 'm');
    expect(board.effects.finish).not.toHaveBeenCalled();
    board.press('enter');
    expect(board.effects.finish).toHaveBeenCalledExactlyOnceWith(id);
    const says = (): string => lineText(screenOf('files')(board.state())[1] ?? []).trim();
    board.store.dispatch(filesSlice.to({type: 'finish began'}));
    board.store.dispatch(
      filesSlice.to({type: 'finish event', event: {type: 'content checking', id, name: 'ledger'}}),
    );
    expect(says()).toBe('- It is being made a backup: looking into ledger ...');
    board.store.dispatch(
      filesSlice.to({type: 'finish event', event: {type: 'progress', bytesDone: 61, totalBytes: 100}}),
    );
    expect(says()).toBe('- It is being made a backup: hashing 61% ... Esc stops it.');
    expect(atWork(board.state())).toMatch(/^one that was cut off is being made a backup/);
    board.press('m');
    expect(board.effects.finish).toHaveBeenCalledOnce();
    board.press('ctrl+c');
    expect(board.state().message?.text).toMatch(/is being made a backup: Ctrl\+C again stops that and quits/);
    board.press('escape');
    expect(board.effects.stopLooking).toHaveBeenCalled();
    board.store.dispatch(filesSlice.to({type: 'finish ended'}));
    expect(atWork(board.state())).toBeNull();
  });

  test.each<[string, ReturnType<typeof opened>, RegExp]>([
    ['with --read-only', opened(cut, {readOnly: true}), /--read-only forbids that/],
    [
      'while it may still be running',
      opened({...cut, reason: 'cut off before its end; last written 3s ago, it may still be running'}),
      /it may still be running: wait two minutes/,
    ],
  ])('but not %s', (_, board, why) => {
    board.press('m');
    expect(board.effects.finish).not.toHaveBeenCalled();
    expect(board.state().message?.text).toMatch(why);
  });

  test('nor where none of its files is known to be whole', () => {
    const board = opened();
    const looked = (event: ContentEvent) => filesSlice.to({type: 'files looked into', event});
    board.store.dispatch(looked({type: 'content started', id, datasets: [{name: 'notes', kind: null}]}));
    board.store.dispatch(looked({type: 'content checked', id, name: 'notes', result: null}));
    board.store.dispatch(
      looked({
        type: 'content finished',
        id,
        summary: {outcome: 'nothing to check', results: [], others: 1, note: null},
      }),
    );
    board.press('m');
    expect(board.effects.finish).not.toHaveBeenCalled();
    expect(board.state().message?.text).toMatch(/none of its files is known to be whole/);
  });
});
