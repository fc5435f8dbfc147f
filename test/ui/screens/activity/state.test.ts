import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {LoggedLine} from '../../../../source/engine/events/log/logged-line.ts';
import type {Move} from '../../../../source/ui/kit/scroll.ts';
import {activityLayout} from '../../../../source/ui/layout.ts';
import {
  type ActivityAction,
  activitySlice,
  chosenLine,
  mostLines,
  unseen,
} from '../../../../source/ui/screens/activity/state.ts';
import {backupsSlice} from '../../../../source/ui/screens/backups/state.ts';
import {typingIn} from '../../../../source/ui/screens.ts';
import {type AppAction, type AppState, currentScreen} from '../../../../source/ui/state.ts';
import {activityRead, aLogged, appended, failedVerification} from '../../../support/activity-states.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const id = idAt(3, 'nightly');
const other = idAt(5);
const app = (...actions: AppAction[]): AppState => reduceAll(anApp([aRow(id)]), ...actions);
/** So many lines, newest first, as they are read when the log is opened. */
const older = (count: number): LoggedLine[] => Array.from({length: count}, (_, index) => aLogged(0 - index));
const numbers = (state: AppState): number[] => {
  const activity = activitySlice.of(state);
  return activity.shown.map(({number}) => number);
};
const chosen = (state: AppState): number | undefined => {
  const activity = activitySlice.of(state);
  return chosenLine(activity)?.number;
};
const moved = (how: Move): AppAction => ({type: 'moved', how});
const typed = (text: string): AppAction => activitySlice.to({type: 'filter written', text});

test('it opens on the newest line, with all that was set before gone', () => {
  const state = app(
    ...activityRead(older(30)),
    typed('x'),
    {type: 'went back'},
    activitySlice.open({type: 'activity opened', backup: null}),
  );
  expect(state.screens).toEqual(['backups', 'activity']);
  expect(activitySlice.of(state)).toMatchObject({
    reading: 2,
    lines: [],
    filter: '',
    wanted: true,
  });
  expect(chosen(state)).toBeUndefined();
  expect(chosen(app(...activityRead(older(30))))).toBe(0);
});

describe('what is appended', () => {
  test('shows on top, and the line that is read stays chosen', () => {
    const state = app(...activityRead(older(5)), moved('down'), appended(aLogged(2), aLogged(1)));
    expect(numbers(state)).toEqual([2, 1, 0, -1, -2, -3, -4]);
    expect(chosen(state)).toBe(-1);
    expect(activitySlice.of(state)).toMatchObject({cursor: 3, top: 0});
  });

  test('moves nothing further down, and is counted until the top is looked at', () => {
    const before = app(...activityRead(older(100)), moved('pageDown'), moved('pageDown'));
    const {top, cursor} = activitySlice.of(before);
    const after = reduceAll(before, appended(aLogged(2), aLogged(1)), appended(aLogged(3)));
    expect(activitySlice.of(after)).toMatchObject({top: top + 3, cursor: cursor + 3});
    expect([chosen(after), unseen(activitySlice.of(after))]).toEqual([chosen(before), 3]);
    expect(unseen(activitySlice.of(reduceAll(after, moved('first'))))).toBe(0);
  });

  test('is kept, and the oldest goes, beyond what can be kept', () => {
    const state = app(...activityRead(older(mostLines), {end: null}), appended(aLogged(1)));
    expect([activitySlice.of(state).lines.length, numbers(state)[0]]).toEqual([mostLines, 1]);
    expect(activitySlice.of(reduceAll(state, moved('last')))).toMatchObject({
      end: `only ${mostLines} lines are kept here: less reads the log itself`,
      wanted: false,
    });
  });
});

describe('older lines are asked for', () => {
  test('at the end of the list, where there may be some', () => {
    const state = app(...activityRead(older(30), {end: null}));
    expect(activitySlice.of(state).wanted).toBe(false);
    expect(activitySlice.of(reduceAll(state, moved('down'))).wanted).toBe(false);
    const asked = reduceAll(state, moved('last'));
    expect(activitySlice.of(asked).wanted).toBe(true);
    const more: AppAction = activitySlice.to({
      type: 'activity went back',
      lines: [aLogged(-30)],
      end: 'so',
    });
    const got = reduceAll(asked, more);
    expect([activitySlice.of(got).wanted, numbers(got).length, chosen(got)]).toEqual([false, 31, -29]);
    expect(activitySlice.of(reduceAll(got, moved('last'))).wanted).toBe(false);
  });

  test('when a filter leaves the list half empty, once it has been typed', () => {
    const state = app(
      ...activityRead(older(30), {end: null}),
      activitySlice.to({type: 'filter opened'}),
      typed('nowhere'),
    );
    expect(activitySlice.of(state).wanted).toBe(false);
    expect(activitySlice.of(reduceAll(state, activitySlice.to({type: 'filter kept'}))).wanted).toBe(true);
  });
});

