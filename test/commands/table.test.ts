import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {table} from '../../source/commands/table.ts';

const head = ['BACKUP (UTC)', 'AGE', 'VERIFIED'];
const id = `20261123_120000_${'very-long-'.repeat(20)}`;
const rows = [
  [id, '7h', '- never'],
  ['20261122_120000_nightly', '31h', '+ 1h ago'],
];

test('in a pipe nothing is cut', async () => {
  const lines = await table(head, rows);
  expect(lines[1]).toBe(`${id}  7h   - never`);
  expect(lines[2]).toBe(`${'20261122_120000_nightly'.padEnd(id.length)}  31h  + 1h ago`);
});

test('in a terminal one very long name leaves the others in sight', async () => {
  const lines = await table(head, rows, 60);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  expect(lines[1]).toMatch(/^20261123_120000_very-long-\S*~ {2}7h {3}- never$/);
  expect(lines[2]).toMatch(/^20261122_120000_nightly +31h {2}\+ 1h ago$/);
});

test('what fits is not touched', async () => {
  expect(await table(head, rows.slice(1), 60)).toEqual(await table(head, rows.slice(1)));
});

test('a very narrow terminal still gets the time of the backup', async () => {
  const [, line] = await table(head, rows, 20);
  expect(line).toMatch(/^20261123_120000_very-lo~ /);
});

test('a name of other characters is cut between them', async () => {
  const [, line] = await table(head, [['漢字'.repeat(40), '7h', '- never']], 60);
  expect(stringWidth(line ?? '')).toBeLessThanOrEqual(60);
  expect(line).toMatch(/~ {2,3}7h {3}- never$|~ +7h +- never$/);
});
