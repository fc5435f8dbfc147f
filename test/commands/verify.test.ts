import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {flipBit, makeBackup, makeRoot} from '../support/backups.ts';
import {makeSmallRoot} from '../support/faults.ts';
import {backup, phpFile} from '../support/php-config.ts';
import {node, program} from '../support/program.ts';
import {makeRestorable} from '../support/restores.ts';
import {execute, jsonLines, magds, magdsProcess, shell} from '../support/run.ts';
import {makeSparseBackup} from '../support/sparse.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {treeState} from '../support/tree.ts';

const good = '20261123_100000_nightly';
const bad = '20261122_100000_nightly';

function makePlace() {
  const {root, backups} = makeRoot();
  const passing = makeBackup({backups, id: good});
  const failing = makeBackup({backups, id: bad});
  flipBit(failing.copy('ledger'));
  const verify = (...args: string[]) => magds(['backup', 'verify', '--root', root, ...args]);
  return {root, backups, passing, failing, verify};
}

test('a pass is exit 0, recorded, and known to the list afterwards', async () => {
  const {root, verify, passing} = makePlace();
  const {code, stdout, stderr} = await verify('--id', good);
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  expect(stdout).toMatch(
    new RegExp(
      `^\\+ ${good} +passed: 2 of 2 datasets match the manifest\\n +\\+ tenants +match.*\\n +\\+ ledger +match`,
    ),
  );
  expect(stdout).toMatch(/^1 passed; /m);
  expect(fs.existsSync(`${passing.directory}/verifications.jsonl`)).toBe(true);
  const list = await magds(['backup', 'list', '--json', '--root', root]);
  expect(jsonLines(list.stdout)[0]).toMatchObject({backups: [{verification: {state: 'verified'}}, {}]});
});

describe.each([
  [
    'is not there, as where a disk is not mounted',
    'does not exist',
    (backups: string) => fs.rmSync(backups, {recursive: true}),
  ],
  [
    'is empty, as the place of a disk that is not mounted',
    'holds no backups',
    (backups: string) => {
      fs.rmSync(backups, {recursive: true});
      fs.mkdirSync(backups);
    },
  ],
])('where the backups directory %s', (_, what, lose) => {
  const makeLost = async () => {
    const {root, backups, verify} = makePlace();
    fs.writeFileSync(path.join(root, 'mag'), '');
    await magds(['backup', 'pin', '--root', root, `--id=${good}`, '--reason=x']);
    lose(backups);
    return {root, verify, why: `${backups} ${what}: only what is held could be looked at`};
  };

  test.each([['--all'], ['--max-age=6d'], ['latest']])(
    'a pass of what is held is not all of one: %s',
    async (which) => {
      const {verify, why} = await makeLost();
      await verify(`--id=${good}`);
      const {code, stdout} = await verify(which);
      expect({code, stdout}).toEqual({code: 3, stdout: expect.stringContaining(`! ${why}.\n`)});
      const {stdout: quiet} = await verify(which, '--quiet');
      expect(quiet).toContain(why);
      const json = await verify(which, '--json');
      expect(json.code).toBe(3);
      expect(jsonLines(json.stdout)).toContainEqual({message_type: 'error', id: null, reason: why});
    },
  );

  test('the one that is named is verified as any other', async () => {
    const {verify} = await makeLost();
    expect(await verify(`--id=${good}`)).toMatchObject({code: 0, stderr: ''});
  });

  test('the list says so', async () => {
    const {root, why} = await makeLost();
    const {code, stderr} = await magds(['backup', 'list', '--root', root]);
    expect({code, stderr}).toEqual({code: 0, stderr: `! ${why}.\n`});
  });
});

test('a mismatch is exit 4, with what was expected and what is there', async () => {
  const {verify} = makePlace();
  const {code, stdout} = await verify(`--id=${bad}`);
  expect(code).toBe(4);
  expect(stdout).toMatch(new RegExp(`^x ${bad} +failed: `));
  expect(stdout).toMatch(/x ledger +mismatch/);
  const [, expected, actual] = /expected ([0-9a-f]{64})\n +actual +([0-9a-f]{64})/.exec(stdout) ?? [];
  expect(expected).not.toBe(actual);
});

