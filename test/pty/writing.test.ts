import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {key} from '../support/key-codes.ts';
import {backup, phpFile} from '../support/php-config.ts';
import {magds} from '../support/run.ts';
import {eventually, isAlive, openTerminal, type Session} from '../support/terminal.ts';

const old = ['20260104_010000', '20260103_010000', '20260102_010000', '20260101_010000'] as const;
const [newest, , , oldest] = old;

/**
 * A root with live files, and four old backups.
 * @param huge one live file is a hole that takes minutes to copy, and no room
 */
function makePlace({maxCount = 7, huge = false} = {}) {
  const {root, backups} = makeRoot();
  const files = ['tenants.json', 'ledger.json', ...(huge ? ['archive.bin'] : [])];
  const datasets = files.map((file) => ({name: path.parse(file).name, source: `storage/data/${file}`}));
  fs.mkdirSync(`${root}/storage/data`);
  for (const {source} of datasets) fs.writeFileSync(`${root}/${source}`, `what ${source} holds`);
  if (huge) fs.truncateSync(`${root}/storage/data/archive.bin`, 200 * 1024 ** 3);
  fs.mkdirSync(`${root}/config/base`, {recursive: true});
  /** As an editor does it: another file in its place. */
  const configure = (count: number, last = datasets.length): void => {
    const file = `${root}/config/base/magds.php`;
    const retention = {max_count: count};
    fs.writeFileSync(`${file}.new`, phpFile(backup({datasets: datasets.slice(0, last), retention})));
    fs.renameSync(`${file}.new`, file);
  };
  configure(maxCount);
  for (const id of old)
    makeBackup({backups, id, recordedRoot: 'here', datasets: datasets.map(({name}) => ({name}))});
  return {root, backups, configure};
}

const namesIn = (directory: string): string[] =>
  fs.existsSync(directory) ? fs.readdirSync(directory).toSorted() : [];

/** Nothing is left of a backup that was begun. */
function expectNothingMade(root: string): void {
  expect(namesIn(`${root}/storage/backups`)).toEqual(old.toSorted());
  expect(namesIn(`${root}/storage/runbook/building`)).toEqual([]);
  expect(namesIn(`${root}/storage/runbook/removing`)).toEqual([]);
}

/** The app on a place, listening, its configuration known. */
async function opened(root: string, args: string[] = []): Promise<Session> {
  const session = await openTerminal(['--root', root, ...args]);
  await session.waitForSelected(newest);
  await session.waitFor(/^ magds > Backups .*DEVELOPMENT/);
  return session;
}

/** A backup that copies its huge file. */
async function copying(): Promise<Session & {root: string}> {
  const {root} = makePlace({huge: true});
  const session = await opened(root);
  session.keys('b');
  await session.waitFor(/\+ archive/);
  session.keys(key.enter);
  await session.waitFor(/archive .*- copying/);
  return {...session, root};
}

const listed = (id: string) => (lines: string[]) =>
  lines.some((line) => /^ [> ] /.test(line) && line.includes(id));

test('b, a label, Enter: it is made, appears in the list, and v finds it whole', async () => {
  const {root, backups} = makePlace();
  for (const name of ['tenants', 'ledger'])
    fs.writeFileSync(`${root}/storage/data/${name}.json`, `{"name": "${name}"}`);
  const {waitFor, waitForExit, keys, raw} = await opened(root);
  keys('b');
  await waitFor(/\+ tenants[\s\S]*\+ ledger[\s\S]*RETENTION {2}deletes nothing/);
  expect(namesIn(`${root}/storage/runbook`)).toEqual([]);
  keys('pre q?:');
  await waitFor(/Label.*pre q\?:_[\s\S]*_pre-q--,/);
  keys('\u007f\u007f\u007f');
  await waitFor(/Label.*: pre _/);
  keys('\u0015');
  await waitFor(/Label.*: _/);
  keys('fresh');
  await waitFor(/id \d{8}_\d{6}_fresh/);
  keys(key.enter);
  await waitFor(/\+ DONE/);
  const made = namesIn(backups).find((name) => name.endsWith('_fresh')) ?? '';
  expect(fs.readFileSync(`${backups}/${made}/datasets/tenants.json`, 'utf8')).toBe('{"name": "tenants"}');
  keys('v');
  await waitFor(/\+ PASSED: 2 of 2/);
  keys(key.escape);
  await waitFor(/\+ DONE/);
  keys(key.escape);
  await waitFor((lines) => lines.some((line) => line.includes(made) && /now +\+ 2/.test(line)));
  keys('q');
  expect((await waitForExit()).exitCode).toBe(0);
  expect(raw().slice(raw().lastIndexOf('\u001b[?1049l'))).toContain(`${made}: made`);
});

test('a label can be pasted, and pasting starts nothing', async () => {
  const {root} = makePlace();
  const {waitFor, keys} = await opened(root);
  keys('b');
  await waitFor(/\+ tenants/);
  keys(key.paste('INC-4711\r'));
  await waitFor(/id \d{8}_\d{6}_INC-4711/);
  keys(key.paste('two\rlines\r'));
  await waitFor(/ignored/);
  keys('!');
  await waitFor(/Label.*: INC-4711!_/);
  expectNothingMade(root);
});

