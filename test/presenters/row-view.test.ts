import {expect, test} from 'vitest';
import type {Row} from '../../source/engine/catalog/row.ts';
import {ageColumn, judgeRow, reasonText, untilMinute} from '../../source/presenters/row-view.ts';
import {aDataset, aRow, idAt, noon, verification} from '../support/states.ts';

const judge = (changes: Partial<Row>) => {
  const {mark, text} = judgeRow(aRow(idAt(1), changes), noon);
  return `${mark} ${text}`;
};
const broken = [{name: 'ledger', detail: 'SQLite says: no'}];
const missing = aDataset('ledger', {bytes: null, flaw: 'the copy is missing'});

test('each state of a verification has a mark of its own', () => {
  expect(judge({verification: verification('verified')})).toBe('+ 2h ago');
  expect(judge({verification: verification('stale')})).toBe('! passed 2h ago');
  expect(judge({verification: verification('stale', {changed: true})})).toBe('! changed since it passed');
  expect(judge({verification: verification('failed')})).toBe('x failed');
  expect(judge({verification: verification('failed', {failed: ['ledger', 'tenants']})})).toBe(
    'x failed: ledger tenants',
  );
  expect(judge({verification: verification('unknown')})).toBe('? result unknown');
  expect(judge({})).toBe('- never');
});

test('what cannot be restored needs the operator, whatever was recorded before', () => {
  const passed = verification('verified');
  expect(judge({verification: passed, datasets: [aDataset('tenants'), missing]})).toBe('x no ledger');
  expect(judge({verification: passed, datasets: []})).toBe('x holds nothing');
  expect(judge({verification: passed, state: 'interrupted'})).toBe('x interrupted');
  const running = 'cut off before its end; it is empty; last written 3s ago, it may still be running';
  expect(judge({state: 'interrupted', reason: running})).toBe('- may still be running');
  expect(judge({verification: passed, state: 'unreadable'})).toBe('x unreadable');
});

test('only a pass is good, and everything bad is marked x', () => {
  for (const state of ['verified', 'failed', 'stale', 'unknown', 'never'] as const) {
    const {mark, tone} = judgeRow(aRow(idAt(1), {verification: verification(state)}), noon);
    expect(tone === 'good').toBe(state === 'verified');
    expect(tone === 'bad').toBe(mark === 'x');
  }
});

test('a time that is none is not counted from', () => {
  expect(judge({verification: verification('stale', {at: 'yesterday-ish'})})).not.toContain('NaN');
  expect(judge({verification: verification('verified', {at: null})})).not.toContain('NaN');
});

test('what is broken inside is no pass, and what is damaged counts more', () => {
  const passed = verification('verified');
  expect(judge({verification: passed, brokenInside: broken})).toBe('! ledger broken inside');
  expect(judge({brokenInside: [...broken, {name: 'tenants', detail: ''}]})).toBe('! 2 broken inside');
  expect(judge({verification: verification('failed'), brokenInside: broken})).toBe('x failed');
  expect(judge({datasets: [missing], brokenInside: broken})).toBe('x no ledger');
});

test('a partial one is told, whatever was verified of it', () => {
  const partial = [
    {dataset: 'tree/private', reason: 'left out: permission denied'},
    {dataset: 'tree/link', reason: 'left out: a link'},
  ];
  for (const state of ['verified', 'stale', 'unknown', 'never'] as const)
    expect(judge({verification: verification(state), partial})).toBe('! partial: tree');
  expect(judge({verification: verification('failed'), partial})).toBe('x failed');
  const changed = verification('stale', {changed: true});
  expect(judge({verification: changed, partial})).toBe('! changed since it passed');
  const many = ['a', 'b', 'c', 'd'].map((dataset) => ({dataset, reason: 'torn'}));
  expect(judge({partial: many})).toBe('! partial: 4 datasets');
});

test('the age is that of the id, in one unit', () => {
  expect(ageColumn(aRow(idAt(1)), noon)).toBe('1h');
  expect(ageColumn(aRow(idAt(72)), noon)).toBe('3d');
  expect(ageColumn(aRow(idAt(-1)), noon)).toBe('future');
  expect(ageColumn(aRow('by-hand'), noon)).toBe('?');
});

test('the screen waits until a minute is over, of the clock or of an age in minutes, not for every second', () => {
  const since = (seconds: number): number => noon / 1000 - seconds;
  expect(untilMinute(noon, [])).toBe(60_000);
  expect(untilMinute(noon + 15_000, [null, since(3600), since(-100)])).toBe(45_000);
  expect(untilMinute(noon, [since(50), since(104)])).toBe(10_000);
  expect(untilMinute(noon, [since(119)])).toBe(5000);
});

test.each<[string[], string, string]>([
  [['a.json', 'b.json'], '2 files in it', 'holds tenants, ledger'],
  [['a.json', 'b.json', 'x', 'y'], '4 files in it', 'holds tenants, ledger and 2 other files'],
  [['b.json'], '1 file in it', 'holds ledger'],
  [['x'], '1 file in it', '1 file in it'],
  [[], 'it is empty', 'it is empty'],
])('of one that was cut off, with %j in it, the datasets are told', (lying, said, told) => {
  const row = aRow('a', {
    state: 'interrupted',
    reason: `cut off before its end; ${said}; last written 3s ago`,
    lying,
  });
  const sources = new Map([
    ['a.json', 'tenants'],
    ['b.json', 'ledger'],
  ]);
  expect(reasonText(row, sources)).toBe(`cut off before its end; ${told}; last written 3s ago`);
});
