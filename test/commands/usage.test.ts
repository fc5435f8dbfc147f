import fs from 'node:fs';
import os from 'node:os';
import {describe, expect, test} from 'vitest';
import {loadAll} from '../../source/commands/all.ts';
import {findBackup} from '../../source/commands/find-backup.ts';
import {spellFlag} from '../../source/commands/flags.ts';
import {help} from '../../source/commands/help.ts';
import {parse} from '../../source/commands/parse.ts';
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

test.each([
  ['list', 'backup list'],
  ['backup lsit', 'backup list'],
  ['resotre', 'restore'],
])('"%s" is taken for "%s", and no other command is named', async (typed, meant) => {
  await expect(parse(typed.split(' '))).rejects.toThrow(
    `There is no command "${typed}". Did you mean "${meant}"? See "magds --help".`,
  );
});

test('a path may begin with ~, which no shell reads behind a flag; nothing else may', async () => {
  const home = os.homedir();
  const typed = ['~/x', '/~/x', '~x/y', './~/x'];
  for (const [index, path] of [`${home}/x`, ...typed.slice(1)].entries()) {
    const {flags} = await parse(['restore', 'a', `--into=${typed[index]}`, `--allow-target=${typed[index]}`]);
    expect(flags).toMatchObject({into: path, allowTarget: [path]});
  }
  expect((await parse(['evidence', 'export', '--sign=~/key', '--ticket=~/x'])).flags).toEqual({
    sign: `${home}/key`,
    ticket: '~/x',
  });
  expect((await parse(['--root=~/x', 'backup', 'list'])).flags).toEqual({root: `${home}/x`});
});

