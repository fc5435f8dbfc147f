import {expect, test} from 'vitest';
import {footer, header} from '../../../../source/ui/frame.ts';
import {reduce} from '../../../../source/ui/reduce.ts';
import {backupsSlice} from '../../../../source/ui/screens/backups/state.ts';
import {rows, verified} from '../../../support/catalog.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {anApp, idAt, noon, reduceAll} from '../../../support/states.ts';

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

       BACKUP (UTC) v                 AGE    DATA      SIZE  VERIFIED
       20261123_110000_nightly        1h     2/2     2.0 kB  - never
     > 20261123_030000_release        9h     2/2     2.0 kB  + 2h ago
       20261122_030000                33h    1/2     1.0 kB  x no ledger
       20261120_040000                3d     ?            ?  x interrupted






     -- 20261123_030000_release ---------------------------------------------------
       label "nightly"   Verified means unaltered, not correct.
       DATASET     SIZE  OLD>NEW  LIVE  same letter = same bytes
       tenants   1.0 kB  -a[a]b         changed 03:00-11:00
       ledger    1.0 kB  -x[a]a



     Enter differences  v verify  t bad since  m manifest  ? help  q quit"
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
    backupsSlice.to({type: 'filter typed', text: 'zzz'}),
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
