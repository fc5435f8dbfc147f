import {expect, test} from 'vitest';
import {squeezed} from '../../source/commands/backup-list-text.ts';

const columns = ['kernel_state', 'tenants', 'ledger', 'media_index', 'archive'].map((head) => ({
  head,
  cells: ['+ 9 * =', head === 'ledger' ? '! changed' : 'x missing'],
}));
const squeeze = (room: number) => squeezed(columns, ['24m', '14h'], ['just now', 'x unreadable'], room);

test('where there is room nothing is cut', () => {
  expect(squeeze(120)).toMatchObject({columns, leastId: 24, ends: ['just now', 'x unreadable']});
});

test('80 columns show every dataset: names are cut, then VERIFIED, then ids', () => {
  const {leastId, ends, columns: seen} = squeeze(80);
  expect(seen.map(({head}) => head)).toHaveLength(5);
  expect(seen[0]?.head).toMatch(/^kerne.*~$/);
  expect(ends).toEqual(['just now', 'x unreada~']);
  expect(leastId).toBeLessThanOrEqual(24);
});

test('where nothing helps the others are counted', () => {
  expect(squeeze(50).columns.length).toBeLessThan(5);
});
