import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Row, RowDataset} from '../../../source/engine/catalog/row.ts';
import {type CatalogEntry, forecastPhp} from '../../../source/engine/retention/php-forecast.ts';
import {copyStates, judgeRetention} from '../../../source/engine/retention/retention.ts';
import {anyText} from '../../support/arbitraries.ts';
import {aDataset, aRow, idAt, verification} from '../../support/states.ts';

const none = new Map<string, string>();
const damaged = [aDataset('tenants', {flaw: 'the copy is missing'})];

/** A night each, the newest first. */
const nights = (...changes: Partial<Row>[]): Row[] =>
  changes.map((change, index) => aRow(idAt(24 * index), change));
const goes = (rows: Row[], maxCount: number | null, pins: ReadonlyMap<string, string> = none) =>
  judgeRetention(rows, maxCount, pins).flatMap(({stays}, index) => (stays ? [] : [index]));
const reasons = (rows: Row[], maxCount: number | null, pins: ReadonlyMap<string, string> = none) =>
  judgeRetention(rows, maxCount, pins).map(({stays, reason}) => `${stays ? '=' : '-'} ${reason}`);

describe('judgeRetention', () => {
  test('keeps the newest, and says why each stays or goes', () => {
    const rows = nights({}, {}, {});
    expect(judgeRetention(rows, 2, none)).toEqual([
      {id: rows[0]?.id, stays: true, reason: '1 of the newest 2', datasets: []},
      {id: rows[1]?.id, stays: true, reason: '2 of the newest 2', datasets: []},
      {id: rows[2]?.id, stays: false, reason: 'beyond the newest 2', datasets: []},
    ]);
  });

  test('names the datasets whose last usable copy goes, first', () => {
    const rows = nights(
      {},
      {},
      {datasets: [aDataset('tenants'), aDataset('archive', {flaw: 'the copy is missing'})]},
      {datasets: [aDataset('tenants'), aDataset('archive'), aDataset('old/a'), aDataset('old/b')]},
      {datasets: [aDataset('tenants'), aDataset('archive')]},
    );
    const judged = judgeRetention(rows, 1, none, ['tenants']);
    expect(judged.map(({reason, lastCopies}) => [reason, lastCopies])).toEqual([
      ['1 of the newest 1, for tenants', undefined],
      ['beyond the newest 1', undefined],
      ['beyond the newest 1, and damaged', undefined],
      ['last copy of archive, old: beyond the newest 1', ['archive', 'old']],
      ['beyond the newest 1', undefined],
    ]);
    // What stays anywhere is no last copy.
    const pinned = new Map([[rows[4]?.id ?? '', '']]);
    expect(judgeRetention(rows, 1, pinned, ['tenants'])[3]?.lastCopies).toEqual(['old']);
    const held = aRow(idAt(500), {datasets: [aDataset('archive')]});
    expect(judgeRetention(rows, 1, none, ['tenants'], [held])[3]?.lastCopies).toEqual(['old']);
  });

  test('no backups, no verdicts', () => {
    expect(judgeRetention([], 3, none)).toEqual([]);
  });

  test('three bad nights at 3 cost no good backup', () => {
    const cut: Partial<Row> = {state: 'interrupted', datasets: []};
    const torn: Partial<Row> = {state: 'unreadable', datasets: []};
    expect(reasons(nights(cut, torn, cut, {}, {}, {}, {}), 3)).toEqual([
      '= interrupted: not counted, never deleted here',
      '= unreadable: not counted, never deleted here',
      '= interrupted: not counted, never deleted here',
      '= 1 of the newest 3',
      '= 2 of the newest 3',
      '= 3 of the newest 3',
      '- beyond the newest 3',
    ]);
  });

  test.each<[string, Partial<Row>]>([
    ['damaged', {datasets: damaged}],
    ['holds nothing', {datasets: []}],
    ['failed its verification', {verification: verification('failed')}],
  ])('one that is whole but %s does not count, and goes once it is old', (why, bad) => {
    expect(reasons(nights(bad, {}, bad, {}, bad), 2)).toEqual([
      `= ${why}: not counted, and newer than some that are kept`,
      '= 1 of the newest 2',
      `= ${why}: not counted, and newer than some that are kept`,
      '= 2 of the newest 2',
      `- beyond the newest 2, and ${why}`,
    ]);
  });

  test('what its name places before all that will be made takes the place of none, and stays', () => {
    const rows = [
      aRow('keep-2'),
      aRow('keep-1', {verification: verification('verified')}),
      aRow('20991231_000000'),
      aRow('20269904_020000', {state: 'interrupted'}),
      ...nights({}, {}, {verification: verification('verified')}, {}),
    ];
    const pins = new Map([['keep-2', 'audit']]);
    const now = Date.parse('2026-12-01');
    const judged = judgeRetention(rows, 1, pins, ['tenants'], [], now);
    expect(judged.map(({stays, reason}) => `${stays ? '=' : '-'} ${reason}`)).toEqual([
      '= pinned: audit',
      '= its name holds no time: not counted, never deleted here',
      '= its name is of a time to come: not counted, never deleted here',
      '= interrupted: not counted, never deleted here',
      '= 1 of the newest 1, for tenants',
      '- beyond the newest 1',
      '= the last verified one, for tenants',
      '- beyond the newest 1',
    ]);
    expect(judgeRetention(rows, 1, pins, [], [], Date.parse('2020-01-01')).every(({stays}) => stays)).toBe(
      true,
    );
  });

  test('what was cut off stays, however old', () => {
    expect(goes(nights({}, {}, {state: 'interrupted'}, {state: 'unreadable'}), 1)).toEqual([1]);
  });

  test('pinned ones stay, with the reason, and count', () => {
    const rows = nights({}, {}, {}, {});
    const pins = new Map([
      [rows[0]?.id ?? '', 'release'],
      [rows[3]?.id ?? '', ''],
    ]);
    expect(reasons(rows, 2, pins)).toEqual([
      '= pinned: release',
      '= 2 of the newest 2',
      '- beyond the newest 2',
      '= pinned',
    ]);
  });

  test('the last verified one stays, and no older one for that', () => {
    const good = {verification: verification('verified')};
    expect(reasons(nights({}, {}, good, good), 1)).toEqual([
      '= 1 of the newest 1',
      '- beyond the newest 1',
      '= the last verified one',
      '- beyond the newest 1',
    ]);
  });

  test('passed long ago is verified; a copy that changed since, or a check of PHP, is not', () => {
    const changed = {verification: verification('stale', {changed: true})};
    const unknown = {verification: verification('unknown')};
    const old = {verification: verification('stale', {changed: false})};
    expect(goes(nights({}, changed, unknown, old, {}), 1)).toEqual([1, 2, 4]);
  });

  test('without a count all stay', () => {
    expect(reasons(nights({}, {datasets: damaged}, {state: 'unreadable'}), null)).toEqual([
      '= retention keeps all',
      '= retention keeps all',
      '= unreadable: not counted, never deleted here',
    ]);
  });
});