/** One whose maker was killed long ago. */
function makeInterrupted(backups: string): void {
  const {directory, copy} = makeBackup({backups, id: '20261121_100000', manifest: () => null});
  for (const each of [copy('tenants'), copy('ledger'), `${directory}/datasets`, directory])
    fs.utimesSync(each, 1e9, 1e9);
}

test('one that is still being made is exit 3, and said', async () => {
  const {verify, backups} = makePlace();
  fs.rmSync(path.join(backups, bad), {recursive: true});
  makeBackup({backups, id: '20261121_100000', manifest: () => null});
  const {code, stdout} = await verify('--all');
  expect(code).toBe(3);
  expect(stdout).toMatch(/^- 20261121_100000 {2}running: cut off before its end; .*it may still be running/m);
  expect(stdout).toMatch(/^1 passed, 1 running; /m);
});

test('one failure among many is a failure of the whole', async () => {
  const {verify, backups} = makePlace();
  makeInterrupted(backups);
  const {code, stdout} = await verify('--all');
  expect(code).toBe(4);
  expect(stdout).toMatch(/^1 passed, 2 failed; /m);
});

describe('where the configuration says that the backups lie elsewhere', () => {
  test('those are verified, and of one with the same id by default nothing is recorded', async () => {
    const {root, backups, verify} = makePlace();
    const elsewhere = path.join(root, 'elsewhere');
    fs.mkdirSync(elsewhere);
    const meant = makeBackup({backups: elsewhere, id: good});
    flipBit(meant.copy('tenants'));
    fs.mkdirSync(path.join(root, 'config/base'), {recursive: true});
    fs.writeFileSync(path.join(root, 'config/base/magds.php'), phpFile(backup({path: 'elsewhere'})));
    const before = treeState(backups);
    const {code, stdout} = await verify('--id', good);
    expect(code).toBe(4);
    expect(stdout).toMatch(/x tenants +mismatch/);
    expect(stdout.match(/^. \d{8}_/gm)).toHaveLength(1);
    expect(treeState(backups)).toEqual(before);
    expect(fs.existsSync(`${meant.directory}/verifications.jsonl`)).toBe(true);
  });

  test('one that is not there is exit 10, although there is one by default', async () => {
    const {root, backups, verify} = makePlace();
    fs.mkdirSync(path.join(root, 'config/base'), {recursive: true});
    fs.writeFileSync(path.join(root, 'config/base/magds.php'), phpFile(backup({path: 'elsewhere'})));
    const before = treeState(backups);
    expect(await verify('--id', good)).toMatchObject({code: 10, stdout: ''});
    expect(treeState(backups)).toEqual(before);
  });
});

describe('JSON', () => {
  test('is a status, an error for each failure, and the summary last', async () => {
    const {verify, passing} = makePlace();
    const {code, stdout, stderr} = await verify('--all', '--json');
    expect({code, stderr}).toEqual({code: 4, stderr: ''});
    const lines = jsonLines(stdout);
    const total = expect.any(Number) as number;
    expect(lines[0]).toEqual({
      message_type: 'status',
      percent_done: 0,
      bytes_done: 0,
      total_bytes: total,
      seconds_remaining: null,
    });
    expect(lines.filter((line) => line['message_type'] === 'error')).toEqual([
      {message_type: 'error', id: bad, reason: expect.stringContaining('ledger') as string},
    ]);
    const hash = (name: string) =>
      new RegExp(`"${name}": \\{\\s+"algorithm": "sha256",\\s+"hash": "(\\w+)"`).exec(passing.manifest)?.[1];
    const match = (name: string, bytes: number) => ({
      name,
      status: 'match',
      algorithm: 'sha256',
      expected: hash(name),
      actual: hash(name),
      bytes,
      reason: null,
    });
    expect(lines.at(-1)).toMatchObject({
      message_type: 'summary',
      command: 'backup:verify',
      backups: [
        {id: good, result: 'passed', reason: null, datasets: [match('tenants', 22), match('ledger', 21)]},
        {id: bad, result: 'failed', datasets: [{status: 'match'}, {name: 'ledger', status: 'mismatch'}]},
      ],
      seconds: expect.any(Number) as number,
    });
  });

  test('of a backup without a manifest has a reason and no datasets', async () => {
    const {verify, backups} = makePlace();
    makeInterrupted(backups);
    const {code, stdout} = await verify('--id=20261121_100000', '--json');
    expect(code).toBe(4);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      backups: [
        {result: 'failed', reason: expect.stringContaining('cut off before its end') as string, datasets: []},
      ],
    });
  });
});

