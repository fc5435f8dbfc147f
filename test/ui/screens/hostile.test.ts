import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import type {Row} from '../../../source/engine/catalog/row.ts';
import {openCatalog} from '../../../source/presenters/catalog.ts';
import {footer, header, messageLines, tooSmall} from '../../../source/ui/frame.ts';
import type {Line} from '../../../source/ui/kit/line.ts';
import {backupsSlice} from '../../../source/ui/screens/backups/state.ts';
import {helpSlice} from '../../../source/ui/screens/help/state.ts';
import {manifestSlice} from '../../../source/ui/screens/manifest/state.ts';
import {paletteSlice} from '../../../source/ui/screens/palette/state.ts';
import type {AppAction, AppState} from '../../../source/ui/state.ts';
import {lineText, screenOf} from '../../support/frames.ts';
import {hostile, unprintable} from '../../support/hostile.ts';
import {aManifest, openedManifest} from '../../support/manifests.ts';
import {
  aDataset,
  anApp,
  aResult,
  aRow,
  finished,
  reduceAll,
  started,
  verification,
} from '../../support/states.ts';

const backupsScreen = screenOf('backups');

const verifyScreen = screenOf('verify');

const manifestScreen = screenOf('manifest');

const sizes = fc.record({columns: fc.integer({min: 60, max: 180}), rows: fc.integer({min: 16, max: 60})});
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, {freq: 3});
const hostileRow: fc.Arbitrary<Row> = fc
  .record({
    id: hostile.map((text) => `20261123_120000_${text}`),
    label: maybe(hostile),
    state: fc.constantFrom('complete', 'complete', 'complete', 'interrupted', 'unreadable'),
    names: fc.uniqueArray(hostile, {maxLength: 12}),
    flaw: maybe(hostile),
    reason: maybe(hostile),
    note: hostile,
    checked: fc.constantFrom('verified', 'failed', 'stale', 'unknown', 'never'),
    at: maybe(hostile),
  })
  .map(({id, label, state, names, flaw, reason, note, checked, at}) =>
    aRow(id, {
      label,
      state,
      reason,
      notes: [note],
      datasets: names.map((name) => aDataset(name, flaw ? {flaw, bytes: null} : {})),
      verification: verification(checked, {failed: names.slice(0, 2), reason, at}),
    }),
  );

/** The app on hostile backups, its place and host no better. */
const hostileApp: fc.Arbitrary<AppState> = fc
  .record({
    rows: fc.uniqueArray(hostileRow, {minLength: 1, maxLength: 6, selector: ({id}) => id}),
    size: sizes,
    place: fc.record({root: maybe(hostile), backups: hostile}),
    host: hostile,
    strays: fc.array(
      hostile.map((name) => ({name, reason: 'not a directory', isDirectory: false})),
      {maxLength: 2},
    ),
    exists: fc.boolean(),
    readOnly: fc.boolean(),
  })
  .map(({rows, strays, exists, ...start}) =>
    anApp(rows, {
      ...start,
      catalog: openCatalog({ids: rows.map(({id}) => id), strays, held: [], exists}, rows),
    }),
  );

function expectHarmless(state: AppState, screen: (state: AppState) => Line[]): void {
  for (const line of screen(state)) {
    const text = lineText(line);
    expect(stringWidth(text), text).toBeLessThanOrEqual(state.size.columns);
    expect(text).not.toMatch(unprintable);
  }
}

const check = (
  screen: (state: AppState) => Line[],
  actions: fc.Arbitrary<(state: AppState) => AppAction[]>,
) =>
  fc.assert(
    fc.property(hostileApp, actions, (state, act) => expectHarmless(reduceAll(state, ...act(state)), screen)),
    {numRuns: 300},
  );

