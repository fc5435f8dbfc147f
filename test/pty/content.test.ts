import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {brokenDatabase, slowDatabase} from '../support/databases.ts';
import {key} from '../support/key-codes.ts';
import {openTerminal} from '../support/terminal.ts';

const id = '20261123_100000_nightly';

function makePlace(content: Buffer): string {
  const {root, backups} = makeRoot();
  fs.mkdirSync(`${root}/storage/runbook`);
  makeBackup({backups, id, datasets: [{name: 'tenants'}, {name: 'ledger', file: 'ledger.sqlite', content}]});
  return root;
}

test('a database that was broken when it was backed up: unaltered, broken, and the list says so', async () => {
  const root = makePlace(brokenDatabase());
  const {waitFor, waitForSelected, waitForExit, keys} = await openTerminal(['--root', root]);
  await waitForSelected(id);
  keys('v');
  await waitFor(
    /x UNALTERED, but broken inside: ledger\.[\s\S]*x ledger: SQLite says: Tree[\s\S]*\+ tenants parses as JSON/,
  );
  keys(key.escape);
  await waitFor((lines) => lines.some((line) => line.includes(id) && line.includes('x broken')));
  await waitFor('Unaltered, but broken inside: ledger (SQLite says: Tree');
  keys('q');
  expect((await waitForExit()).exitCode).toBe(0);
  expect(fs.readdirSync(`${root}/storage/runbook/checking`)).toEqual([]);
});

test('Ctrl+C stops looking inside, the pass stays, and nothing of the copy does', async () => {
  const root = makePlace(slowDatabase());
  const {waitFor, waitForSelected, keys} = await openTerminal(['--root', root]);
  await waitForSelected(id);
  keys('v');
  await waitFor(/\+ PASSED: 2 of 2[\s\S]*- ledger: SQLite looks into a private copy/);
  keys(key.ctrlC);
  await waitFor('looking inside was stopped: 1 of 2 done');
  await waitFor('+ PASSED: 2 of 2');
  expect(fs.readdirSync(`${root}/storage/runbook/checking`)).toEqual([]);
});

test('quitting meanwhile leaves nothing of the copy', async () => {
  const root = makePlace(slowDatabase());
  const {waitFor, waitForSelected, waitForExit, keys} = await openTerminal(['--root', root]);
  await waitForSelected(id);
  keys('v');
  await waitFor(/- ledger: SQLite looks into a private copy/);
  keys(key.escape);
  await waitForSelected(id);
  keys('q');
  expect((await waitForExit()).exitCode).toBe(0);
  expect(fs.readdirSync(`${root}/storage/runbook/checking`)).toEqual([]);
});
