import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import type {Emptied} from '../../../../source/engine/retention/php-forecast.ts';
import type {Verdict} from '../../../../source/engine/retention/retention.ts';
import {bodyHeight} from '../../../../source/ui/layout.ts';
import {pruneSlice} from '../../../../source/ui/screens/prune/state.ts';
import type {AppAction} from '../../../../source/ui/state.ts';
import {frameText, lineText, screenOf} from '../../../support/frames.ts';
import {hostile, unprintable} from '../../../support/hostile.ts';
import {configured, verdict} from '../../../support/run-states.ts';
import {anApp, idAt, reduceAll} from '../../../support/states.ts';

const pruneScreen = screenOf('prune');

const standard = {columns: 80, rows: 24};
const sizes = [{columns: 60, rows: 16}, standard, {columns: 120, rows: 40}];
const ids = [1, 25, 49, 73, 97].map((hours) => idAt(hours, 'nightly')) as [
  string,
  string,
  string,
  string,
  string,
];
const verdicts: Verdict[] = [
  verdict(ids[0], true, '1 of the newest 2'),
  verdict(ids[1], true, 'interrupted: not counted, never deleted here'),
  verdict(ids[2], true, '2 of the newest 2'),
  verdict(ids[3], false, 'beyond the newest 2'),
  verdict(ids[4], false, 'beyond the newest 2, and damaged'),
];
const opened = (all = verdicts, php: string[] = [], phpEmpties: Emptied | null = null): AppAction =>
  pruneSlice.open({
    type: 'prune opened',
    verdicts: all,
    php,
    phpEmpties,
  });
const typed = (text: string): AppAction => pruneSlice.to({type: 'count written', text});
const started: AppAction = pruneSlice.to({type: 'prune started'});
const pruned = (id: string, left: string | null = null): AppAction =>
  pruneSlice.to({
    type: 'prune event',
    event: {type: 'pruned', id, reason: 'beyond the newest 2', left},
  });
const notPruned: AppAction = pruneSlice.to({
  type: 'prune event',
  event: {type: 'not pruned', id: ids[3], reason: 'permission denied: run as its owner, or as root'},
});
const ended = (problem: string | null = null): AppAction => pruneSlice.to({type: 'prune ended', problem});
const changed = 'Something has changed since this was shown: nothing was deleted. Look again (Esc, P).';

const shown = (actions: AppAction[], size = standard): string[] =>
  frameText(pruneScreen(reduceAll(anApp([], {size}), configured(), ...actions))).split('\n');
/** Without the empty lines of the list. */
const told = (...actions: AppAction[]): string[] => shown(actions).filter((line) => line !== '');

const list = [
  '   x 20261120_110000_nightly  delete   beyond the newest 2',
  '   x 20261119_110000_nightly  delete   beyond the newest 2, and damaged',
  '   = 20261123_110000_nightly  keep     1 of the newest 2',
  '   = 20261122_110000_nightly  keep     interrupted: not counted, never deleted ~',
  '   = 20261121_110000_nightly  keep     2 of the newest 2',
];

