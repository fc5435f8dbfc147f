import fs from 'node:fs';
import {expect, test} from 'vitest';
import {actionsIn, toldIn} from '../support/audit.ts';
import {flipBit} from '../support/backups.ts';
import {key} from '../support/key-codes.ts';
import {backupId, makeRestorable} from '../support/restores.ts';
import {openTerminal, type Session} from '../support/terminal.ts';
import {treeState} from '../support/tree.ts';

async function opened(root: string, args: string[] = []): Promise<Session> {
  const session = await openTerminal(['--root', root, ...args]);
  await session.waitForSelected(backupId);
  await session.waitFor(/^ magds > Backups .*DEVELOPMENT/);
  return session;
}

test('what is verified and backed up on the screens is told as what commands do', async () => {
  const {root, built} = makeRestorable();
  flipBit(built.copy('ledger'));
  const {keys, waitFor} = await opened(root);
  keys('v');
  await waitFor(/FAILED/);
  expect(toldIn(root)).toMatchObject([
    {action: 'magdb.backup.verify_completed', payload: {id: backupId, success: false}},
    {action: 'magdb.backup.verify_failed', payload: {id: backupId, reason: 'ledger: mismatch'}},
  ]);
  keys(key.escape);
  await waitFor(/^ magds > Backups {2}/);
  keys('b');
  await waitFor(/Label \(optional\)[\s\S]*\+ tenants/);
  keys('fresh');
  await waitFor(/_fresh/);
  keys(key.enter);
  await waitFor(/\+ DONE/);
  expect(toldIn(root).slice(2)).toMatchObject([
    {action: 'magdb.backup.completed', payload: {label: 'fresh', datasets: 2}},
  ]);
});

test('what cannot be told is said on the screen', async () => {
  const {root} = makeRestorable();
  const log = `${root}/storage/logs/audit.log`;
  fs.mkdirSync(log, {recursive: true});
  const {keys, waitFor} = await opened(root);
  keys('v');
  await waitFor(/PASSED[\s\S]*! Not reported: [\s\S]*audit\.log\s+was\s+not/);
  keys(key.escape);
  await waitFor(/^ magds > Backups {2}/);
  keys('b');
  await waitFor(/Label \(optional\)[\s\S]*\+ tenants/);
  keys(key.enter);
  await waitFor(/\+ DONE[\s\S]*! Not reported: /);
});

test('--read-only tells nobody', async () => {
  const {root} = makeRestorable();
  const before = treeState(root);
  const {keys, waitFor} = await opened(root, ['--read-only']);
  keys('v');
  await waitFor(/PASSED/);
  keys(key.escape);
  await waitFor(/^ magds > Backups {2}/);
  expect(treeState(root)).toEqual(before);
  expect(actionsIn(root)).toEqual([]);
});
