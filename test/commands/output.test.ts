import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {flipBit, makeBackup, makeRoot} from '../support/backups.ts';
import {hostileText, unprintable} from '../support/hostile.ts';
import {makeRestoreRoot} from '../support/restore-root.ts';
import {execute, magds, magdsProcess, type Outcome, shell} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const hasKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;

const fileName = hostileText.replaceAll('/', '');
const id = `20261123_100000_${fileName}`;

function expectHarmless({stdout, stderr}: Outcome): void {
  for (const output of [stdout, stderr]) expect(output.replaceAll('\n', '')).not.toMatch(unprintable);
}

function makeHostilePlace() {
  const root = `${temporaryDirectory()}/${fileName}`;
  const backups = `${root}/storage/backups`;
  const built = makeBackup({
    backups,
    id,
    label: hostileText,
    datasets: [
      {name: hostileText, file: 'one.json'},
      {name: 'b', file: fileName},
      {name: `c${hostileText}`, algorithm: 'md5', file: 'three.json'},
    ],
    manifest: (text) => text.replace('md5', 'md5\\u001b[31m\\u202e'),
  });
  makeBackup({backups, id: `20261122_100000_${fileName}`, manifest: () => hostileText});
  makeBackup({backups, id: `20261121_100000_${fileName}`, manifest: () => null});
  fs.writeFileSync(`${backups}/${fileName}`, '');
  flipBit(built.copy(hostileText));
  return {root, backups, built};
}

describe('nothing from the disk or the command line drives the terminal', () => {
  test.each([[[]], [['--json']]])('in what the commands print %j', async (json) => {
    const {root} = makeHostilePlace();
    const outcomes = await Promise.all([
      magds(['backup', 'list', '--root', root, ...json]),
      magds(['backup', 'show', id, '--root', root, ...json]),
      magds(['backup', 'verify', '--all', '--root', root, ...json]),
    ]);
    expect(outcomes.map(({code}) => code)).toEqual([0, 0, 4]);
    outcomes.forEach(expectHarmless);
    for (const {stdout} of outcomes) expect(stdout).toContain('20261123_100000_a');
  });

  test('JSON is ASCII, and gives back the very text', async () => {
    const {root} = makeHostilePlace();
    const {stdout} = await magds(['backup', 'show', id, '--root', root, '--json']);
    expect(stdout).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(stdout)).toMatchObject({id, label: hostileText, root});
  });

  test('in errors', async () => {
    const {root} = makeHostilePlace();
    const commands = [
      ['backup', 'verify', '--root', root, `--id=${fileName}x`],
      ['backup', 'verify', '--root', root, `--max-age=${hostileText}`],
      ['backup', 'show', '--root', root, `${fileName}x`],
      ['backup', 'list', '--root', `${root}x`],
      ['backup', 'list', '--backups', `${root}x`],
      ['backup', 'list', `--${fileName}`],
      ['backup', 'list', `--${fileName}=1`],
      ['backup', 'list', `-${fileName}`],
      ['backup', 'list', hostileText],
      [hostileText],
      ['demo', root],
    ];
    for (const outcome of await Promise.all(commands.map((args) => magds(args)))) {
      expect([2, 10]).toContain(outcome.code);
      expect(outcome.stderr).toMatch(/^magds: /);
      expectHarmless(outcome);
    }
    expectHarmless(await magds(['backup', 'list'], {cwd: `${root}/storage`}));
  });
});

/** So many that their JSON does not fit into a pipe. */
function makeManyBackups(): string {
  const {root, backups} = makeRoot();
  for (let index = 0; index < 400; index++) {
    const directory = `${backups}/20261123_${String(100_000 + index)}`;
    fs.mkdirSync(`${directory}/datasets`, {recursive: true});
    // Long ago: nobody is still making them.
    for (const each of [`${directory}/datasets`, directory]) fs.utimesSync(each, 1e9, 1e9);
  }
  return root;
}

describe('a reader that goes away early', () => {
  test.each(['list', 'list --json', 'verify --all', 'verify --all --json'])(
    'does not crash %s',
    async (command) => {
      const root = makeManyBackups();
      const {stdout, stderr} = await shell(
        `{ magds backup ${command} --root '${root}'; echo "code $?" >&2; } | head -c 5`,
      );
      expect(stdout).toHaveLength(5);
      expect(stderr.replace(/^!.*\n/gm, '')).toMatch(
        command.startsWith('list') ? /^code 0\n$/ : /^code 4\n$/,
      );
    },
  );
});

test('a reader that was never there changes nothing of how a command ends', async () => {
  const {root, id: other} = await makeRestoreRoot({sidecars: false});
  const record = `${temporaryDirectory()}/record.md`;
  await magds(['restore', `--id=${other}`, `--yes=${other}`, '--root', root]);
  await magds(['evidence', 'export', `--id=${other}`, `--out=${record}`, '--root', root]);
  for (const words of [
    `backup show ${other}`,
    `backup diff ${other}`,
    'backup prune --dry-run',
    'backup run --dry-run',
    'backup run',
    `backup pin ${other} --reason=x`,
    'restore status',
    `restore --id=${other} --dry-run`,
    'session list',
    'session show 1',
    'session step service --done --note=x --replace',
    'activity',
    'config',
    'doctor',
    'ops',
  ])
    for (const json of [[], ['--json']]) {
      const command = [...words.split(' '), ...json, '--root', root];
      const {code} = await magds(command);
      const {stderr, ...outcome} = await magds(command, {stdout: 'gone'});
      expect({command, code: outcome.code}).toEqual({command, code});
      expect(stderr).not.toMatch(/EPIPE|could not be written|inside this program|^ +at /m);
    }
  for (const command of [['evidence', 'check', record], ['--help']])
    expect((await magdsProcess(command, {stdout: 'gone'})).code).toBe((await magds(command)).code);
}, 240_000);