describe('--max-age', () => {
  test('leaves out what passed within it, and says how many that were', async () => {
    const {verify} = makePlace();
    await verify('--id', good);
    const due = await verify('--max-age=7d', '--json');
    expect(due.code).toBe(4);
    expect(jsonLines(due.stdout).at(-1)).toMatchObject({backups: [{id: bad}], recent: [good]});
    const none = await verify('--max-age=7d', '--id', good);
    expect(none.code).toBe(0);
    expect(none.stdout).toMatch(/nothing was due.*1 verified recently/);
  });

  test('does not leave out what changed since, or failed', async () => {
    const {verify, passing} = makePlace();
    await verify('--all');
    fs.utimesSync(passing.copy('ledger'), 0, 0);
    const {stdout} = await verify('--max-age=7d', '--json');
    expect(jsonLines(stdout).at(-1)).toMatchObject({backups: [{id: good}, {id: bad}], recent: []});
  });

  test.each(['7', 'd', '7y', '-1d', '1.5d', '7d '])('%s is no age', async (age) => {
    const {verify} = makePlace();
    const {code, stderr} = await verify(`--max-age=${age}`);
    expect(code).toBe(2);
    expect(stderr).toContain('7d');
  });
});

test('nothing was checked is never 0', async () => {
  const {root} = makeRoot();
  expect((await magds(['backup', 'verify', '--all', '--root', root])).code).toBe(10);
  const {verify} = makePlace();
  expect((await verify()).code).toBe(2);
  expect((await verify('--all', '--id', good)).code).toBe(2);
  expect((await verify('--id', '20200101_000000')).code).toBe(10);
});

test('--read-only checks all the same, and leaves no trace', async () => {
  const {root, verify} = makePlace();
  const before = treeState(root);
  expect((await verify('--all', '--read-only')).code).toBe(4);
  await magds(['backup', 'list', '--root', root]);
  await magds(['backup', 'show', good, '--root', root]);
  expect(treeState(root)).toEqual(before);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s cancels it: exit 128 and its number, and nothing is recorded',
  async (signal) => {
    const {root, backups} = makeRoot();
    const {directory} = makeSparseBackup(backups, good);
    const {code, stdout} = await magds(['backup', 'verify', '--all', '--json', '--root', root], {
      onStdout: (text, child) => {
        // Once: one that it gets while it ends finds nobody who listens.
        if (text.includes('"status"') && !child.killed) child.kill(signal);
      },
    });
    expect(code).toBe(128 + os.constants.signals[signal]);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      message_type: 'summary',
      backups: [{result: 'cancelled'}],
    });
    expect(fs.readdirSync(directory).toSorted()).toEqual(['datasets', 'manifest.json']);
  },
);

test('text of what was cancelled does not claim that all was read', async () => {
  const {root, backups} = makeRoot();
  makeSparseBackup(backups, good);
  makeBackup({backups, id: bad});
  const {code, stdout} = await magds(['backup', 'verify', '--all', '--root', root], {
    onStdout: (text, child) => {
      if (text.includes(bad) && !child.killed) child.kill('SIGINT');
    },
  });
  expect(code).toBe(130);
  expect(stdout).toMatch(/^1 passed, 1 cancelled; /m);
  expect(stdout).not.toMatch(/21\d GB in/);
});

test('several at once are all recorded', async () => {
  const {root, backups} = makePlace();
  const args = ['backup', 'verify', '--root', root, `--id=${good}`];
  const outcomes = await Promise.all(Array.from({length: 6}, () => magdsProcess(args)));
  expect(outcomes.map(({code, stdout}) => [code, /Not recorded.*/.exec(stdout)?.[0]])).toEqual(
    Array(6).fill([0, undefined]),
  );
  const records = jsonLines(fs.readFileSync(path.join(backups, good, 'verifications.jsonl'), 'utf8'));
  expect(records.map(({result}) => result)).toEqual(Array(6).fill('passed'));
});