describe('filters', () => {
  const lines = [
    aLogged(0),
    failedVerification(-1),
    aLogged(-2, {payload: {id: other, operator: {login: 'bob'}}}),
    aLogged(-3, {action: 'magdb.backup.pruned', payload: {id: other, reason: 'beyond the newest 5'}}),
  ];
  const read = (...actions: AppAction[]): AppState => app(...activityRead(lines), ...actions);

  test.each([
    ['bob', [-2]],
    ['BEYOND', [-3]],
    ['!amira', [-2]],
    ['mismatch', [-1]],
    ['!', [0, -1, -2, -3]],
    ['nowhere', []],
  ])('by text: %s', (text, left) => {
    expect(numbers(read(activitySlice.to({type: 'filter opened'}), typed(text)))).toEqual(left);
  });

  test('by event: one after the other, then all again', () => {
    let state = read();
    const seen = Array.from({length: 4}, () => {
      state = reduceAll(state, activitySlice.to({type: 'next event sought'}));
      return [activitySlice.of(state).event, numbers(state)];
    });
    expect(seen).toEqual([
      ['magdb.backup.pruned', [-3]],
      ['magdb.backup.verify_completed', [0, -2]],
      ['magdb.backup.verify_failed', [-1]],
      [null, [0, -1, -2, -3]],
    ]);
  });

  test('by backup: that of the line, or the one it was opened with; again all, and the line stays', () => {
    const state = read(moved('last'), activitySlice.to({type: 'activity of backup'}));
    expect([activitySlice.of(state).backup, numbers(state), chosen(state)]).toEqual([other, [-2, -3], -3]);
    const all = reduceAll(state, activitySlice.to({type: 'activity of backup'}));
    expect([activitySlice.of(all).backup, chosen(all)]).toEqual([null, -3]);
    expect(numbers(app(...activityRead(lines, {backup: other})))).toEqual([-2, -3]);
  });

  test('what is typed goes here, and not into the list of backups', () => {
    const state = read(activitySlice.to({type: 'filter opened'}), typed('a'));
    expect([activitySlice.of(state).filter, backupsSlice.of(state).filter]).toEqual(['a', '']);
    expect(typingIn(state)?.write('b')).toEqual(typed('b'));
  });
});

test('Enter shows the line that was chosen, whatever comes meanwhile; there it is scrolled', () => {
  const state = app(
    ...activityRead(older(5)),
    moved('down'),
    activitySlice.open({type: 'event opened'}, 'event'),
    appended(aLogged(1)),
  );
  expect([currentScreen(state), activitySlice.of(state).opened?.line.number]).toEqual(['event', -1]);
  expect(activitySlice.of(reduceAll(state, moved('last'))).opened?.top).toBeGreaterThan(0);
  const {press, state: now} = keyboard(app(...activityRead([])));
  press('enter');
  expect(currentScreen(now())).toBe('activity');
});

test('the cursor is on a line that is shown, and its window full, whatever happens in whatever order', () => {
  const moves: Move[] = ['up', 'down', 'pageUp', 'pageDown', 'first', 'last'];
  let next = 0;
  let last = 0;
  const some = (from: number, count: number, sign: number): LoggedLine[] =>
    Array.from({length: count}, (_, index) => {
      const number = from + sign * index;
      return number % 3 === 0
        ? failedVerification(number)
        : aLogged(number, {payload: {id: `b${number % 4}`}});
    });
  type Step = () => AppAction;
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.integer({min: 1, max: 30}).map(
      (count): Step =>
        () => {
          next += count;
          return activitySlice.to({type: 'activity appended', lines: some(next, count, -1)});
        },
    ),
    fc.integer({min: 0, max: 30}).map(
      (count): Step =>
        () => {
          last -= count;
          return activitySlice.to({
            type: 'activity went back',
            lines: some(last + count - 1, count, -1),
            end: count < 5 ? 'so' : null,
          });
        },
    ),
    fc.constantFrom(...moves).map(
      (how): Step =>
        () =>
          moved(how),
    ),
    fc.constantFrom('', 'mismatch', '!mismatch', 'b1', 'x').map(
      (text): Step =>
        () =>
          typed(text),
    ),
    fc
      .constantFrom<AppAction>(
        activitySlice.to({type: 'filter kept'}),
        activitySlice.to({type: 'filter cleared'}),
        activitySlice.to({type: 'next event sought'}),
        activitySlice.to({type: 'activity of backup'}),
      )
      .map(
        (action): Step =>
          () =>
            action,
      ),
    fc.record({columns: fc.integer({min: 60, max: 200}), rows: fc.integer({min: 16, max: 60})}).map(
      (size): Step =>
        () => ({type: 'resized', size}),
    ),
  );
  fc.assert(
    fc.property(fc.array(step, {maxLength: 40}), (steps) => {
      next = 0;
      last = 1;
      let state = app(...activityRead([], {end: null}));
      for (const each of steps) {
        const before = chosenLine(activitySlice.of(state));
        const action = each();
        state = reduceAll(state, action);
        const {shown, cursor, top, lines} = activitySlice.of(state);
        const {list} = activityLayout(state.size);
        expect(cursor).toBeLessThan(Math.max(1, shown.length));
        expect(top).toBeGreaterThanOrEqual(0);
        expect(top).toBeLessThanOrEqual(Math.max(0, shown.length - list));
        if (shown.length > 0) expect(cursor - top).toBeLessThan(list);
        expect(cursor).toBeGreaterThanOrEqual(Math.min(top, shown.length));
        expect(
          lines.every((line, index) => index === 0 || line.number < (lines[index - 1] as LoggedLine).number),
        ).toBe(true);
        // What comes takes nobody off the line that he reads.
        const {type} = action.type === 'slice' ? (action.action as ActivityAction) : action;
        const comes = type === 'activity appended' || type === 'activity went back';
        if (comes && before !== null) expect(shown[cursor]).toBe(before);
      }
    }),
    {numRuns: 300},
  );
});