describe('for each dataset', () => {
  const both = ['tenants', 'ledger'];
  const ledger = aDataset('ledger');
  const tenants = (bytes: number, changes: Partial<RowDataset> = {}): RowDataset =>
    aDataset('tenants', {bytes, ...changes});
  const holding = (...datasets: RowDataset[]): Partial<Row> => ({datasets});
  const whole = holding(tenants(25_000), ledger);
  const said = (rows: Row[], maxCount: number) =>
    judgeRetention(rows, maxCount, none, both).map(({stays, reason}) => `${stays ? '=' : '-'} ${reason}`);
  const keepsOf = (rows: Row[], maxCount: number, name: string) =>
    judgeRetention(rows, maxCount, none, both).flatMap(({stays, datasets}, index) =>
      stays && datasets.includes(name) ? [index] : [],
    );

  test('a backup that lacks one pushes out none that has it', () => {
    const lacking = holding(ledger);
    expect(said(nights(lacking, lacking, whole, whole, whole), 2)).toEqual([
      '= 1 of the newest 2, for ledger',
      '= 2 of the newest 2, for ledger',
      '= for tenants: one of the newest 2 good copies',
      '= for tenants: one of the newest 2 good copies',
      '- beyond the newest 2',
    ]);
  });

  test('whole ones stay for all, and push out what they are as good as', () => {
    expect(said(nights(whole, whole, whole), 2)).toEqual([
      '= 1 of the newest 2, for all datasets',
      '= 2 of the newest 2, for all datasets',
      '- beyond the newest 2',
    ]);
  });

  test('a damaged one stays for what is good in it', () => {
    const rows = nights(holding(tenants(25_000)), holding(tenants(25_000), {...ledger, flaw: 'gone'}), {
      ...holding(tenants(25_000, {flaw: 'gone'}), ledger),
    });
    expect(said(rows, 1)).toEqual([
      '= 1 of the newest 1, for tenants',
      '- beyond the newest 1, and damaged',
      '= for ledger: the newest good copy',
    ]);
  });

  test.each<[string, Partial<Row>]>([
    ['empty', holding(tenants(0), ledger)],
    ['an empty list', holding(tenants(3), ledger)],
    ['blank', holding(tenants(4000, {blank: true}), ledger)],
    ['broken inside', {...whole, brokenInside: [{name: 'tenants', detail: 'no JSON'}]}],
    ['torn', {...whole, partial: [{dataset: 'tenants', reason: 'written to while it was copied'}]}],
    ['in part', {...whole, partial: [{dataset: 'tenants/private', reason: 'left out: a link'}]}],
    ['perhaps in part', {...whole, partial: [{dataset: 'and more', reason: '7 others'}]}],
    ['altered since it passed', {...whole, verification: verification('stale', {changed: true})}],
    ['what failed', {...whole, verification: verification('failed', {failed: ['tenants']})}],
    ['what failed, of unknown name', {...whole, verification: verification('failed')}],
  ])('%s is no good copy, however many there are', (_, bad) => {
    expect(keepsOf(nights(bad, bad, bad, bad, bad, bad, whole, whole, whole), 2, 'tenants')).toEqual(
      expect.arrayContaining([6, 7]),
    );
    const states = copyStates(nights(bad, whole), 'tenants');
    expect(states).toEqual([states[0] === null ? null : 'usable', 'good']);
  });

  test('an empty one is good where it never was anything else', () => {
    const flag = holding(tenants(0), ledger);
    expect(copyStates(nights(flag, flag), 'tenants')).toEqual(['good', 'good']);
    expect(copyStates(nights(whole, flag, flag), 'tenants')).toEqual(['good', 'good', 'good']);
    expect(said(nights(flag, flag, flag), 2)[2]).toBe('- beyond the newest 2');
  });

  test('where none is good, the newest that there are stay', () => {
    const torn = {...whole, partial: [{dataset: 'tenants', reason: 'torn'}]};
    expect(keepsOf(nights(torn, torn, torn, torn), 2, 'tenants')).toEqual([0, 1]);
  });

  test('what passed for it stays, though another dataset failed', () => {
    const proof = {state: 'unaltered', reason: null} as const;
    const failed = {
      ...whole,
      datasets: (whole.datasets ?? []).map((each) => (each.name === 'tenants' ? {...each, proof} : each)),
      verification: verification('failed', {failed: ['ledger']}),
    };
    expect(said(nights(whole, whole, failed, failed), 1)).toEqual([
      '= 1 of the newest 1, for all datasets',
      '- beyond the newest 1',
      '= for tenants: the last verified copy',
      '- beyond the newest 1, and failed its verification',
    ]);
  });

  test('one of type directory is all of its files', () => {
    const files = (...sizes: number[]) =>
      holding(...sizes.map((bytes, at) => aDataset(`tenants/${at}`, {bytes})));
    expect(copyStates(nights(files(0, 0), files(0, 90)), 'tenants')).toEqual(['usable', 'good']);
    const hole = holding(aDataset('tenants/0'), aDataset('tenants/1', {flaw: 'gone'}));
    expect(copyStates(nights(hole), 'tenants')).toEqual(['usable']);
    expect(copyStates(nights(holding(aDataset('tenants-old'))), 'tenants')).toEqual([null]);
  });
});

