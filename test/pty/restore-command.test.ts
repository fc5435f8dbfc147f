import fs from 'node:fs';
import {expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {backupId, liveTree, makeRestorable, makeWaiting, twoContents} from '../support/restores.ts';
import {openTerminal} from '../support/terminal.ts';

const saved = String(twoContents['tenants']?.copy);
const asks = "Type the backup's id to go on:";

test("a restore asks for the backup's id, and is done once it is typed", async () => {
  const {root, holds} = makeRestorable();
  const session = await openTerminal(['restore', `--id=${backupId}`, '--root', root], {columns: 200});
  await session.waitFor(asks);
  session.keys(`${backupId}\r`);
  await session.waitFor('+ Restored, session 1.');
  expect(await session.waitForExit()).toMatchObject({exitCode: 0});
  expect(holds('tenants')).toBe(saved);
});

test.each([
  ['another id', '20261123\r', 'That is not it. Nothing was changed.'],
  ['yes', 'y\r', 'That is not it. Nothing was changed.'],
  ['nothing', '\r', 'That is not it. Nothing was changed.'],
  ['Ctrl+C', key.ctrlC, 'Cancelled. Nothing was changed.'],
  ['Ctrl+D', '\u0004', 'Cancelled. Nothing was changed.'],
])('%s typed there confirms nothing', async (_, keys, said) => {
  const {root} = makeRestorable();
  const before = liveTree(root);
  const session = await openTerminal(['restore', `--id=${backupId}`, '--root', root], {columns: 200});
  await session.waitFor(asks);
  session.keys(keys);
  await session.waitFor(said);
  expect(await session.waitForExit()).toMatchObject({exitCode: 130});
  expect(liveTree(root)).toEqual(before);
  expect(fs.existsSync(`${root}/storage/runbook`)).toBe(false);
});

test('a terminal that is closed takes nothing back: the restore completes', async () => {
  const {args, begun, letGo, over, holds} = makeWaiting();
  const session = await openTerminal(args);
  await begun();
  session.pty.kill('SIGHUP');
  session.close();
  letGo();
  await over();
  expect(holds('tenants')).toBe(saved);
});