describe('output that cannot be written', () => {
  test.each(['list', 'list --json', 'show 20261123_100000', 'verify --all', 'verify --all --json'])(
    'fails %s, with a message',
    async (command) => {
      const {root, backups} = makeRoot();
      makeBackup({backups, id: '20261123_100000'});
      const {code, stderr} = await shell(`magds backup ${command} --root '${root}' > /dev/full`);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^magds: the output could not be written: the disk is full\.\n$/);
    },
  );

  test('fails every other command that has something to say', async () => {
    const {root, id: other} = await makeRestoreRoot({sidecars: false});
    const done = await magds(['restore', `--id=${other}`, `--yes=${other}`, '--root', root]);
    expect(done.code).toBe(0);
    const commands = [
      `backup diff ${other}`,
      'backup run',
      'backup run --dry-run',
      'backup prune',
      'backup prune --dry-run',
      `backup pin ${other} --reason=x`,
      'restore status',
      'session list',
      'session show',
      'session step service --done',
      `evidence export --id=${other} --out=/dev/null/x`,
      'activity',
      'config',
      'doctor',
      'ops',
    ];
    for (const command of commands)
      for (const json of [[], ['--json']]) {
        const words = [...command.split(' '), ...json, '--root', root];
        const {code, stderr} = await magds(words, {stdout: 'full'});
        expect({command, json, fails: code !== 0}).toEqual({command, json, fails: true});
        expect(stderr).toMatch(/magds: /);
        expect(stderr).not.toMatch(/inside this program|^ +at /m);
      }
  }, 120_000);

  test.runIf(hasKeygen)(
    'fails what signs, lets go, and is about evidence',
    async () => {
      const {root, id: other} = await makeRestoreRoot({sidecars: false});
      const directory = temporaryDirectory();
      const at = (name: string) => `${directory}/${name}`;
      const run = async (...words: string[]) =>
        expect((await magds([...words, '--root', root])).stderr).toBe('');
      expect((await magds(['restore', `--id=${other}`, `--yes=${other}`, '--root', root])).code).toBe(0);
      await magds(['evidence', 'export', `--id=${other}`, `--out=${at('record.md')}`, '--root', root]);
      await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('key')]);
      fs.writeFileSync(at('assets'), 'shop\n');
      await run('backup', 'pin', other, '--reason=x');
      for (const step of ['verified', 'evidence', 'service'])
        await run('session', 'step', step, '--done', '--note=x');
      for (const command of [
        `evidence check ${at('record.md')}`,
        `evidence check ${at('record.md')} --json`,
        `evidence report ${at('record.md')} --population=${at('assets')} --period=2026Q4`,
        `evidence approve ${at('record.md')} --sign=${at('key')}`,
        `evidence timestamp ${at('record.md')} --tsq=${at('request')}`,
        `session time noticed 2026-11-24T01:00Z --root ${root}`,
        `session close 1 --yes=1 --root ${root}`,
        `backup unpin ${other} --root ${root}`,
        `demo ${at('demo')}`,
      ]) {
        const {code, stderr} = await shell(`magds ${command} > /dev/full`);
        expect({command, code, stderr: stderr.trimEnd().split('\n').at(-1)}).toEqual({
          command,
          // What has another reason to fail keeps that.
          code: command.startsWith('evidence report') ? 3 : 1,
          stderr: 'magds: the output could not be written: the disk is full.',
        });
      }
    },
    240_000,
  );

  test('fails where it is stderr, and where all that there is to say is said there', async () => {
    const {root} = makeRoot();
    for (const to of ['2> /dev/full', '> /dev/full 2>&1'])
      expect(await shell(`magds session list --root '${root}' ${to}`)).toMatchObject({code: 1, stderr: ''});
    expect((await shell(`magds session list --root '${root}' 2> /dev/null`)).code).toBe(0);
  });

  test('on stderr ends no work: a backup is made all the same', async () => {
    const {root} = await makeRestoreRoot({sidecars: false});
    const before = fs.readdirSync(`${root}/storage/backups`).length;
    await shell(`magds backup run --root '${root}' 2> /dev/full`);
    expect(fs.readdirSync(`${root}/storage/backups`)).toHaveLength(before + 1);
  });

  test('fails --help and --version too', async () => {
    for (const flag of ['--help', '--version'])
      expect((await shell(`magds ${flag} > /dev/full`)).code).toBe(1);
  });

  test('does not hide a mismatch', async () => {
    const {root, backups} = makeRoot();
    flipBit(makeBackup({backups, id: '20261123_100000'}).copy('ledger'));
    expect((await shell(`magds backup verify --all --root '${root}' > /dev/full`)).code).toBe(4);
  });
});

test('a command that prints data says nothing else on stdout, and nothing in colour', async () => {
  const {root, backups} = makeRoot();
  makeBackup({backups, id: '20261123_100000'});
  const {stdout} = await magds(['backup', 'verify', '--all', '--root', root], {env: {FORCE_COLOR: '3'}});
  expect(stdout).not.toContain('\u001b');
});
