import {once} from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import {makeBackup, phpHash} from '../support/backups.ts';
import {leaveInWal} from '../support/faults.ts';
import {hostileText, unprintable} from '../support/hostile.ts';
import {backup, type Plain, rootWith} from '../support/php-config.ts';
import {type PhpValue, phpJson} from '../support/php-json.ts';
import {node, program} from '../support/program.ts';
import {execute, jsonLines, magds, type Outcome, type RunOptions, shell} from '../support/run.ts';
import {makePipe, temporaryDirectory} from '../support/temporary.ts';
import {treeState} from '../support/tree.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65534;
const tenants = {name: 'tenants', source: 'storage/data/tenants.json'};
const ledger = {name: 'ledger', source: 'storage/data/ledger.json'};
const inTenants = '{"t":1}\n';
const inLedger = '{"ledger":2}\n';
const reminder =
  '! Update docs/CurrentKernelMagDSStack_todoBeforeMagWS.md: "magds config --markdown" prints the table.';

function makePlace(settings: {[key: string]: Plain} = {}, files: Record<string, Plain> = {}) {
  const root = rootWith({
    'config/base/magds.php': backup({
      datasets: [tenants, ledger],
      retention: {max_count: 2},
      ...settings,
    }),
    [tenants.source]: inTenants,
    [ledger.source]: inLedger,
    ...files,
  });
  const backups = `${root}/storage/backups`;
  fs.mkdirSync(backups);
  const run = (...args: string[]) => magds(['backup', 'run', '--root', root, ...args]);
  return {root, backups, data: `${root}/storage/data`, run};
}

/** Our own settings, which are the only ones that know directories. */
function configure(root: string, settings: object): string {
  const file = `${root}/storage/runbook/config.json`;
  fs.mkdirSync(path.dirname(file), {recursive: true});
  fs.writeFileSync(file, JSON.stringify({version: 1, backup: settings}));
  for (const each of [file, path.dirname(file)]) fs.chmodSync(each, each === file ? 0o644 : 0o755);
  return file;
}

/** A root of the one dataset `tree`, which is a directory. */
function makeTree() {
  const place = makePlace();
  const tree = `${place.data}/tree`;
  fs.mkdirSync(tree);
  configure(place.root, {datasets: [{name: 'tree', source: 'storage/data/tree', type: 'directory'}]});
  return {...place, tree};
}

/** The only backup there is. */
function only(backups: string) {
  const [id = '', ...others] = fs.readdirSync(backups);
  expect(others).toEqual([]);
  const directory = `${backups}/${id}`;
  const text = fs.readFileSync(`${directory}/manifest.json`, 'utf8');
  return {id, directory, text, manifest: JSON.parse(text) as {metadata: object; datasets: object}};
}

function asNobody(root: string, args: string[], options: RunOptions = {}): Promise<Outcome> {
  const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  return execute('setpriv', [...user, node, program, ...args, '--root', root], options);
}

/** Gives `storage/` to the user that `asNobody` is, and lets him get there. */
function giveAway(root: string): void {
  fs.chmodSync(root, 0o755);
  const directory = `${root}/storage`;
  for (const name of ['.', ...(fs.readdirSync(directory, {recursive: true}) as string[])])
    fs.lchownSync(path.join(directory, name), nobody, nobody);
}

