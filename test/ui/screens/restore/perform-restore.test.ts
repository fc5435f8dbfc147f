import fc from 'fast-check';
import {describe, expect, test, vi} from 'vitest';
import {alteredCopy} from '../../../../source/engine/catalog/row.ts';
import type {RestorePlan} from '../../../../source/engine/restore/action.ts';
import {paste} from '../../../../source/ui/handle.ts';
import {followBeside} from '../../../../source/ui/screens/restore/beside.ts';
import {restoreSlice} from '../../../../source/ui/screens/restore/state.ts';
import {type AppState, currentScreen} from '../../../../source/ui/state.ts';
import type {Workplace} from '../../../../source/ui/work.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {anAction, aRestorePlan, aWrite, noSettings, restorePlanned} from '../../../support/restore-states.ts';
import {configured} from '../../../support/run-states.ts';
import {
  aDataset,
  anApp,
  aRow,
  idAt,
  listing,
  noon,
  reduceAll,
  verification,
} from '../../../support/states.ts';

const id = idAt(1, 'nightly');
const plan = aRestorePlan(id);
const onList = (readOnly = false) => keyboard(reduceAll(anApp([aRow(id)], {readOnly}), configured()));

/** The screen of a plan of which nothing is chosen yet, seen. */
function onOpenPlan(made: RestorePlan = plan, reasons: string[] = []) {
  const board = onList();
  board.press('r', 'enter');
  board.store.dispatch(restoreSlice.to({type: 'restore planned', plan: made, reasons}));
  board.paint();
  return board;
}

/** The same, all of it chosen. */
function onPlan(made: RestorePlan = plan, reasons: string[] = []) {
  const board = onOpenPlan(made, reasons);
  if (restoreSlice.of(board.state())?.chosen.size === 0) board.press('a');
  board.store.dispatch(restoreSlice.to({type: 'restore planned', plan: made, reasons}));
  board.paint();
  return board;
}

/** The screen where the id is typed, seen. */
function onConfirm(made = plan) {
  const board = onPlan(made);
  board.press('enter');
  board.paint();
  return board;
}