test('what is missing is said before and after', async () => {
  const {root} = makePlace({maxCount: 2});
  fs.rmSync(`${root}/storage/data/ledger.json`);
  const {waitFor, keys} = await opened(root);
  keys('b');
  await waitFor(/x ledger .*missing[\s\S]*RETENTION {2}waits/);
  keys(key.enter);
  await waitFor(/x DONE IN PART: ledger: /);
});

test('Ctrl+C cancels it, and nothing of it stays', async () => {
  const {waitFor, keys, root, screen} = await copying();
  keys(key.ctrlC);
  await waitFor(/CANCELLED: nothing of it stays/);
  expect(screen().join('\n')).not.toMatch(/whole .*100%/);
  expectNothingMade(root);
  // The lock is free again.
  const {code} = await magds(['backup', 'prune', '--root', root]);
  expect(code).toBe(0);
});

test('Esc goes back while it goes on, and b comes back to it', async () => {
  const {waitFor, waitForSelected, keys, root} = await copying();
  keys(key.escape);
  await waitForSelected(newest);
  expect(namesIn(`${root}/storage/runbook/building`)).toHaveLength(1);
  keys('j');
  await waitForSelected(old[1]);
  keys('b');
  await waitFor(/archive .*- copying/);
  keys(key.ctrlC);
  await waitFor(/CANCELLED: nothing of it stays/);
  expectNothingMade(root);
});

test('q asks before it cancels a backup, and the second q leaves nothing of it behind', async () => {
  const {waitFor, waitForSelected, waitForExit, keys, root} = await copying();
  keys(key.escape);
  await waitForSelected(newest);
  await waitFor(/^ A backup is running: \d+% of 215 GB\. {2}b shows it/m);
  keys('h');
  await waitFor(/h not now: a backup is running/);
  keys('qqq');
  await waitFor(/A backup is running: q again/);
  keys('q');
  await waitForExit();
  expectNothingMade(root);
});

/** Closes the other end, as a lost connection does. */
const hangUp = ({pty}: Session) => (pty as unknown as {destroy(): void}).destroy();

test.each<[string, (session: Session) => void]>([
  ['a lost connection', hangUp],
  ['SIGHUP', ({pty}) => process.kill(pty.pid, 'SIGHUP')],
  ['SIGTERM', ({pty}) => process.kill(pty.pid, 'SIGTERM')],
])('%s cancels it, and leaves nothing of it behind', async (_, leave) => {
  const session = await copying();
  leave(session);
  expect(await eventually(() => !isAlive(session.pty.pid))).toBe(true);
  expectNothingMade(session.root);
});

test('prune removes what it showed, once the count is typed', async () => {
  const {root, backups} = makePlace({maxCount: 2});
  const {waitFor, waitForSelected, keys} = await opened(root);
  keys('P');
  await waitFor(/Deletes 2 of 4[\s\S]*x 20260102_010000 +delete[\s\S]*x 20260101_010000 +delete[\s\S]*> _/);
  keys(key.paste('2'));
  await waitFor(/ignored/);
  keys('3');
  await waitFor(/> 3_/);
  keys(key.enter);
  await waitFor(/2 go, not 3: type 2, then Enter\. Nothing was deleted/);
  expectNothingMade(root);
  keys('\u007f');
  await waitFor(/> _/);
  keys('2');
  await waitFor(/> 2_/);
  keys(key.enter);
  await waitFor(/2 deleted\./);
  expect(namesIn(backups)).toEqual([old[1], old[0]]);
  expect(namesIn(`${root}/storage/runbook/removing`)).toEqual([]);
  keys(key.escape);
  await waitForSelected(newest);
  await waitFor((lines) => listed(old[1])(lines) && !listed(oldest)(lines));
});

test('prune removes nothing when something has changed since it was shown', async () => {
  const {root, backups} = makePlace({maxCount: 2});
  const {waitFor, keys} = await opened(root);
  keys('P');
  await waitFor(/Deletes 2 of 4[\s\S]*> _/);
  makeBackup({backups, id: '20260105_010000', recordedRoot: 'here'});
  keys('2');
  await waitFor(/> 2_/);
  keys(key.enter);
  await waitFor(/Something has changed.*nothing was deleted/);
  expect(namesIn(backups)).toHaveLength(5);
});