describe('a backup', () => {
  test('is made, said, and passes its verification', async () => {
    const {root, backups, run} = makePlace();
    const {code, stdout, stderr} = await run();
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    const {id, directory} = only(backups);
    expect(stdout.replace(/ in [\d.]+s\n$/, '')).toBe(
      `  + tenants  8 B\n  + ledger  13 B\n+ ${backups}/${id}\nDone: the backup is whole and on the disk; 2 files, 21 B`,
    );
    // Nothing of ours is beside it, not even hidden; and nothing more than this in it.
    expect(fs.readdirSync(directory).toSorted()).toEqual(['SHA256SUMS', 'datasets', 'manifest.json']);
    expect(fs.readdirSync(`${directory}/datasets`).toSorted()).toEqual(['ledger.json', 'tenants.json']);
    expect(fs.readFileSync(`${directory}/datasets/ledger.json`, 'utf8')).toBe(inLedger);
    expect(fs.readdirSync(`${root}/storage/runbook/building`)).toEqual([]);
    const sums = await execute('sha256sum', ['-c', 'SHA256SUMS'], {cwd: directory});
    expect(sums).toMatchObject({
      code: 0,
      stdout: 'datasets/tenants.json: OK\ndatasets/ledger.json: OK\n',
    });
    const verified = await magds(['backup', 'verify', '--all', '--root', root]);
    expect(verified).toMatchObject({code: 0, stderr: ''});
  });

  test('has the summary as the last line of its JSON', async () => {
    const {backups, data, run} = makePlace();
    const {code, stdout, stderr} = await run('--json');
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    const {id} = only(backups);
    const dataset = (name: string, content: string) => ({
      name,
      algorithm: 'sha256',
      hash: phpHash('sha256', content),
      bytes: content.length,
      source: `${data}/${name}.json`,
      backup: `${backups}/${id}/datasets/${name}.json`,
    });
    const lines = jsonLines(stdout);
    expect(lines[0]).toEqual({
      message_type: 'status',
      percent_done: 0,
      bytes_done: 0,
      total_bytes: 21,
      seconds_remaining: null,
    });
    expect(lines.at(-1)).toEqual({
      message_type: 'summary',
      command: 'backup:run',
      result: 'done',
      id,
      path: `${backups}/${id}`,
      datasets: [dataset('tenants', inTenants), dataset('ledger', inLedger)],
      missing: [],
      changed: [],
      left_out: [],
      pruned: [],
      safety_removed: [],
      not_pruned: null,
      not_remembered: null,
      hooks: [],
      untold: [],
      reason: null,
      seconds: expect.any(Number) as number,
    });
  });

  test('is named after the UTC time and the label, and has a manifest as PHP writes it', async () => {
    const {root, backups} = makePlace();
    const label = 'hotfix é/rc1';
    const before = Math.floor(Date.now() / 1000);
    const env = {TZ: 'Asia/Tokyo'};
    expect(await magds(['backup', 'run', `--label=${label}`, '--root', root], {env})).toMatchObject({
      code: 0,
    });
    const {id, text, manifest} = only(backups);
    const [, ...parts] = /^(....)(..)(..)_(..)(..)(..)_hotfix----rc1$/.exec(id) ?? [];
    const [year, month, ...rest] = parts.map(Number) as [number, number, number, number, number, number];
    const seconds = Date.UTC(year, month - 1, ...rest) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(before);
    expect(seconds).toBeLessThanOrEqual(Date.now() / 1000);
    const date = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00`;
    const dataset = (name: string, content: string) => ({
      algorithm: 'sha256',
      hash: phpHash('sha256', content),
      source: `${root}/storage/data/${name}.json`,
      backup: `${backups}/${id}/datasets/${name}.json`,
      bytes: content.length,
      mode: '0644',
      owner: `${process.getuid?.()}:${process.getgid?.()}`,
      modified: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    expect(manifest).toEqual({
      id,
      created_at: expect.stringMatching(new RegExp(`^${date}$`)) as string,
      datasets: {tenants: dataset('tenants', inTenants), ledger: dataset('ledger', inLedger)},
      metadata: {
        label,
        connection: 'magdsdb',
        program: expect.stringMatching(/^magds \d/) as string,
        copied: expect.stringMatching(
          new RegExp(`^one file after the other, from ${date} to ${date}$`),
        ) as string,
      },
    });
    expect(text).toBe(phpJson(manifest as unknown as PhpValue));
  });

  test('belongs to whom the backups directory belongs, and no copy can be read by more than its source', async () => {
    const {root, backups, data} = makePlace();
    // The backups' owner can read both where they lie.
    if (isRoot) fs.chownSync(`${data}/tenants.json`, nobody, 100);
    fs.chmodSync(`${data}/tenants.json`, 0o600);
    fs.chmodSync(`${data}/ledger.json`, 0o666);
    fs.utimesSync(`${data}/ledger.json`, 1_600_000_000, 1_600_000_000);
    if (isRoot) fs.chownSync(backups, nobody, 100);
    fs.chmodSync(backups, 0o2750);
    const {uid, gid} = fs.statSync(backups);
    const {code} = await shell(`umask 000; magds backup run --root '${root}'`);
    expect(code).toBe(0);
    const {directory} = only(backups);
    const modes = ['', 'datasets', 'manifest.json', 'SHA256SUMS', 'datasets/tenants.json'].map((name) => {
      const stats = fs.statSync(`${directory}/${name}`);
      expect([name, stats.uid, stats.gid]).toEqual([name, uid, gid]);
      return (stats.mode & 0o7777).toString(8);
    });
    expect(modes).toEqual(['2750', '2750', '640', '640', '600']);
    const copy = fs.statSync(`${directory}/datasets/ledger.json`);
    expect([(copy.mode & 0o7777).toString(8), copy.mtimeMs]).toEqual(['640', 1_600_000_000_000]);
  });

  test.runIf(isRoot)(
    'gives nobody a copy of what he could not read: it stays with whom the source belongs to',
    async () => {
      const {backups, data, run} = makePlace();
      fs.chmodSync(`${data}/tenants.json`, 0o640);
      fs.chownSync(backups, nobody, 100);
      expect(await run()).toMatchObject({code: 0});
      const copy = fs.statSync(`${only(backups).directory}/datasets/tenants.json`);
      expect([copy.uid, copy.gid, copy.mode & 0o7777]).toEqual([0, 0, 0o640]);
    },
  );

  test.runIf(isRoot).each([
    // Whose the directory above is, the source and the backups directory; whose the copy is, and its mode.
    [
      [0, 0o700],
      [0, 0o644],
      [nobody, 0o755],
      [0, 0o600],
    ],
    [
      [nobody, 0o700],
      [nobody, 0o644],
      [nobody, 0o755],
      [nobody, 0o600],
    ],
    [
      [0, 0o750],
      [0, 0o664],
      [nobody, 0o777],
      [0, 0o660],
    ],
    [
      [nobody, 0o700],
      [0, 0o644],
      [0, 0o755],
      [nobody, 0o600],
    ],
    // Who owns it could not get there.
    [
      [0, 0o700],
      [nobody, 0o644],
      [nobody, 0o755],
      [0, 0o600],
    ],
    [
      [0, 0o711],
      [nobody, 0o640],
      [nobody, 0o755],
      [nobody, 0o640],
    ],
    // Another group than the one that may read it.
    [
      [0, 0o755],
      [0, 0o604],
      [0, 0o755],
      [0, 0o600],
    ],
  ] as const)(
    'counts the directory above: %o, source %o, backups %o',
    async (above, source, to, expected) => {
      const {root, backups, data, run} = makePlace();
      fs.chmodSync(root, 0o755);
      const give = (file: string, [uid, mode]: readonly [number, number]): void => {
        fs.chownSync(file, uid, uid);
        fs.chmodSync(file, mode);
      };
      give(`${data}/tenants.json`, source);
      give(data, above);
      give(backups, to);
      expect(await run()).toMatchObject({code: 0});
      const {uid, gid, mode} = fs.statSync(`${only(backups).directory}/datasets/tenants.json`);
      expect([uid, gid, (mode & 0o7777).toString(8)]).toEqual([
        expected[0],
        expected[0],
        expected[1].toString(8),
      ]);
    },
  );

  test.runIf(isRoot)('counts the directories of a directory dataset, and a database too', async () => {
    const {root, backups, data, run} = makePlace();
    fs.mkdirSync(`${data}/private/below`, {recursive: true});
    fs.mkdirSync(`${data}/open`);
    leaveInWal(`${data}/private/ledger.sqlite`, 10);
    for (const name of ['private/below/a', 'open/b']) fs.writeFileSync(`${data}/${name}`, name);
    fs.chmodSync(`${data}/private`, 0o700);
    const datasets = [
      {name: 'ledger', source: 'storage/data/private/ledger.sqlite', type: 'file'},
      {name: 'tree', source: 'storage/data', type: 'directory'},
    ];
    configure(root, {datasets});
    expect(await run()).toMatchObject({code: 0});
    const {directory} = only(backups);
    const modes = ['ledger.sqlite', 'tree/private/below/a', 'tree/open/b'].map((name) =>
      (fs.statSync(`${directory}/datasets/${name}`).mode & 0o7777).toString(8),
    );
    expect(modes).toEqual(['600', '600', '644']);
  });

  test('with another algorithm has no SHA256SUMS', async () => {
    const {backups, run} = makePlace({verification: {algorithm: 'md5'}});
    expect(await run()).toMatchObject({code: 0});
    const {directory, manifest} = only(backups);
    expect(fs.readdirSync(directory).toSorted()).toEqual(['datasets', 'manifest.json']);
    expect(manifest.datasets).toMatchObject({
      tenants: {algorithm: 'md5', hash: phpHash('md5', inTenants)},
    });
  });

  test('of the same second as the last waits for its own', async () => {
    const {root, backups} = makePlace();
    const {code, stdout} = await shell(
      `for i in 1 2; do magds backup run --label=x --json --root '${root}' || exit; done`,
    );
    expect(code).toBe(0);
    const ids = jsonLines(stdout)
      .filter((line) => line['message_type'] === 'summary')
      .map(({id}) => id as string);
    expect(ids).toHaveLength(2);
    expect(fs.readdirSync(backups).toSorted()).toEqual(ids);
    expect(ids[0]?.slice(0, 15)).not.toBe(ids[1]?.slice(0, 15));
  });

  test('is followed by retention', async () => {
    const {backups, run} = makePlace();
    for (const year of [2020, 2021, 2022]) makeBackup({backups, id: `${year}0101_000000`});
    const {code, stdout} = await run('--json');
    expect(code).toBe(0);
    const summary = jsonLines(stdout).at(-1);
    expect(summary).toMatchObject({pruned: ['20200101_000000', '20210101_000000'], not_pruned: null});
    expect(fs.readdirSync(backups).toSorted()).toEqual(['20220101_000000', summary?.['id']]);
  });

  test('is followed by retention also where the run cannot be remembered, which is told', async () => {
    const {root, backups, run} = makePlace();
    for (const year of [2020, 2021, 2022]) makeBackup({backups, id: `${year}0101_000000`});
    const file = `${root}/storage/runbook/last-run.json`;
    fs.mkdirSync(`${file}/x`, {recursive: true});
    const {code, stdout, stderr} = await run();
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(stdout).toContain('  - 20200101_000000  pruned\n  - 20210101_000000  pruned\n');
    expect(stdout).toContain(`! What this run did could not be recorded: ${file}: a directory\n`);
    expect(fs.readdirSync(backups)).toHaveLength(2);
  });

  test('is in the directory that a link in the place of storage/ leads to', async () => {
    const {root, backups, run} = makePlace();
    const shared = temporaryDirectory();
    fs.cpSync(`${root}/storage`, shared, {recursive: true});
    fs.rmSync(`${root}/storage`, {recursive: true});
    fs.symlinkSync(shared, `${root}/storage`);
    expect(await run()).toMatchObject({code: 0});
    const {id, manifest} = only(`${shared}/backups`);
    expect(manifest.datasets).toMatchObject({
      tenants: {backup: `${backups}/${id}/datasets/tenants.json`},
    });
    expect(fs.existsSync(`${shared}/runbook/version`)).toBe(true);
    expect(fs.lstatSync(`${root}/storage`).isSymbolicLink()).toBe(true);
  });
});

describe('where a source is missing', () => {
  function makeLacking() {
    const place = makePlace();
    fs.rmSync(`${place.data}/ledger.json`);
    return place;
  }

  test('the others are backed up: exit 3, it is recorded, and nothing is pruned', async () => {
    const {backups, run} = makeLacking();
    const old = [2020, 2021, 2022].map((year) => makeBackup({backups, id: `${year}0101_000000`}).id);
    const {code, stdout, stderr} = await run();
    expect({code, stderr}).toEqual({code: 3, stderr: ''});
    const id = fs.readdirSync(backups).toSorted().at(-1);
    expect(stdout.split('\n').slice(0, -2)).toEqual([
      '  + tenants  8 B',
      '  x ledger  its source is missing',
      '! Not pruned: retention waits for a run with nothing missing; 1 would be deleted ("magds backup prune" does it now)',
      `x ${backups}/${id}`,
    ]);
    expect(stdout).toMatch(/\nDone in part: ledger: its source is missing; 1 file, 8 B in [\d.]+s\n$/);
    expect(fs.readdirSync(backups).toSorted()).toEqual([...old, id]);
    const text = fs.readFileSync(`${backups}/${id}/manifest.json`, 'utf8');
    expect(JSON.parse(text)).toMatchObject({metadata: {missing: {ledger: 'its source is missing'}}});
  });

  test('JSON has an error for it, and its name in the summary', async () => {
    const {run} = makeLacking();
    const {code, stdout} = await run('--json');
    expect(code).toBe(3);
    const lines = jsonLines(stdout);
    expect(lines.filter((line) => line['message_type'] === 'error')).toEqual([
      {message_type: 'error', dataset: 'ledger', reason: 'its source is missing'},
    ]);
    expect(lines.at(-1)).toMatchObject({
      message_type: 'summary',
      result: 'partial',
      datasets: [{name: 'tenants'}],
      missing: ['ledger'],
    });
  });

  test('--strict writes nothing: exit 1', async () => {
    const {backups, run} = makeLacking();
    expect(await run('--strict')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'x ledger: its source is missing. Nothing was written.\n',
    });
    const {code, stdout} = await run('--strict', '--json');
    expect(code).toBe(1);
    expect(jsonLines(stdout).at(-1)).toMatchObject({result: 'failed', id: null, path: null, datasets: []});
    expect(fs.readdirSync(backups)).toEqual([]);
  });

  test('and storage itself is, it says what to do: exit 1', async () => {
    const {root, run} = makeLacking();
    fs.rmSync(`${root}/storage`, {recursive: true});
    expect(await run()).toMatchObject({
      code: 1,
      stderr: `magds: ${root}/storage: not there. Mount it, or make it, as the user whose service writes there. Nothing was changed.\n`,
    });
  });

  test('and there is no other, nothing is written: exit 1', async () => {
    const {backups, data, run} = makeLacking();
    fs.rmSync(`${data}/tenants.json`);
    expect(await run()).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'x there is nothing to copy: tenants: its source is missing; ledger: its source is missing. Nothing was written.\n',
    });
    expect(fs.readdirSync(backups)).toEqual([]);
  });

  test.runIf(isRoot)('to whoever may not read it, that is found out while copying', async () => {
    const {root, backups, data} = makePlace();
    giveAway(root);
    fs.chownSync(`${data}/ledger.json`, 0, 0);
    fs.chmodSync(`${data}/ledger.json`, 0o600);
    const reason = 'the source cannot be opened: permission denied';
    const dry = await asNobody(root, ['backup', 'run', '--dry-run']);
    expect(dry).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(`: 8 B, .*\n  [+] tenants .*\n  x ledger  ${reason}  `),
    });
    // Of a directory it is left out.
    const own = `${root}/storage/runbook/config.json`;
    fs.mkdirSync(path.dirname(own), {recursive: true});
    const datasets = [{name: 'data', source: 'storage/data', type: 'directory'}];
    fs.writeFileSync(own, JSON.stringify({version: 1, backup: {datasets}}));
    fs.chmodSync(own, 0o644);
    const tree = await asNobody(root, ['backup', 'run', '--dry-run']);
    fs.rmSync(path.dirname(own), {recursive: true});
    expect(tree).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(`  x data/ledger.json  left out: ${reason}`),
    });
    expect(await asNobody(root, ['backup', 'run', '--strict'])).toMatchObject({
      code: 1,
      stderr: `x ledger: ${reason}. Nothing was written.\n`,
    });
    expect(fs.readdirSync(backups)).toEqual([]);
    expect(fs.readdirSync(`${root}/storage/runbook/building`)).toEqual([]);
    const {code, stdout} = await asNobody(root, ['backup', 'run']);
    expect(code).toBe(3);
    expect(stdout).toContain(`  + tenants  8 B\n  x ledger  ${reason}\n`);
    expect(only(backups).manifest.metadata).toMatchObject({missing: {ledger: reason}});
  });
});

type Refusal = {
  args?: string[];
  env?: Record<string, string>;
  prepare?: (root: string) => void;
  code: number;
  /** Others are told of it. */
  told?: boolean;
  says: (root: string) => string;
};

const own = 'storage/runbook/config.json';
const unsettled = (what: string) =>
  `Fix the configuration first: ${what}. "magds config" shows it all. Nothing was changed.`;
const write = (root: string, name: string, text: string): void => {
  fs.mkdirSync(path.dirname(`${root}/${name}`), {recursive: true});
  fs.writeFileSync(`${root}/${name}`, text);
};

const refusals: Record<string, Refusal> = {
  'a label that makes too long a name': {
    args: [`--label=${'x'.repeat(300)}`],
    code: 2,
    says: () =>
      'The label makes a name of 316 bytes, and a name has at most 255: shorten it by 61. Nothing was written.',
  },
  'a label with control characters': {
    args: ['--label=a\u001b[31mb'],
    code: 2,
    says: () => 'The label holds control characters. Nothing was written.',
  },
  '--read-only': {
    args: ['--read-only'],
    code: 2,
    says: () => '"magds backup run" writes, and --read-only forbids it. Nothing was changed.',
  },
  'backups that are switched off': {
    prepare: (root) =>
      write(root, 'config/base/z.php', "<?php\nreturn ['magds' => ['backup' => ['enabled' => false]]];"),
    code: 1,
    told: true,
    says: () =>
      'Backups are switched off: magds.backup.enabled is false (config/base/z.php:2). Nothing was written.',
  },
  'an environment that .env and the process disagree about': {
    prepare: (root) => write(root, '.env', 'MOBO_ENV=staging\n'),
    env: {MOBO_ENV: 'production'},
    code: 2,
    says: () =>
      '.env says staging, the process says production. Say which counts: --env=staging or --env=production. Nothing was changed.',
  },
  'an environment that the kernel does not know': {
    args: ['--env=prod'],
    code: 1,
    says: () =>
      unsettled(
        'prod: the kernel knows no such environment; it knows development, testing, staging, production',
      ),
  },
  'a PHP file with a syntax error': {
    prepare: (root) => write(root, 'config/base/z.php', '<?php\nreturn [;'),
    code: 1,
    says: (root) => unsettled(`${root}/config/base/z.php:2 has a PHP syntax error`),
  },
  'our own file, where others may write it': {
    prepare: (root) => fs.chmodSync(configure(root, {max_count: 1}), 0o666),
    code: 1,
    says: (root) => unsettled(`${root}/${own} is ignored: others may write it: chmod go-w ${root}/${own}`),
  },
  'our own file that is not what it should be': {
    prepare: (root) => configure(root, {max_count: '1'}),
    code: 1,
    says: (root) =>
      unsettled(`${root}/${own} is not what it should be at backup.max_count: see "magds config --schema"`),
  },
  'our own file that is no JSON': {
    prepare: (root) => write(root, own, '{'),
    code: 1,
    says: (root) => unsettled(`${root}/${own}:1 is not valid JSON: the end, too early, column 2`),
  },
  'an algorithm that we lack': {
    env: {MAGDS_BACKUP_ALGORITHM: 'rot13'},
    code: 1,
    says: () => unsettled('the algorithm "rot13" is not supported here'),
  },
  'state of another version': {
    prepare: (root) => write(root, 'storage/runbook/version', '2\n'),
    code: 1,
    says: (root) =>
      `${root}/storage/runbook/version says "2", and this program knows "1": use the version of magds that wrote it. Nothing was changed.`,
  },
};

describe('refused, with nothing written:', () => {
  /** Reasons that the audit log has of backups that were not made. */
  const toldReasons = (root: string): unknown[] => {
    const log = `${root}/storage/logs/audit.log`;
    const lines = fs.existsSync(log) ? jsonLines(fs.readFileSync(log, 'utf8')) : [];
    return lines.map((line) => (line as {payload: {reason: unknown}}).payload.reason);
  };
  /** But for the audit log and the metrics, with the directories that these are made in. */
  const withoutTelling = (tree: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(tree).filter(([name]) => !/^storage(\/(logs|telemetry)(\/.*)?)?$/.test(name)),
    );

  test.each(Object.entries(refusals))('%s', async (_, {args = [], env = {}, prepare, code, told, says}) => {
    const {root} = makePlace();
    prepare?.(root);
    const before = treeState(root);
    const outcome = await magds(['backup', 'run', '--root', root, ...args], {env});
    expect(outcome).toMatchObject({code, stdout: '', stderr: `magds: ${says(root)}\n`});
    expect(toldReasons(root)).toEqual(told ? [says(root)] : []);
    if (!told) expect(treeState(root)).toEqual(before);
    else expect(withoutTelling(treeState(root))).toEqual(withoutTelling(before));
  });

  test('a backups directory that is a file', async () => {
    const {backups, run} = makePlace();
    fs.rmdirSync(backups);
    fs.writeFileSync(backups, 'precious');
    expect(await run()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `magds: ${backups} cannot be written to: not a directory. Nothing was changed.\n`,
    });
    expect(fs.readFileSync(backups, 'utf8')).toBe('precious');
  });

  test('a label that is not UTF-8', async () => {
    const {root} = makePlace();
    const before = treeState(root);
    expect(await shell(`magds backup run --label=$'\\xff' --root '${root}'`)).toMatchObject({
      code: 2,
      stderr:
        'magds: The label is not UTF-8 text, and a manifest can hold nothing else. Nothing was written.\n',
    });
    expect(treeState(root)).toEqual(before);
  });

  test('state that is a link', async () => {
    const {root, backups, run} = makePlace();
    const elsewhere = temporaryDirectory();
    fs.symlinkSync(elsewhere, `${root}/storage/runbook`);
    const {code, stderr} = await run();
    expect(code).toBe(1);
    expect(stderr).toContain(
      `magds: ${root}/storage/runbook is a link or a file, where a directory belongs: move it away.`,
    );
    expect([...fs.readdirSync(elsewhere), ...fs.readdirSync(backups)]).toEqual([]);
  });

  test.each(['run', 'run --dry-run'])('%s where there is only a backups directory', async (words) => {
    const backups = temporaryDirectory();
    expect(await magds(['backup', ...words.split(' '), '--backups', backups])).toMatchObject({
      code: 2,
      stderr:
        'magds: "magds backup run" needs the project: --root DIR. A directory of backups alone (--backups) can only be browsed and verified.\n',
    });
    expect(fs.readdirSync(backups)).toEqual([]);
  });

  test('a clock that is behind the newest backup', async () => {
    const {backups, run} = makePlace();
    const {id} = makeBackup({backups, id: '20990101_000000'});
    const before = treeState(backups);
    const {code, stdout, stderr} = await run();
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
    expect(stderr.replace(/\d{8}_\d{6}:/, 'NOW:')).toBe(
      `x the newest backup is of ${id} UTC, and the clock says NOW: it is behind, or that backup's name is wrong. Set the clock, or move that backup away. Nothing was written.\n`,
    );
    expect(treeState(backups)).toEqual(before);
  });

  test.runIf(isRoot)('a root that belongs to somebody else', async () => {
    const {root} = makePlace();
    fs.chmodSync(root, 0o755);
    const before = treeState(root);
    expect(await asNobody(root, ['backup', 'run'])).toMatchObject({
      code: 1,
      stderr: `magds: ${root}/storage belongs to root, and storage/runbook has to belong to the same: run this once as root. Nothing was changed.\n`,
    });
    expect(treeState(root)).toEqual(before);
  });
});

