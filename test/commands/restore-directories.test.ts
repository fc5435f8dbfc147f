import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {isRoot} from '../support/faults.ts';
import {backup, rootWith} from '../support/php-config.ts';
import {configure, nobody, recordOf, signOff} from '../support/restores.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const hasPhp = spawnSync('php', ['--version']).status === 0;

/** A root of a directory dataset with a private directory and one for uploads, and a backup of it. */
async function makeTree() {
  const root = rootWith({
    'config/base/magds.php': backup({}),
    'storage/data/tree/priv/deep/secret': 'secret',
    'storage/data/tree/up/load': 'load',
    'storage/data/tree/open': 'open',
  });
  fs.chmodSync(root, 0o755);
  const data = `${root}/storage/data`;
  const backups = `${root}/storage/backups`;
  fs.mkdirSync(backups);
  configure(root, {
    backup: {datasets: [{name: 'tree', source: 'storage/data/tree', type: 'directory'}]},
  });
  const give = (name: string, uid: number, gid: number, mode: number): void => {
    if (isRoot) fs.chownSync(`${data}/${name}`, uid, gid);
    fs.chmodSync(`${data}/${name}`, mode);
  };
  give('tree', nobody, nobody, 0o751);
  give('tree/priv', nobody, 1234, 0o700);
  give('tree/priv/deep', 0, 0, 0o711);
  give('tree/up', nobody, 4321, 0o2770);
  const marked =
    spawnSync('setfattr', ['-n', 'user.note', '-v', 'kept', `${data}/tree/up`]).status === 0 &&
    spawnSync('setfacl', ['-m', 'u:4711:rwx,d:u:4711:r-x', `${data}/tree/up`]).status === 0;
  const command = (...args: string[]) => magds([...args, '--root', root]);
  /** What each directory is now, with its ACL and extended attributes. */
  const now = () =>
    ['tree', 'tree/priv', 'tree/priv/deep', 'tree/up'].map((name) => {
      const {uid, gid, mode} = fs.statSync(`${data}/${name}`);
      const more = marked
        ? spawnSync('getfattr', ['-d', '-m', '-', '-e', 'hex', '--absolute-names', `${data}/${name}`]).stdout
        : '';
      return [name, uid, gid, (mode & 0o7777).toString(8), String(more)];
    });
  const before = now();
  expect(await command('backup', 'run')).toMatchObject({code: 0, stderr: ''});
  const [id = ''] = fs.readdirSync(backups);
  const remove = () => fs.rmSync(`${data}/tree`, {recursive: true});
  const restore = (...args: string[]) => command('restore', `--id=${id}`, ...args);
  return {root, data, id, manifest: `${backups}/${id}/manifest.json`, now, before, remove, command, restore};
}

