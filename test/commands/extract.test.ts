import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {toldIn} from '../support/audit.ts';
import {flipBit, makeBackup, makeRoot} from '../support/backups.ts';
import {canTrace, traced} from '../support/faults.ts';
import {backup, phpFile} from '../support/php-config.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const id = '20261123_131813';
const content = '{"dataset":"tenants"}\n';

function place() {
  const {root, backups} = makeRoot();
  const to = temporaryDirectory();
  const extract = (...args: string[]) => magds(['backup', 'extract', id, ...args, '--root', root]);
  return {root, backups, to, extract};
}
const filesIn = (directory: string) => (fs.readdirSync(directory, {recursive: true}) as string[]).sort();

describe('a dataset of one file', () => {
  test('is copied out, and nobody else may read it', async () => {
    const {backups, to, extract} = place();
    makeBackup({backups, id});
    const {code, stdout, stderr} = await extract('tenants', `--to=${to}/mine.json`);
    expect({code, stdout, stderr}).toEqual({
      code: 0,
      stdout: `+ what was backed up: tenants, 22 B\nIn ${to}/mine.json.\n`,
      stderr: '',
    });
    expect(fs.readFileSync(`${to}/mine.json`, 'utf8')).toBe(content);
    expect(fs.statSync(`${to}/mine.json`).mode & 0o777).toBe(0o600);
    expect(filesIn(to)).toEqual(['mine.json']);
  });

  test.skipIf(!canTrace)('also where the file system knows no hard links (needs strace)', async () => {
    const {root, backups, to} = place();
    makeBackup({backups, id});
    const args = ['backup', 'extract', id, 'tenants', '--root', root];
    const without = {calls: ['link'], inject: 'link:error=EPERM'};
    const {code, stderr} = await traced([...args, `--to=${to}/mine.json`], without);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(fs.readFileSync(`${to}/mine.json`, 'utf8')).toBe(content);
    expect(filesIn(to)).toEqual(['mine.json']);
  });

  test.each(['', `/${id}`])('not to among the backups%s: PHP would delete one more for it', async (below) => {
    const {backups, to, extract} = place();
    makeBackup({backups, id});
    fs.symlinkSync(backups, `${to}/link`);
    const before = filesIn(backups);
    for (const way of [backups, `${to}/link`])
      expect(await extract('tenants', `--to=${way}${below}/mine.json`)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: `magds: ${way}${below}/mine.json would lie among the backups, where PHP's retention counts and deletes: name another place. Nothing was written.\n`,
      });
    expect(filesIn(backups)).toEqual(before);
  });

  test('is told of: what left the tree, and where to; nothing that was not written, and nothing with --read-only', async () => {
    const {root, backups, to, extract} = place();
    flipBit(makeBackup({backups, id}).copy('ledger'));
    expect((await extract('ledger', `--to=${to}/damaged`)).code).toBe(4);
    expect((await extract('tenants', `--to=${to}/unsaid`, '--read-only')).code).toBe(0);
    expect(toldIn(root)).toEqual([]);
    expect((await extract('tenants', `--to=${to}/mine.json`)).code).toBe(0);
    expect((await extract(`--to=${to}/all`, '--even-damaged')).code).toBe(3);
    expect(toldIn(root)).toEqual([
      {
        action: 'magdb.backup.extracted',
        payload: {id, datasets: ['tenants'], target: `${to}/mine.json`, files: 1, bytes: 22},
      },
      {
        action: 'magdb.backup.extracted',
        payload: {id, datasets: ['tenants', 'ledger'], target: `${to}/all`, files: 2, bytes: 43},
      },
    ]);
  });

  test('where that cannot be told it says so, and exits with what it says of the bytes', async () => {
    const {root, backups, to, extract} = place();
    flipBit(makeBackup({backups, id}).copy('ledger'));
    fs.mkdirSync(`${root}/storage/logs/audit.log`, {recursive: true});
    const stderr = expect.stringMatching(
      /^! Not reported: the audit log .* was not written: it is a directory/,
    );
    expect(await extract('tenants', `--to=${to}/mine.json`)).toMatchObject({code: 0, stderr});
    expect(await extract('ledger', `--to=${to}/damaged`, '--even-damaged')).toMatchObject({code: 3, stderr});
    const json = await extract('tenants', `--to=${to}/again.json`, '--json');
    expect(json).toMatchObject({code: 0, stderr});
    expect(jsonLines(json.stdout).at(-1)).toMatchObject({untold: [expect.stringContaining('audit log')]});
  });

  test('what is there already is never written over', async () => {
    const {backups, to, extract} = place();
    makeBackup({backups, id});
    fs.writeFileSync(`${to}/mine.json`, 'live');
    const {code, stderr} = await extract('tenants', `--to=${to}/mine.json`);
    expect(code).toBe(1);
    expect(stderr).toContain(`${to}/mine.json exists already, and is not overwritten: name another place.`);
    fs.symlinkSync('nowhere', `${to}/link`);
    expect((await extract('tenants', `--to=${to}/link`)).code).toBe(1);
    expect(filesIn(to)).toEqual(['link', 'mine.json']);
    expect(fs.readFileSync(`${to}/mine.json`, 'utf8')).toBe('live');
  });

  test('one that is not what was backed up leaves nothing, unless it is asked for by name', async () => {
    const {backups, to, extract} = place();
    flipBit(makeBackup({backups, id}).copy('tenants'));
    const {code, stderr} = await extract('tenants', `--to=${to}/mine.json`);
    expect(code).toBe(4);
    expect(stderr).toContain(
      `tenants in ${id} is not what was backed up. Nothing was written; --even-damaged`,
    );
    expect(filesIn(to)).toEqual([]);
    const damaged = await extract('tenants', `--to=${to}/mine.json`, '--even-damaged');
    expect(damaged).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('x not what was backed up: tenants'),
    });
    expect(filesIn(to)).toEqual(['mine.json']);
  });

  test('one that the backup does not hold, or whose copy is gone, is said', async () => {
    const {backups, to, extract} = place();
    fs.unlinkSync(makeBackup({backups, id}).copy('ledger'));
    const unknown = await extract('sessions', `--to=${to}/x`);
    expect(unknown).toMatchObject({
      code: 10,
      stderr: expect.stringContaining(`${id} holds no sessions, but tenants, ledger.`),
    });
    const gone = await extract('ledger', `--to=${to}/x`);
    expect(gone).toMatchObject({code: 1, stderr: expect.stringContaining('ledger: its copy is missing')});
    expect(filesIn(to)).toEqual([]);
  });
});