describe('whatever lies there', () => {
  const row = fc.record({
    state: fc.constantFrom(
      'complete' as const,
      'complete' as const,
      'interrupted' as const,
      'unreadable' as const,
    ),
    datasets: fc.constantFrom<RowDataset[][]>(
      [aDataset('tenants')],
      [aDataset('tenants')],
      [aDataset('a'), ...damaged],
      [],
    ),
    verification: fc.constantFrom(
      ...(['verified', 'failed', 'stale', 'unknown', 'never'] as const).map((state) => verification(state)),
      verification('stale', {changed: true}),
    ),
    pin: fc.constantFrom(undefined, undefined, undefined, 'why', ''),
  });
  const catalogs = fc.array(row, {maxLength: 12}).map((made) => ({
    rows: nights(...made.map(({pin: _, ...changes}) => changes)),
    pins: new Map(made.flatMap(({pin}, index) => (pin === undefined ? [] : [[idAt(24 * index), pin]]))),
  }));
  const counts = fc.nat({max: 6});
  const couldBeRestored = (each: Row) =>
    each.state === 'complete' &&
    each.datasets.length > 0 &&
    each.datasets.every(({flaw}) => flaw === null) &&
    each.verification.state !== 'failed';

  test('pinned, newest, last verified and incomplete ones are never removed', () => {
    fc.assert(
      fc.property(catalogs, counts, ({rows, pins}, maxCount) => {
        const removed = goes(rows, maxCount, pins).map((index) => rows[index] as Row);
        const verified = rows.find(
          ({verification: {state, changed}}) => state === 'verified' || (state === 'stale' && !changed),
        );
        for (const each of removed) {
          expect(each.state).toBe('complete');
          expect(pins.has(each.id)).toBe(false);
          expect(each).not.toBe(rows[0]);
          expect(each).not.toBe(verified);
        }
      }),
      {numRuns: 500},
    );
  });

  test('the newest that could be restored stay, as many as are wanted', () => {
    fc.assert(
      fc.property(catalogs, counts, ({rows, pins}, maxCount) => {
        const removed = new Set(goes(rows, maxCount, pins));
        const newest = rows
          .flatMap((each, index) => (couldBeRestored(each) ? [index] : []))
          .slice(0, maxCount);
        expect(newest.filter((index) => removed.has(index))).toEqual([]);
      }),
      {numRuns: 500},
    );
  });

  test('the same backups are judged, in the same order, each with a reason; none goes without a count', () => {
    fc.assert(
      fc.property(catalogs, fc.option(counts), ({rows, pins}, maxCount) => {
        const verdicts = judgeRetention(rows, maxCount, pins);
        expect(verdicts.map(({id}) => id)).toEqual(rows.map(({id}) => id));
        expect(verdicts.every(({reason}) => reason !== '')).toBe(true);
        if (maxCount === null) expect(verdicts.every(({stays}) => stays)).toBe(true);
      }),
    );
  });

  test('what it removes is not asked for again: what is left stays', () => {
    fc.assert(
      fc.property(catalogs, counts, ({rows, pins}, maxCount) => {
        const removed = new Set(goes(rows, maxCount, pins));
        const left = rows.filter((_, index) => !removed.has(index));
        expect(goes(left, maxCount, pins)).toEqual([]);
      }),
      {numRuns: 500},
    );
  });
});

