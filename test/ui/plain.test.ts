import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import {key} from '../support/key-codes.ts';
import {configured} from '../support/run-states.ts';
import {drawn, showApp} from '../support/shown-app.ts';
import {aDataset, anApp, aResult, aRow, finished, idAt, started, verification} from '../support/states.ts';

beforeAll(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']});
});
afterAll(() => {
  vi.useRealTimers();
});

const ids = Array.from({length: 60}, (_, index) => idAt(index + 1, 'nightly'));

async function opened() {
  const app = showApp(anApp(ids.map((id) => aRow(id))), {plain: true});
  await drawn();
  const said = async (act: () => void): Promise<string> => {
    app.said();
    act();
    await drawn();
    return app.said();
  };
  return {app, first: app.said(), pressed: (text: string) => said(() => app.keys(text)), said};
}

test('a screen is read whole, as lines of text: nothing moves the cursor, nothing is drawn', async () => {
  const {app, first, pressed} = await opened();
  expect(first).toContain(`\r\n> ${ids[0]}`);
  expect(first).toMatch(/magds > Backups .*12:00Z/);
  for (const text of [first, await pressed('?'), await pressed(key.escape)]) {
    expect(text).not.toMatch(/-{4}|#{4}| {3}/);
    expect(text.replaceAll('\u001b[?2004h', '')).not.toMatch(/[^\r\n -~]/);
  }
  app.close();
});

test('a name keeps its dashes, a rule goes', async () => {
  const id = idAt(1, '-------a-b-');
  const app = showApp(anApp([aRow(id)]), {plain: true});
  await drawn();
  const said = app.said().split('\r\n');
  expect(said).toContainEqual(expect.stringMatching(`^> ${id.slice(0, 20)}`));
  expect(said).toContain(`-- ${id}`);
  app.close();
});

test('a key is told in 200 bytes at most, and what is chosen comes first', async () => {
  const {app, pressed} = await opened();
  for (let row = 1; row < 40; row++) {
    const said = await pressed('j');
    expect(said.startsWith(`> ${ids[row]}`)).toBe(true);
    expect(Buffer.byteLength(said)).toBeLessThanOrEqual(200);
  }
  expect(await pressed('/x')).toMatch(/Filter: x_/);
  app.close();
});

test('a message is told, a change once, and the clock not at all; Ctrl+L reads the screen again', async () => {
  const {app, pressed, said} = await opened();
  const [id = ''] = ids;
  await said(() => app.store.dispatch(configured()));
  expect(await pressed('\u0003')).toBe('! Ctrl+C again quits.\r\n');
  expect(
    await said(() => app.store.dispatch({type: 'minute passed', now: Date.UTC(2026, 10, 23, 12, 1)})),
  ).toBe('');
  await said(() => app.store.dispatch({type: 'verify started', id}));
  const event = (from: Parameters<typeof app.store.dispatch>[0]) => said(() => app.store.dispatch(from));
  await event({type: 'verify event', seconds: 0, event: started(id, ['tenants'])});
  const progress = (bytes: number) =>
    event({type: 'verify event', seconds: 1, event: {type: 'progress', bytes: [[bytes]], bytesDone: bytes}});
  expect(await progress(100)).toMatch(/tenants|whole/);
  expect(await progress(200)).toBe('');
  const over = await event({type: 'verify event', seconds: 3, event: finished(id, [aResult('tenants')])});
  expect(over).not.toBe('');
  expect(await pressed('\u000c')).toContain('magds > Backups > Verify');
  app.close();
});

test('what was said last is told to its end, with the line that is marked by it', async () => {
  const verified = {verification: verification('verified')};
  const ledger = aRow(idAt(1, 'nightly'), {...verified, datasets: [aDataset('ledger')]});
  const tenants = aRow(idAt(2, 'nightly'), {...verified, datasets: [aDataset('tenants')]});
  const app = showApp(anApp([ledger, tenants]), {plain: true});
  await drawn();
  app.keys('t');
  await drawn();
  app.keys('20m ago');
  await drawn();
  app.said();
  app.keys('\r');
  await drawn();
  const said = app.said().replaceAll('\r\n', ' ');
  expect(said).toContain(
    `Newest good copies from before it (*): ledger in ${ledger.id}; tenants in ${tenants.id}.`,
  );
  for (const {id} of [ledger, tenants]) expect(said).toMatch(new RegExp(`${id} .*\\+ 1 \\*`));
  app.close();
});

test('the header is told again once the environment is known, and the keys with it', async () => {
  const {app, first, said} = await opened();
  expect(first).not.toContain('DEVELOPMENT');
  const then = await said(() => app.store.dispatch(configured()));
  expect(then).toMatch(/^magds > Backups .*[A-Z]{4,}.*\r\n/);
  app.close();
});

test('a terminal that cannot move its cursor is not told to', async () => {
  const app = showApp(anApp(ids.map((id) => aRow(id))), {env: {TERM: 'dumb'}});
  await drawn();
  app.keys('j?');
  await drawn();
  expect(app.said()).toMatch(/^[\r\n -~]+$/);
  app.close();
  expect(app.said()).not.toContain('\u001b');
});
