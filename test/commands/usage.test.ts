import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {findBackup} from '../../source/commands/find-backup.ts';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {magds, shell} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const id = '20261123_100000_nightly';

function makePlace() {
  const {root, backups} = makeRoot();
  const built = makeBackup({backups, id});
  return {root, backups, built};
}

describe('what is not known is refused, and nothing is done', () => {
  test.each([
    [['backup', 'verify', '--all', '--dry-rnu']],
    [['backup', 'verify', '--all', '--dryRun=1']],
    [['backup', 'verify', '--all', '-x']],
    [['backup', 'verify', '--all', '--', '--json']],
    [['backup', 'list', '--all']],
    [['backup', 'list', '--max-age=7d']],
    [['backup', 'list', 'extra']],
    [['backup', 'lsit']],
    [['backup']],
    [['verify', '--all']],
    [['backup', 'verify', '--id=']],
    [['backup', 'verify', '--id']],
    [['backup', 'verify', '--id=a', '--id=b']],
    [['--all']],
  ])('%j', async (args) => {
    const {root, built} = makePlace();
    const {code, stdout, stderr} = await magds(args, {cwd: root});
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
    expect(stderr).toMatch(/^magds: .+\n$/);
    expect(fs.existsSync(`${built.directory}/verifications.jsonl`)).toBe(false);
  });
});

describe('an id', () => {
  test.each(['../backups', '/etc', 'a/b', '.', '..', 'x'.repeat(300), '\u00e9'.repeat(128)])(
    'that is no name, as %j, is wrong usage',
    async (given) => {
      const {root} = makePlace();
      const verify = await magds(['backup', 'verify', `--id=${given}`, '--root', root]);
      expect(verify).toMatchObject({code: 2, stdout: ''});
      expect((await magds(['backup', 'show', given, '--root', root])).code).toBe(2);
    },
  );

  test('with a NUL is wrong usage, although no command line can hold one', () => {
    const {backups} = makePlace();
    expect(() => findBackup({root: null, backups}, `${id}\0`)).toThrow(expect.objectContaining({exit: 2}));
  });

  test('of a link or a file is no backup', async () => {
    const {root, backups} = makePlace();
    fs.symlinkSync(id, `${backups}/20261123_110000`);
    fs.writeFileSync(`${backups}/20261123_120000`, '');
    for (const given of ['20261123_110000', '20261123_120000']) {
      const {code, stderr} = await magds(['backup', 'verify', '--id', given, '--root', root]);
      expect(code).toBe(10);
      expect(stderr).toContain(given);
    }
  });

  test('is taken as it is, also where it looks like a number', async () => {
    const {root, backups} = makePlace();
    makeBackup({backups, id: '20261123_130000', datasets: [{name: 'tenants'}]});
    fs.renameSync(`${backups}/20261123_130000`, `${backups}/007`);
    const {code, stdout} = await magds(['backup', 'show', '007', '--root', root]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^backup +007$/m);
  });
});

test('--help names every command, flag and exit code; of a command, its own', async () => {
  const all = await magds(['--help']);
  expect(all).toMatchObject({code: 0, stderr: ''});
  for (const word of [
    'backup list',
    'backup show',
    'backup verify',
    'demo',
    '--max-age',
    '--read-only',
    '130',
  ])
    expect(all.stdout).toContain(word);
  const list = await magds(['backup', 'list', '--help']);
  expect(list.code).toBe(0);
  expect(list.stdout).toContain('magds backup list');
  expect(list.stdout).not.toContain('--max-age');
});

test('--version', async () => {
  const {version} = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const {code, stdout} = await magds(['--version']);
  expect({code, stdout}).toEqual({code: 0, stdout: expect.stringContaining(version) as string});
});

describe('without a terminal', () => {
  test('the app says what to use instead', async () => {
    const {root} = makePlace();
    for (const args of [['--root', root], ['--root', root, '--read-only'], ['demo']]) {
      const {code, stdout, stderr} = await magds(args);
      expect({code, stdout}).toEqual({code: 2, stdout: ''});
      expect(stderr).toMatch(/terminal.*magds /);
    }
  });

  test('--json without a command is wrong usage', async () => {
    const {root} = makePlace();
    expect((await magds(['--json', '--root', root])).code).toBe(2);
  });

  test('commands run with stdin closed, and with all of it closed', async () => {
    const {root} = makePlace();
    const {code, stdout} = await shell(`magds backup list --root '${root}' <&-`);
    expect(code).toBe(0);
    expect(stdout).toContain(id);
    expect((await shell(`magds backup verify --all --root '${root}' <&- 2>&-`)).code).toBe(0);
    expect((await shell(`magds --root '${root}' <&-`)).code).toBe(2);
  });
});

describe('demo DIR', () => {
  test('makes a root once, and refuses to write over anything', async () => {
    const directory = `${temporaryDirectory()}/new`;
    const made = await magds(['demo', directory]);
    expect(made).toMatchObject({code: 0, stdout: `${directory}\n`});
    const list = await magds(['backup', 'list', '--root', directory]);
    for (const word of ['never', 'changed since it passed', 'failed', 'interrupted', 'unreadable', 'unknown'])
      expect(list.stdout).toContain(word);
    const again = await magds(['demo', directory]);
    expect(again).toMatchObject({code: 2, stdout: ''});
    expect(again.stderr).toContain('not empty');
  });

  test('takes neither a file nor another root', async () => {
    const {root, built} = makePlace();
    expect((await magds(['demo', built.manifestFile])).code).toBe(2);
    expect((await magds(['demo', '--root', root])).code).toBe(2);
    expect(fs.readFileSync(built.manifestFile, 'utf8')).toBe(built.manifest);
  });
});