describe('from a working directory', () => {
  test('that was deleted, backups are made, verified and restored', async () => {
    const {root} = makeSmallRoot({old: 1, maxCount: 5});
    const script = `
      gone="$ROOT/gone"; mkdir "$gone"; cd "$gone"; rmdir "$gone"
      magds backup run --root "$ROOT" --label here; echo "run $?"
      id=$(ls "$ROOT/storage/backups" | grep _here)
      magds backup verify --id="$id" --root "$ROOT"; echo "verify $?"
      magds restore --id="$id" --yes="$id" --root "$ROOT"; echo "restore $?"`;
    const {stdout, stderr} = await shell(script, {env: {ROOT: root}});
    expect(stdout.match(/^(run|verify|restore) \d+$/gm), stdout + stderr).toEqual([
      'run 0',
      'verify 0',
      'restore 0',
    ]);
    expect(stderr).toContain('! The working directory was deleted');
  });

  test.runIf(process.getuid?.() === 0)('that one may not enter, they are verified', async () => {
    const {root} = makePlace();
    execFileSync('chown', ['-R', '33:33', root]);
    const closed = temporaryDirectory();
    const script = `cd "$CLOSED"; setpriv --reuid=33 --regid=33 --clear-groups "$@"`;
    const args = ['-c', script, 'sh', node, program, 'backup', 'verify', `--id=${good}`, '--root', root];
    const {code, stdout, stderr} = await execute('bash', args, {env: {CLOSED: closed}});
    expect({code, stdout, stderr}).toMatchObject({code: 0, stderr: ''});
  });
});

describe('a manifest that names no algorithm', () => {
  const settings = {verification: {algorithm: 'sha512'}};
  const made = () => {
    const place = makeRestorable({settings, dataset: (each) => ({...each, algorithm: 'sha512'})});
    const manifest = fs.readFileSync(place.built.manifestFile, 'utf8');
    fs.writeFileSync(place.built.manifestFile, manifest.replaceAll(/"algorithm": "sha512",\s*/g, ''));
    return place;
  };

  test('is judged by the configured one, as PHP does', async () => {
    const {built, command, ask, restore, holds, contents} = made();
    const verify = () => command('backup', 'verify', `--id=${built.id}`);
    const {code, stdout} = await verify();
    expect(code).toBe(0);
    expect(stdout).toContain(
      '! PHP verifies tenants, which names no algorithm, by the configured one, and so does magds.\n',
    );
    const diff = await command('backup', 'diff', built.id);
    expect(diff).toMatchObject({code: 4});
    expect(diff.stdout).not.toContain('unknown');
    expect(await ask('--dry-run')).toMatchObject({code: 0});
    expect(await restore()).toMatchObject({code: 0});
    expect(holds('tenants')).toBe(contents['tenants']?.copy);
    flipBit(built.copy('tenants'));
    const damaged = await verify();
    expect(damaged.code).toBe(4);
    expect(damaged.stdout).toMatch(/x tenants +mismatch/);
    expect((await command('backup', 'diff', built.id)).stdout).toContain(
      'the copy is not what the manifest recorded',
    );
    expect(await ask('--dry-run')).toMatchObject({code: 5});
  });

  test('is no pass where no configuration is at hand, and nothing is recorded', async () => {
    const {built, backups} = made();
    const {code, stdout} = await magds(['backup', 'verify', `--id=${built.id}`, '--backups', backups]);
    expect(code).toBe(4);
    expect(stdout).toMatch(
      /x tenants +unsupported: the manifest names no algorithm, and no configuration says which one counts$/m,
    );
    expect(stdout).toContain('Not recorded: nothing was found damaged, but not everything could be checked.');
  });
});

test('with too few open files nothing is called damaged, and nothing is told at night', async () => {
  const {command, built, root} = makeRestorable();
  expect((await command('backup', 'verify', `--id=${built.id}`)).code).toBe(0);
  const codes = new Set<number | null>();
  for (let limit = 26; !codes.has(0) || limit < 36; limit++) {
    const {code, stdout} = await shell(
      `ulimit -n ${limit}; magds backup verify --id=${built.id} --root "$ROOT"`,
      {env: {ROOT: root}},
    );
    codes.add(code);
    if (stdout.includes('not checked'))
      expect(stdout).toMatch(/^- \S+ {2}not checked: the copy cannot be opened: too many open files: raise/);
  }
  expect([...codes].filter((code) => ![0, 1, 3].includes(code ?? -1))).toEqual([]);
  expect(codes.has(3)).toBe(true);
  expect(fs.readFileSync(`${root}/storage/logs/audit.log`, 'utf8')).not.toContain('verify_failed');
});