describe('the plan', () => {
  test('r and Enter make one, and nothing more', () => {
    const board = onList();
    board.press('r', 'enter');
    expect(board.effects.planRestore).toHaveBeenCalledExactlyOnceWith({id, undoes: null}, null, null);
    expect(restoreSlice.of(board.state())?.state).toBe('planning');
    expect(currentScreen(board.state())).toBe('restore');
  });

  test('nothing is chosen for the operator, and Enter says what chooses; the plan is made again with each choice', () => {
    const board = onOpenPlan();
    board.press('enter');
    expect(board.state().message?.text).toBe('Enter not now: nothing is chosen (Space chooses one, a all).');
    expect(currentScreen(board.state())).toBe('restore');
    board.press('down', ' ');
    expect(board.effects.planRestore).toHaveBeenLastCalledWith({id, undoes: null}, ['ledger'], null);
    expect(restoreSlice.of(board.state())).toMatchObject({state: 'planning', chosen: new Set(['ledger'])});
    board.press('a');
    expect(board.effects.planRestore).toHaveBeenLastCalledWith({id, undoes: null}, null, null);
  });

  test('what cannot be restored says why when it is to be chosen', () => {
    const refused = anAction('tenants', {action: 'refused', reason: 'the copy is missing', loses: null});
    const board = onOpenPlan(aRestorePlan(id, [refused, anAction('ledger')]));
    board.press(' ');
    expect(board.state().message?.text).toBe(
      'Space not now: tenants cannot be restored: the copy is missing.',
    );
    board.press('a');
    expect(restoreSlice.of(board.state())?.chosen).toEqual(new Set(['ledger']));
  });

  test('of a backup that goes meanwhile there is none any more, and nothing is confirmed', () => {
    const board = onConfirm();
    board.press(...id);
    board.store.dispatch({type: 'catalog', event: {type: 'listed', listing: listing([])}});
    board.paint();
    expect(frameText(screenOf('confirm')(board.state()))).toContain(
      `x ${id} is gone: it was deleted or moved.`,
    );
    // What is typed on is no key.
    board.press('q', 'enter');
    expect(board.effects.restore).not.toHaveBeenCalled();
    expect(currentScreen(board.state())).toBe('confirm');
    board.press('escape', 'enter');
    expect(board.state().message?.text).toBe('Enter not now: there is no plan.');
  });

  test('what is at work elsewhere is shown by the key of the list, not by that of the plan', () => {
    const board = onPlan();
    const another = {session: 12, id, undoes: null, estimate: null};
    board.store.dispatch({type: 'follow started', show: false, ...another});
    board.press('enter');
    expect(board.state().message?.text).toBe(
      'Enter not now: a restore is running, and only one thing writes at a time (r on the list shows it).',
    );
  });

  test('a ticket is typed, and is there again after going back', () => {
    const board = onPlan();
    board.press('T', ...'INC-4711 r', 'enter', 'escape', 'escape', 'r', 'enter');
    expect(restoreSlice.of(board.state())?.ticket).toBe('INC-4711 r');
    expect(board.effects.stopPlanning).toHaveBeenCalled();
  });

  test.each<[string, ReturnType<typeof onPlan>, RegExp]>([
    ['it is refused', onPlan(plan, ['tenants: no']), /fix what has an x/],
    [
      'there is nothing to do',
      onPlan(aRestorePlan(id, [anAction('a', {action: 'unchanged'})])),
      /the live files are what it holds/,
    ],
  ])('Enter does not go on where %s', (_, board, why) => {
    board.press('enter');
    expect(currentScreen(board.state())).toBe('restore');
    expect(board.state().message?.text).toMatch(why);
  });

  test('Enter does not go on before the plan could be read, and says so', () => {
    const board = onPlan();
    board.store.dispatch(restoreSlice.open({type: 'restore opened', subject: {id, undoes: null}}));
    board.store.dispatch(restoreSlice.to({type: 'restore planned', plan: {...plan}, reasons: []}));
    board.press('enter');
    expect(currentScreen(board.state())).toBe('restore');
    expect(board.state().message?.text).toBe(
      'Enter came before the plan could be read. Read it, then Enter again.',
    );
    board.paint();
    board.press('enter');
    expect(currentScreen(board.state())).toBe('confirm');
  });

  test('Enter does not go on while it is made, nor where nothing may be written', () => {
    const planning = onList();
    planning.press('r', 'enter', 'enter');
    expect(currentScreen(planning.state())).toBe('restore');
    const forbidden = onList(true);
    forbidden.press('r', 'enter');
    forbidden.store.dispatch(restoreSlice.to({type: 'restore planned', plan, reasons: []}));
    forbidden.press('enter');
    expect(currentScreen(forbidden.state())).toBe('restore');
    expect(forbidden.state().message?.text).toMatch(/--read-only forbids/);
  });
});

test('o goes to the backup with the good copy that is named, and nowhere without one', () => {
  const refused = anAction('tenants', {action: 'refused', reason: 'damaged', loses: null, badCopy: true});
  const board = onOpenPlan(aRestorePlan(id, [refused, anAction('ledger')]));
  board.press('o');
  expect(board.state().message?.text).toBe('o not now: no other backup is named.');
  const copies = [{dataset: 'tenants', id: 'X', version: 3, isGood: true}];
  board.store.dispatch(
    restoreSlice.to({type: 'elsewhere found', elsewhere: {of: '', rows: new Map(), copies}}),
  );
  board.press('o');
  expect(board.effects.planRestore).toHaveBeenLastCalledWith({id: 'X', undoes: null}, null, null);
});

describe('Enter', () => {
  test('right behind the id says that it is there, until something else is typed', () => {
    const board = onConfirm();
    board.press(...id, 'enter');
    expect(board.effects.restore).not.toHaveBeenCalled();
    expect(board.state().message?.text).toBe('All of it is there now: Enter once more.');
    board.paint();
    board.press('enter');
    expect(board.effects.restore).toHaveBeenCalledTimes(1);
  });

  test('too early says that more is to be typed, and a key that can be pressed now is no longer refused', () => {
    const board = onConfirm();
    board.press(...id.slice(0, 3), 'enter');
    expect(board.state().message?.text).toBe('Type all of it, then Enter: nothing was changed.');
    const planning = onList();
    planning.press('r', 'enter', 'enter');
    expect(planning.state().message?.text).toMatch(/^Enter not now: the plan is still being made/);
    planning.store.dispatch(restoreSlice.to({type: 'restore planned', plan, reasons: []}));
    expect(planning.state().message).toBeNull();
  });
});

