import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Live} from '../../../../source/engine/catalog/live.ts';
import type {Row, RowDataset} from '../../../../source/engine/catalog/row.ts';
import {type Strip, strips} from '../../../../source/ui/screens/backups/strip.ts';
import {aDataset, aRow, idAt, verification} from '../../../support/states.ts';

/** Backups an hour apart, newest first, with one dataset each; null has none. */
const history = (...datasets: (Partial<RowDataset> | null)[]): Row[] =>
  datasets.map((changes, hour) =>
    aRow(idAt(hour), {datasets: changes === null ? [] : [aDataset('ledger', changes)]}),
  );

function strip(rows: Row[], at: number, live?: Live): Strip {
  const ids = rows.map(({id}) => id);
  const known = new Map(rows.map((row) => [row.id, row]));
  const lives = new Map(live ? [['ledger', live]] : []);
  const [found] = strips(ids, known, ids[at] ?? '', lives, 9);
  if (!found) throw new Error('no strip');
  return found;
}

const bytes = (content: string) => ({content: `sha256:${content}`});
const letters = (rows: Row[], at: number) => strip(rows, at).letters.join('');

test('reads from the oldest to the newest, with the same letter for the same bytes', () => {
  const rows = history(bytes('new'), bytes('new'), bytes('old'));
  expect(strip(rows, 0)).toMatchObject({letters: ['a', 'b', 'b'], at: 2});
});

test('bytes that come back get their letter back', () => {
  expect(letters(history(bytes('1'), bytes('2'), bytes('1')), 0)).toBe('aba');
});

test('shows four backups to either side', () => {
  const rows = history(...Array.from({length: 20}, (_, index) => bytes(`${index}`)));
  expect(strip(rows, 10)).toMatchObject({letters: [...'abcdefghi'], at: 4});
  expect(strip(rows, 0)).toMatchObject({letters: [...'abcde'], at: 4});
  expect(strip(rows, 19)).toMatchObject({letters: [...'abcde'], at: 0});
});

test('a damaged or missing copy is x, another algorithm a dot, an absent dataset a dash, an unread row a blank', () => {
  const rows = history(bytes('1'), {flaw: 'the copy is missing'}, {content: 'md5:1'}, null, bytes('2'));
  expect(letters(rows, 0)).toBe('a-.xb');
  const ids = rows.map(({id}) => id);
  const known = new Map(rows.slice(0, 1).map((row) => [row.id, row]));
  expect(strips(ids, known, ids[0] ?? '', new Map(), 9)[0]?.letters.join('')).toBe('    a');
});

test('a copy that failed its last verification is x, although its manifest records the right hash', () => {
  const [newest, failed] = history(bytes('1'), bytes('1')) as [Row, Row];
  const rows = [newest, {...failed, verification: verification('failed', {failed: ['ledger']})}];
  expect(letters(rows, 0)).toBe('xa');
});

test('no recorded hash compares with nothing, not even with another such', () => {
  expect(letters(history({content: null}, {content: null}), 0)).toBe('..');
});

test('two backups have the same letter exactly if they record the same bytes', () => {
  const content = fc.constantFrom('1', '2', '3', '4', '5');
  fc.assert(
    fc.property(fc.array(content, {minLength: 1, maxLength: 12}), fc.nat(), (contents, at) => {
      const rows = history(...contents.map(bytes));
      const index = at % rows.length;
      const shown = contents.slice(Math.max(0, index - 4), index + 5).reverse();
      const signs = strip(rows, index).letters;
      for (const [a, one] of shown.entries())
        for (const [b, other] of shown.entries()) expect(signs[a] === signs[b]).toBe(one === other);
    }),
  );
});

test('the live file has the letter of the copies that hold its bytes, and one of its own where none does', () => {
  const rows = history(bytes('2'), bytes('1'));
  const read = (content: string): Live => ({state: 'read', content, bytes: 1});
  expect(strip(rows, 0, read('sha256:1'))).toMatchObject({letters: ['a', 'b'], live: 'a'});
  expect(strip(rows, 0, read('sha256:2'))).toMatchObject({live: 'b', note: '= live, changed 11:00-12:00'});
  expect(strip(history(bytes('1')), 0, read('sha256:1')).note).toBe('live holds these bytes');
  expect(strip(rows, 0, read('sha256:3')).live).toBe('c');
  expect(strip(rows, 0, {state: 'other', bytes: 9}).live).toBe('c');
});