describe('directories of a directory dataset', () => {
  test('come back as they were: owner, mode, set-id bit, ACL and attributes', async () => {
    const {restore, remove, now, before, id} = await makeTree();
    remove();
    expect(await restore(`--yes=${id}`)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.not.stringContaining('!'),
    });
    expect(now()).toEqual(before);
  });

  test.runIf(hasPhp)('come back from a manifest that PHP has written anew', async () => {
    const {restore, remove, now, before, id, manifest} = await makeTree();
    const script = `$m = json_decode(file_get_contents($argv[1]), true);
      file_put_contents($argv[1], json_encode($m, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES));`;
    expect(spawnSync('php', ['-r', script, manifest]).status).toBe(0);
    remove();
    expect(await restore(`--yes=${id}`)).toMatchObject({code: 0});
    expect(now()).toEqual(before);
  });

  test('are closed, and that is said before and after, where the backup does not say what they were', async () => {
    const {restore, remove, now, id, manifest, data} = await makeTree();
    const {metadata, ...rest} = JSON.parse(fs.readFileSync(manifest, 'utf8'));
    const {directories: _, ...others} = metadata;
    fs.writeFileSync(manifest, JSON.stringify({...rest, metadata: others}));
    remove();
    const note = `${data}/tree and 3 more below or beside it will be created, and the backup records neither its owner nor its mode`;
    const flat = (text: string) => text.replace(/\s+/g, ' ');
    expect(flat((await restore('--dry-run')).stdout)).toContain(note);
    const done = await restore(`--yes=${id}`);
    expect(done).toMatchObject({code: 0});
    expect(flat(done.stdout)).toContain(note);
    expect(now().map(([, , , mode]) => mode)).toEqual(['700', '700', '700', '700']);
  });

  test('come back with an undo', async () => {
    const {root, restore, remove, now, before, id, data, command} = await makeTree();
    fs.writeFileSync(`${data}/tree/priv/deep/secret`, 'another one');
    fs.writeFileSync(`${data}/tree/up/load`, 'another one');
    fs.writeFileSync(`${data}/tree/open`, 'another one');
    expect(await restore(`--yes=${id}`)).toMatchObject({code: 0});
    remove();
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
    expect(fs.readFileSync(`${data}/tree/priv/deep/secret`, 'utf8')).toBe('another one');
    expect(now()).toEqual(before);
    expect(recordOf(root, 2).at(-1)?.data['beware']).toEqual([]);
    expect(await signOff(root, 2)).toMatchObject({code: 0});
  });

  test('that were made for nothing are removed again', async () => {
    const {root, restore, remove, id, data} = await makeTree();
    remove();
    configure(root, {
      backup: {datasets: [{name: 'tree', source: 'storage/data/tree', type: 'directory'}]},
      hooks: {
        before_restore: [['sh', '-c', `echo broken > ${root}/storage/backups/${id}/datasets/tree/up/load`]],
      },
    });
    expect(await restore(`--yes=${id}`)).toMatchObject({code: 5});
    expect(fs.existsSync(`${data}/tree`)).toBe(false);
  });

  test.runIf(isRoot)('are given to nobody else by who could write the manifest', async () => {
    const {restore, remove, id, manifest, data, now} = await makeTree();
    const text = fs.readFileSync(manifest, 'utf8');
    // He had `tree` himself; 1234 is no group of his.
    fs.writeFileSync(manifest, text.replace('0711 0:0', '6777 0:0'));
    for (const each of [path.dirname(manifest), manifest]) fs.chownSync(each, nobody, nobody);
    remove();
    const done = await restore(`--yes=${id}`);
    expect(done).toMatchObject({code: 0});
    expect(done.stdout).toContain(
      `! ${data}/tree/priv: it was ${nobody}:1234, and is ${nobody}:${nobody} now: only root, by a record that nobody else could have written, gives it away`,
    );
    expect(now().map((each) => each.slice(1, 4))).toEqual([
      [nobody, nobody, '751'],
      [nobody, nobody, '700'],
      // Root's, as it says: not his to say.
      [nobody, nobody, '707'],
      [nobody, nobody, '770'],
    ]);
  });
});

/** A file so deep below a directory that its whole path has so many bytes. */
function makeDeep(directory: string, length: number): void {
  const names: string[] = [];
  let left = length - Buffer.byteLength(directory) - 1 - '/file'.length;
  for (; left > 250; left -= 201) names.push('d'.repeat(200));
  names.push('e'.repeat(left));
  // No system call takes all of it.
  const script = 'cd "$1"; shift; for each; do mkdir "$each"; cd "$each"; done; echo deep > file';
  expect(spawnSync('sh', ['-ec', script, 'sh', directory, ...names]).status).toBe(0);
}