describe('what is written now', () => {
  const writes = [aWrite('tenants')];
  const settled = (board: ReturnType<typeof onList>) =>
    board.store.dispatch(
      restoreSlice.to({type: 'restore planned', plan, reasons: [], at: noon, settings: noSettings}),
    );

  test('holds Enter up, and says why', () => {
    const board = onPlan();
    board.store.dispatch(restoreSlice.to({type: 'targets watched', writes}));
    board.press('enter');
    expect(currentScreen(board.state())).toBe('restore');
    expect(board.state().message?.text).toBe(
      'Enter not now: tenants is being written: s says how to stop the service, W restores all the same.',
    );
  });

  test('s looks for the service, and Esc comes back to the plan', () => {
    const board = onPlan();
    board.press('s');
    expect(currentScreen(board.state())).toBe('service');
    board.press('r');
    expect(board.effects.findService).toHaveBeenCalledTimes(2);
    board.press('escape');
    expect(currentScreen(board.state())).toBe('restore');
    expect(board.effects.stopPlanning).not.toHaveBeenCalled();
  });

  test('W goes on all the same, with a plan that reckons with it; while nobody writes it does nothing', () => {
    const board = onPlan();
    board.press('W');
    expect(board.state().message?.text).toBe('W not now: nobody is seen writing.');
    board.effects.planRestore.mockClear();
    board.store.dispatch(restoreSlice.to({type: 'targets watched', writes}));
    board.press('W');
    expect(board.effects.planRestore).toHaveBeenCalledExactlyOnceWith({id, undoes: null}, null, null);
    expect(restoreSlice.of(board.state())).toMatchObject({state: 'planning', although: new Set(['tenants'])});
    settled(board);
    board.press('enter');
    expect(currentScreen(board.state())).toBe('confirm');
  });

  test('where the id is typed already, it leads back to the plan', () => {
    const board = onConfirm();
    board.press(...id);
    board.store.dispatch(restoreSlice.to({type: 'targets watched', writes}));
    board.paint();
    board.press('enter');
    expect(board.effects.restore).not.toHaveBeenCalled();
    expect(currentScreen(board.state())).toBe('restore');
    expect(board.state().message?.text).toMatch(/^tenants is being written: .* Nothing was changed\.$/);
  });
});

describe('the typed id', () => {
  test('starts it, once it was seen whole', () => {
    const board = onConfirm();
    board.press(...id, 'enter');
    expect(board.effects.restore).not.toHaveBeenCalled();
    board.paint();
    board.press('enter', 'enter');
    expect(board.effects.restore).toHaveBeenCalledTimes(1);
    expect(restoreSlice.of(board.state())?.state).toBe('starting');
  });

  test('takes letters that are keys elsewhere, and is cleared by Ctrl+U', () => {
    const board = onConfirm();
    board.press('q', '?', ':', 'backspace');
    expect(restoreSlice.of(board.state())?.typed).toBe('q?');
    board.press('ctrl+u');
    expect(restoreSlice.of(board.state())?.typed).toBe('');
  });

  test('is not taken from before the screen has been there for a moment', () => {
    const board = onPlan();
    board.effects.shownFor.mockReturnValue(299);
    board.press('enter', ...id, 'escape');
    expect(restoreSlice.of(board.state())?.typed).toBe('');
    expect(currentScreen(board.state())).toBe('confirm');
    board.effects.shownFor.mockReturnValue(300);
    board.press('2');
    expect(restoreSlice.of(board.state())?.typed).toBe('2');
  });

  test('is not taken by paste', () => {
    const board = onConfirm();
    paste(board.store, id);
    expect(restoreSlice.of(board.state())?.typed).toBe('');
  });

  test('Esc goes back and forgets it; while it looks once more, it stops that', () => {
    const board = onConfirm();
    board.press(...id, 'escape', 'enter');
    expect(restoreSlice.of(board.state())?.typed).toBe('');
    board.press(...id);
    board.paint();
    board.press('enter', 'escape');
    expect(board.effects.stopPlanning).toHaveBeenCalled();
    expect(currentScreen(board.state())).toBe('restore');
    expect(restoreSlice.of(board.state())?.state).toBe('ready');
  });

  test.each(['escape', 'q'])('%s while it looks once more holds it back', (key) => {
    const board = onConfirm();
    board.press(...id);
    board.paint();
    board.press('enter');
    board.effects.stopPlanning.mockClear();
    board.press(key);
    expect(board.effects.stopPlanning).toHaveBeenCalledTimes(1);
    expect(board.state()).toMatchObject({
      screens: ['backups', 'purpose', 'restore'],
      slices: {restore: {state: 'ready'}},
    });
  });

  test("of an undo is the session's number", () => {
    const undo = aRestorePlan('safety', undefined, {undoes: 12});
    const board = keyboard(reduceAll(anApp([aRow(id)]), configured(), ...restorePlanned(undo)));
    board.press('enter', ...'12');
    board.paint();
    board.press('enter');
    expect(board.effects.restore).toHaveBeenCalledTimes(1);
  });
});

