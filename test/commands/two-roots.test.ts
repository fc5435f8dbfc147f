import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {backup, rootWith} from '../support/php-config.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {openTerminal} from '../support/terminal.ts';

const live = 'storage/data/tenants.json';

/** Projects that keep two backups each, all in one directory. */
function makeRoots(...counts: number[]) {
  const backups = `${temporaryDirectory()}/backups`;
  fs.mkdirSync(backups);
  const roots = counts.map((count) =>
    rootWith({
      'config/base/magds.php': backup({
        path: backups,
        datasets: [{name: 'tenants', source: live}],
        retention: {max_count: count},
      }),
      [live]: `{"of":"${count} and something"}\n`,
    }),
  );
  return {backups, roots};
}

const command = (root: string, ...words: string[]) => magds([...words, '--root', root]);
const ids = (backups: string): string[] => fs.readdirSync(backups).toSorted();
async function runs(root: string, backups: string): Promise<string> {
  const before = new Set(ids(backups));
  expect(await command(root, 'backup', 'run')).toMatchObject({code: 0});
  const [id = ''] = ids(backups).filter((each) => !before.has(each));
  return id;
}

test('the retention of one leaves those of the other, which do not count for it', async () => {
  const {backups, roots} = makeRoots(1, 2);
  const [one, two] = roots as [string, string];
  const first = await runs(one, backups);
  const theirs = [await runs(two, backups), await runs(two, backups)];
  const second = await runs(one, backups);
  expect(ids(backups)).toEqual([...theirs, second].toSorted());
  expect(ids(backups)).not.toContain(first);
  const {stdout} = await command(one, 'backup', 'prune', '--dry-run');
  for (const id of theirs)
    expect(stdout).toContain(
      `\n  = ${id}  keep: it is of ${two}, which keeps its backups here too: not counted, never deleted here\n`,
    );
  expect(stdout).toContain(`\n  = ${second}  keep: 1 of the newest 1, for tenants\n`);
  // It is said where one looks for it.
  const config = await command(one, 'config');
  expect(config.code).toBe(1);
  expect(config.stdout).toContain(`! backup.path: ${two} keeps its backups here too (2 of them)`);
  const doctor = jsonLines((await command(one, 'doctor', '--json')).stdout)[0];
  expect(JSON.stringify(doctor)).toContain(`2 backups are of ${two}, which keeps its backups here too`);
});

test('of a project that is gone, as a moved tree, they are ours', async () => {
  const {backups, roots} = makeRoots(1, 2);
  const [one, two] = roots as [string, string];
  const theirs = await runs(two, backups);
  fs.rmSync(two, {recursive: true});
  const own = await runs(one, backups);
  expect(ids(backups)).toEqual([own]);
  expect(theirs).not.toBe(own);
  expect(await command(one, 'config')).toMatchObject({code: 0});
});

test('a copy of a project, with the backups in it, prunes its own copies of them', async () => {
  const {roots} = makeRoots(1);
  const [one] = roots as [string];
  fs.writeFileSync(
    `${one}/config/base/magds.php`,
    fs
      .readFileSync(`${one}/config/base/magds.php`, 'utf8')
      .replace(/'path' => '[^']*'/, "'path' => 'storage/backups'"),
  );
  const backups = `${one}/storage/backups`;
  fs.mkdirSync(backups);
  const old = await runs(one, backups);
  const copy = `${temporaryDirectory()}/copy`;
  fs.cpSync(one, copy, {recursive: true, preserveTimestamps: true});
  const own = await runs(copy, `${copy}/storage/backups`);
  expect(ids(`${copy}/storage/backups`)).toEqual([own]);
  expect(ids(backups)).toEqual([old]);
});

test('releases of one project that share storage/ are one', async () => {
  const {backups, roots} = makeRoots(1);
  const [one] = roots as [string];
  const base = temporaryDirectory();
  fs.renameSync(`${one}/storage`, `${base}/shared`);
  const releases = ['1', '2'].map((name) => {
    const release = path.join(base, 'releases', name);
    fs.cpSync(one, release, {recursive: true});
    fs.symlinkSync(`${base}/shared`, `${release}/storage`);
    return release;
  }) as [string, string];
  await runs(releases[0], backups);
  const newest = await runs(releases[1], backups);
  expect(ids(backups)).toEqual([newest]);
});

test('the app says so too, once all backups were read, and the prune screen for which datasets each stays', async () => {
  const {backups, roots} = makeRoots(1, 2);
  const [one, two] = roots as [string, string];
  await runs(one, backups);
  await runs(two, backups);
  const {keys, waitFor} = await openTerminal(['--root', one], {columns: 80, rows: 24});
  await waitFor('v verify');
  keys('c');
  await waitFor('keeps its backups here too');
  keys(key.escape);
  await waitFor('v verify');
  keys('P');
  await waitFor(/keep +tenants: 1 of the newest 1/);
});
