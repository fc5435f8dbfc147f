import {expect, test} from 'vitest';
import {tableOf} from '../../source/commands/backup-diff.ts';

const at = '2026-11-29T14:05:27+00:00';
const one = {bytes: 34_000, at, reason: 'the copy is not what the manifest recorded', beside: null};
const none = {bytes: null, at: null, reason: null, beside: null};
type Datasets = Parameters<typeof tableOf>[0];
const datasets = [
  {name: 'kernel_state', relation: 'unknown', one, other: one},
  {name: 'ledger', relation: 'one side', one, other: none},
] as unknown as Datasets;

test('a terminal of 80 columns shows each dataset in a line, and reasons whole below', async () => {
  const lines = await tableOf(datasets, 'OTHER', true);
  for (const line of lines.slice(0, 3)) expect(line.length).toBeLessThanOrEqual(80);
  expect(lines[2]).toMatch(/^ledger +\S+ kB +2026-11-29 14:05 +- +- +! one side$/);
  expect(lines.slice(3)).toContain(`! ledger: ${one.reason}`);
});

test('a pipe gets whole lines', async () => {
  const [, , line] = await tableOf(datasets, 'OTHER', false);
  expect(line).toMatch(/^ledger .*2026-11-29T14:05:27\+00:00.*! on one side only: the copy is not what/);
});