test('--env settles what .env and the process disagree about', async () => {
  const {root} = makePlace({}, {'.env': 'MOBO_ENV=staging\n'});
  const env = {MOBO_ENV: 'production'};
  expect(await magds(['backup', 'run', '--env=staging', '--root', root], {env})).toMatchObject({code: 0});
});

describe('--dry-run', () => {
  test('says what would be done, and does none of it', async () => {
    const {root, backups, data, run} = makePlace();
    for (const year of [2020, 2021]) makeBackup({backups, id: `${year}0101_000000`});
    const before = treeState(root);
    const [text, json] = await Promise.all([
      run('--dry-run', '--label=x', '--read-only'),
      run('--dry-run', '--json'),
    ]);
    const {code, stdout, stderr} = text;
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    const [first, ...lines] = stdout.trimEnd().split('\n');
    expect(first).toMatch(new RegExp(`^Would make \\d{8}_\\d{6}_x in ${backups}: 21 B, .+ of .+ free$`));
    expect(lines).toEqual([
      `  + tenants  8 B  ${data}/tenants.json`,
      `  + ledger  13 B  ${data}/ledger.json`,
      'Retention would then delete:',
      '  - 20200101_000000  delete: beyond the newest 2',
      `! PHP's own next run would then delete 20210101_000000. "magds backup pin ID --reason=…" holds one.`,
      'Nothing was written.',
    ]);
    const [plan] = jsonLines(json.stdout);
    expect(json.code).toBe(0);
    expect(plan).toMatchObject({
      command: 'backup:plan',
      root,
      datasets: [
        {name: 'tenants', type: 'file', source: `${data}/tenants.json`, files: 1, bytes: 8, reason: null},
        {name: 'ledger', bytes: 13},
      ],
      bytes: 21,
      missing: [],
      left_out: [],
      pruned: ['20200101_000000'],
      php_would_delete: ['20210101_000000'],
      notes: [],
      changes: [],
    });
    expect(plan?.['retention']).toEqual([
      {
        id: plan?.['id'],
        stays: true,
        reason: '1 of the newest 2, for all datasets',
        datasets: ['tenants', 'ledger'],
        last_copies: [],
      },
      {
        id: '20210101_000000',
        stays: true,
        reason: '2 of the newest 2, for all datasets',
        datasets: ['tenants', 'ledger'],
        last_copies: [],
      },
      {id: '20200101_000000', stays: false, reason: 'beyond the newest 2', datasets: [], last_copies: []},
    ]);
    expect(treeState(root)).toEqual(before);
  });

  test('exits as the run would where something is missing', async () => {
    const {root, data, run} = makePlace();
    fs.rmSync(`${data}/ledger.json`);
    const before = treeState(root);
    const [plain, strict] = await Promise.all([run('--dry-run'), run('--dry-run', '--strict')]);
    expect([plain.code, strict.code]).toEqual([3, 1]);
    expect(plain.stdout).toContain(`\n  x ledger  its source is missing  ${data}/ledger.json\n`);
    expect(treeState(root)).toEqual(before);
    fs.rmSync(`${data}/tenants.json`);
    expect(await run('--dry-run')).toMatchObject({code: 1});
  });

  test('needs no state directory', async () => {
    const {root, run} = makePlace();
    fs.symlinkSync(temporaryDirectory(), `${root}/storage/runbook`);
    expect(await run('--dry-run')).toMatchObject({code: 0, stderr: ''});
  });

  test('says that the clock would stop it', async () => {
    const {backups, run} = makePlace();
    makeBackup({backups, id: '20990101_000000'});
    const {code, stdout} = await run('--dry-run');
    expect(code).toBe(1);
    expect(stdout).toContain(
      'x This run would be refused: the newest backup is of 20990101_000000 UTC, and the clock says',
    );
  });
});

