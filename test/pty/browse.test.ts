import {expect, test} from 'vitest';
import {flipBit} from '../support/backups.ts';
import {key} from '../support/key-codes.ts';
import {makeCatalog} from '../support/six-backups.ts';
import {openTerminal} from '../support/terminal.ts';
import {treeState} from '../support/tree.ts';

test.each([
  [80, 24],
  [100, 30],
  [60, 16],
])('at %dx%d the first screen shows the catalog, newest first, and its keys', async (columns, rows) => {
  const {root, ids} = makeCatalog();
  const {waitFor, screen, selected} = await openTerminal(['--root', root], {columns, rows});
  await waitFor((lines) => ids.every((id) => lines.some((line) => line.includes(id.slice(0, 17)))));
  expect(screen()[0]).toMatch(/^ magds > Backups/);
  expect(selected()).toContain('20261123_060000_');
  await waitFor((lines) => /Enter.*v verify/.test(lines.at(-1) ?? ''));
});

test('a terminal that is too small says what it takes, and a larger one shows everything', async () => {
  const {root, ids} = makeCatalog();
  const {waitFor, resize} = await openTerminal(['--root', root], {columns: 50, rows: 10});
  await waitFor('60x16');
  resize(100, 30);
  await waitFor(ids[0] as string);
  resize(50, 10);
  await waitFor(
    (lines) => lines.some((line) => line.includes('60x16')) && !lines.some((line) => line.includes('> ')),
  );
});

test('filters while it is typed, and Esc shows all again', async () => {
  const {root, ids} = makeCatalog();
  const {waitFor, waitForSelected, keys, screen} = await openTerminal(['--root', root]);
  await waitForSelected(ids[0] as string);
  const listed = (lines: string[]) =>
    ids.filter((id) => lines.some((line) => /^ [> ] /.test(line) && line.includes(id)));
  keys('/release');
  await waitFor((lines) => listed(lines).length === 1);
  expect(listed(screen())).toEqual([ids[5]]);
  keys(key.enter);
  await waitFor(/Filter: release .*Esc/);
  keys(key.escape);
  await waitFor((lines) => listed(lines).length === 6);
  keys('/!nightly\r');
  await waitFor((lines) => listed(lines).length === 1);
});

test('sorts by size, and keeps the selection', async () => {
  const {root, ids} = makeCatalog();
  const {waitFor, waitForSelected, keys, selected} = await openTerminal(['--root', root]);
  await waitForSelected(ids[0] as string);
  keys('S');
  const first = (lines: string[]) => lines.find((line) => /^ [> ] 2026/.test(line)) ?? '';
  await waitFor((lines) => first(lines).includes(ids[5] as string));
  expect(selected()).toContain(ids[0]);
  keys('S');
  await waitFor((lines) => !first(lines).includes(ids[5] as string));
  keys('B');
  await waitFor((lines) => first(lines).includes(ids[0] as string));
});

test('an unreadable manifest is a line with a reason, and hides no other', async () => {
  const {root, ids} = makeCatalog();
  const {waitFor, waitForSelected, keys} = await openTerminal(['--root', root]);
  await waitFor((lines) => ids.every((id) => lines.some((line) => line.includes(id))));
  keys('jj');
  await waitForSelected(ids[2] as string);
  await waitFor(/x manifest\.json is cut short/);
  keys('m');
  await waitFor(/Tab/);
  keys(key.tab);
  await waitFor(`"id": "${ids[2]}"`);
});

test('opens a manifest as a table and raw', async () => {
  const {root, ids} = makeCatalog();
  const {waitFor, waitForSelected, keys} = await openTerminal(['--root', root]);
  await waitForSelected(ids[0] as string);
  keys('m');
  await waitFor(/> tenants/);
  keys('j');
  await waitFor(/> ledger/);
  keys(key.tab);
  await waitFor('"created_at": "2026-11-23T06:00:00+00:00"');
  keys(key.pageDown);
  await waitFor('"connection": "magdsdb"');
  keys(key.escape);
  await waitForSelected(ids[0] as string);
});

test('help and the menu open over any screen, and the menu does what it says', async () => {
  const {root, ids} = makeCatalog();
  const {waitFor, waitForSelected, keys} = await openTerminal(['--root', root]);
  await waitForSelected(ids[0] as string);
  keys('?');
  await waitFor(/> Help[\s\S]*bad since/);
  keys(key.escape);
  await waitForSelected(ids[0] as string);
  keys(':');
  await waitFor(/Menu/);
  keys(key.enter);
  await waitFor(/Differences[\s\S]*> tenants/);
});

test('looking at everything changes nothing', async () => {
  const {root, ids, built} = makeCatalog();
  flipBit(built[0]?.copy('ledger') ?? '');
  const before = treeState(root);
  const {waitFor, waitForSelected, waitForExit, keys} = await openTerminal(['--root', root]);
  await waitForSelected(ids[0] as string);
  keys('jjk');
  await waitForSelected(ids[1] as string);
  keys('m');
  await waitFor(/> tenants/);
  keys(key.tab);
  await waitFor('"created_at"');
  keys('?');
  await waitFor(/Help/);
  keys(key.escape);
  await waitFor('"created_at"');
  keys('q');
  await waitForSelected(ids[1] as string);
  keys('q');
  expect((await waitForExit()).exitCode).toBe(0);
  expect(treeState(root)).toEqual(before);
});
