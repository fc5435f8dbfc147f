import {describe, expect, test} from 'vitest';
import {commonKeys} from '../../source/ui/common-keys.ts';
import {tooSmall} from '../../source/ui/frame.ts';
import {paste} from '../../source/ui/handle.ts';
import {linesOf} from '../../source/ui/kit/part.tsx';
import {backupsSlice} from '../../source/ui/screens/backups/state.ts';
import {helpSlice} from '../../source/ui/screens/help/state.ts';
import {helpText} from '../../source/ui/screens/help/View.tsx';
import {manifestSlice} from '../../source/ui/screens/manifest/state.ts';
import {screens} from '../../source/ui/screens.ts';
import {currentScreen} from '../../source/ui/state.ts';
import {everyKey} from '../support/every-key.ts';
import {frameText, lineText} from '../support/frames.ts';
import {keyboard} from '../support/keyboard.ts';
import {aManifest, openedManifest} from '../support/manifests.ts';
import {configured} from '../support/run-states.ts';
import {stoppedFound} from '../support/session-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../support/states.ts';

const rows = [1, 2, 3, 4, 5].map((hour) => aRow(idAt(hour)));
const ids = rows.map(({id}) => id) as [string, string, ...string[]];
const onList = () => keyboard(anApp(rows));
const hash = 'cd'.repeat(32);
const manifest = openedManifest(aManifest({id: ids[1], names: ['tenants', 'ledger'], hash}), ids[1]);
const onManifest = () =>
  keyboard(reduceAll(anApp(rows), manifestSlice.open({type: 'manifest opened', manifest})));

test('three keys of one chunk move three lines', () => {
  const {press, state} = onList();
  press('j', 'j', 'j');
  expect(backupsSlice.of(state()).selected).toBe(ids[3]);
});

test('every key of the table can be pressed on every screen', () => {
  const keys = [...new Set(everyKey.flatMap(({binding}) => binding.keys))];
  for (const start of [anApp(), anApp(rows), onManifest().state()]) {
    for (const first of keys) {
      const once = keyboard(start);
      once.press(first);
      const after = once.state();
      expect(after.screens.length).toBeGreaterThan(0);
      // What changed nothing is followed by what the other one does alone.
      for (const second of after === start ? [] : keys) {
        const {press, state} = keyboard(after);
        press(second);
        expect(state().screens.length).toBeGreaterThan(0);
      }
    }
  }
});

test('in a terminal that is too small q does nothing, and Ctrl+C asks where it is seen', () => {
  const {press, state, store, paint, effects} = keyboard(
    reduceAll(anApp(rows), {type: 'verify started', id: ids[1]}),
  );
  store.dispatch({type: 'resized', size: {columns: 40, rows: 10}});
  const seen = () => tooSmall(state()).map(lineText);
  expect(seen()).toEqual([
    'magds',
    'This terminal is 40x10.',
    'It takes 60x16 at least: make it larger,',
    'or Ctrl+C quits.',
  ]);
  press('q', 'q');
  expect(state().screens).toEqual(['backups', 'verify']);
  press('ctrl+c');
  expect(seen().join(' ')).toMatch(/^magds A verification is running: Ctrl\+C again stops it and quits\./);
  paint();
  press('ctrl+c');
  expect(effects.quit).toHaveBeenCalledOnce();
});

describe('what is typed into something that goes by itself', () => {
  const typed = () => {
    const board = keyboard(reduceAll(anApp(rows), configured(), stoppedFound()));
    board.press('r', 'o');
    board.store.dispatch({type: 'stopped settled'});
    return board;
  };

  test('is no key to its end', () => {
    const {press, state, effects} = typed();
    for (const [index, key] of [...'llbqhu', 'enter'].entries()) {
      effects.shownFor.mockReturnValue(900 * index);
      press(key);
      expect([state().screens, state().prompt]).toEqual([['backups'], null]);
    }
    expect(effects.quit).not.toHaveBeenCalled();
    effects.shownFor.mockReturnValue(900 * 6 + 1000);
    press('?');
    expect(currentScreen(state())).toBe('help');
  });

  test('keeps nobody from quitting', () => {
    const {press, effects, paint} = typed();
    effects.shownFor.mockReturnValue(0);
    press('ctrl+c');
    paint();
    press('ctrl+c');
    expect(effects.quit).toHaveBeenCalledOnce();
  });

  test('is nothing that was begun after it', () => {
    const {press, state, effects} = keyboard(reduceAll(anApp(rows), configured()));
    effects.shownFor.mockReturnValue(0);
    press('/', 'n', 'escape', '?');
    expect(currentScreen(state())).toBe('help');
  });
});

