import {expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {makeCatalog} from '../support/six-backups.ts';
import {openTerminal} from '../support/terminal.ts';

test('moves with arrows and letters; three of a chunk move three', async () => {
  const {root, ids} = makeCatalog();
  const {waitForSelected, keys} = await openTerminal(['--root', root]);
  await waitForSelected(ids[0] as string);
  keys(key.down.repeat(3));
  await waitForSelected(ids[3] as string);
  keys('kk');
  await waitForSelected(ids[1] as string);
  keys('G');
  await waitForSelected(ids[5] as string);
  keys(key.home);
  await waitForSelected(ids[0] as string);
  keys(key.end);
  await waitForSelected(ids[5] as string);
});

test('Escape is not lost in a chunk with other keys', async () => {
  const {root, ids} = makeCatalog();
  const {waitFor, waitForSelected, keys} = await openTerminal(['--root', root]);
  await waitForSelected(ids[0] as string);
  keys('?');
  await waitFor(/Help/);
  keys(`${key.escape}j`);
  await waitForSelected(ids[1] as string);
  keys('m');
  await waitFor(/Manifest[\s\S]*> tenants/);
  keys('?');
  await waitFor(/Help/);
  keys(key.escape.repeat(2));
  await waitForSelected(ids[1] as string);
  keys('/zzz');
  await waitFor(/No backup matches/);
  keys(`${key.escape}m`);
  await waitFor(/Manifest[\s\S]*> tenants/);
});

test('pasted text does nothing, whatever it says', async () => {
  const {root, ids} = makeCatalog();
  const {waitFor, waitForSelected, keys, pty, screen} = await openTerminal(['--root', root]);
  await waitForSelected(ids[0] as string);
  keys(key.paste('jjv\rq\u0003\u0003q'));
  await waitFor(/[Pp]asted/);
  expect(screen()[0]).toMatch(/^ magds > Backups /);
  keys('j');
  await waitForSelected(ids[1] as string);
  expect(() => process.kill(pty.pid, 0)).not.toThrow();
});

test.each([
  ['NO_COLOR', [], {NO_COLOR: '1'}],
  ['--no-color', ['--no-color'], {}],
])('%s shows everything without a colour', async (_, args, env) => {
  const {root, ids} = makeCatalog();
  const {waitForSelected, waitFor, raw} = await openTerminal(['--root', root, ...args], {env});
  await waitForSelected(ids[0] as string);
  await waitFor((lines) => lines.some((line) => line.includes('x unreadable')));
  expect(raw()).not.toMatch(/\u001b\[[\d;]*[349]\dm/);
});

test('colours where they are wanted', async () => {
  const {root, ids} = makeCatalog();
  const {waitForSelected, raw} = await openTerminal(['--root', root]);
  await waitForSelected(ids[0] as string);
  expect(raw()).toMatch(/\u001b\[[\d;]*3\dm/);
});

test('copies the id through the terminal', async () => {
  const {root, ids} = makeCatalog();
  const {waitFor, waitForSelected, keys, raw} = await openTerminal(['--root', root]);
  await waitForSelected(ids[0] as string);
  keys('y');
  await waitFor(/clipboard/);
  expect(raw()).toContain(`\u001b]52;c;${Buffer.from(ids[0] as string).toString('base64')}\u0007`);
});
