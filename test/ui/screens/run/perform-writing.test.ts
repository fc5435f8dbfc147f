import {describe, expect, test} from 'vitest';
import {openCatalog} from '../../../../source/presenters/catalog.ts';
import {paste} from '../../../../source/ui/handle.ts';
import {backupsSlice} from '../../../../source/ui/screens/backups/state.ts';
import {pruneSlice} from '../../../../source/ui/screens/prune/state.ts';
import {runSlice} from '../../../../source/ui/screens/run/state.ts';
import {type AppAction, type AppState, currentScreen} from '../../../../source/ui/state.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {
  aPlan,
  aPlanned,
  aRunResult,
  configured,
  madeId,
  runEvent,
  twoDatasets,
  verdict,
} from '../../../support/run-states.ts';
import {aHold, anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const rows = [1, 2, 3, 4].map((hour) =>
  aRow(idAt(hour), hour === 4 ? {state: 'interrupted', datasets: []} : {}),
);
const ids = rows.map(({id}) => id) as [string, string, string, string];
/** The second backup is held, and the third is held where nothing else of it is left. */
const catalog = openCatalog(
  {ids, strays: [], held: [aHold(ids[1]), aHold(ids[2], {only: true})], exists: true},
  rows,
);
const app = (...actions: AppAction[]): AppState =>
  reduceAll(anApp(rows, {catalog}), configured(), ...actions);
const plan = aPlan(twoDatasets);
const onList = (...actions: AppAction[]) => keyboard(app(...actions));

/** The screen to back up with a plan that has been seen. */
function onPlan(made = plan) {
  const board = onList();
  board.press('b');
  board.store.dispatch(runSlice.to({type: 'run planned', plan: made}));
  board.paint();
  return board;
}

/** The screen of a backup that runs. */
function running() {
  const board = onPlan();
  board.press('enter');
  board.store.dispatch(runEvent({type: 'planned', plan}));
  board.paint();
  return board;
}

/** The screen to prune, with three that go, seen. */
function onPrune(goes = 3) {
  const board = onList();
  board.press('P');
  const verdicts = Array.from({length: 12 + goes}, (_, index) => verdict(`backup_${index}`, index < 12));
  board.store.dispatch(pruneSlice.open({type: 'prune opened', verdicts, php: []}));
  board.paint();
  return board;
}

const nothingWritten = ({effects}: ReturnType<typeof keyboard>): void => {
  for (const effect of [effects.run, effects.prune, effects.hold, effects.letGo, effects.quit])
    expect(effect).not.toHaveBeenCalled();
};

describe('b', () => {
  test('plans, and nothing more', () => {
    const board = onList();
    board.press('b');
    expect(board.effects.planRun).toHaveBeenCalledTimes(1);
    expect(currentScreen(board.state())).toBe('run');
    expect(runSlice.of(board.state())?.state).toBe('planning');
    nothingWritten(board);
  });

  test('does the same from the menu', () => {
    const board = onList();
    board.press(':', 'down', 'down', 'down', 'down', 'enter');
    expect(board.effects.planRun).toHaveBeenCalledTimes(1);
    expect(currentScreen(board.state())).toBe('run');
    expect(board.state().screens).toEqual(['backups', 'run']);
  });

  test('plans anew each time, and keeps the label', () => {
    const board = onPlan();
    board.press('x', 'escape', 'b');
    expect(board.effects.planRun).toHaveBeenCalledTimes(2);
    expect(runSlice.of(board.state())).toMatchObject({state: 'planning', plan: null, label: 'x'});
  });

  test('shows the one that runs, and plans nothing', () => {
    const board = running();
    board.press('escape');
    expect(currentScreen(board.state())).toBe('backups');
    expect(board.effects.stopRun).not.toHaveBeenCalled();
    board.press('b');
    expect(board.effects.planRun).toHaveBeenCalledTimes(1);
    expect(currentScreen(board.state())).toBe('run');
    expect(runSlice.of(board.state())?.state).toBe('running');
  });
});

describe('starting a backup', () => {
  test('Enter starts what was seen, with the label as it is', () => {
    const {press, effects} = onPlan();
    press('n', 'e', 'w', 'enter');
    expect(effects.run).toHaveBeenCalledExactlyOnceWith('new');
  });

  test('Enter does nothing while the plan is being made, but says so', () => {
    const board = onList();
    board.press('b', 'enter', 'enter');
    board.paint();
    board.press('enter');
    nothingWritten(board);
  });

  test('Enter does nothing before the plan was on the screen', () => {
    const board = onList();
    board.press('b');
    board.paint();
    board.store.dispatch(runSlice.to({type: 'run planned', plan}));
    board.press('enter', 'enter');
    nothingWritten(board);
    board.paint();
    board.press('enter');
    expect(board.effects.run).toHaveBeenCalledTimes(1);
  });

  test('Enter does not start what was planned anew since', () => {
    const board = onPlan();
    board.press('escape', 'b');
    board.store.dispatch(runSlice.to({type: 'run planned', plan: aPlan([aPlanned('tenants')])}));
    board.press('enter');
    nothingWritten(board);
  });

  test('two Enters of one chunk start one', () => {
    const {press, effects} = onPlan();
    press('enter', 'enter');
    expect(effects.run).toHaveBeenCalledTimes(1);
  });

  test.each<[string, Parameters<typeof aPlan>, RegExp]>([
    ['nothing can be copied', [[aPlanned('a', {missing: 'gone'})]], /nothing to copy/],
    ['there is no space', [twoDatasets, {needed: 2, free: 1}], /not enough space/],
  ])('Enter says why not where %s', (_, made, why) => {
    const board = onPlan(aPlan(...made));
    board.press('enter');
    expect(board.state().message?.text).toMatch(why);
    nothingWritten(board);
  });

  test('Enter says why not where it was refused', () => {
    const board = onList();
    board.press('b');
    board.store.dispatch(runSlice.to({type: 'run refused', problem: 'Backups are switched off'}));
    board.paint();
    board.press('x', 'enter');
    expect(runSlice.of(board.state())?.label).toBe('');
    nothingWritten(board);
  });
});

describe('the label', () => {
  test('takes letters that are keys elsewhere', () => {
    const board = onPlan();
    board.press(...'qv?:hubPjkGw/ 1é😀');
    expect(runSlice.of(board.state())?.label).toBe('qv?:hubPjkGw/ 1é😀');
    expect(board.state().screens).toEqual(['backups', 'run']);
    expect(board.effects.verify).not.toHaveBeenCalled();
    nothingWritten(board);
  });

  test('loses its last character by backspace, and all by Ctrl+U', () => {
    const {press, state} = onPlan();
    press('a', 'b', 'backspace');
    expect(runSlice.of(state())?.label).toBe('a');
    press('b', 'c', 'ctrl+u');
    expect(runSlice.of(state())?.label).toBe('');
    press('backspace');
    expect(runSlice.of(state())?.label).toBe('');
  });

  test('of 300 characters refuses Enter with the reason, until it is short enough', () => {
    const board = onPlan();
    board.press(...'x'.repeat(300), 'enter');
    expect(board.state().message?.text).toMatch(/^Enter not now: the label .* shorten it by 61\.$/);
    nothingWritten(board);
    board.press(...Array<string>(61).fill('backspace'));
    expect(board.state().message).toBeNull();
    board.press('enter');
    expect(board.effects.run).toHaveBeenCalledExactlyOnceWith('x'.repeat(239));
  });

  test('Ctrl+C while it is typed asks before it quits, and starts nothing', () => {
    const board = onPlan();
    board.press('a', 'ctrl+c');
    expect(board.state().quitAsked).toBe(true);
    nothingWritten(board);
  });

  test('Esc goes back without effect', () => {
    const board = onPlan();
    board.press('a', 'escape');
    expect(currentScreen(board.state())).toBe('backups');
    board.paint();
    nothingWritten(board);
  });
});

describe('a backup that runs', () => {
  test('Ctrl+C on its screen stops it, and asks nothing', () => {
    const {press, effects, state} = running();
    press('ctrl+c');
    expect(effects.stopRun).toHaveBeenCalledTimes(1);
    expect(state()).toMatchObject({quitAsked: false, slices: {run: {stopping: true, state: 'running'}}});
  });

  test('takes neither letters nor Enter any more', () => {
    const board = running();
    board.press('x', 'enter', 'backspace', 'ctrl+u');
    expect(board.effects.run).toHaveBeenCalledTimes(1);
    expect(runSlice.of(board.state())?.label).toBe('');
  });

  test('q and Esc leave its screen, and it goes on', () => {
    for (const key of ['q', 'escape']) {
      const {press, effects, state} = running();
      press(key);
      expect(currentScreen(state())).toBe('backups');
      expect(effects.stopRun).not.toHaveBeenCalled();
      expect(effects.quit).not.toHaveBeenCalled();
    }
  });

  test.each(['q', 'ctrl+c'])('%s twice on the list quits only once the warning was seen', (key) => {
    const {press, paint, effects, state} = running();
    press('escape', key, key, key);
    expect(state().quitAsked).toBe(true);
    expect(effects.quit).not.toHaveBeenCalled();
    paint();
    press(key);
    expect(effects.quit).toHaveBeenCalledTimes(1);
  });

  test('Ctrl+C on the list says what it cancels', () => {
    const {press, state} = running();
    press('escape', 'ctrl+c');
    expect(state().message?.text).toBe(
      'A backup is running: Ctrl+C again cancels it and quits. Nothing of it stays.',
    );
  });

  test.each(['h', 'u', 'P'])('%s on the list says why not', (key) => {
    const board = running();
    board.press('escape', 'j', key);
    expect(board.state()).toMatchObject({prompt: null, screens: ['backups']});
    expect(board.state().message?.text).toMatch(new RegExp(`^${key} not now: a backup is running`));
    expect(board.effects.planPrune).not.toHaveBeenCalled();
  });

  test('q says what would be cut off', () => {
    const {press, state} = running();
    press('escape', 'q');
    expect(state().message).toMatchObject({text: expect.stringMatching(/backup is running/), tone: 'beware'});
  });

  test('another key takes the question back', () => {
    const {press, paint, effects} = running();
    press('escape', 'q');
    paint();
    press('j');
    paint();
    press('q');
    expect(effects.quit).not.toHaveBeenCalled();
  });

  test('v verifies it once it was made, and not before', () => {
    const {press, store, effects, state} = running();
    press('v');
    expect(effects.verify).not.toHaveBeenCalled();
    expect(state().message?.text).toMatch(/^v not now: there is no backup yet/);
    store.dispatch(runEvent({type: 'finished', result: aRunResult('done')}));
    press('v');
    expect(effects.verify).toHaveBeenCalledExactlyOnceWith(madeId);
    expect(currentScreen(state())).toBe('verify');
  });

  test.each(['failed', 'cancelled'] as const)('v has nothing to verify where it %s', (outcome) => {
    const {press, store, effects} = running();
    store.dispatch(runEvent({type: 'finished', result: aRunResult(outcome)}));
    press('v');
    expect(effects.verify).not.toHaveBeenCalled();
  });

  test('once it is over, Ctrl+C stops nothing, and q on the list asks nothing', () => {
    const {press, store, effects} = running();
    store.dispatch(runEvent({type: 'finished', result: aRunResult('done')}));
    press('ctrl+c');
    expect(effects.stopRun).not.toHaveBeenCalled();
    press('escape', 'q');
    expect(effects.quit).toHaveBeenCalledTimes(1);
  });
});

describe('pasting', () => {
  test('a label takes its one line, without the end of it', () => {
    const {store, state, press, effects} = onPlan();
    press('a');
    paste(store, 'INC-4711\r\n');
    expect(runSlice.of(state())?.label).toBe('aINC-4711');
    expect(effects.run).not.toHaveBeenCalled();
  });

  test('a reason takes its one line, and is not given by it', () => {
    const {store, state, press, effects} = onList();
    press('h');
    paste(store, 'before the migration\n');
    expect(state().prompt?.text).toBe('before the migration');
    expect(effects.hold).not.toHaveBeenCalled();
  });

  test.each(['two\nlines', 'a\u001b[31m', 'a\tb', '\u0000'])('%j is refused there', (text) => {
    for (const {store, state} of [onPlan(), onList({type: 'asked', kind: 'pin', id: ids[0], text: ''})]) {
      paste(store, text);
      expect(runSlice.of(state())?.label ?? '').toBe('');
      expect(state().prompt?.text ?? '').toBe('');
      expect(state().message?.text).toMatch(/ignored/);
    }
  });

  test('a count does not take it', () => {
    const board = onPrune();
    paste(board.store, '3');
    board.paint();
    board.press('enter');
    expect(pruneSlice.of(board.state())?.typed).toBe('');
    nothingWritten(board);
  });

  test('nothing else takes it either: neither the list, nor a backup that runs', () => {
    for (const board of [onList(), running()]) {
      paste(board.store, 'qq');
      expect(board.state().message?.text).toMatch(/ignored/);
      expect(backupsSlice.of(board.state()).filter).toBe('');
      expect(runSlice.of(board.state())?.label ?? '').toBe('');
      expect(board.effects.quit).not.toHaveBeenCalled();
    }
  });
});

describe('prune', () => {
  test('P only looks', () => {
    const board = onList();
    board.press('P');
    expect(board.effects.planPrune).toHaveBeenCalledTimes(1);
    nothingWritten(board);
  });

  test('removes what was shown to go, once the count is typed and was seen', () => {
    const {press, paint, effects} = onPrune();
    press('3');
    paint();
    press('enter');
    expect(effects.prune).toHaveBeenCalledExactlyOnceWith(['backup_12', 'backup_13', 'backup_14']);
  });

  test('the count and Enter of one chunk remove nothing', () => {
    const board = onPrune();
    board.press('3', 'enter');
    nothingWritten(board);
    expect(board.state().message?.text).toBe('The count is there now: Enter once more.');
  });

  test.each([[['enter']], [['2']], [['3', '3']], [['0', '3']], [['3', '3', 'backspace', 'backspace']]])(
    '%j and Enter remove nothing',
    (keys) => {
      const board = onPrune();
      board.press(...keys);
      board.paint();
      board.press('enter');
      nothingWritten(board);
    },
  );

  test('a count that was corrected counts', () => {
    const {press, paint, effects} = onPrune(12);
    press('1', '3', 'backspace', '2');
    paint();
    press('enter');
    expect(effects.prune).toHaveBeenCalledTimes(1);
  });

  test('takes digits only; other letters stay commands', () => {
    const {press, state} = onPrune();
    press('x', 'y', '-', '.', '٣', '3');
    expect(pruneSlice.of(state())?.typed).toBe('3');
    press('j', 'G');
    expect(pruneSlice.of(state())?.top).toBeGreaterThan(0);
    press('?');
    expect(currentScreen(state())).toBe('help');
  });

  test('Esc and q go back without effect', () => {
    for (const key of ['escape', 'q']) {
      const board = onPrune();
      board.press('3');
      board.paint();
      board.press(key);
      expect(board.state().screens).toEqual(['backups']);
      board.press('enter');
      nothingWritten(board);
    }
  });

  test('what is opened again has to be counted again', () => {
    const board = onPrune();
    board.press('3');
    board.paint();
    const {verdicts = []} = pruneSlice.of(board.state()) ?? {};
    board.press('escape', 'P');
    board.store.dispatch(pruneSlice.open({type: 'prune opened', verdicts, php: []}));
    board.paint();
    board.press('enter');
    nothingWritten(board);
  });

  test('where nothing goes, 0 removes nothing', () => {
    const board = onPrune(0);
    board.press('0');
    board.paint();
    board.press('enter');
    expect(pruneSlice.of(board.state())?.typed).toBe('');
    nothingWritten(board);
  });

  test('a count that is another one is told from none', () => {
    const board = onPrune();
    board.press('enter');
    expect(board.state().message?.text).toBe('Type how many, then Enter: nothing was deleted.');
    board.press('4');
    board.paint();
    board.press('enter');
    expect(board.state().message?.text).toBe('3 go, not 4: type 3, then Enter. Nothing was deleted.');
    nothingWritten(board);
  });

  test('twice in one chunk removes once', () => {
    const {press, paint, effects} = onPrune();
    press('3');
    paint();
    press('enter', 'enter');
    expect(effects.prune).toHaveBeenCalledTimes(1);
  });

  test.each(['h', 'u', 'b'])('%s on the list says why not while it removes, and P shows it', (key) => {
    const board = onPrune();
    board.press('3');
    board.paint();
    board.press('enter', 'escape', 'j', key);
    expect(board.state()).toMatchObject({prompt: null, screens: ['backups']});
    expect(board.state().message?.text).toMatch(new RegExp(`^${key} not now: backups are being deleted`));
    board.press('P');
    expect(board.effects.planPrune).toHaveBeenCalledTimes(2);
  });

  test('q on the list asks while it removes', () => {
    const {press, paint, effects, state} = onPrune();
    press('3');
    paint();
    press('enter', 'escape', 'q', 'q');
    expect(effects.quit).not.toHaveBeenCalled();
    expect(state().message?.text).toMatch(/being deleted/);
    paint();
    press('q');
    expect(effects.quit).toHaveBeenCalledTimes(1);
  });
});

describe('holding', () => {
  test('asks why, on the list, and takes letters that are keys elsewhere', () => {
    const {press, state, effects} = onList();
    press('h', ...'quit? :hjP');
    expect(state().prompt).toEqual({kind: 'pin', id: ids[0], text: 'quit? :hjP'});
    expect(backupsSlice.of(state()).selected).toBe(ids[0]);
    expect(currentScreen(state())).toBe('backups');
    press('backspace', 'enter');
    expect(effects.hold).toHaveBeenCalledExactlyOnceWith(ids[0], 'quit? :hj');
    expect(state().prompt).toBeNull();
  });

  test.each([[[]], [[' ', ' ']]])('without a reason (%j) is refused, and asked on', (keys) => {
    const board = onList();
    board.press('h', ...keys, 'enter');
    expect(board.state().prompt?.kind).toBe('pin');
    expect(board.state().message?.text).toMatch(/why/);
    nothingWritten(board);
  });

  test('of one that is held shows the reason, to be changed', () => {
    const {press, state, effects} = onList();
    press('j', 'h');
    expect(state().prompt).toEqual({kind: 'pin', id: ids[1], text: 'INC-4711'});
    press('!', 'enter');
    expect(effects.hold).toHaveBeenCalledExactlyOnceWith(ids[1], 'INC-4711!');
  });

  test('of one that is not whole says why not', () => {
    const board = onList();
    board.press('G', 'h');
    expect(board.state().prompt).toBeNull();
    expect(board.state().message?.text).toMatch(/^h not now: it is interrupted/);
  });

  test('Esc takes the question back without effect, and the filter stays', () => {
    const board = onList(
      backupsSlice.to({type: 'filter written', text: '2026'}),
      backupsSlice.to({type: 'filter kept'}),
    );
    board.press('h', 'x', 'escape');
    expect(board.state()).toMatchObject({prompt: null, slices: {backups: {filter: '2026'}}});
    nothingWritten(board);
  });

  test('is about the backup that was asked about, wherever the list goes meanwhile', () => {
    const {press, store, effects} = onList();
    press('h', 'x');
    const listing = {ids: ids.slice(1), strays: [], held: [], exists: true};
    store.dispatch({type: 'catalog', event: {type: 'listed', listing}});
    press('enter');
    expect(effects.hold).toHaveBeenCalledExactlyOnceWith(ids[0], 'x');
  });
});

describe('letting go', () => {
  test('takes the word', () => {
    const {press, state, effects} = onList();
    press('j', 'u', ...'unpin', 'enter');
    expect(effects.letGo).toHaveBeenCalledExactlyOnceWith(ids[1]);
    expect(state().prompt).toBeNull();
  });

  test.each(['', 'u', 'y', 'unpi', 'unpin '])('%j is not the word', (text) => {
    const board = onList();
    board.press('j', 'u', ...text, 'enter');
    expect(board.state().prompt?.kind).toBe('unpin');
    expect(board.state().message?.text).toMatch(/unpin/);
    nothingWritten(board);
  });

  test('Esc leaves it held', () => {
    const board = onList();
    board.press('j', 'u', ...'unpin', 'escape', 'enter');
    expect(board.state().prompt).toBeNull();
    nothingWritten(board);
  });

  test('is not for one that is not held', () => {
    const board = onList();
    board.press('u');
    expect(board.state().message?.text).toMatch(/^u not now: it is not held/);
    expect(board.state().prompt).toBeNull();
  });

  test('is not for the last of a backup: that takes a command of its own', () => {
    const board = onList();
    board.press('j', 'j', 'u', ...'unpin', 'enter');
    expect(board.state().prompt).toBeNull();
    expect(board.effects.letGo).not.toHaveBeenCalled();
  });
});

describe('where nothing may be written', () => {
  const places: [string, AppState, RegExp][] = [
    ['--read-only', reduceAll(anApp(rows, {catalog, readOnly: true}), configured()), /--read-only forbids/],
    [
      'a place without a root',
      anApp(rows, {catalog, place: {root: null, backups: '/mnt/b'}}),
      /only be browsed/,
    ],
    ['a configuration that is not known yet', anApp(rows, {catalog}), /still being read/],
  ];
  for (const [where, start, why] of places) {
    test.each(['b', 'h', 'u', 'P'])(`${where}: %s says why not`, (key) => {
      const board = keyboard(start);
      board.press('j', key);
      expect(board.state().message?.text).toMatch(why);
      expect(board.state().message?.text.startsWith(`${key} not now: `)).toBe(true);
      expect(board.state()).toMatchObject({screens: ['backups'], prompt: null});
      expect([runSlice.of(board.state()), pruneSlice.of(board.state())]).toEqual([null, null]);
      expect(board.effects.planRun).not.toHaveBeenCalled();
      expect(board.effects.planPrune).not.toHaveBeenCalled();
      nothingWritten(board);
    });
  }
});

describe('in a terminal that is too small to show it', () => {
  const small: AppAction = {type: 'resized', size: {columns: 40, rows: 10}};

  test('neither a label nor a count is typed, and Enter does nothing', () => {
    for (const board of [onPlan(), onPrune()]) {
      board.press('3');
      board.store.dispatch(small);
      board.paint();
      board.press('3', 'enter', 'backspace');
      paste(board.store, 'x');
      expect(board.state().message).toBeNull();
      expect(runSlice.of(board.state())?.label ?? '3').toBe('3');
      expect(pruneSlice.of(board.state())?.typed ?? '3').toBe('3');
      nothingWritten(board);
    }
  });
});