test('a directory, and all of a backup, become a directory', async () => {
  const {backups, to, extract} = place();
  makeBackup({
    backups,
    id,
    datasets: [{name: 'tenants'}, {name: 'docs/a', file: 'docs-a'}, {name: 'docs/b', file: 'docs-b'}],
  });
  expect((await extract('docs', `--to=${to}/docs`)).code).toBe(0);
  expect(filesIn(`${to}/docs`)).toEqual(['a', 'b']);
  const all = await extract(`--to=${to}/all`, '--json');
  expect(all.code).toBe(0);
  expect(jsonLines(all.stdout).at(-1)).toMatchObject({
    command: 'backup:extract',
    id,
    to: `${to}/all`,
    files: [
      {name: 'tenants', bytes: 22, proof: 'match'},
      {name: 'docs/a', proof: 'match'},
      {name: 'docs/b', proof: 'match'},
    ],
  });
  expect(filesIn(`${to}/all`)).toEqual(['docs-a', 'docs-b', 'tenants.json']);
  expect(filesIn(to).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('what belongs to a database beside its dump is named, and comes out under its own name', async () => {
  const {backups, to, extract} = place();
  const datasets = [
    {name: 'db', file: 'db.dump'},
    {name: 'db/globals.sql', file: 'globals.sql'},
  ];
  makeBackup({backups, id, datasets});
  const {code, stdout} = await extract('db', `--to=${to}/db.dump`);
  expect(code).toBe(0);
  expect(stdout).toContain('Not in it, but in the backup: db/globals.sql.');
  const roles = await extract('db/globals.sql', `--to=${to}/globals.sql`, '--json');
  expect(jsonLines(roles.stdout).at(-1)).toMatchObject({files: [{name: 'db/globals.sql'}], beside: []});
  expect(filesIn(to)).toEqual(['db.dump', 'globals.sql']);
});

test('a manifest that names no algorithm is judged by the configured one, without one by nothing', async () => {
  const {root, backups, to, extract} = place();
  const manifest = (text: string) => text.replaceAll(/ *"algorithm": "crc32b",\n/g, '');
  makeBackup({backups, id, datasets: [{name: 'tenants', algorithm: 'crc32b'}], manifest});
  const unknown = await magds(['backup', 'extract', id, 'tenants', `--to=${to}/a`, '--backups', backups]);
  expect(unknown).toMatchObject({code: 3, stdout: expect.stringContaining('? nothing says')});
  fs.mkdirSync(`${root}/config/base`, {recursive: true});
  const datasets = [{name: 'tenants', source: 'storage/data/tenants.json', type: 'file'}];
  fs.writeFileSync(
    `${root}/config/base/magds.php`,
    phpFile(backup({datasets, verification: {algorithm: 'crc32b'}})),
  );
  expect((await extract('tenants', `--to=${to}/b`)).stdout).toContain('+ what was backed up: tenants');
});

test('what was cut off has no manifest: its files come out, and nothing vouches for them', async () => {
  const {backups, to, extract} = place();
  makeBackup({backups, id, manifest: () => null});
  const {code, stdout} = await extract('tenants', `--to=${to}/mine.json`);
  expect({code, stdout}).toEqual({
    code: 3,
    stdout: `? nothing says what was backed up: tenants, 22 B\nIn ${to}/mine.json.\n`,
  });
  expect(fs.readFileSync(`${to}/mine.json`, 'utf8')).toBe(content);
});

test('a name that leads elsewhere is no file name', async () => {
  const {backups, to, extract} = place();
  makeBackup({backups, id, datasets: [{name: 'docs/../../evil', file: 'docs-a'}]});
  const {code, stderr} = await extract('docs', `--to=${to}/docs`);
  expect(code).toBe(1);
  expect(stderr).toContain('docs/../../evil cannot be a file name here.');
  expect(filesIn(to)).toEqual([]);
});

test('without a place to go to, it says how it is called', async () => {
  const {backups, extract} = place();
  makeBackup({backups, id});
  expect(await extract('tenants')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Where to? Give --to=FILE.'),
  });
});

test('what lies in a backup that was cut off can be compared and taken out, by the name of its dataset', async () => {
  const {root, backups, to, extract} = place();
  makeBackup({backups, id, manifest: () => null, datasets: [{name: 'tenants'}, {name: 'ledger'}]});
  expect(await extract('tenants', `--to=${to}/mine.json`)).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('? nothing says what was backed up: tenants'),
  });
  const diff = await magds(['backup', 'diff', id, '--root', root]);
  expect(diff.stdout).toMatch(/ledger .*\n.*tenants /);
});