test('what the configuration says now is what is planned, shown and done', async () => {
  const {root, backups, configure} = makePlace({maxCount: 1});
  const {waitFor, keys} = await opened(root);
  configure(7);
  keys('P');
  await waitFor(/Nothing to delete: retention keeps the newest 7/);
  keys(key.escape);
  configure(2);
  keys('P');
  await waitFor(/Deletes 2 of 4/);
  configure(3);
  keys('2');
  await waitFor(/> 2_/);
  keys(key.enter);
  await waitFor(/The configuration has changed since this was shown: nothing was deleted/);
  expect(namesIn(backups)).toEqual(old.toSorted());
  keys(key.escape);

  configure(7, 1);
  keys('b');
  await waitFor((lines) => lines.some((line) => line.includes('+ tenants')));
  await waitFor((lines) => !lines.some((line) => line.includes('+ ledger')));
  configure(7);
  keys(key.enter);
  await waitFor(/The configuration has changed since this was shown: nothing was backed\s+up/);
  expectNothingMade(root);
});

test('the configuration screen follows what the configuration says', async () => {
  const {root, configure} = makePlace();
  const {waitFor, keys} = await opened(root);
  keys('c');
  await waitFor(/max_count +7 /);
  configure(5);
  await waitFor(/max_count +5 /);
});

test('h holds with a reason, u lets go with the word', async () => {
  const {root} = makePlace({maxCount: 4});
  const {waitFor, waitForSelected, keys} = await opened(root);
  const held = `${root}/storage/runbook/held`;
  await waitFor(new RegExp(`PHP's next run deletes ${oldest}`));
  keys('G');
  await waitForSelected(oldest);
  keys('h');
  await waitFor(new RegExp(`Why hold ${oldest}\\? _`));
  keys(key.enter);
  await waitFor(/Say why/);
  expect(namesIn(held)).toEqual([]);
  keys('INC-4711');
  await waitFor(/\? INC-4711_/);
  keys(key.enter);
  await waitFor((lines) => lines.some((line) => line.startsWith(` > ${oldest}`) && line.includes('held')));
  await waitFor(/Held: INC-4711/);
  await waitFor((lines) => !lines.some((line) => line.includes("PHP's next run")));
  expect(namesIn(held)).toEqual([oldest]);
  keys('u');
  await waitFor(new RegExp(`Release ${oldest}\\? Type unpin: _`));
  keys('y');
  await waitFor(/unpin: y_/);
  keys(key.enter);
  await waitFor(/Type unpin to release it/);
  expect(namesIn(held)).toEqual([oldest]);
  keys('\u007funpin');
  await waitFor(/unpin: unpin_/);
  keys(key.enter);
  await waitFor((lines) => lines.some((line) => line.includes(`${oldest} is held no longer`)));
  await waitFor((lines) => lines.some((line) => line.startsWith(` > ${oldest}`) && !line.includes('held')));
  expect(namesIn(held)).toEqual([]);
});

test('h on one that lacks a copy holds the rest, and warns of what it lacks', async () => {
  const {root, backups} = makePlace({maxCount: 4});
  const [copy = ''] = fs.readdirSync(`${backups}/${oldest}/datasets`);
  fs.rmSync(`${backups}/${oldest}/datasets/${copy}`);
  const {waitFor, waitForSelected, keys} = await opened(root);
  keys('G');
  await waitForSelected(oldest);
  keys('h');
  await waitFor(new RegExp(`Why hold ${oldest}\\? _`));
  keys('INC-4711');
  await waitFor(/\? INC-4711_/);
  keys(key.enter);
  await waitFor(new RegExp(`! ${oldest} is held [^]*the copy is missing`));
  expect(namesIn(`${root}/storage/runbook/held`)).toEqual([oldest]);
});

test('while another process writes, it says who, and changes nothing', async () => {
  const {root} = makePlace({huge: true});
  let other = 0;
  let stop = (): void => {};
  const writer = magds(['backup', 'run', '--root', root, '--json'], {
    onStdout(_, child) {
      other = child.pid ?? 0;
      stop = () => child.kill('SIGINT');
    },
  });
  expect(await eventually(() => other !== 0)).toBe(true);
  const {waitFor, waitForSelected, keys} = await opened(root);
  keys('b');
  await waitFor(/\+ archive/);
  keys(key.enter);
  await waitFor(new RegExp(`x Locked by "backup run", process ${other} of `));
  keys(key.escape);
  await waitForSelected(newest);
  keys('h');
  await waitFor(/Why hold/);
  keys('x');
  await waitFor(/\? x_/);
  keys(key.enter);
  await waitFor(new RegExp(`x Locked by "backup run", process ${other}`));
  // It takes more than one line, and its end says what to do.
  await waitFor((lines) =>
    lines
      .map((line) => line.trim())
      .join(' ')
      .includes('Wait until it is done. Nothing was changed.'),
  );
  expect(namesIn(`${root}/storage/runbook/held`)).toEqual([]);
  stop();
  expect((await writer).code).toBe(130);
  expectNothingMade(root);
});

test('--read-only writes nothing, and says why not', async () => {
  const {root} = makePlace({maxCount: 2});
  const {waitFor, keys} = await opened(root, ['--read-only']);
  for (const each of ['b', 'h', 'P']) {
    keys(each);
    await waitFor(new RegExp(`^ ${each} not now: .*--read-only forbids`, 'm'));
  }
  expectNothingMade(root);
  expect(fs.existsSync(`${root}/storage/runbook`)).toBe(false);
});