describe('the id of a backup', () => {
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

describe('help', () => {
  const ask = async (...args: string[]) => {
    const {code, stdout, stderr} = await magds(args);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    return stdout;
  };

  test('of a command has its flags and the exit codes', async () => {
    for (const {name, command} of await loadAll()) {
      const own = await help({name, command});
      for (const [flag, {kind}] of Object.entries(command.flags))
        expect(own).toContain(spellFlag(flag, kind));
      expect(own).toMatch(/130\s+cancelled/);
    }
    const list = await ask('backup', 'list', '--help');
    expect(list).toContain('  magds backup list');
    expect(list).toContain('--bad-since TIME');
    expect(list).not.toContain('--max-age');
  });

  test('of all is seen at once: every command by what it is for, and no flags', async () => {
    const all = await help(null);
    const lines = all.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(25);
    const starts = lines.map((line) => line.slice(0, 13).trim());
    const tasks = ['Look', 'Prove', 'Restore', 'Every night', 'Set up'];
    expect(starts.filter((start) => tasks.includes(start))).toEqual(tasks);
    for (const {name, command} of await loadAll()) {
      const from = starts.indexOf(command.task);
      const to = starts.findIndex((start, index) => index > from && start !== '');
      const [word = '', verb = ''] = name.split(' ');
      const rows = lines.slice(from, to).filter((line) => line.slice(13).startsWith(word));
      expect(rows.join('\n')).toMatch(new RegExp(`\\b${verb}\\b`));
    }
    expect(all.match(/--read-only|--root|exit codes?:|cancelled/i)).toBeNull();
  });

  test('is asked for in more than one way', async () => {
    const all = await ask('--help');
    expect(await ask('-h')).toBe(all);
    expect(await ask('help')).toBe(all);
    const verify = await ask('backup', 'verify', '--help');
    expect(await ask('help', 'backup', 'verify')).toBe(verify);
    expect(await ask('-h', 'backup', 'verify')).toBe(verify);
    expect(await ask('backup', '--help')).toBe(await ask('help', 'backup'));
    expect(await magds(['help', 'verify'])).toMatchObject({code: 2, stdout: ''});
  });

  test('of a group stands where its name is all that is typed, and that is not taken for done', async () => {
    const group = await ask('help', 'backup');
    expect(await magds(['backup'])).toMatchObject({code: 2, stdout: '', stderr: group});
    expect(group).toContain('  magds backup run');
    expect(group).not.toContain('magds session');
  });

  test('fits into 80 columns', async () => {
    const named = await loadAll();
    const texts = await Promise.all([null, named, ...named].map((about) => help(about)));
    expect(
      texts
        .join('')
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  test('gives examples that can be typed', async () => {
    const named = await loadAll();
    const examples = named.flatMap(({name, command}) =>
      (command.examples ?? []).map((example): [string, string] => [name, example]),
    );
    expect(examples.length).toBeGreaterThan(10);
    for (const [name, example] of examples) {
      const [, call = ''] = /magds ([^|)]*)/.exec(example) ?? [];
      const argv = (call.match(/(?:"[^"]*"|\S)+/g) ?? []).map((word) => word.replaceAll('"', ''));
      expect((await parse(argv)).named?.name).toBe(name);
    }
  });
});

describe('an id', () => {
  test('is given after the words or as a flag, and not twice', async () => {
    for (const words of [
      ['backup', 'show'],
      ['backup', 'verify'],
      ['restore'],
      ['activity'],
      ['evidence', 'export'],
    ]) {
      const asWord = await parse([...words, 'a']);
      expect(asWord).toEqual(await parse([...words, '--id=a']));
      expect(asWord).toMatchObject({flags: {id: 'a'}, rest: []});
      await expect(parse([...words, 'a', '--id=b'])).rejects.toMatchObject({exit: 2});
    }
    expect(await parse(['backup', 'extract', 'a', 'b'])).toEqual(
      await parse(['backup', 'extract', 'b', '--id=a']),
    );
    expect(await parse(['session', 'close', '3'])).toEqual(await parse(['session', 'close', '--session=3']));
    expect((await parse(['--id', 'backup', 'backup', 'verify'])).flags).toEqual({id: 'backup'});
  });

  test('that is mistyped is told from those that there are', async () => {
    const {root} = makePlace();
    for (const given of ['20261123_100000', '20261123_100000_nigthly']) {
      const {code, stderr} = await magds(['backup', 'show', given, '--root', root]);
      expect(code).toBe(10);
      expect(stderr).toContain(` Did you mean "${id}"?`);
    }
    const {stderr} = await magds(['backup', 'show', 'other', '--root', root]);
    expect(stderr).not.toContain('Did you mean');
  });
});

test('what is mistyped is told from what there is', async () => {
  await expect(parse(['backup', 'lsit'])).rejects.toThrow(' Did you mean "backup list"?');
  await expect(parse(['resotre'])).rejects.toThrow(' Did you mean "restore"?');
  await expect(parse(['backpu', 'list'])).rejects.toThrow(' Did you mean "backup list"?');
  await expect(parse(['backup', 'run', '--dry-rnu'])).rejects.toThrow(
    'Unknown flag --dry-rnu. Did you mean "--dry-run"?',
  );
  await expect(parse(['incident', '--bad-since=01:10'])).rejects.toThrow(
    '--bad-since does not go with "magds incident". Did you mean "--since"?',
  );
  await expect(parse(['backup', 'extract', '--dataset=x'])).rejects.toThrow(
    'It takes ID, [DATASET], --id, --to, --even-damaged.',
  );
});

describe('MAGDS_ROOT', () => {
  test('names the root, less than --root and --backups do', async () => {
    const {root, backups} = makePlace();
    const env = {MAGDS_ROOT: root};
    expect((await magds(['backup', 'list'], {env})).stdout).toContain(id);
    expect((await magds(['backup', 'list', '--backups', backups], {env})).stdout).toContain(id);
    const {root: other} = makeRoot();
    expect((await magds(['backup', 'list', '--root', other], {env})).stdout).not.toContain(id);
  });

  test('that is none is named, and an empty one is no root', async () => {
    const env = {MAGDS_ROOT: '/nowhere'};
    expect(await magds(['backup', 'list'], {env})).toMatchObject({
      code: 10,
      stderr: expect.stringContaining('MAGDS_ROOT /nowhere: not there') as string,
    });
    const {root} = makePlace();
    expect((await magds(['backup', 'list'], {cwd: root, env: {MAGDS_ROOT: ''}})).stdout).toContain(id);
  });
});

test('--version', async () => {
  const {version} = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  for (const asked of ['--version', '-V', 'version']) {
    const {code, stdout} = await magds([asked]);
    expect({code, stdout}).toEqual({code: 0, stdout: expect.stringContaining(version) as string});
  }
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
    for (const word of ['never', '! changed', 'failed', 'interrupted', 'unreadable', 'unknown'])
      expect(list.stdout).toContain(word);
    // The incident that there is to find: the newest verified copy holds the overwritten balances, the newest right one is damaged.
    const [bad = '', last = '', good = ''] = list.stdout.match(/^\d{8}_\d{6}\S*/gm) ?? [];
    const diff = async (id: string) =>
      (await magds(['backup', 'diff', id, '--dataset=ledger', '--root', directory])).stdout;
    expect(await diff(bad)).toMatch(/^accounts, by id: \d\d differ;/m);
    expect(await diff(last)).toMatch(/damaged|not what the manifest recorded/);
    expect(await diff(good)).toMatch(/^accounts, by id: \d{4} differ;[\s\S]*^! 3 {2}balance \d+ -> 0;/m);
    const again = await magds(['demo', directory]);
    expect(again).toMatchObject({code: 2, stdout: ''});
    expect(again.stderr).toContain('not empty');
  });

  test('takes neither a file nor another root', async () => {
    const {root, built} = makePlace();
    expect((await magds(['demo', built.manifestFile])).code).toBe(2);
    expect((await magds(['demo', '--root', root])).code).toBe(2);
    // Where no directory can be made, and Node never says so.
    expect(await magds(['demo', '/proc/none/here'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('/proc/none/here cannot be used: not there.'),
    });
    expect(fs.readFileSync(built.manifestFile, 'utf8')).toBe(built.manifest);
  });
});