describe('sources', () => {
  const inData = (...names: string[]): Plain =>
    names.map((name) => ({name, source: name.startsWith('/') ? name : `storage/data/${name}`}));

  test('that are no files, or lead elsewhere, are named and left alone', async () => {
    const {backups, data, run} = makePlace({
      datasets: inData(
        'tenants.json',
        'pipe',
        'socket',
        '/dev/zero',
        'directory',
        'out',
        'device',
        'dangling',
        'circle',
        'tenants.json/below',
      ),
    });
    makePipe(`${data}/pipe`);
    const server = net.createServer().listen(`${data}/socket`);
    await once(server, 'listening');
    fs.mkdirSync(`${data}/directory`);
    for (const [name, target] of [
      ['out', '/etc/passwd'],
      ['device', '/dev/zero'],
      ['dangling', 'nowhere'],
      ['circle', 'circle'],
    ] as const)
      fs.symlinkSync(target, `${data}/${name}`);
    const {code} = await run();
    server.close();
    expect(code).toBe(3);
    const {directory, manifest} = only(backups);
    expect(manifest.metadata).toMatchObject({
      missing: {
        pipe: 'its source is a pipe (FIFO), not a file',
        socket: 'its source is a socket, not a file',
        '/dev/zero': 'its source is a device, not a file',
        directory:
          'its source is a directory, on which PHP aborts the whole run: give it "type": "directory" in storage/runbook/config.json',
        out: 'it is a link that leads out of the project, to /etc/passwd: configure the file itself',
        device: 'it is a link that leads out of the project, to /dev/zero: configure the file itself',
        dangling: 'its source is missing',
        circle: 'its source cannot be looked at: a link, which is not followed',
        'tenants.json/below': 'its source is missing',
      },
    });
    expect(fs.readdirSync(`${directory}/datasets`)).toEqual(['tenants.json']);
  });

  test('may be a link inside the project, and a file outside it', async () => {
    const outside = `${temporaryDirectory()}/outside.txt`;
    fs.writeFileSync(outside, 'outside\n');
    const {backups, data, run} = makePlace({datasets: inData('link', outside)});
    fs.symlinkSync('tenants.json', `${data}/link`);
    expect(await run()).toMatchObject({code: 0});
    const {directory, manifest} = only(backups);
    expect(fs.readFileSync(`${directory}/datasets/link`, 'utf8')).toBe(inTenants);
    expect(fs.lstatSync(`${directory}/datasets/link`).isFile()).toBe(true);
    expect(fs.readFileSync(`${directory}/datasets/outside.txt`, 'utf8')).toBe('outside\n');
    expect(manifest.datasets).toMatchObject({link: {source: `${data}/link`}, [outside]: {source: outside}});
  });

  test('of one basename get a path each', async () => {
    const {backups, data, run} = makePlace({
      datasets: [tenants, ledger, {name: '../b', source: 'storage/data/b/tenants.json'}],
    });
    fs.mkdirSync(`${data}/b`);
    fs.writeFileSync(`${data}/b/tenants.json`, 'other\n');
    expect(await run()).toMatchObject({code: 0});
    const {directory} = only(backups);
    const copies = (fs.readdirSync(`${directory}/datasets`, {recursive: true}) as string[]).toSorted();
    expect(copies).toEqual(['..-b', '..-b/tenants.json', 'ledger.json', 'tenants', 'tenants/tenants.json']);
    expect(fs.readFileSync(`${directory}/datasets/..-b/tenants.json`, 'utf8')).toBe('other\n');
    expect(await execute('sha256sum', ['--quiet', '-c', 'SHA256SUMS'], {cwd: directory})).toMatchObject({
      code: 0,
    });
  });

  test.each([[['--dry-run']], [['--dry-run', '--json']], [['--strict']], [[]], [['--json']]])(
    'with hostile names drive no terminal: %j',
    async (args) => {
      const {root, run} = makePlace();
      const source = `storage/data/${hostileText.replaceAll('/', '')}`;
      configure(root, {datasets: [{name: hostileText, source}, tenants]});
      const {stdout, stderr} = await run('--label=a\u202eb', ...args);
      expect(stdout + stderr).toContain('a\\u');
      expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(unprintable);
    },
  );
});