describe('the backup that is meant', () => {
  test('is the selected one on the list', () => {
    const {press, effects} = onList();
    press('j', 'm');
    expect(effects.openManifest).toHaveBeenCalledExactlyOnceWith(ids[1]);
    press('enter');
    expect(effects.compare).toHaveBeenCalledExactlyOnceWith(ids[1], null);
  });

  test('is the open one on the manifest, wherever the list is', () => {
    const {press, effects} = onManifest();
    press('v');
    expect(effects.verify).toHaveBeenCalledExactlyOnceWith(ids[1]);
  });

  test('is the verified one on its screen', () => {
    const {press, effects, store} = keyboard(reduceAll(anApp(rows), {type: 'verify started', id: ids[1]}));
    const results = [{id: ids[1], result: 'passed' as const, reason: null, datasets: [], recorded: null}];
    store.dispatch({type: 'verify event', event: {type: 'finished', results, seconds: 1}, seconds: 1});
    press('v');
    expect(effects.verify).toHaveBeenCalledExactlyOnceWith(ids[1]);
  });

  test('is the same when it is done through the menu', () => {
    const {press, effects} = onManifest();
    press(':', 'down', 'down', 'enter');
    expect(effects.verify).toHaveBeenCalledExactlyOnceWith(ids[1]);
  });

  test('is found in the menu by what is typed, and what is not there is not done', () => {
    const {press, effects, state} = onManifest();
    press(':', ...'verify thiq', 'backspace', 's', 'enter');
    expect(effects.verify).toHaveBeenCalledExactlyOnceWith(ids[1]);
    const board = onManifest();
    board.press(':', ...'no such thing', 'enter');
    expect(currentScreen(board.state())).toBe('palette');
    expect(currentScreen(state())).not.toBe('palette');
  });

  test('is found in the manifest: the next dataset, or line of the file, that holds the word', () => {
    const {press, state} = onManifest();
    const at = () => manifestSlice.of(state());
    press('/', ...'EDG');
    expect(at()).toMatchObject({cursor: 1, find: 'EDG'});
    press('ctrl+u', 'e', 'tab');
    expect(at()?.cursor).toBe(0);
    press('x', 'escape');
    expect(at()?.find).toBeNull();
    const long = ['{', ...Array.from({length: 60}, (_, index) => `"line ${index}"`), '}'];
    const opened = {...manifest, view: 'raw' as const, text: long, raw: long};
    const raw = keyboard(
      reduceAll(anApp(rows), manifestSlice.open({type: 'manifest opened', manifest: opened})),
    );
    raw.press('/', ...'LINE 2');
    expect(manifestSlice.of(raw.state())?.rawTop).toBe(3);
    raw.press('0', 'enter');
    expect(manifestSlice.of(raw.state())).toMatchObject({rawTop: 21, find: null});
    press('escape');
    expect(currentScreen(state())).toBe('backups');
  });

  test('is found in the help', () => {
    const {press, state} = onList();
    press('?', '/', ...'suspend', 'enter');
    expect(helpSlice.of(state())).toMatchObject({filter: 'suspend', typing: false});
    const text = (filter: string): string =>
      frameText(linesOf(helpText(screens, commonKeys, 'backups', filter), {columns: 100, height: 999}));
    expect(text('suspend').trim().split('\n')).toHaveLength(2);
    expect(text('no such key')).toBe('');
    press('escape');
    expect(helpSlice.of(state()).filter).toBe('');
    press('escape');
    expect(currentScreen(state())).toBe('backups');
  });
});

describe('copying', () => {
  test('takes the id on the list, hash and path on the manifest', () => {
    const list = onList();
    list.press('y');
    expect(list.effects.copy).toHaveBeenLastCalledWith(ids[0]);
    const {press, effects} = onManifest();
    press('y');
    expect(effects.copy).toHaveBeenLastCalledWith(hash);
    press('p');
    expect(effects.copy.mock.lastCall?.[0]).toMatch(/\/datasets\/tenants$/);
  });
});

describe('verifying while another verification runs', () => {
  test('shows that one and says so, and starts nothing', () => {
    const {press, effects, state} = onList();
    press('v', 'escape', 'j', 'v');
    expect(effects.verify).toHaveBeenCalledTimes(1);
    expect(currentScreen(state())).toBe('verify');
    expect(state().message?.text).toContain(ids[0]);
    expect(state().verify?.id).toBe(ids[0]);
  });

  test('of the same backup only shows it', () => {
    const {press, effects, state} = onList();
    press('v', 'escape', 'v');
    expect(effects.verify).toHaveBeenCalledTimes(1);
    expect(currentScreen(state())).toBe('verify');
    expect(state().message).toBeNull();
  });

  test('again, on its own screen, says why not', () => {
    const {press, effects, state} = onList();
    press('v', 'v');
    expect(effects.verify).toHaveBeenCalledTimes(1);
    expect(state().message?.text).toMatch(/still running/);
  });

  test('Esc leaves it running, and w comes back to it', () => {
    const {press, effects, state} = onList();
    press('v', 'escape');
    expect(currentScreen(state())).toBe('backups');
    expect(effects.stopVerify).not.toHaveBeenCalled();
    press('w');
    expect(currentScreen(state())).toBe('verify');
  });
});

