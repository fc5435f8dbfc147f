import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import type {Row} from '../../../../source/engine/catalog/row.ts';
import {openCatalog} from '../../../../source/presenters/catalog.ts';
import {footer, header} from '../../../../source/ui/frame.ts';
import {reduce} from '../../../../source/ui/reduce.ts';
import {backupsSlice} from '../../../../source/ui/screens/backups/state.ts';
import type {AppState} from '../../../../source/ui/state.ts';
import {rows, verified} from '../../../support/catalog.ts';
import {frameText, lineText, screenOf} from '../../../support/frames.ts';
import {hostile, unprintable} from '../../../support/hostile.ts';
import {
  aDataset,
  anApp,
  aRow,
  idAt,
  listing,
  noon,
  reduceAll,
  verification,
} from '../../../support/states.ts';

const backupsScreen = screenOf('backups');

test('backups: the list, and the letters of the selected one', () => {
  const state = reduceAll(
    anApp(rows),
    {type: 'moved', how: 'down'},
    backupsSlice.to({type: 'detail opened', id: verified}),
  );
  expect(frameText([header(state), ...backupsScreen(state), footer(state)])).toMatchInlineSnapshot(`
    " magds > Backups  db-01 /srv/magmoboce                                   12:00Z
     4 backups

       BACKUP (UTC) v          AGE   ledger     tenants
       20261123_110000_nightly 1h    ? 2        ? 2
     > 20261123_030000_release 9h    + 2        + 1
       20261122_030000         33h   x missing  ? 1
       20261120_040000         3d    x no manifest.json






     -- 20261123_030000_release ---------------------------------------------------
       label "nightly"   Verified 2h ago. Verified means unaltered, not correct.
       ledger    1.0 kB  + unaltered
       tenants   1.0 kB  + unaltered  version 2 is newer
       = same as live   + unaltered   ? unchecked   2 version 2   - not in it



     Enter diff  v verify  t bad since  m manifest  / filter  : menu  ? help  q quit"
  `);
});

test('a backup that needs the operator says why below the list', () => {
  const state = reduceAll(
    anApp(rows),
    {type: 'moved', how: 'last'},
    backupsSlice.to({type: 'detail opened', id: idAt(80)}),
  );
  expect(frameText(backupsScreen(state))).toContain('x no manifest.json');
});

test('an empty place says what makes the first backup', () => {
  const text = frameText(backupsScreen(anApp([], {size: {columns: 120, rows: 24}})));
  expect(text).toContain('/srv/magmoboce/storage/backups holds no backups');
  expect(text).toContain('b makes one; what PHP makes appears here by itself.');
});

test('a filter without a match says how to get out of it', () => {
  const state = reduceAll(
    anApp(rows),
    backupsSlice.to({type: 'filter written', text: 'zzz'}),
    backupsSlice.to({type: 'filter kept'}),
  );
  expect(frameText(backupsScreen(state))).toMatch(/No backup matches "zzz".*Esc/);
});

test('read only is said in the header', () => {
  expect(frameText([header(anApp(rows, {readOnly: true}))])).toContain('READ ONLY');
  expect(frameText([header(anApp(rows))])).not.toContain('READ ONLY');
});

test('a minute that passes changes the header only', () => {
  const state = anApp(rows);
  const later = reduce(state, {type: 'minute passed', now: noon + 60_000});
  expect(frameText(backupsScreen(later))).toBe(frameText(backupsScreen(state)));
  expect(frameText([header(later)])).toBe(frameText([header(state)]).replace('12:00Z', '12:01Z'));
});