describe('a directory', () => {
  test('is copied with what is below it, and what is no file is named', async () => {
    const {backups, data, tree, run} = makeTree();
    fs.mkdirSync(`${tree}/a/b`, {recursive: true});
    fs.mkdirSync(`${tree}/empty`);
    for (const name of ['one', 'a/two', 'a/b/three', 'a/b/.hidden', 'a/new\nline'])
      fs.writeFileSync(`${tree}/${name}`, name);
    fs.symlinkSync('/etc', `${tree}/link`);
    makePipe(`${tree}/pipe`);
    const server = net.createServer().listen(`${tree}/socket`);
    await once(server, 'listening');
    const {code, stdout} = await run();
    server.close();
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      '  + tree  38 B',
      '  ! tree/link  left out: a link',
      '  ! tree/pipe  left out: a pipe (FIFO)',
      '  ! tree/socket  left out: a socket',
      '  ! tree/empty  left out: an empty directory',
    ]);
    const {id, directory, manifest} = only(backups);
    expect(Object.keys(manifest.datasets)).toEqual([
      'tree/a/b/.hidden',
      'tree/a/b/three',
      'tree/a/new\nline',
      'tree/a/two',
      'tree/one',
    ]);
    expect(manifest.datasets).toMatchObject({
      'tree/a/b/three': {
        source: `${data}/tree/a/b/three`,
        backup: `${backups}/${id}/datasets/tree/a/b/three`,
      },
    });
    expect(manifest.metadata).toMatchObject({
      left_out: {'tree/link': 'a link', 'tree/empty': 'an empty directory'},
    });
    expect(await execute('sha256sum', ['--quiet', '-c', 'SHA256SUMS'], {cwd: directory})).toMatchObject({
      code: 0,
    });
    const stats = fs.statSync(`${directory}/datasets/tree/a/b`);
    expect(stats.mode).toBe(fs.statSync(backups).mode);
  });

  test('with a link in it is told as partial ever after, and with --strict is not backed up', async () => {
    const {root, backups, data, tree, run} = makeTree();
    fs.writeFileSync(`${tree}/one`, 'of some length');
    fs.mkdirSync(`${data}/shared`);
    fs.writeFileSync(`${data}/shared/two`, '2');
    fs.symlinkSync('../shared', `${tree}/link`);
    fs.mkdirSync(`${tree}/empty`);
    makePipe(`${tree}/pipe`);
    for (const words of [['--strict', '--dry-run'], ['--strict']]) {
      const {code, stdout, stderr} = await run(...words);
      expect(code).toBe(1);
      expect(stdout + stderr).toContain('tree/link: a link.');
    }
    expect(fs.readdirSync(backups)).toEqual([]);
    expect(await run()).toMatchObject({code: 0});
    const [list] = jsonLines((await magds(['backup', 'list', '--json', '--root', root])).stdout);
    expect(list).toMatchObject({
      backups: [{id: only(backups).id, partial: [{dataset: 'tree/link', reason: 'left out: a link'}]}],
    });
    fs.rmSync(`${tree}/link`);
    expect(await run('--strict')).toMatchObject({code: 0});
  });

  test('with a name that is not UTF-8 in it is backed up in part, and with --strict not at all', async () => {
    const {backups, tree, run} = makeTree();
    fs.writeFileSync(`${tree}/one`, '1');
    fs.writeFileSync(Buffer.from(`${tree}/bad\xff`, 'latin1'), '2');
    const reason = 'its name is not UTF-8 text, and a manifest can hold nothing else';
    expect(await run('--strict')).toMatchObject({
      code: 1,
      stderr: `x tree/bad\ufffd: ${reason}. Nothing was written.\n`,
    });
    expect(fs.readdirSync(backups)).toEqual([]);
    const {code, stdout} = await run();
    expect(code).toBe(3);
    expect(stdout).toContain(`\n  x tree/bad\ufffd  left out: ${reason}\n`);
    expect(Object.keys(only(backups).manifest.datasets)).toEqual(['tree/one']);
  });

  test('that holds the backups and our state does not back them up', async () => {
    const {root, backups, run} = makePlace();
    configure(root, {datasets: [{name: 'all', source: 'storage', type: 'directory'}]});
    makeBackup({backups, id: '20200101_000000'});
    const {code, stdout} = await run('--json');
    expect(code).toBe(0);
    const reason = 'the backups themselves, or the state of this program';
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      datasets: [{name: 'all/data/ledger.json'}, {name: 'all/data/tenants.json'}],
      left_out: [
        {name: 'all/backups', reason, grave: false},
        {name: 'all/runbook', reason, grave: false},
      ],
    });
  });

  test.each([
    ['a file', (tree: string) => fs.writeFileSync(tree, ''), 'its source is a file, not a directory'],
    ['empty', (tree: string) => fs.mkdirSync(tree), 'its directory holds no file that could be copied'],
    [
      'a link out of the project',
      (tree: string) => fs.symlinkSync('/etc', tree),
      'it is a link that leads out of the project, to /etc: configure the file itself',
    ],
  ])('that is %s is missing', async (_, make, reason) => {
    const {backups, tree, run} = makeTree();
    fs.rmdirSync(tree);
    make(tree);
    expect(await run()).toMatchObject({
      code: 1,
      stderr: `x there is nothing to copy: tree: ${reason}. Nothing was written.\n`,
    });
    expect(fs.readdirSync(backups)).toEqual([]);
  });

  test.runIf(isRoot)('with what may not be read in it is backed up in part', async () => {
    const {root, backups, tree} = makeTree();
    fs.mkdirSync(`${tree}/locked`);
    for (const name of ['one', 'secret', 'locked/in']) fs.writeFileSync(`${tree}/${name}`, name);
    giveAway(root);
    fs.chownSync(`${root}/${own}`, 0, 0);
    for (const name of ['secret', 'locked']) fs.chmodSync(`${tree}/${name}`, 0);
    const {code, stdout} = await asNobody(root, ['backup', 'run', '--json']);
    expect(code).toBe(3);
    const reason = 'the source cannot be opened: permission denied';
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      datasets: [{name: 'tree/one'}],
      missing: ['tree/secret'],
      left_out: [{name: 'tree/locked', reason, grave: true}],
    });
    expect(only(backups).manifest.metadata).toMatchObject({
      missing: {'tree/secret': reason},
      left_out: {'tree/locked': reason},
    });
  });
});