test('what a restore has saved is listed, compared and taken out, and not restored by its id', async () => {
  const {root, backups, to, extract} = place();
  const saved = '20261123_140000_before-restore-1';
  fs.mkdirSync(`${root}/storage/data`, {recursive: true});
  fs.writeFileSync(`${root}/storage/data/tenants.json`, 'newer');
  makeBackup({backups: `${root}/storage/runbook/safety`, id: saved, datasets: [{name: 'tenants'}]});
  makeBackup({backups, id});
  const listed = await magds(['backup', 'list', '--root', root, '--json']);
  expect(JSON.parse(listed.stdout).safety_backups).toMatchObject([
    {id: saved, path: `${root}/storage/runbook/safety/${saved}`, until: '2026-12-23', copies: [{version: 1}]},
  ]);
  const out = await magds(['backup', 'extract', saved, 'tenants', `--to=${to}/t.json`, '--root', root]);
  expect(out.code).toBe(0);
  expect((await magds(['backup', 'diff', saved, '--root', root])).stdout).toMatch(/^tenants /m);
  const restore = await magds(['restore', `--id=${saved}`, '--dry-run', '--root', root]);
  expect(restore).toMatchObject({code: 10, stderr: expect.stringContaining('it is a safety backup')});
  expect((await extract('tenants', `--to=${to}/mine.json`)).code).toBe(0);
});

test('--to=- makes no file of that name', async () => {
  const {backups, to, extract} = place();
  makeBackup({backups, id});
  expect(
    await magds(['backup', 'extract', id, 'tenants', '--to=-', '--backups', backups], {cwd: to}),
  ).toMatchObject({
    code: 2,
    stdout: '',
    stderr:
      'magds: --to=- is no file, and nothing is copied to stdout: name one, such as ./-. Nothing was written.\n',
  });
  expect(filesIn(to)).toEqual([]);
  expect((await extract('tenants', `--to=${to}/-`)).code).toBe(0);
});
