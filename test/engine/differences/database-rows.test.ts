import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
  relateRows,
  rowsOfSide,
  type SideRows,
  tablesOfRows,
} from '../../../source/engine/differences/database-rows.ts';
import {isAlike} from '../../../source/engine/differences/tables.ts';
import {rowsDifferText} from '../../../source/presenters/database-view.ts';

const side = (rows: Record<string, number>, changes: Partial<SideRows> = {}): SideRows => ({
  database: 'magds',
  server: 'db:5432',
  version: '15.18',
  at: '2026-11-28T17:46:08Z',
  rows: new Map(Object.entries(rows)),
  uncounted: [],
  ...changes,
});

describe('two sides of a database', () => {
  test('differ by the numbers of their rows, the largest difference first', () => {
    const [one, other] = [side({a: 6000, b: 5, c: 7, gone: 0}), side({a: 812, b: 6, c: 7, fresh: 0})];
    expect(relateRows(one, other)).toBe('differs');
    expect(tablesOfRows(one, other).map(({name, onlyOne, onlyOther}) => [name, onlyOne, onlyOther])).toEqual([
      ['a', 5188, 0],
      ['b', 0, 1],
      ['c', 0, 0],
      ['fresh', 0, 0],
      ['gone', 0, 0],
    ]);
    expect(rowsDifferText(one, other, 'live')).toBe('live has 5,188 rows fewer (a), 1 row more (b)');
  });

  test('are alike where each table has as many, and no more is claimed', () => {
    expect(relateRows(side({a: 1}), side({a: 1}))).toBe('alike');
    expect(relateRows(side({}), side({}))).toBe('alike');
  });

  test('a table that only one has is a difference, also where it is empty', () => {
    expect(relateRows(side({a: 0}), side({}))).toBe('differs');
    expect(rowsDifferText(side({a: 0}), side({}), 'live')).toBe('only on one side: a');
  });

  test('what was not counted is neither', () => {
    expect(relateRows(side({a: 1, b: 2}), side({a: 1}, {uncounted: ['b']}))).toBe('unknown');
    expect(relateRows(side({a: 1, b: 2}), side({a: 0}, {uncounted: ['b']}))).toBe('differs');
  });

  test('whatever the numbers are, they add up', () => {
    const rows = fc.dictionary(fc.stringMatching(/^[a-c]$/), fc.nat(20));
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const tables = tablesOfRows(side(a), side(b));
        expect(tables.map(({name}) => name).toSorted()).toEqual(
          [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted(),
        );
        for (const {name, onlyOne, onlyOther} of tables)
          expect((onlyOne ?? 0) - (onlyOther ?? 0)).toBe((a[name] ?? 0) - (b[name] ?? 0));
        expect(relateRows(side(a), side(b)) === 'alike').toBe(tables.every(isAlike));
      }),
    );
  });
});

test('roles count no rows', async () => {
  const facts = {type: 'postgres', format: 'globals'};
  expect(await rowsOfSide({facts}, {signal: new AbortController().signal})).toEqual({
    reason: 'its manifest counts no rows (globals)',
  });
});

test('a server has what time there is, also a part of a millisecond', async () => {
  const {signal} = new AbortController();
  expect(await rowsOfSide({count: (counting) => ends(counting.signal)}, {limit: 50.25, signal})).toEqual({
    reason: 'its server did not answer within 0.051 s',
  });
});

const ends = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), {once: true});
  });