describe('whatever lies there, of what is configured', () => {
  const configured = ['a', 'b', 'tree'];
  const copy = fc.record({
    bytes: fc.constantFrom(0, 2, 3, 300, 5000),
    flaw: fc.constantFrom(null, null, null, 'gone'),
    blank: fc.constantFrom(false, false, true),
  });
  const name = fc.constantFrom('a', 'b', 'tree/x', 'tree/y', 'old');
  const row = fc.record({
    state: fc.constantFrom<Row['state'][]>('complete', 'complete', 'complete', 'interrupted'),
    datasets: fc.uniqueArray(
      fc.tuple(name, copy).map(([each, changes]) => aDataset(each, changes)),
      {selector: (each) => each.name, maxLength: 5},
    ),
    verification: fc.oneof(
      fc
        .constantFrom(...(['verified', 'stale', 'unknown', 'never', 'failed'] as const))
        .map((state) => verification(state)),
      fc.subarray(['a', 'b', 'tree/x']).map((failed) => verification('failed', {failed})),
      fc.constant(verification('stale', {changed: true})),
    ),
    brokenInside: fc
      .subarray(['a', 'tree/x'])
      .map((names) => names.map((each) => ({name: each, detail: 'no JSON'}))),
    partial: fc
      .subarray(['a', 'b', 'tree/z', 'and more'], {maxLength: 1})
      .map((names) => names.map((dataset) => ({dataset, reason: 'left out'}))),
  });
  const catalogs = fc.array(row, {maxLength: 14}).map((made) => nights(...made));
  const counts = fc.nat({max: 5});
  const isGood = (state: ReturnType<typeof copyStates>[number]) => state === 'good' || state === 'proved';
  const stayOf = (rows: Row[], maxCount: number) =>
    judgeRetention(rows, maxCount, none, configured).flatMap(({stays}, index) => (stays ? [index] : []));
  const property = (check: (rows: Row[], maxCount: number) => void): void =>
    fc.assert(fc.property(catalogs, counts, check), {numRuns: 1000});

  test('the newest good copies of each stay, as many as are wanted, and never fewer than one', () => {
    property((rows, maxCount) => {
      const stay = new Set(stayOf(rows, maxCount));
      for (const each of configured) {
        const good = copyStates(rows, each).flatMap((state, index) => (isGood(state) ? [index] : []));
        expect(good.slice(0, Math.max(1, maxCount)).filter((index) => !stay.has(index))).toEqual([]);
      }
    });
  });

  test('so does the last one that was verified, and the newest that there is at all', () => {
    property((rows, maxCount) => {
      const stay = new Set(stayOf(rows, maxCount));
      for (const each of configured) {
        const states = copyStates(rows, each);
        for (const at of [states.indexOf('proved'), states.findIndex((state) => state !== null)])
          if (at !== -1) expect(stay.has(at)).toBe(true);
      }
    });
  });

  test('an unaltered copy of the largest amount is held for ever, night after night', () => {
    // What is there is pruned, a night comes, and so on: as it is in life.
    property((rows, maxCount) => {
      let held: Row[] = [];
      for (const night of rows.toReversed()) {
        held = [night, ...held];
        const before = configured.map((each) => copyStates(held, each).some(isGood));
        const stay = new Set(stayOf(held, maxCount));
        held = held.filter((_, index) => stay.has(index));
        expect(configured.map((each) => copyStates(held, each).some(isGood))).toEqual(before);
      }
      const plain = (each: RowDataset) => each.flaw === null && !each.blank && (each.bytes ?? 0) > 4;
      const isPlain = ({state, datasets, verification: is, brokenInside, partial}: Row) =>
        state === 'complete' &&
        is.state === 'never' &&
        datasets.some((each) => each.name === 'a' && plain(each)) &&
        brokenInside.length + partial.length === 0;
      if (rows.some(isPlain))
        expect(held.some(({datasets}) => datasets.some((each) => each.name === 'a' && plain(each)))).toBe(
          true,
        );
    });
  });

  test('what it removes is not asked for again: what is left stays', () => {
    property((rows, maxCount) => {
      const left = stayOf(rows, maxCount).map((index) => rows[index] as Row);
      expect(stayOf(left, maxCount)).toHaveLength(left.length);
    });
  });

  test('each stays for datasets that it holds, and what goes is for none', () => {
    property((rows, maxCount) => {
      judgeRetention(rows, maxCount, none, configured).forEach(({stays, datasets}, index) => {
        if (!stays) expect(datasets).toEqual([]);
        for (const each of datasets) expect(copyStates(rows, each)[index]).not.toBeNull();
      });
    });
  });
});