test('a restore at work is shown by r, and Esc leaves it at work', () => {
  const board = onConfirm();
  const about = {session: 3, id, undoes: null, estimate: 35};
  board.store.dispatch({type: 'follow started', show: true, ...about});
  expect(board.state().screens).toEqual(['backups', 'progress']);
  board.press('escape');
  expect(currentScreen(board.state())).toBe('backups');
  board.press('b');
  expect(board.state().message?.text).toMatch(/a restore is running/);
  board.press('q');
  expect(board.effects.quit).not.toHaveBeenCalled();
  expect(board.state().message?.text).toMatch(/goes on without this screen/);
  board.press('r');
  expect(currentScreen(board.state())).toBe('progress');
  board.press('ctrl+c');
  expect(board.effects.cancelRestore).toHaveBeenCalledTimes(1);
  expect(board.effects.planRestore).toHaveBeenCalledTimes(2);
});

test('no sequence of keys, chunks and pastes starts it without the id, typed and seen', () => {
  const other = aRestorePlan(id, [anAction('tenants')], {hash: 'other'});
  const keys = fc.constantFrom(
    'enter',
    'escape',
    'backspace',
    'ctrl+u',
    'r',
    ' ',
    'T',
    'down',
    ':',
    '2',
    '_',
  );
  const step = fc.oneof(
    keys.map((key) => ({keys: [key]})),
    // A laggy link brings many at once.
    fc.array(keys, {maxLength: 6}).map((all) => ({keys: all})),
    fc
      .constantFrom(
        [...id],
        [...id, 'enter'],
        ['r', 'enter', 'a', ...id, 'enter'],
        ['r', 'enter', 'a', 'enter', ...id, 'enter'],
        ['right', 'tab', ...id],
        [...id.slice(0, -1)],
      )
      .map((all) => ({keys: all})),
    fc.constantFrom(id, `${id}\r`, '2').map((text) => ({paste: text})),
    fc.constantFrom(plan, other).map((made) => ({plan: made})),
    fc.constant({paint: true as const}),
    // As it is meant to be, so that it comes to that at all.
    fc.constantFrom(['ctrl+u', ...id], ['enter']).map((all) => ({keys: all, painted: true})),
    fc.constantFrom(0, 299, 300, 5000).map((shown) => ({shown})),
  );
  let started = 0;
  fc.assert(
    fc.property(fc.array(step, {maxLength: 40}), fc.boolean(), (steps, fromConfirm) => {
      const board = fromConfirm ? onConfirm() : onList();
      board.effects.restore.mockImplementation(() => {
        started++;
        const seen = board.effects.painted();
        expect(currentScreen(seen)).toBe('confirm');
        expect(restoreSlice.of(seen)?.typed).toBe(id);
        expect(restoreSlice.of(seen)?.plan).toBe(restoreSlice.of(board.state())?.plan);
        expect(board.effects.shownFor()).toBeGreaterThanOrEqual(300);
      });
      for (const each of steps) {
        if ('keys' in each) {
          board.press(...each.keys);
          if ('painted' in each) board.paint();
        } else if ('paste' in each) paste(board.store, each.paste);
        else if ('plan' in each)
          board.store.dispatch(restoreSlice.to({type: 'restore planned', plan: each.plan, reasons: []}));
        else if ('shown' in each) board.effects.shownFor.mockReturnValue(each.shown);
        else board.paint();
      }
    }),
    {
      numRuns: 1000,
      // The one that does start comes first: chance alone may leave it out.
      examples: [
        [[{shown: 5000}, {keys: ['ctrl+u', ...id], painted: true as const}, {keys: ['enter']}], true],
      ],
    },
  );
  // Else nothing was tested.
  expect(started).toBeGreaterThan(0);
});

