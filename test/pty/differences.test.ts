import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {hostileText} from '../support/hostile.ts';
import {key} from '../support/key-codes.ts';
import {backup, phpFile} from '../support/php-config.ts';
import {openTerminal} from '../support/terminal.ts';
import {treeState} from '../support/tree.ts';
import {planning} from '../support/walking.ts';

const id = '20260104_010000_nightly';
const before = '20260103_010000_nightly';

/** Two backups; the live file of one dataset was changed since, and tries to drive the terminal. */
function makePlace() {
  const {root, backups} = makeRoot();
  const names = ['ledger', 'tenants'];
  const datasets = names.map((name) => ({name, source: `storage/data/${name}.json`}));
  const content = (text: string) => names.map((name) => ({name, content: name === 'ledger' ? 'same' : text}));
  fs.mkdirSync(`${root}/config/base`, {recursive: true});
  fs.writeFileSync(`${root}/config/base/magds.php`, phpFile(backup({datasets})));
  makeBackup({backups, id, recordedRoot: 'here', datasets: content('{"a": 1, "b": "good"}')});
  makeBackup({backups, id: before, recordedRoot: 'here', datasets: content('{"b": "older", "a": 1}')});
  fs.mkdirSync(`${root}/storage/data`);
  fs.writeFileSync(`${root}/storage/data/ledger.json`, 'same');
  fs.writeFileSync(`${root}/storage/data/tenants.json`, JSON.stringify({b: `spoilt ${hostileText}`, a: 1}));
  return {root};
}

test('from the list to the lines that differ, with live and with another backup, and from the plan', async () => {
  const {root} = makePlace();
  const tree = treeState(root);
  const session = await openTerminal(['--root', root]);
  const {keys, waitFor, waitForSelected, waitForExit, raw} = session;
  await waitForSelected(id);
  await waitFor(/^ magds > Backups .*DEVELOPMENT/);
  keys(key.enter);
  await waitFor(/against live[\s\S]*! 1 of 2 differs[\s\S]*> ledger .*= same[\s\S]* tenants .*! differs/);
  keys(`j${key.enter}`);
  await waitFor(/JSON: - 1 {3}\+ 1[\s\S]*^ - {3}"b": "good"$[\s\S]*^ \+ {3}"b": "spoilt a/m);
  keys('w');
  await waitFor(/> live .*the files as they are now/);
  keys(`j${key.enter}`);
  await waitFor(/\+ 20260103_010000_nightly[\s\S]*^ \+ {3}"b": "older"$/m);
  keys(key.escape);
  await waitFor(/against 20260103_010000_nightly[\s\S]*> tenants .*! differs/);
  keys('m');
  await waitFor(/> Manifest/);
  keys(key.escape);
  await waitFor(/against 20260103/);
  keys(key.escape);
  await waitForSelected(id);
  await planning(session, /unaltered, just hashed/);
  keys('d');
  await waitFor(/Restore > Differences[\s\S]*against live[\s\S]*! 1 of 2 differs/);
  keys(key.escape);
  await waitFor(/NOTHING CHANGED YET[\s\S]*unaltered, just hashed/);
  keys('q');
  await waitFor(/What is it for\?/);
  keys(key.escape);
  await waitForSelected(id);
  keys('q');
  expect((await waitForExit()).exitCode).toBe(0);
  expect(treeState(root)).toEqual(tree);
  expect(raw()).not.toMatch(/\u001b\]|\u0007|\u001b\[31m\u001b\[2J/);
});