test('what is not known of the live file is told apart from what is not there', () => {
  const rows = history(bytes('1'));
  expect(strip(rows, 0).live).toBe('');
  expect(strip(rows, 0, {state: 'reading'}).live).toBe('~');
  expect(strip(rows, 0, {state: 'missing'})).toMatchObject({live: '-', note: 'no live file'});
  expect(strip(rows, 0, {state: 'unreadable', reason: 'why'})).toMatchObject({live: '?', note: 'why'});
  expect(strip(rows, 0, {state: 'unknown', reason: 'why'})).toMatchObject({live: '?', note: 'why'});
});

test('says between which two of the backups that are shown the content changed last', () => {
  const rows = history(bytes('3'), bytes('2'), bytes('1'), bytes('1'));
  for (const at of [0, 1, 3]) expect(strip(rows, at).note).toBe('changed 11:00-12:00');
  expect(strip(rows, 0, {state: 'other', bytes: 9}).note).toBe('changed 11:00-12:00');
  const same = history(bytes('1'), bytes('1'));
  expect(strip(same, 0).note).toBe('');
  expect(strip(same, 0, {state: 'other', bytes: 9}).note).toBe('live has changed since');
});

test('names the days where they differ, and the seconds where the minute is the same', () => {
  const at = (...ids: string[]): string =>
    strip(
      ids.map((id, index) => aRow(id, {datasets: [aDataset('ledger', bytes(`${index}`))]})),
      0,
    ).note;
  expect(at('20261123_020003_nightly', '20261123_000002_nightly')).toBe('changed 00:00-02:00');
  expect(at('20261123_000002', '20261122_220002')).toBe('changed 11-22 22:00 - 11-23 00:00');
  expect(at('20261123_131818', '20261123_131816')).toBe('changed 13:18:16-13:18:18');
  expect(at('no time in it', '20261122_220002')).toBe('changed');
});

test('says so where each holds bytes of its own, and what cannot be compared is passed over', () => {
  const none = {bytes: null, flaw: 'the copy is missing'};
  expect(strip(history(bytes('3'), bytes('2'), bytes('1')), 1).note).toBe('differs in each');
  expect(strip(history(bytes('3'), none, bytes('2'), bytes('1')), 0).note).toBe('differs in each');
  expect(strip(history(bytes('2'), bytes('1')), 0).note).toBe('changed 11:00-12:00');
  expect(strip(history(bytes('2'), none, null, bytes('1'), bytes('1')), 0).note).toBe('changed 09:00-12:00');
});

test('a change is named exactly if two letters differ', () => {
  const any = fc.option(fc.constantFrom('1', '2', '3').map(bytes), {nil: null});
  fc.assert(
    fc.property(fc.array(any, {minLength: 1, maxLength: 9}), (contents) => {
      const rows = history(bytes('1'), ...contents);
      const {letters: signs, note} = strip(rows, 0);
      const kinds = new Set(signs.filter((sign) => /[a-i]/.test(sign)));
      expect(/^(changed|differs)/.test(note)).toBe(kinds.size > 1);
    }),
  );
});

test('a flaw of the copy is worth more than any other note', () => {
  const rows = history({flaw: 'the copy is missing', bytes: null});
  expect(strip(rows, 0, {state: 'missing'})).toMatchObject({
    note: 'the copy is missing',
    flaw: 'the copy is missing',
  });
});

test('a damaged copy is never said to hold the bytes of the live file', () => {
  const [row] = history(bytes('1')) as [Row];
  const rows = [{...row, verification: verification('failed', {failed: ['ledger']})}];
  const shown = strip(rows, 0, {state: 'read', content: 'sha256:1', bytes: 1});
  expect(shown.letters).toEqual(['x']);
  expect(shown.note).not.toBe('live holds these bytes');
});

test('a change to or from a copy of another algorithm is not claimed: it cannot be known', () => {
  const rows = history({content: 'md5:1'}, bytes('1'));
  expect(strip(rows, 1).note).not.toContain('changed');
});

test('a backup that is not there, or was not read, has no strip', () => {
  const rows = history(bytes('1'));
  const ids = rows.map(({id}) => id);
  expect(strips(ids, new Map(), ids[0] ?? '', new Map(), 9)).toEqual([]);
  expect(strips([], new Map(rows.map((row) => [row.id, row])), ids[0] ?? '', new Map(), 9)).toEqual([]);
});

test('a backup of twenty thousand datasets is told about in its first lines only', () => {
  const datasets = Array.from({length: 20_000}, (_, index) => aDataset(`dataset ${index}`));
  const id = '20261123_100000';
  const row = aRow(id, {datasets});
  const found = strips([id], new Map([[id, row]]), id, new Map(), 6);
  expect(found.map(({name}) => name)).toEqual(datasets.slice(0, 6).map(({name}) => name));
});