/** What is found beside a plan, while the test looks. */
function following(state: AppState) {
  const {store} = keyboard(state);
  const stop = new AbortController();
  const work: Promise<void>[] = [];
  followBeside({
    store,
    signal: stop.signal,
    pool: () => null,
    finish: (each: Promise<void>) => work.push(each),
  } as unknown as Workplace);
  store.dispatch({type: 'catalog', event: {type: 'complete'}});
  const ended = async () => {
    stop.abort();
    await Promise.all(work);
  };
  return {store, ended};
}

test('what else has a copy is not looked for again because a backup is being written', async () => {
  const [newest, cut, id] = [idAt(1), idAt(2), idAt(3)];
  const writing = () => aRow(cut, {state: 'interrupted'});
  const broken = anAction('tenants', {action: 'refused', reason: alteredCopy, badCopy: true});
  const state = reduceAll(
    anApp([aRow(newest), writing(), aRow(id)]),
    {type: 'catalog', event: {type: 'complete'}},
    configured(),
    restoreSlice.open({type: 'restore opened', subject: {id, undoes: null}}),
    restoreSlice.to({type: 'restore planned', plan: aRestorePlan(id, [broken]), reasons: []}),
  );
  const {store, ended} = following(state);
  const found = () => restoreSlice.of(store.get())?.elsewhere;
  await vi.waitFor(() => expect(found()).toBeTruthy(), 20_000);
  const first = found();
  store.dispatch({type: 'catalog', event: {type: 'rows', rows: [writing()]}});
  // What is found next is found after it.
  store.dispatch({type: 'catalog', event: {type: 'rows', rows: [writing()]}});
  await ended();
  expect(found()).toBe(first);
  const again = following(store.get());
  again.store.dispatch({type: 'catalog', event: {type: 'rows', rows: [aRow(newest)]}});
  const next = () => restoreSlice.of(again.store.get())?.elsewhere;
  await vi.waitFor(() => expect(next()).not.toBe(first), 20_000);
  await again.ended();
});

test('newer copies are looked for again once a backup was verified meanwhile', async () => {
  const at = noon - 3_600_000;
  const verified = {verification: verification('verified')};
  const of = (each: string, more = {}) =>
    aRow(each, {datasets: [aDataset('tenants', {content: `sha256:${each}`})], ...more});
  const [newer, older] = [idAt(2), idAt(3)];
  const state = reduceAll(
    anApp([of(newer), of(older, verified)]),
    {type: 'catalog', event: {type: 'complete'}},
    configured(),
    restoreSlice.open({
      type: 'restore opened',
      subject: {id: older, undoes: null},
      badSince: {at, by: 'kim'},
    }),
    restoreSlice.to({
      type: 'restore planned',
      plan: aRestorePlan(older, [anAction('tenants', {action: 'create'})]),
      reasons: [],
    }),
  );
  const {store, ended} = following(state);
  const found = () => restoreSlice.of(store.get())?.newer?.copies.map(({id: other, says}) => [other, says]);
  await vi.waitFor(() => expect(found()).toEqual([[newer, 'not verified']]), 20_000);
  store.dispatch({type: 'catalog', event: {type: 'rows', rows: [of(newer, verified)]}});
  await vi.waitFor(() => expect(found()).toEqual([[newer, 'unaltered']]), 20_000);
  await ended();
});