test('what changed in the configuration since the last run is told', async () => {
  const {root, run} = makePlace();
  expect((await run()).stdout).not.toContain('since the last run');
  configure(root, {
    datasets: [ledger, {name: 'new', source: tenants.source}],
    max_count: 7,
    algorithm: 'sha512',
  });
  const changes = [
    'dataset new is new',
    'dataset tenants is gone',
    'retention kept 2, keeps 7',
    'algorithm was sha256, is sha512',
  ];
  const told = `\n${[...changes.map((line) => `! since the last run: ${line}`), reminder].join('\n')}\n`;
  const [text, json] = await Promise.all([run('--dry-run'), run('--dry-run', '--json')]);
  expect(text.stdout).toContain(told);
  expect(jsonLines(json.stdout)[0]).toMatchObject({changes});
  expect((await run()).stdout).toContain(told);
  expect((await run('--dry-run')).stdout).not.toContain('since the last run');
});

describe('cut off', () => {
  /** A source that takes long to read, and no room. */
  function makeSlow() {
    const place = makePlace({datasets: [tenants]});
    const source = `${place.data}/tenants.json`;
    fs.truncateSync(source, 200 * 1024 ** 3);
    const building = `${place.root}/storage/runbook/building`;
    const isCopying = () => fs.existsSync(building) && fs.readdirSync(building).length > 0;
    return {...place, source, building, isCopying};
  }

  async function kill(root: string, isCopying: () => boolean, signal: NodeJS.Signals): Promise<Outcome> {
    let waiting = false;
    return magds(['backup', 'run', '--json', '--root', root], {
      onStdout: (_, child) => {
        if (waiting) return;
        waiting = true;
        vi.waitFor(() => expect(isCopying()).toBe(true), {interval: 5, timeout: 15_000}).finally(() =>
          child.kill(signal),
        );
      },
    });
  }

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s: 128 and its number, and nothing is left',
    async (signal) => {
      const {root, backups, building, isCopying} = makeSlow();
      const {code, stdout} = await kill(root, isCopying, signal);
      expect(code).toBe(128 + os.constants.signals[signal]);
      expect(jsonLines(stdout).at(-1)).toMatchObject({
        message_type: 'summary',
        result: 'cancelled',
        id: null,
        path: null,
        datasets: [],
      });
      expect([...fs.readdirSync(backups), ...fs.readdirSync(building)]).toEqual([]);
    },
  );

  test('by SIGKILL: nothing is in the catalog, and the next run tidies up', async () => {
    const {root, backups, building, source, isCopying, run} = makeSlow();
    expect(await kill(root, isCopying, 'SIGKILL')).toMatchObject({signal: 'SIGKILL'});
    expect(fs.readdirSync(backups)).toEqual([]);
    const [left] = fs.readdirSync(building);
    fs.writeFileSync(source, inTenants);
    expect(await run()).toMatchObject({
      code: 0,
      stderr: `! Tidied up after a writer that was killed: ${left}\n`,
    });
    expect(fs.readdirSync(building)).toEqual([]);
    expect(fs.readdirSync(only(backups).directory)).toHaveLength(3);
  });
});

test('output that cannot be written is a failure, though the backup is there', async () => {
  const {root, backups} = makePlace();
  expect(await shell(`magds backup run --root '${root}' > /dev/full`)).toMatchObject({
    code: 1,
    stderr: 'magds: the output could not be written: the disk is full.\n',
  });
  expect(fs.readdirSync(only(backups).directory)).toHaveLength(3);
});
