import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {commonKeys} from '../../source/ui/common-keys.ts';
import {backupsListHeight, fits, manifestLayout, type Size, textHeight} from '../../source/ui/layout.ts';
import {reduce} from '../../source/ui/reduce.ts';
import {backupsSlice} from '../../source/ui/screens/backups/state.ts';
import {helpSlice} from '../../source/ui/screens/help/state.ts';
import {helpHeightIn} from '../../source/ui/screens/help/View.tsx';
import {type ManifestState, manifestSlice} from '../../source/ui/screens/manifest/state.ts';
import {paletteSlice} from '../../source/ui/screens/palette/state.ts';
import {screens} from '../../source/ui/screens.ts';
import type {AppAction} from '../../source/ui/state.ts';
import {aManifest, openedManifest} from '../support/manifests.ts';
import {anApp, aRow, badSinceGiven, idAt, listing, noon, reduceAll} from '../support/states.ts';

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
  sizes.map((size): AppAction => ({type: 'resized', size})),
  fc
    .constantFrom('backup', 'data', 'size', 'verified')
    .map((key): AppAction => backupsSlice.to({type: 'sorted', key})),
  fc
    .option(fc.integer({min: 0, max: 50}), {nil: null})
    .map((hours): AppAction => badSinceGiven(hours === null ? null : noon - hours * 3_600_000)),
  fc
    .constantFrom('', 'n', 'r', '!', '2', 'zzz')
    .map((text): AppAction => backupsSlice.to({type: 'filter written', text})),
  fc.constantFrom<AppAction>(
    backupsSlice.to({type: 'filter opened'}),
    backupsSlice.to({type: 'filter kept'}),
    backupsSlice.to({type: 'filter cleared'}),
    paletteSlice.open({type: 'palette opened'}),
    helpSlice.open({type: 'help opened'}),
    manifestSlice.open({type: 'manifest opened', manifest: opened}),
    manifestSlice.to({type: 'manifest view switched'}),
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
        const backups = backupsSlice.of(state);
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
        const before = backupsSlice.of(state).selected;
        state = reduce(state, action);
        if (action.type === 'moved' || action.type === 'incident told' || before === null) continue;
        if (backupsSlice.of(state).shown.includes(before))
          expect(backupsSlice.of(state).selected).toBe(before);
      }
    }),
  );
});

describe('after any change of size', () => {
  const small = {columns: 80, rows: 24};
  const large = {columns: 100, rows: 50};
  const resized = (size: Size): AppAction => ({type: 'resized', size});
  const open: AppAction = manifestSlice.open({type: 'manifest opened', manifest: opened});
  const last: AppAction = {type: 'moved', how: 'last'};

  test('the chosen dataset of a manifest is still on the screen', () => {
    const state = reduceAll(anApp(rows, {size: large}), open, last, resized(small));
    const {cursor, top} = manifestSlice.of(state) as ManifestState;
    expectInside({cursor, top}, names.length, manifestLayout(small).list);
  });

  test('raw text still fills the screen', () => {
    const state = reduceAll(
      anApp(rows, {size: small}),
      open,
      manifestSlice.to({type: 'manifest view switched'}),
      last,
      resized(large),
    );
    const {raw, rawTop} = manifestSlice.of(state) as ManifestState;
    expect(rawTop).toBeLessThanOrEqual(Math.max(0, raw.length - textHeight(large)));
  });

  test('so does the help', () => {
    const state = reduceAll(
      anApp(rows, {size: small}),
      helpSlice.open({type: 'help opened'}),
      last,
      resized(large),
    );
    const lines = helpHeightIn(screens, commonKeys, large.columns);
    expect(helpSlice.of(state).top).toBeLessThanOrEqual(lines - textHeight(large));
  });
});

test('a terminal that is far too small, for a moment, does no harm', () => {
  fc.assert(
    fc.property(fc.nat({max: 59}), fc.nat({max: 15}), fc.array(anyAction), (columns, height, actions) => {
      const size = {columns, rows: height};
      expect(fits(size)).toBe(false);
      const state = reduceAll(anApp(rows), {type: 'resized', size}, ...actions, {
        type: 'resized',
        size: {columns: 80, rows: 24},
      });
      expectInside(backupsSlice.of(state), backupsSlice.of(state).shown.length, backupsListHeight(state));
    }),
  );
});
