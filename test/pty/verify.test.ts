import fs from 'node:fs';
import {expect, test} from 'vitest';
import {flipBit, makeBackup, makeRoot} from '../support/backups.ts';
import {key} from '../support/key-codes.ts';
import {makeSparseBackup} from '../support/sparse.ts';
import {openTerminal, type Session} from '../support/terminal.ts';
import {treeState} from '../support/tree.ts';

const large = '20261123_120000_archive';
const small = '20261123_100000_nightly';

function makePlace() {
  const {root, backups} = makeRoot();
  const archive = makeSparseBackup(backups, large);
  const nightly = makeBackup({backups, id: small});
  return {root, archive, nightly};
}

/** Opens the app and begins to verify the archive, which takes minutes. */
async function verifying(args: string[] = []): Promise<Session & {root: string}> {
  const {root} = makePlace();
  const session = await openTerminal(['--root', root, ...args]);
  await session.waitForSelected(large);
  session.keys('v');
  await session.waitFor(/archive .*reading/);
  return {...session, root};
}

const bytesRead = (lines: string[]): number => {
  const [, value, unit] = /([\d.]+) (kB|MB|GB) read/.exec(lines.join('\n')) ?? [];
  return Number(value ?? 0) * {kB: 1, MB: 1e3, GB: 1e6}[(unit ?? 'kB') as 'kB' | 'MB' | 'GB'];
};

test('shows how far it is while it reads', async () => {
  const {waitFor} = await verifying();
  const before = bytesRead(await waitFor((lines) => bytesRead(lines) > 0));
  await waitFor((lines) => bytesRead(lines) > before);
  await waitFor(/\/s\b.*so far.*left/);
});

test('Ctrl+C stops it, says so, and nothing is recorded', async () => {
  const {waitFor, keys, root, screen} = await verifying();
  keys(key.ctrlC);
  await waitFor(/Stopped\. Nothing was recorded/);
  expect(screen().join('\n')).not.toContain('100%');
  expect(fs.readdirSync(`${root}/storage/backups/${large}`).toSorted()).toEqual([
    'datasets',
    'manifest.json',
  ]);
  keys('v');
  await waitFor(/archive .*reading/);
});

test('Esc leaves it running, w comes back, and another cannot be started beside it', async () => {
  const {waitFor, waitForSelected, keys} = await verifying();
  keys(key.escape);
  await waitForSelected(large);
  keys('j');
  await waitForSelected(small);
  keys('v');
  await waitFor(/20261123_120000_archive is still being verified/);
  keys(key.escape);
  await waitForSelected(small);
  keys('w');
  await waitFor(/archive .*reading/);
});

test('q asks before it quits while something runs, and the second q stops it and quits', async () => {
  const {waitFor, waitForSelected, waitForExit, keys, root} = await verifying();
  keys(key.escape);
  await waitForSelected(large);
  keys('q');
  await waitFor(/running.*q again/);
  keys('q');
  await waitForExit();
  expect(fs.existsSync(`${root}/storage/backups/${large}/verifications.jsonl`)).toBe(false);
});

test('a pass is shown, recorded, and known on the list', async () => {
  const {root, nightly} = makePlace();
  const {waitFor, waitForSelected, waitForExit, keys, raw} = await openTerminal(['--root', root]);
  await waitForSelected(large);
  keys('j');
  await waitForSelected(small);
  keys('v');
  await waitFor(/\+ PASSED: 2 of 2/);
  expect(fs.readFileSync(`${nightly.directory}/verifications.jsonl`, 'utf8')).toContain('"passed"');
  keys(key.escape);
  await waitFor((lines) => lines.some((line) => line.includes(small) && / \+ 1 .* \+ 1/.test(line)));
  keys('q');
  expect((await waitForExit()).exitCode).toBe(0);
  expect(raw().slice(raw().lastIndexOf('\u001b[?1049l'))).toContain(`${small}: passed`);
});

test('damage is shown with the dataset, and the list says so too', async () => {
  const {root, nightly} = makePlace();
  flipBit(nightly.copy('ledger'));
  const {waitFor, waitForSelected, keys} = await openTerminal(['--root', root]);
  await waitForSelected(large);
  keys('jv');
  await waitFor(/x FAILED[\s\S]*ledger/);
  keys(key.escape);
  await waitFor((lines) => lines.some((line) => line.includes(small) && line.includes('x damaged')));
});

test('read only verifies without a trace', async () => {
  const {root} = makePlace();
  fs.rmSync(`${root}/storage/backups/${large}`, {recursive: true});
  const before = treeState(root);
  const {waitFor, waitForSelected, waitForExit, keys, screen} = await openTerminal([
    '--root',
    root,
    '--read-only',
  ]);
  await waitForSelected(small);
  expect(screen()[0]).toContain('READ ONLY');
  keys('v');
  await waitFor(/\+ PASSED[\s\S]*not recorded/);
  keys('qq');
  await waitForExit();
  expect(treeState(root)).toEqual(before);
});