describe('forecastPhp', () => {
  const directory = (name: string): CatalogEntry => ({name, isDirectory: true});
  const file = (name: string): CatalogEntry => ({name, isDirectory: false});
  const [oldest, older, old] = ['20261120_010000', '20261121_010000', '20261122_010000'] as const;
  const good = [oldest, older, old].map(directory);
  const next = '20261123_010000';

  test('the oldest go until as many are left as are kept, the new one among them', () => {
    expect(forecastPhp(good, next, 4)).toEqual([]);
    expect(forecastPhp(good, next, 3)).toEqual([oldest]);
    expect(forecastPhp(good, next, 1)).toEqual([oldest, older, old]);
    expect(forecastPhp(good, next, null)).toEqual([]);
    expect(forecastPhp([], next, 1)).toEqual([]);
  });

  test('a stray README.txt sorts last and costs a good backup', () => {
    expect(forecastPhp([file('README.txt'), ...good], next, 3)).toEqual([oldest, older]);
  });

  test('a dot file sorts first: it is counted, and the one that should go stays', () => {
    expect(forecastPhp([...good, file('.gitignore')], next, 3)).toEqual([oldest]);
    expect(forecastPhp([...good, directory('.partial')], next, 3)).toEqual(['.partial', oldest]);
  });

  test('three bad nights at 3 cost three good backups', () => {
    const bad = ['20261123_010000', '20261124_010000', '20261125_010000'].map(directory);
    expect(forecastPhp([...good, ...bad], '20261126_010000', 3)).toEqual([oldest, older, old, bad[0]?.name]);
  });

  test('two runs of one second and label are one entry', () => {
    expect(forecastPhp([...good, directory(next)], next, 3)).toEqual([oldest]);
  });

  test('names sort by their bytes, not by UTF-16', () => {
    // U+1F600 begins with a smaller UTF-16 unit than U+FF41, and with a larger byte.
    expect(forecastPhp([directory('😀'), directory('ａ')], '0', 1)).toEqual(['0', 'ａ']);
  });

  test('as PHP would delete them one after the other', () => {
    const points = (name: string) => [...name].map((each) => each.codePointAt(0) ?? 0);
    const before = (a: string, b: string): boolean => {
      const [left, right] = [points(a), points(b)];
      const at = left.findIndex((point, index) => point !== right[index]);
      return at === -1 ? left.length < right.length : (left[at] ?? 0) < (right[at] ?? -1);
    };
    const onebyone = (entries: CatalogEntry[], maxCount: number): string[] => {
      const there = new Map(entries.map(({name, isDirectory}) => [name, isDirectory]));
      there.set(next, true);
      const deleted: string[] = [];
      while (there.size > maxCount) {
        const first = [...there.keys()].reduce((a, b) => (before(b, a) ? b : a));
        if (there.get(first)) deleted.push(first);
        there.delete(first);
      }
      return deleted;
    };
    const name = fc.oneof(
      anyText.filter((text) => text !== ''),
      fc.nat({max: 200}).map((hours) => idAt(hours)),
      fc.constantFrom(next, 'README.txt', '.partial', `${next}_nightly`),
    );
    const entries = fc.uniqueArray(fc.record({name, isDirectory: fc.boolean()}), {
      selector: (each) => each.name,
      maxLength: 12,
    });
    fc.assert(
      fc.property(entries, fc.integer({min: 1, max: 8}), (each, maxCount) => {
        expect(forecastPhp(each, next, maxCount)).toEqual(onebyone(each, maxCount));
      }),
      {numRuns: 500},
    );
  });
});
