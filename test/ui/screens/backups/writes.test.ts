import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import type {RunResult} from '../../../../source/engine/backup/run-events.ts';
import type {HeldEntry, Stray} from '../../../../source/engine/catalog/list.ts';
import {openCatalog} from '../../../../source/presenters/catalog.ts';
import {bodyHeight} from '../../../../source/ui/layout.ts';
import {backupsSlice} from '../../../../source/ui/screens/backups/state.ts';
import {pruneSlice} from '../../../../source/ui/screens/prune/state.ts';
import {runSlice} from '../../../../source/ui/screens/run/state.ts';
import type {AppAction} from '../../../../source/ui/state.ts';
import {lineText, screenOf} from '../../../support/frames.ts';
import {hostile, unprintable} from '../../../support/hostile.ts';
import {
  aPlan,
  aRunResult,
  begun,
  configured,
  runEvent,
  twoDatasets,
  verdict,
} from '../../../support/run-states.ts';
import {aHold, anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const backupsScreen = screenOf('backups');

const rows = [1, 2, 3].map((hour) => aRow(idAt(hour)));
const [first, second, third] = rows.map(({id}) => id) as [string, string, string];
const stray: Stray = {name: 'README.txt', reason: 'not a directory', isDirectory: false};

function linesOf(
  {held = [], strays = [], maxCount = 2 as number | null, columns = 80, blocking = [] as string[]} = {} as {
    held?: HeldEntry[];
    strays?: Stray[];
    maxCount?: number | null;
    columns?: number;
    blocking?: string[];
  },
  ...actions: AppAction[]
): string[] {
  const catalog = openCatalog({ids: [first, second, third], strays, held, exists: true}, rows);
  const php = {path: '/srv/magmoboce/storage/backups', maxCount};
  const app = anApp(rows, {catalog, size: {columns, rows: 24}});
  return backupsScreen(reduceAll(app, configured({php, blocking}), ...actions)).map((line) =>
    lineText(line).trimEnd(),
  );
}

describe('the line above the list', () => {
  test('says what PHP deletes next', () => {
    expect(linesOf({maxCount: 3})[0]).toBe(` ! PHP's next run deletes ${third}  h hold`);
    expect(linesOf({maxCount: 2})[0]).toBe(` ! PHP's next run deletes ${third} and 1 more  h hold`);
  });

  test('says first that no backup can be made as it is configured', () => {
    expect(linesOf({blocking: ['config.json:2 is not valid JSON']}).slice(0, 2)).toEqual([
      ' x No backup can be made as it is configured  c shows why',
      ` ! PHP's next run deletes ${third} and 1 more  h hold`,
    ]);
    expect(linesOf({blocking: ['x'], columns: 60})[0]).toContain('c shows why');
  });

  test('says first what PHP empties because a link leads there', () => {
    const link = {...stray, name: '2020_archive', isDirectory: true, leadsTo: '/srv/archive'};
    expect(linesOf({strays: [link], maxCount: 3})[0]).toBe(
      " x PHP's next run empties /srv/archive: 2020_archive leads there",
    );
    expect(linesOf({strays: [link], maxCount: 5})[0]).not.toContain('empties');
  });

  test('says so of the next one when that is held, and nothing when all are', () => {
    expect(linesOf({held: [aHold(third)]})[0]).toBe(` ! PHP's next run deletes ${second}  h hold`);
    expect(linesOf({held: [aHold(second), aHold(third)]})[0]).toBe(' 3 backups');
  });

  test('says that a stray counts, where there is room', () => {
    expect(linesOf({maxCount: 4, strays: [stray]})[0]).toBe(
      ` ! PHP's next run deletes ${third}; README.txt counts  h hold`,
    );
    const long = {...stray, name: 'x'.repeat(60)};
    expect(linesOf({maxCount: 4, strays: [long]})[0]).toBe(` ! PHP's next run deletes ${third}  h hold`);
  });

  test.each<[string, Partial<RunResult>, string]>([
    ['failed', {}, 'x The backup failed.'],
    ['cancelled', {}, '! The backup was cancelled.'],
    ['partial', {}, '! The backup is done, and something is missing from it.'],
    ['done', {}, '+ The backup is done.'],
    [
      'done',
      {untold: ['the hook page-us: it hung']},
      '! The backup is done, but not all that belongs to it.',
    ],
  ])('says that a backup that nobody looked at is %s, until somebody has', (outcome, changes, said) => {
    const result = aRunResult(outcome as RunResult['outcome'], changes);
    const actions: AppAction[] = [
      ...begun(aPlan(twoDatasets)),
      {type: 'went back'},
      runEvent({type: 'finished', result}),
    ];
    expect(linesOf({}, ...actions)[0]).toBe(` ${said}  b shows it`);
    const looked: AppAction[] = [runSlice.open({type: 'run opened'}), {type: 'went back'}];
    expect(linesOf({}, ...actions, ...looked)[0]).not.toContain('The backup');
  });

  test('says that a backup runs, how far it is, and what shows it', () => {
    const plan = aPlan(twoDatasets);
    const half = runEvent({type: 'progress', bytes: [1000, 1000], bytesDone: 2000});
    const left: AppAction = {type: 'went back'};
    expect(linesOf({}, ...begun(plan), half, left)[0]).toBe(
      ' A backup is running: 50% of 4.0 kB.  b shows it',
    );
    const filtered: AppAction[] = [
      backupsSlice.to({type: 'filter written', text: 'x'}),
      backupsSlice.to({type: 'filter kept'}),
    ];
    expect(linesOf({}, ...begun(plan), half, left, ...filtered)[0]).toBe(
      ' Filter: x   0 of 3   Esc clears it   A backup is running: 50% of 4.0 kB.',
    );
    expect(linesOf({}, ...begun(plan), runSlice.to({type: 'run stopping'}), left)[0]).toBe(
      ' The backup is being cancelled.  b shows it',
    );
  });

  test('says that backups are being removed', () => {
    const verdicts = [verdict(second, false), verdict(third, false)];
    const event: AppAction = pruneSlice.to({
      type: 'prune event',
      event: {type: 'pruned', id: third, reason: '', left: null},
    });
    expect(
      linesOf(
        {},
        pruneSlice.open({type: 'prune opened', verdicts, php: []}),
        pruneSlice.to({type: 'prune started'}),
        event,
      )[0],
    ).toBe(' Backups are being deleted: 1 of 2.  P shows it');
  });

  test('asks why, and for the word, and gives way to nothing', () => {
    const ask = (kind: 'pin' | 'unpin', text: string): AppAction => ({
      type: 'asked',
      kind,
      id: first,
      text,
    });
    expect(linesOf({}, ask('pin', 'INC'))[0]).toBe(` Why hold ${first}? INC_   Enter confirm, Esc cancel`);
    expect(linesOf({}, ask('unpin', 'unp'))[0]).toBe(
      ` Release ${first}? Type unpin: unp_   Enter confirm, Esc cancel`,
    );
    expect(linesOf({}, backupsSlice.to({type: 'filter written', text: '2026'}), ask('pin', ''))[0]).toMatch(
      /^ Why hold/,
    );
  });
});

test('a long answer is seen where it is being typed, whatever the backup is called', () => {
  const long = 'before the migration of the ledger, as agreed with amira on the phone at ten past three';
  for (const id of [first, `${first}_${'x'.repeat(200)}`]) {
    for (const columns of [60, 80]) {
      for (const kind of ['pin', 'unpin'] as const) {
        const [line] = linesOf({columns}, {type: 'asked', kind, id, text: long});
        expect(line?.length).toBeLessThanOrEqual(columns);
        expect(line).toMatch(/ ~.*ten past three_$/);
        expect(line).toContain(first.slice(0, 15));
      }
    }
  }
  expect(linesOf({}, backupsSlice.to({type: 'filter written', text: long}))[0]).toMatch(
    /^ Filter: ~.*ten past three_ {2}0 of 3 {3}Enter keep, Esc clear$/,
  );
});

test('what is said of a held backup is read to its end', () => {
  const reason = 'before the migration of the ledger, as agreed with amira on the phone';
  const lines = linesOf({held: [aHold(first, {only: true, reason})]}).map((line) => line.trim());
  expect(lines.join(' ')).toContain(
    `Held only in storage/runbook/held: PHP has deleted the original: ${reason} (amira, 2026-11-23T04:00Z).`,
  );
});

test('what is held is marked in the list, and the details say by whom and why', () => {
  const lines = linesOf({held: [aHold(first), aHold(second, {only: true})]});
  expect(lines[3]).toMatch(/_110000 held +1h/);
  expect(lines[4]).toMatch(/ held +\d+h/);
  expect(lines[5]).not.toContain('held');
  expect(lines).toContain('   Held: INC-4711 (amira, 2026-11-23T04:00Z).');
});

test('a hold that cannot be read is still one', () => {
  const lines = linesOf({held: [aHold(first, {reason: '', by: '', at: '', host: ''})]});
  expect(lines).toContain('   Held.');
});

test('whatever is typed and whoever holds: nothing drives the terminal, nothing is too wide', () => {
  const any = fc.record({
    size: fc.record({columns: fc.integer({min: 60, max: 180}), rows: fc.integer({min: 16, max: 60})}),
    label: hostile,
    text: hostile,
    reason: hostile,
    by: hostile,
    at: hostile,
    only: fc.boolean(),
    kind: fc.constantFrom(null, 'pin' as const, 'unpin' as const),
    name: hostile,
    keep: fc.integer({min: 1, max: 3}),
    leadsTo: fc.option(hostile),
  });
  fc.assert(
    fc.property(any, ({size, label, text, kind, name, keep, leadsTo, ...held}) => {
      const id = `20261123_110000_${label}`;
      const all = [aRow(id), aRow(idAt(9, label))];
      const catalog = openCatalog(
        {
          ids: all.map((row) => row.id),
          strays: [{...stray, name, leadsTo}],
          held: [aHold(id, held)],
          exists: true,
        },
        all,
      );
      const state = reduceAll(
        anApp(all, {catalog, size}),
        configured({php: {path: '/srv/magmoboce/storage/backups', maxCount: keep}}),
        ...(kind ? [{type: 'asked' as const, kind, id, text}] : []),
      );
      const lines = backupsScreen(state).map(lineText);
      expect(lines).toHaveLength(bodyHeight(size));
      for (const line of lines) {
        expect(stringWidth(line), line).toBeLessThanOrEqual(size.columns);
        expect(line).not.toMatch(unprintable);
      }
    }),
    {numRuns: 200},
  );
});