describe('leaving', () => {
  test('q quits on the first screen at once while nothing runs', () => {
    const {press, effects} = onList();
    press('q');
    expect(effects.quit).toHaveBeenCalledTimes(1);
  });

  test('q goes back everywhere else', () => {
    const {press, effects, state} = onManifest();
    press('q');
    expect(currentScreen(state())).toBe('backups');
    expect(effects.quit).not.toHaveBeenCalled();
  });

  test.each(['q', 'ctrl+c'])('%s twice quits only once the warning was seen', (key) => {
    const {press, paint, effects, state} = onList();
    press('v', 'escape');
    press(key, key, key);
    expect(state().quitAsked).toBe(true);
    expect(effects.quit).not.toHaveBeenCalled();
    paint();
    press(key);
    expect(effects.quit).toHaveBeenCalledTimes(1);
  });

  test('any other key takes the question back', () => {
    const {press, paint, effects, state} = onList();
    press('ctrl+c');
    paint();
    press('j');
    expect(state()).toMatchObject({quitAsked: false, message: null});
    paint();
    press('ctrl+c');
    expect(effects.quit).not.toHaveBeenCalled();
  });

  test('Ctrl+C says what it cuts off', () => {
    const {press, state} = onList();
    press('v', 'escape', 'ctrl+c');
    expect(state().message?.text).toBe(
      'A verification is running: Ctrl+C again stops it and quits. Nothing is harmed.',
    );
  });

  test.each<[string, (board: ReturnType<typeof onList>) => void]>([
    ['typing', (board) => board.press('x')],
    ['pasting', (board) => paste(board.store, 'x')],
    [
      'another message',
      (board) => board.store.dispatch({type: 'said', message: {text: 'done', tone: 'plain'}}),
    ],
  ])('%s takes the question back too', (_, act) => {
    const board = onList();
    board.press('/', 'ctrl+c');
    board.paint();
    act(board);
    expect(board.state().quitAsked).toBe(false);
    expect(board.state().message?.text).not.toBe('Ctrl+C again quits.');
    board.paint();
    board.press('ctrl+c');
    expect(board.effects.quit).not.toHaveBeenCalled();
  });

  test('Ctrl+C on a running verification stops it, and asks nothing', () => {
    const {press, effects, state} = onList();
    press('v', 'ctrl+c');
    expect(effects.stopVerify).toHaveBeenCalledTimes(1);
    expect(state().quitAsked).toBe(false);
  });

  test('Esc at the first screen does nothing', () => {
    const {press, effects, state} = onList();
    press('escape', 'escape');
    expect(state().screens).toEqual(['backups']);
    expect(effects.quit).not.toHaveBeenCalled();
  });
});

describe('the filter', () => {
  test('takes letters that are keys elsewhere', () => {
    const {press, state, effects} = onList();
    press('/', 'q', 'v', '?', ':', ' ', '/');
    expect(backupsSlice.of(state())).toMatchObject({filter: 'qv?: /', typing: true});
    expect(effects.quit).not.toHaveBeenCalled();
    expect(effects.verify).not.toHaveBeenCalled();
  });

  test('is kept by Enter, cleared by Esc, and Esc goes back only after that', () => {
    const {press, state} = onList();
    press('/', '2', 'enter');
    expect(backupsSlice.of(state())).toMatchObject({filter: '2', typing: false});
    press('escape');
    expect(backupsSlice.of(state()).filter).toBe('');
    press('/', '2', 'escape');
    expect(backupsSlice.of(state())).toMatchObject({filter: '', typing: false});
  });

  test('is not what Esc clears on another screen', () => {
    const {press, state} = onList();
    press('/', '2', 'enter', '?', 'escape');
    expect(currentScreen(state())).toBe('backups');
    expect(backupsSlice.of(state()).filter).toBe('2');
  });
});

test('what cannot be done says why instead', () => {
  const {press, effects, state} = keyboard(anApp());
  press('v');
  expect(effects.verify).not.toHaveBeenCalled();
  expect(state().message?.text).toMatch(/^v not now: .*no backup/);
});