describe('at 80x24', () => {
  test('what stays, what goes, why, and what confirms it', () => {
    const [rule, ...rest] = told(opened(), typed('1'));
    expect(rule).toMatch(/^ Deletes 2 of 5: retention keeps the newest 2/);
    expect(rest).toEqual([
      ...list,
      "   PHP's next run would then delete nothing.",
      '   They are deleted for good. Type how many, then Enter:',
      '   > 1_',
    ]);
  });

  test('what goes with the last copy of a dataset comes first, and is counted where it is asked', () => {
    const last = {
      ...verdict(ids[4], false, 'last copy of archive: beyond the newest 2'),
      lastCopies: ['archive'],
    };
    const lines = told(opened([...verdicts.slice(0, 4), last]));
    expect(lines.slice(1, 3)).toEqual([
      '   ! 20261119_110000_nightly  delete   last copy of archive: beyond the newest 2',
      '   x 20261120_110000_nightly  delete   beyond the newest 2',
    ]);
    expect(lines.slice(-3)).toEqual([
      '   ! 1 of them holds the last copy of archive',
      '   They are deleted for good. Type how many, then Enter:',
      '   > _',
    ]);
  });

  test('one that goes, goes', () => {
    expect(told(opened(verdicts.slice(0, 4)))[0]).toMatch(/^ Deletes 1 of 4: /);
  });

  test('nothing that goes', () => {
    const lines = told(opened(verdicts.slice(0, 3)));
    expect(lines[0]).toMatch(/^ Nothing to delete: retention keeps the newest 2/);
    expect(lines.at(-1)).toBe('   Nothing to confirm. Esc goes back.');
  });

  test('what holds everything back is said', () => {
    const reason =
      'things are bad since 2026-11-23 01:10Z: nothing is removed until that is settled (magds incident --clear)';
    const lines = told(opened([{...verdict(ids[3], true, reason), waits: true}]));
    expect(lines.slice(-3)).toEqual([
      '   ! things are bad since 2026-11-23 01:10Z: nothing is removed until that is',
      '     settled (magds incident --clear)',
      '   Nothing to confirm. Esc goes back.',
    ]);
  });

  test('where the rule comes from is cut at its start', () => {
    const from = 'config/environments/production/backup/magds.php:120';
    const state = reduceAll(
      anApp([], {size: standard}),
      configured({maxCount: {value: 5, from, problem: null}}),
      opened(verdicts),
    );
    expect(lineText(pruneScreen(state)[0] ?? [])).toMatch(/ newest 5 \(.*magds\.php:120\)\.$/);
  });

  test('retention that keeps all says so', () => {
    const state = reduceAll(
      anApp([], {size: standard}),
      configured({maxCount: {value: null, from: 'default', problem: null}}),
      opened(verdicts.slice(0, 3)),
    );
    expect(lineText(pruneScreen(state)[0] ?? [])).toBe(' Nothing to delete: retention keeps all.');
  });

  test('what PHP would delete then', () => {
    const line = (php: string[]) => told(opened(verdicts, php))[6];
    expect(line([ids[2]])).toBe("   ! PHP's next run would then delete 20261121_110000_nightly");
    expect(line(['a', 'b'])).toBe("   ! PHP's next run would then delete a, b");
    expect(line([...ids])).toBe("   ! PHP's next run would then delete 20261123_110000_nightly and 4 more");
  });

  test('what PHP would empty then', () => {
    const empties = {link: '2020_archive', target: '/srv/archive'};
    expect(told(opened(verdicts, [ids[2]], empties))[6]).toBe(
      "   x PHP's next run would then empty /srv/archive: 2020_archive leads there",
    );
  });

  test('while it removes', () => {
    const lines = told(opened(), typed('2'), started, pruned(ids[4]));
    expect(lines[0]).toMatch(/^ Deleting 2 of 5: /);
    expect(lines[1]).toBe(list[0]);
    expect(lines[2]).toBe('   - 20261119_110000_nightly  deleted  beyond the newest 2, and damaged');
    expect(lines.at(-1)).toBe('   Deleting: 1 of 2 done ...');
  });

  test('when it is done', () => {
    const lines = told(opened(), typed('2'), started, pruned(ids[4]), pruned(ids[3]), ended());
    expect(lines[0]).toMatch(/^ 2 of 2 deleted: /);
    expect(lines.at(-1)).toBe('   2 deleted.');
    expect(lines.join('\n')).not.toContain('Type how many');
  });

  test('when some could not be removed', () => {
    const lines = told(opened(), typed('2'), started, pruned(ids[4]), notPruned, ended());
    expect(lines.slice(-3)).toEqual([
      '   1 deleted.',
      '   x 1 could not be deleted: 20261120_110000_nightly: permission denied: run',
      '     as its owner, or as root',
    ]);
  });

  test('when some left files behind', () => {
    const left = `its files stay in storage/runbook/removing/${ids[4]}: not permitted`;
    const lines = told(opened(), typed('2'), started, pruned(ids[4], left), pruned(ids[3]), ended());
    expect(lines.slice(-3)).toEqual([
      '   2 deleted.',
      '   x 1 left files behind: 20261119_110000_nightly: its files stay in',
      '     storage/runbook/removing/20261119_110000_nightly: not permitted',
    ]);
  });

  test('when it did not come to that', () => {
    const lines = told(opened(), typed('2'), started, ended(changed));
    expect(lines[0]).toMatch(/^ Nothing was deleted: /);
    expect(lines.slice(-2)).toEqual([
      '   x Something has changed since this was shown: nothing was deleted. Look',
      '     again (Esc, P).',
    ]);
  });

  test('more than fit are scrolled, and the count stays in view', () => {
    const many = Array.from({length: 30}, (_, index) => verdict(idAt(index), index < 20));
    const top = shown([opened(many), typed('10')]);
    expect(top.filter((line) => line.includes('  delete '))).toHaveLength(10);
    expect(top[1]).toContain(idAt(20));
    expect(top).toContain('     ... 19 more below');
    expect(top).toContain('   > 10_');
    const lines = shown([opened(many), {type: 'moved', how: 'last'}, typed('10')]);
    expect(lines.join('\n')).toContain(idAt(19));
    expect(lines.join('\n')).not.toContain(idAt(20));
    expect(lines).toContain('     ... that is the last, 19 above');
    expect(lines).toContain('   > 10_');
  });
});

