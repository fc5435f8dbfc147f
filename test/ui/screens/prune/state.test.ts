import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Move} from '../../../../source/ui/kit/scroll.ts';
import type {Size} from '../../../../source/ui/layout.ts';
import {
  fitPrune,
  going,
  isConfirmed,
  type PruneAction,
  type PruneTask,
  pruneWindow,
  reducePrune,
  scrollPrune,
} from '../../../../source/ui/screens/prune/state.ts';
import {verdict} from '../../../support/run-states.ts';

/** `count` verdicts, newest first, of which the last `goes` go. */
const verdicts = (count: number, goes: number) =>
  Array.from({length: count}, (_, index) => verdict(`backup_${index}`, index < count - goes));
const open = (count: number, goes: number): PruneAction => ({
  type: 'prune opened',
  verdicts: verdicts(count, goes),
  php: [],
});
const typed = (text: string): PruneAction => ({type: 'count written', text});
const started: PruneAction = {type: 'prune started'};
const pruned = (id: string, left: string | null = null): PruneAction => ({
  type: 'prune event',
  event: {type: 'pruned', id, reason: 'beyond', left},
});
/** A terminal in which so many lines of a long list are seen. */
const seen = (lines: number): Size => ({columns: 80, rows: lines + 13});
const taskAfter = (...actions: PruneAction[]): PruneTask => {
  const task = actions.reduce<PruneTask | null>(reducePrune, null);
  if (!task) throw new Error('there is no task');
  return task;
};

describe('what confirms it', () => {
  test.each<[string, number, boolean]>([
    ['2', 2, true],
    ['12', 12, true],
    ['', 2, false],
    ['1', 2, false],
    ['22', 2, false],
    ['02', 2, false],
    [' 2', 2, false],
    ['2 ', 2, false],
    ['2.0', 2, false],
    ['y', 2, false],
    ['0', 0, false],
    ['', 0, false],
  ])('%j where %d go: %s', (text, goes, confirmed) => {
    expect(isConfirmed(taskAfter(open(15, goes), typed(text)))).toBe(confirmed);
  });

  test('only before it has begun', () => {
    expect(isConfirmed(taskAfter(open(3, 2), typed('2'), started))).toBe(false);
    expect(
      isConfirmed(taskAfter(open(3, 2), typed('2'), started, {type: 'prune ended', problem: null})),
    ).toBe(false);
  });

  test('erased, not any more; typed again, again', () => {
    const erased = taskAfter(open(13, 12), typed('12'), typed('1'));
    expect(erased.typed).toBe('1');
    expect(isConfirmed(erased)).toBe(false);
    expect(isConfirmed(reducePrune(erased, typed('12')) as PruneTask)).toBe(true);
  });

  test('a new list has to be confirmed anew', () => {
    expect(taskAfter(open(3, 2), typed('2'), open(3, 2)).typed).toBe('');
  });
});

describe('a prune', () => {
  test('shows first what goes, newest first, then what stays', () => {
    expect(taskAfter(open(4, 2)).verdicts.map(({id}) => id)).toEqual([
      'backup_2',
      'backup_3',
      'backup_0',
      'backup_1',
    ]);
  });

  test('keeps a line of a long list to say that it goes on', () => {
    expect(pruneWindow(taskAfter(open(6, 2)), seen(5))).toEqual({lines: 6, scrolls: false});
    expect(pruneWindow(taskAfter(open(7, 2)), seen(5))).toEqual({lines: 5, scrolls: true});
  });

  test('notes whose files stayed, though they are no backups any more', () => {
    const left = 'its files stay in storage/runbook/removing/backup_3: permission denied';
    expect(taskAfter(open(4, 2), started, pruned('backup_3', left))).toMatchObject({
      pruned: ['backup_3'],
      failed: [],
      left: [{id: 'backup_3', reason: left}],
    });
  });

  test('names those that go', () => {
    expect(going(taskAfter(open(4, 2)))).toEqual(['backup_2', 'backup_3']);
  });

  test('that runs is not begun anew by opening the screen, and takes no digits', () => {
    const running = taskAfter(open(3, 2), typed('2'), started);
    expect(reducePrune(running, open(9, 9))).toBe(running);
    expect(reducePrune(running, typed('7'))?.typed).toBe('2');
  });

  test('notes what went, what could not be removed, and why it ended', () => {
    const failed: PruneAction = {
      type: 'prune event',
      event: {type: 'not pruned', id: 'backup_2', reason: 'permission denied'},
    };
    const task = taskAfter(open(4, 2), typed('2'), started, pruned('backup_3'), failed, {
      type: 'prune ended',
      problem: null,
    });
    expect(task).toMatchObject({
      state: 'done',
      pruned: ['backup_3'],
      failed: [{id: 'backup_2', reason: 'permission denied'}],
      problem: null,
    });
    expect(taskAfter(open(4, 2), started, {type: 'prune ended', problem: 'locked'}).problem).toBe('locked');
  });

  test('nothing happens where no screen was opened', () => {
    for (const action of [typed('2'), started, pruned('x')]) expect(reducePrune(null, action)).toBeNull();
  });

  test('the list keeps to its end when the terminal grows', () => {
    const bottom = scrollPrune(taskAfter(open(20, 2)), 'last', seen(5));
    expect(bottom.top).toBe(15);
    expect(fitPrune(bottom, seen(12)).top).toBe(8);
    expect(fitPrune(bottom, seen(30)).top).toBe(0);
  });
});

test('whatever happens in whatever order, it is confirmed by the exact count only, and never where none goes', () => {
  const action: fc.Arbitrary<PruneAction> = fc.oneof(
    fc
      .tuple(fc.nat({max: 14}), fc.nat({max: 14}))
      .map(([count, goes]) => open(Math.max(count, goes), Math.min(count, goes))),
    fc.string({unit: fc.constantFrom('0', '1', '2', '3', '12', 'x', ' '), maxLength: 4}).map(typed),
    fc.constantFrom<PruneAction>(
      started,
      pruned('backup_1'),
      {type: 'prune event', event: {type: 'not pruned', id: 'backup_1', reason: 'no'}},
      {type: 'prune ended', problem: null},
      {type: 'prune ended', problem: 'locked'},
    ),
  );
  const move = fc.tuple(
    fc.constantFrom<Move>('up', 'down', 'pageUp', 'pageDown', 'first', 'last'),
    fc.integer({min: 1, max: 20}),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(action, move), {maxLength: 30}), (steps) => {
      let task: PruneTask | null = null;
      for (const [each, [how, height]] of steps) {
        const before = structuredClone(task);
        const next: PruneTask | null = reducePrune(task, each);
        expect(task).toEqual(before);
        if (next && isConfirmed(next)) {
          expect(next.state).toBe('ready');
          expect(next.typed).toBe(String(going(next).length));
          expect(going(next)).not.toEqual([]);
        }
        // A list that was confirmed is the one that is removed.
        if (task && next && each.type !== 'prune opened') expect(next.verdicts).toBe(task.verdicts);
        task = next && scrollPrune(next, how, seen(height));
        if (task) {
          const {lines} = pruneWindow(task, seen(height));
          expect(task.top).toBeGreaterThanOrEqual(0);
          expect(task.top).toBeLessThanOrEqual(Math.max(0, task.verdicts.length - lines));
        }
      }
    }),
    {numRuns: 500},
  );
});
