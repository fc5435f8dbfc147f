import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Row} from '../../../../source/engine/catalog/row.ts';
import {openCatalog} from '../../../../source/presenters/catalog.ts';
import {
  arrange,
  type BackupsState,
  backupsSlice,
  moveSelection,
  sortBy,
} from '../../../../source/ui/screens/backups/state.ts';
import {aDataset, aRow, idAt, listing, noon, verification} from '../../../support/states.ts';

const small = aRow(idAt(1, 'nightly'), {datasets: [aDataset('tenants', {bytes: 10})], label: 'Nightly run'});
const good = aRow(idAt(2, 'release'), {verification: verification('verified'), label: null});
const failed = aRow(idAt(3), {verification: verification('failed', {failed: ['ledger']})});
const stale = aRow(idAt(4, 'nightly'), {
  verification: verification('stale'),
  datasets: [
    aDataset('tenants', {bytes: 5000}),
    aDataset('ledger', {bytes: null, flaw: 'the copy is missing'}),
  ],
});
const unknown = aRow(idAt(5), {verification: verification('unknown')});
const broken = aRow(idAt(6), {state: 'unreadable', datasets: [], reason: 'not JSON'});
const rows = [small, good, failed, stale, unknown, broken];
const catalog = openCatalog(listing(rows.map(({id}) => id)), rows);

const show = (changes: Partial<BackupsState> = {}, height = 10): BackupsState =>
  arrange({...backupsSlice.start, ...changes}, {catalog, now: noon, configured: null}, height);
const filtered = (filter: string): Row[] => show({filter}).shown.map((id) => catalog.rows.get(id) as Row);

test('opens newest first, on the newest', () => {
  const state = show();
  expect(state.shown).toEqual(catalog.ids);
  expect(state.selected).toBe(small.id);
});

test('the filter looks at id, label and verdict, whatever the case', () => {
  expect(filtered('RELEASE')).toEqual([good]);
  expect(filtered('nightly RUN')).toEqual([small]);
  expect(filtered('failed: ledger')).toEqual([failed]);
  expect(filtered('stale')).toEqual([stale]);
  expect(filtered('unreadable')).toEqual([broken]);
  expect(filtered('no such thing')).toEqual([]);
});

test('! in front inverts, and alone says nothing yet', () => {
  expect(filtered('!nightly')).toEqual(rows.filter((row) => !filtered('nightly').includes(row)));
  expect(filtered('!')).toEqual(rows);
});

test('a filter and its inverse share out all backups', () => {
  fc.assert(
    fc.property(
      fc.string({minLength: 1, maxLength: 4}).filter((text) => !text.startsWith('!')),
      (text) => {
        const both = [...filtered(text), ...filtered(`!${text}`)].map(({id}) => id);
        expect(both.toSorted()).toEqual(catalog.ids.toSorted());
      },
    ),
  );
});

test('a row that was not read yet can be found by its id', () => {
  const half = openCatalog(listing([small.id, good.id]), []);
  expect(
    arrange({...backupsSlice.start, filter: 'release'}, {catalog: half, now: noon, configured: null}, 10)
      .shown,
  ).toEqual([good.id]);
});

test('the first press of a column sorts the useful way round, the second the other way', () => {
  const order = (state: BackupsState) => arrange(state, {catalog, now: noon, configured: null}, 10).shown;
  const size = sortBy(backupsSlice.start, 'size');
  expect(order(size)[0]).toBe(stale.id);
  expect(order(sortBy(size, 'size'))[0]).toBe(broken.id);
  expect(order(sortBy(backupsSlice.start, 'backup'))).toEqual(catalog.ids.toReversed());
  expect(order(sortBy(backupsSlice.start, 'data')).slice(-1)).toEqual([broken.id]);
});

test('sorting by verification puts what needs the operator first and the verified last', () => {
  const {shown} = show(sortBy(backupsSlice.start, 'verified'));
  expect(shown.slice(0, 3).toSorted()).toEqual([failed.id, stale.id, broken.id].toSorted());
  expect(shown.at(-1)).toBe(good.id);
});

test('sorting loses nothing and adds nothing', () => {
  for (const key of ['backup', 'data', 'size', 'verified'] as const) {
    for (const state of [sortBy(backupsSlice.start, key), sortBy(sortBy(backupsSlice.start, key), key)])
      expect(show(state).shown.toSorted()).toEqual(catalog.ids.toSorted());
  }
});

test('the selected backup stays selected, and on its line, when a newer one appears', () => {
  const before = arrange(
    {...backupsSlice.start, selected: failed.id, cursor: 2, top: 1},
    {catalog, now: noon, configured: null},
    3,
  );
  const newer = aRow(idAt(0, 'new'));
  const more = openCatalog(listing([newer.id, ...catalog.ids]), [newer, ...rows]);
  const after = arrange(before, {catalog: more, now: noon, configured: null}, 3);
  expect(after.selected).toBe(failed.id);
  expect(after.cursor - after.top).toBe(before.cursor - before.top);
});

test('at the top of the list a newer one is seen at once, and the selection does not jump to it', () => {
  const newer = aRow(idAt(0, 'new'));
  const more = openCatalog(listing([newer.id, ...catalog.ids]), [newer, ...rows]);
  const after = arrange(show(), {catalog: more, now: noon, configured: null}, 10);
  expect(after).toMatchObject({top: 0, cursor: 1, selected: small.id});
});

test('when the selected backup goes, the one that takes its line is selected', () => {
  const state = show({selected: failed.id, cursor: 2});
  const fewer = openCatalog(listing(catalog.ids.filter((id) => id !== failed.id)), rows);
  expect(arrange(state, {catalog: fewer, now: noon, configured: null}, 10).selected).toBe(stale.id);
});

test('nothing is selected where there is nothing', () => {
  const empty = openCatalog(listing([]), []);
  expect(arrange(show(), {catalog: empty, now: noon, configured: null}, 10)).toMatchObject({
    selected: null,
    cursor: 0,
    top: 0,
  });
  expect(
    moveSelection(arrange(show(), {catalog: empty, now: noon, configured: null}, 10), 'down', 10).selected,
  ).toBeNull();
});

test('a filter keeps the selection when it is still shown', () => {
  fc.assert(
    fc.property(fc.constantFrom(...catalog.ids), fc.string({maxLength: 3}), (selected, filter) => {
      const before = show({selected});
      const after = arrange({...before, filter}, {catalog, now: noon, configured: null}, 4);
      if (after.shown.includes(selected)) expect(after.selected).toBe(selected);
      else expect(after.selected).toBe(after.shown[after.cursor] ?? null);
    }),
  );
});