describe('no line is too wide, and nothing in it drives the terminal', () => {
  test('header and keys, on every screen', () => {
    const screens = fc.constantFrom<AppAction[]>(
      [],
      [helpSlice.open({type: 'help opened'})],
      [
        {type: 'verify started', id: 'x'},
        helpSlice.open({type: 'help opened'}),
        paletteSlice.open({type: 'palette opened'}),
      ],
    );
    check(
      (state) => [header(state), footer(state)],
      screens.map((actions) => () => actions),
    );
  });

  test('backups', () =>
    check(
      backupsScreen,
      fc.constant(() => []),
    ));

  const typedFilter = (text: string) => backupsSlice.to({type: 'filter written', text});

  test('backups, while a filter is typed and kept', () => {
    check(
      backupsScreen,
      hostile.map((typed) => () => [typedFilter(typed)]),
    );
    check(
      backupsScreen,
      hostile.map((typed) => () => [typedFilter(typed), backupsSlice.to({type: 'filter kept'})]),
    );
  });

  test('backups, of which there are none or which cannot be listed', () => {
    const none = (exists: boolean) => (): AppAction[] => [
      {type: 'catalog', event: {type: 'listed', listing: {ids: [], strays: [], held: [], exists}}},
    ];
    check(backupsScreen, fc.boolean().map(none));
    // The reason comes from describeError, which escapes; its length is what may hurt.
    const reason = fc.string({unit: fc.constantFrom('a', ' ', '漢', '/'), maxLength: 300});
    check(
      backupsScreen,
      reason.map((why) => () => [{type: 'catalog', event: {type: 'failed', reason: why}}]),
    );
  });

  test('manifest, as a table and raw', () => {
    // A manifest with half a surrogate pair is not read at all.
    const whole = hostile.map((text) => text.toWellFormed());
    const fields = fc.record({
      label: whole,
      names: fc.uniqueArray(whole, {minLength: 1, maxLength: 20}),
      algorithm: whole.filter((name) => name !== ''),
      hash: whole,
      source: whole,
    });
    const opened = (view: 'table' | 'raw') =>
      fields.map((options) => (state: AppState): AppAction[] => {
        const id = backupsSlice.of(state).selected ?? '';
        const manifest = openedManifest(
          aManifest({id: id.toWellFormed(), ...options}),
          id,
          state.size.columns,
        );
        return [manifestSlice.open({type: 'manifest opened', manifest: {...manifest, view}})];
      });
    check(manifestScreen, opened('table'));
    check(manifestScreen, opened('raw'));
  });

  test('manifest, raw, in a terminal that was made narrower since it was opened', () => {
    const hash = 'ab'.repeat(64);
    const manifest = openedManifest(aManifest({id: '20261123_120000', hash}), '20261123_120000', 180);
    const state = reduceAll(
      anApp([aRow('20261123_120000')], {size: {columns: 180, rows: 24}}),
      manifestSlice.open({type: 'manifest opened', manifest: {...manifest, view: 'raw'}}),
      {type: 'resized', size: {columns: 60, rows: 24}},
    );
    expectHarmless(state, manifestScreen);
  });

  test('verify, while it runs and when it is done', () => {
    const names = fc.uniqueArray(hostile, {maxLength: 30});
    const begin = (id: string, datasets: string[]): AppAction[] => [
      {type: 'verify started', id},
      {type: 'verify event', event: started(id, datasets), seconds: 0},
    ];
    check(
      verifyScreen,
      names.map((all) => (state) => begin(backupsSlice.of(state).selected ?? '', all)),
    );
    const failed = fc.record({all: names, reason: hostile}).map(({all, reason}) => (state: AppState) => {
      const id = backupsSlice.of(state).selected ?? '';
      const results = all.map((name) => aResult(name, {status: 'unreadable', reason}));
      const end: AppAction = {type: 'verify event', event: finished(id, results), seconds: 4};
      return [...begin(id, all), end];
    });
    check(verifyScreen, failed);
  });

  test('messages', () => {
    const tone = fc.constantFrom('plain' as const, 'beware' as const, 'bad' as const);
    const message = fc.record({text: hostile, tone});
    check(
      messageLines,
      message.map((said) => () => [{type: 'said', message: said}]),
    );
  });

  test('help', () =>
    check(
      screenOf('help'),
      fc.constant(() => [helpSlice.open({type: 'help opened'})]),
    ));

  test('too small, however small', () => {
    fc.assert(
      fc.property(fc.nat({max: 80}), fc.nat({max: 24}), (columns, rows) => {
        const lines = tooSmall({...anApp(), size: {columns, rows}});
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(stringWidth(lineText(line))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