test.each([4083, 4093])(
  'a file is left out whose path has %i bytes, and the others are restorable',
  async (length) => {
    const {data, command, id: first} = await makeTree();
    makeDeep(`${data}/tree`, length);
    const dry = await command('backup', 'run', '--dry-run');
    expect(dry.stdout.replace(/\s+/g, ' ')).toContain('its path is too long: that of its copy would have');
    const ran = await command('backup', 'run', '--json');
    expect(ran).toMatchObject({code: 3});
    const summary = jsonLines(ran.stdout).at(-1) as {id: string; left_out: {reason: string}[]};
    expect(summary.left_out).toMatchObject([{reason: expect.stringContaining('the system takes 4095')}]);
    const {id} = summary;
    expect(id).not.toBe(first);
    expect(await command('backup', 'verify', `--id=${id}`)).toMatchObject({code: 0});
    expect(await command('backup', 'pin', id, '--reason=x')).toMatchObject({code: 0});
    fs.rmSync(`${data}/tree/open`);
    expect(await command('restore', `--id=${id}`, `--yes=${id}`)).toMatchObject({code: 0});
    expect(fs.readFileSync(`${data}/tree/open`, 'utf8')).toBe('open');
  },
);

test('the longest path that is backed up can be verified, pinned and restored; a drill that is too deep says so', async () => {
  const {root, data, command, id: first} = await makeTree();
  // The held copy has the longest path of all.
  const longer =
    Buffer.byteLength(`${root}/storage/runbook/held/${first}/datasets/tree`) -
    Buffer.byteLength(`${data}/tree`);
  makeDeep(`${data}/tree`, 4095 - longer);
  const ran = await command('backup', 'run', '--json');
  expect(ran).toMatchObject({code: 0});
  const {id} = jsonLines(ran.stdout).at(-1) as {id: string};
  expect(await command('backup', 'verify', `--id=${id}`)).toMatchObject({code: 0});
  expect(await command('backup', 'pin', id, '--reason=x')).toMatchObject({code: 0});
  expect(await command('backup', 'list')).toMatchObject({
    code: 0,
    stdout: expect.not.stringContaining('unusable'),
  });
  fs.rmSync(`${data}/tree`, {recursive: true});
  expect(await command('restore', `--id=${id}`, `--yes=${id}`)).toMatchObject({code: 0});
  const found = spawnSync('find', [`${data}/tree`, '-name', 'file'], {encoding: 'utf8'});
  expect(Buffer.byteLength(found.stdout.trim())).toBe(4095 - longer);
  const into = `${temporaryDirectory()}/${'i'.repeat(200)}`;
  const drilled = await command('restore', `--id=${id}`, `--into=${into}`);
  expect(drilled).toMatchObject({code: 5});
  expect(drilled.stdout + drilled.stderr).toContain("the target's path is too long: it has");
});

test('a directory that always changes does so with all its files', async () => {
  const {root, data, command, id} = await makeTree();
  const volatileIn = async (what: string): Promise<unknown[]> => {
    fs.appendFileSync(`${data}/tree/open`, what);
    const {stdout} = await command('restore', what, '--dry-run', '--json');
    const {actions} = jsonLines(stdout)[0] as {
      actions: {dataset: string; writing: {volatile: boolean} | null}[];
    };
    return actions.filter(({dataset}) => dataset === 'tree/open').map(({writing}) => writing?.volatile);
  };
  expect(await volatileIn(`--id=${id}`)).toEqual([false]);
  expect(await command('restore', `--id=${id}`, `--yes=${id}`)).toMatchObject({code: 0});
  expect(await volatileIn('--undo=1')).toEqual([false]);
  const datasets = [{name: 'tree', source: 'storage/data/tree', type: 'directory'}];
  configure(root, {backup: {datasets}, volatile: ['tree']});
  expect(await volatileIn(`--id=${id}`)).toEqual([true]);
  expect(await volatileIn('--undo=1')).toEqual([true]);
});

test('holes count for the space that a restore needs as they do on the disk', async () => {
  const {data, command, id} = await makeTree();
  fs.truncateSync(`${data}/tree/open`, 100 * 1024 ** 2);
  const outcome = await command('restore', `--id=${id}`, '--only=tree/open', '--dry-run', '--json');
  const plan = jsonLines(outcome.stdout)[0] as {space?: {needed: number}[]};
  expect(plan.space).not.toEqual([]);
  for (const {needed} of plan.space ?? []) expect(needed).toBeLessThan(10e6);
});
