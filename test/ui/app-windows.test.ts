import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
  backupsListHeight,
  fits,
  helpHeight,
  manifestLayout,
  rawHeight,
  type Size,
} from '../../source/ui/layout.ts';
import {reduce} from '../../source/ui/reduce.ts';
import type {AppAction, AppState} from '../../source/ui/state.ts';
import {aManifest, openedManifest} from '../support/manifests.ts';
import {anApp, aRow, idAt, listing, noon, reduceAll} from '../support/states.ts';

const rows = Array.from({length: 40}, (_, hour) => aRow(idAt(hour, hour % 3 ? 'nightly' : 'release')));
const ids = rows.map(({id}) => id);
const names = Array.from({length: 30}, (_, index) => `dataset_${index}`);
const opened = openedManifest(aManifest({id: ids[0] ?? '', names}), ids[0] ?? '');

const how = fc.constantFrom('up', 'down', 'pageUp', 'pageDown', 'first', 'last');
const sizes: fc.Arbitrary<Size> = fc.record({
  columns: fc.integer({min: 60, max: 200}),
  rows: fc.integer({min: 16, max: 70}),
});
const anyAction: fc.Arbitrary<AppAction> = fc.oneof(
  {weight: 6, arbitrary: how.map((each): AppAction => ({type: 'moved', how: each}))},
  sizes.map((size): AppAction => ({type: 'resized', size, helpLines: 60})),
  fc.constantFrom('backup', 'data', 'size', 'verified').map((key): AppAction => ({type: 'sorted', key})),
  fc.option(fc.integer({min: 0, max: 50}), {nil: null}).map(
    (hours): AppAction => ({
      type: 'bad since given',
      since: hours === null ? null : {at: noon - hours * 3_600_000, by: 'amira'},
    }),
  ),
  fc.constantFrom('n', 'r', '!', '2', 'zzz').map((text): AppAction => ({type: 'filter typed', text})),
  fc.constantFrom<AppAction>(
    {type: 'filter opened'},
    {type: 'filter erased'},
    {type: 'filter kept'},
    {type: 'filter cleared'},
    {type: 'palette opened'},
    {type: 'help opened', lines: 60},
    {type: 'manifest opened', manifest: opened},
    {type: 'manifest view switched'},
    {type: 'went back'},
  ),
  fc
    .subarray(ids)
    .map((left): AppAction => ({type: 'catalog', event: {type: 'listed', listing: listing(left)}})),
  fc.subarray(rows).map((read): AppAction => ({type: 'catalog', event: {type: 'rows', rows: read}})),
);

function expectInside(what: {cursor: number; top: number}, count: number, height: number): void {
  expect(what.cursor).toBeGreaterThanOrEqual(0);
  expect(what.cursor).toBeLessThanOrEqual(Math.max(0, count - 1));
  expect(what.top).toBeGreaterThanOrEqual(0);
  expect(what.top).toBeLessThanOrEqual(what.cursor);
  expect(what.cursor).toBeLessThan(what.top + height);
}

test('whatever is done, the selected backup is in the list and on the screen', () => {
  fc.assert(
    fc.property(fc.array(anyAction, {maxLength: 60}), (actions) => {
      let state = anApp(rows);
      for (const action of actions) {
        state = reduce(state, action);
        const {backups} = state;
        expectInside(backups, backups.shown.length, backupsListHeight(state));
        expect(backups.selected).toBe(backups.shown[backups.cursor] ?? null);
        expect(new Set(backups.shown).size).toBe(backups.shown.length);
        expect(backups.shown.every((id) => state.catalog.ids.includes(id))).toBe(true);
      }
    }),
  );
});

test('sorting and filtering keep the selection while it is still shown', () => {
  fc.assert(
    fc.property(fc.array(anyAction, {maxLength: 40}), (actions) => {
      let state = anApp(rows);
      for (const action of actions) {
        const before = state.backups.selected;
        state = reduce(state, action);
        if (action.type === 'moved' || action.type === 'bad since given' || before === null) continue;
        if (state.backups.shown.includes(before)) expect(state.backups.selected).toBe(before);
      }
    }),
  );
});

describe('after any change of size', () => {
  const small = {columns: 80, rows: 24};
  const large = {columns: 100, rows: 50};
  const resized = (size: Size): AppAction => ({type: 'resized', size, helpLines: 60});
  const open: AppAction = {type: 'manifest opened', manifest: opened};
  const last: AppAction = {type: 'moved', how: 'last'};

  test('the chosen dataset of a manifest is still on the screen', () => {
    const state = reduceAll(anApp(rows, {size: large}), open, last, resized(small));
    const {cursor, top} = state.manifest as NonNullable<AppState['manifest']>;
    expectInside({cursor, top}, names.length, manifestLayout(small).list);
  });

  test('raw text still fills the screen', () => {
    const state = reduceAll(
      anApp(rows, {size: small}),
      open,
      {type: 'manifest view switched'},
      last,
      resized(large),
    );
    const {raw, rawTop} = state.manifest as NonNullable<AppState['manifest']>;
    expect(rawTop).toBeLessThanOrEqual(Math.max(0, raw.length - rawHeight(large)));
  });

  test('so does the help', () => {
    const state = reduceAll(
      anApp(rows, {size: small}),
      {type: 'help opened', lines: 60},
      last,
      resized(large),
    );
    expect(state.help.top).toBeLessThanOrEqual(60 - helpHeight(large));
  });
});

test('a terminal that is far too small, for a moment, does no harm', () => {
  fc.assert(
    fc.property(fc.nat({max: 59}), fc.nat({max: 15}), fc.array(anyAction), (columns, height, actions) => {
      const size = {columns, rows: height};
      expect(fits(size)).toBe(false);
      const state = reduceAll(anApp(rows), {type: 'resized', size, helpLines: 60}, ...actions, {
        type: 'resized',
        size: {columns: 80, rows: 24},
        helpLines: 60,
      });
      expectInside(state.backups, state.backups.shown.length, backupsListHeight(state));
    }),
  );
});