describe('the columns', () => {
  const wide = (count: number): Row[] => {
    const datasets = Array.from({length: count}, (_, index) => aDataset(`set_${index}`));
    const verified = {verification: verification('verified')};
    return [aRow(idAt(1), {datasets}), aRow(idAt(2), {datasets, ...verified})];
  };
  const headOf = (state: AppState): string =>
    lineText(backupsScreen(state).find((line) => lineText(line).includes('BACKUP (UTC)')) ?? []).trimEnd();
  const across = (by: 1 | -1) => backupsSlice.to({type: 'went across', by});

  test('are as many datasets as fit, and the others are scrolled to', () => {
    let state = anApp(wide(300));
    expect(headOf(state)).toMatch(/AGE +set_0 +set_1 +set_2 +set_3 >$/);
    expect(lineText(footer(state))).toContain('> datasets');
    state = reduce(state, across(-1));
    expect(headOf(state)).toMatch(/AGE +set_0 /);
    state = reduceAll(state, across(1), across(1));
    expect(headOf(state)).toMatch(/AGE +< set_2 +set_3 +set_4 +set_5 >$/);
    for (let index = 0; index < 400; index++) state = reduce(state, across(1));
    expect(headOf(state)).toMatch(/AGE +< set_296 +set_297 +set_298 +set_299$/);
    state = reduce(state, across(-1));
    expect(headOf(state)).toMatch(/AGE +< set_295 /);
  });

  test('give way where the terminal is narrow', () => {
    expect(headOf(anApp(wide(4), {size: {columns: 80, rows: 24}}))).toMatch(/set_0 +set_1 +set_2 +set_3$/);
    expect(headOf(anApp(wide(4), {size: {columns: 60, rows: 16}}))).not.toMatch(/set_3/);
    expect(headOf(anApp(wide(1), {size: {columns: 60, rows: 16}}))).toMatch(/AGE +set_0$/);
  });

  test('have marks for what is not in a backup, what live holds, and numbers of versions', () => {
    const same = aDataset('tenants');
    const state = reduceAll(
      anApp([
        aRow(idAt(1), {datasets: [same, aDataset('ledger', {content: 'sha256:2'})]}),
        aRow(idAt(2), {datasets: [aDataset('ledger', {content: 'sha256:1'})]}),
        aRow(idAt(3), {datasets: [{...same, bytes: 10}]}),
      ]),
      backupsSlice.to({
        type: 'live read',
        name: 'tenants',
        live: {state: 'read', contents: new Set(['sha256:tenants']), bytes: 1000},
      }),
    );
    const lines = backupsScreen(state).map(lineText);
    expect(lines[3]).toMatch(/1h +\? 1 = +\? 2/);
    expect(lines[4]).toMatch(/2h +- +\? 1/);
    // One that was cut short: what lies there is not what live holds.
    expect(lines[5]).toMatch(/3h +\? 1 +-/);
  });

  test('have no numbers before the oldest backup was read', () => {
    const rows = wide(1);
    const ids = [...rows.map(({id}) => id), idAt(3)];
    const state = anApp([], {catalog: openCatalog(listing(ids), rows)});
    expect(lineText(backupsScreen(state)[3] ?? [])).toMatch(/\? \.\.$/);
    const [older] = wide(1);
    const read = reduce(state, {
      type: 'catalog',
      event: {type: 'rows', rows: [{...(older as Row), id: idAt(3)}]},
    });
    expect(lineText(backupsScreen(read)[3] ?? [])).toMatch(/\? 1$/);
  });

  test('whatever the datasets are called, and however many there are, the lines fit', () => {
    const name = fc.oneof(hostile, fc.constantFrom('x'.repeat(200), '漢字'.repeat(60), 'ש'.repeat(80)));
    fc.assert(
      fc.property(
        fc.uniqueArray(name, {minLength: 1, maxLength: 40}),
        fc.record({columns: fc.integer({min: 60, max: 200}), rows: fc.integer({min: 16, max: 60})}),
        fc.nat({max: 45}),
        (names, size, steps) => {
          const datasets = names.map((each) => aDataset(each));
          let state = anApp([aRow(idAt(1), {datasets}), aRow(idAt(2), {datasets: []})], {size});
          for (let step = 0; step < steps; step++) state = reduce(state, across(1));
          for (const line of backupsScreen(state).map(lineText)) {
            expect(stringWidth(line), line).toBeLessThanOrEqual(size.columns);
            expect(line).not.toMatch(unprintable);
          }
        },
      ),
      {numRuns: 100},
    );
  });
});