describe.each(sizes)('at $columns x $rows', (size) => {
  const many = Array.from({length: 60}, (_, index) => verdict(idAt(index, 'x'.repeat(40)), index < 20));
  test.each<[string, AppAction[]]>([
    ['ready', [opened(verdicts, ids)]],
    ['many', [opened(many, ids), typed('40')]],
    ['nothing', [opened([])]],
    ['running', [opened(), started, pruned(ids[4])]],
    ['done', [opened(), started, pruned(ids[4]), notPruned, ended()]],
    ['refused', [opened(), started, ended(changed)]],
  ])('%s: exactly as high as it may be, and no line too wide', (_, actions) => {
    const state = reduceAll(anApp([], {size}), configured(), ...actions);
    const lines = pruneScreen(state).map(lineText);
    expect(lines).toHaveLength(bodyHeight(size));
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(size.columns);
  });
});

test('whatever names and reasons hold: nothing drives the terminal, nothing is too wide, the height is kept', () => {
  const any = fc.record({
    size: fc.record({columns: fc.integer({min: 60, max: 180}), rows: fc.integer({min: 16, max: 60})}),
    all: fc.array(
      fc.record({
        id: hostile,
        stays: fc.boolean(),
        reason: hostile,
        datasets: fc.array(hostile, {maxLength: 2}),
        lastCopies: fc.option(fc.array(hostile, {minLength: 1, maxLength: 2}), {nil: undefined}),
      }),
      {
        maxLength: 40,
      },
    ),
    php: fc.array(hostile, {maxLength: 4}),
    from: hostile,
    text: hostile,
    steps: fc.nat({max: 5}),
    how: fc.constantFrom('first', 'pageDown', 'last'),
  });
  fc.assert(
    fc.property(any, ({size, all, php, from, text, steps, how}) => {
      const failed: AppAction = pruneSlice.to({
        type: 'prune event',
        event: {type: 'not pruned', id: text, reason: text},
      });
      const actions: AppAction[] = [
        opened(all, php),
        started,
        ...(all[0] ? [pruned(all[0].id)] : []),
        failed,
        ended(steps === 5 ? text : null),
        {type: 'moved', how},
      ];
      const state = reduceAll(
        anApp([], {size}),
        configured({maxCount: {value: 3, from, problem: null}}),
        ...actions.slice(0, steps + 1),
      );
      const lines = pruneScreen(state).map(lineText);
      expect(lines).toHaveLength(bodyHeight(size));
      for (const line of lines) {
        expect(stringWidth(line), line).toBeLessThanOrEqual(size.columns);
        expect(line).not.toMatch(unprintable);
      }
    }),
    {numRuns: 300},
  );
});
