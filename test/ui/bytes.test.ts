import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import type {AppAction} from '../../source/ui/state.ts';
import {key} from '../support/key-codes.ts';
import {configured} from '../support/run-states.ts';
import {drawn, showApp} from '../support/shown-app.ts';
import {aDataset, anApp, aRow, idAt} from '../support/states.ts';

beforeAll(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']});
});
afterAll(() => {
  vi.useRealTimers();
});

const datasets = ['tenants', 'ledger', 'kernel_state', 'media_index'];
const rows = Array.from({length: 200}, (_, index) =>
  aRow(idAt(index + 1, 'nightly'), {datasets: datasets.map((name) => aDataset(name))}),
);

/** What this writes, at 100x30. */
async function cost(...acts: ((app: ReturnType<typeof showApp>) => void)[]): Promise<number[]> {
  const app = showApp(reduced());
  await drawn();
  app.written();
  const costs: number[] = [];
  for (const act of acts) {
    act(app);
    await drawn();
    costs.push(app.written());
  }
  app.close();
  return costs;
}

const reduced = () => anApp(rows, {size: {columns: 100, rows: 30}});
const keys = (text: string) => (app: ReturnType<typeof showApp>) => app.keys(text);
const event = (action: AppAction) => (app: ReturnType<typeof showApp>) => app.store.dispatch(action);

test('a move writes 400 bytes at most', async () => {
  const costs = await cost(...['j', 'j', 'k', key.down, key.up].map(keys));
  for (const each of costs) expect(each).toBeGreaterThan(0);
  expect(Math.max(...costs)).toBeLessThanOrEqual(400);
});

test('a change of screens writes 4 kB at most, whatever the screen', async () => {
  const costs = await cost(
    event(configured()),
    ...['?', 'G', key.escape, ':', key.escape, '\u0014', key.escape].map(keys),
  );
  expect(Math.max(...costs)).toBeLessThanOrEqual(4096);
  expect(costs[1]).toBeGreaterThan(1000);
});

test('a minute of doing nothing writes 100 bytes at most', async () => {
  const {now} = reduced();
  const costs = await cost(
    ...[1, 2, 3].map((minute) => event({type: 'minute passed', now: now + minute * 60_000})),
  );
  // The ages of backups of before change now and then.
  expect(costs.toSorted((a, b) => a - b)[1]).toBeLessThanOrEqual(100);
});

test('a window that settles is painted once', async () => {
  const [all = 0] = await cost(keys('\u000c'));
  const [resized = 0] = await cost((app) => {
    for (const columns of [99, 98, 97, 98, 99]) app.resize({columns, rows: 30});
    app.resized();
  });
  expect(resized).toBeGreaterThan(1000);
  expect(resized).toBeLessThanOrEqual(all * 1.1);
});

test('5,001 Backspaces in one write erase 5,001 characters', async () => {
  const app = showApp(anApp());
  await drawn();
  app.keys(`/${'x'.repeat(5002)}`);
  await drawn();
  app.keys('\u007f'.repeat(5001));
  await drawn();
  expect(app.cells().join('\n')).toMatch(/: xb?_/);
  app.close();
});
