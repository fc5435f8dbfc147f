import fs from 'node:fs';
import {expect, test} from 'vitest';
import {isUnnamed} from '../../source/engine/session/context.ts';
import {key} from '../support/key-codes.ts';
import {backupId, liveTree, makeRestorable, makeWaiting, twoContents} from '../support/restores.ts';
import {openTerminal} from '../support/terminal.ts';

const saved = String(twoContents['tenants']?.copy);
const asks = `Type the backup's id (${backupId}) to go on:`;

test("a restore asks which datasets, then for the backup's id, and is done once it is typed", async () => {
  const {root, holds} = makeRestorable();
  const lives = holds('ledger');
  const session = await openTerminal(['restore', `--id=${backupId}`, '--root', root], {
    columns: 200,
    env: {MAGDS_OPERATOR: ''},
  });
  // Which is meant is asked first: by number, by name, or all.
  await session.waitFor(/1 {2}tenants: you lose [\s\S]*2 {2}ledger: [\s\S]*Restore which/);
  session.keys('1\r');
  await session.waitFor(/ledger {2}stays as it is: not chosen[\s\S]*Type the backup's id/);
  session.keys(`${backupId}\r`);
  // As root without a login of their own, nobody is named: who it is is asked once.
  if (isUnnamed({})) {
    await session.waitFor('Your name, for the record');
    session.keys('Amira\r');
  }
  await session.waitFor('+ Restored, session 1.');
  const record = fs.readFileSync(`${root}/storage/runbook/sessions/1/session.jsonl`, 'utf8');
  expect(record.includes('"person":"Amira"')).toBe(isUnnamed({}));
  expect(await session.waitForExit()).toMatchObject({exitCode: 0});
  expect([holds('tenants'), holds('ledger')]).toEqual([saved, lives]);
});

const all = '--only=tenants,ledger';
const asksWhich = 'Restore which? Numbers or names';
test.each([
  ['no dataset', [], asksWhich, '\r', 'Nothing was chosen. Nothing was changed.'],
  ['another id', [all], asks, '20261123\r', 'That does not match. Nothing was changed.'],
  ['nothing', [all], asks, '\r', 'That does not match. Nothing was changed.'],
  ['Ctrl+C', [all], asks, key.ctrlC, 'Cancelled. Nothing was changed.'],
  ['Ctrl+D', [], asksWhich, '\u0004', 'Cancelled. Nothing was changed.'],
])('%s typed there confirms nothing', async (_, args, asked, keys, said) => {
  const {root} = makeRestorable();
  const before = liveTree(root);
  const command = ['restore', `--id=${backupId}`, '--root', root, ...args];
  const session = await openTerminal(command, {columns: 200});
  await session.waitFor(asked);
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
