import {expect, test} from 'vitest';
import type {RecordedDump} from '../../../../source/engine/catalog/row.ts';
import {grouped, shortCount} from '../../../../source/presenters/database-view.ts';
import {backupsSlice} from '../../../../source/ui/screens/backups/state.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {hostileText, unprintable} from '../../../support/hostile.ts';
import {aDataset, anApp, aRow, idAt, noon, reduceAll} from '../../../support/states.ts';

const backupsScreen = screenOf('backups');

const dump = (rows: number, changes: Partial<RecordedDump> = {}): RecordedDump => ({
  database: 'magds',
  server: 'db:5432',
  serverVersion: '15.18',
  at: new Date(noon - 3_600_000).toISOString(),
  tables: 41,
  rows,
  ...changes,
});
const row = (hours: number, rows: number, changes?: Partial<RecordedDump>) =>
  aRow(idAt(hours, 'nightly'), {
    datasets: [
      aDataset('tenants'),
      aDataset('magdsdb', {content: `sha256:${rows}`, dump: dump(rows, changes)}),
    ],
  });

test('a database has its rows in the list, exact ones below it, and no bytes that differ', () => {
  const rows = [row(1, 812), row(25, 6412), row(49, 56_412)];
  const text = frameText(
    backupsScreen(reduceAll(anApp(rows), backupsSlice.to({type: 'detail opened', id: rows[1]?.id ?? ''}))),
  );
  for (const cell of ['? 812 rows', '? 6412', '? 56.4k']) expect(text).toContain(cell);
  expect(text).toMatch(/magdsdb +1\.0 kB {2}\? unchecked +6,412 rows in 41 tables at 11:00:00Z/);
  expect(text).toContain('6412 rows');
  expect(text).not.toMatch(/magdsdb.*version/);
});

test('whatever a manifest says of a database, nothing of it drives the terminal', () => {
  const rows = [row(1, 5, {database: hostileText, server: hostileText, at: hostileText})];
  const text = frameText(
    backupsScreen(reduceAll(anApp(rows), backupsSlice.to({type: 'detail opened', id: rows[0]?.id ?? ''}))),
  );
  expect(text.replaceAll('\n', '')).not.toMatch(unprintable);
});

test.each([
  [0, '0', '0'],
  [999, '999', '999'],
  [9999, '9999', '9,999'],
  [10_000, '10.0k', '10,000'],
  [99_960, '100k', '99,960'],
  [999_600, '1.0M', '999,600'],
  [1_234_567, '1.2M', '1,234,567'],
  [2e12, '2.0T', '2,000,000,000,000'],
])('%d rows are %s in a column, and %s in a sentence', (count, short, long) => {
  expect([shortCount(count), grouped(count)]).toEqual([short, long]);
});
