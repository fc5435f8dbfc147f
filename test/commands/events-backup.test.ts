import fs from 'node:fs';
import os from 'node:os';
import {describe, expect, test} from 'vitest';
import {manifestDigest} from '../../source/engine/storage/manifest/digest.ts';
import {parseManifest} from '../../source/engine/storage/manifest/read.ts';
import {actionsIn, linesOf, toldIn} from '../support/audit.ts';
import {makeBackup} from '../support/backups.ts';
import {backup, rootWith} from '../support/php-config.ts';
import {jsonLines, magds, shell} from '../support/run.ts';
import {treeState} from '../support/tree.ts';

const old = ['20200101_000000', '20210101_000000', '20220101_000000'] as const;

/** Two live files, three backups, of which retention keeps one beside a new one. */
function makePlace() {
  const datasets = ['tenants', 'ledger'].map((name) => ({name, source: `storage/data/${name}.json`}));
  const root = rootWith({
    'config/base/magds.php': backup({datasets, retention: {max_count: 2}}),
    'storage/data/tenants.json': '{"t":1}',
    'storage/data/ledger.json': '[1,2,3]',
  });
  const backups = `${root}/storage/backups`;
  for (const id of old) makeBackup({backups, id, recordedRoot: 'here'});
  const log = `${root}/storage/logs/audit.log`;
  const command = (...args: string[]) => magds(['backup', ...args, '--root', root]);
  return {root, backups, log, command};
}

describe('backup run', () => {
  test('tells of the backup, with the digest of its manifest, then of what it removed', async () => {
    const {root, backups, log} = makePlace();
    const env = {SSH_CONNECTION: '192.0.2.7 51344 10.0.0.1 22', SUDO_USER: 'alice'};
    expect(await magds(['backup', 'run', '--label=é/x', '--root', root], {env})).toMatchObject({code: 0});
    const id = fs.readdirSync(backups).at(-1) ?? '';
    const manifest = parseManifest(fs.readFileSync(`${backups}/${id}/manifest.json`));
    if ('reason' in manifest) throw new Error(manifest.reason);
    expect(toldIn(root)).toEqual([
      {
        action: 'magdb.backup.completed',
        payload: {
          ...{id, label: 'é/x', datasets: 2, missing: [], bytes: 14},
          ...{manifest_digest: manifestDigest(manifest.tree), seconds: expect.any(Number)},
        },
      },
      {action: 'magdb.backup.pruned', payload: {id: old[0], reason: 'beyond the newest 2'}},
      {action: 'magdb.backup.pruned', payload: {id: old[1], reason: 'beyond the newest 2'}},
    ]);
    const operator = {login: os.userInfo().username, uid: process.getuid?.(), sudo_user: 'alice'};
    for (const line of linesOf(log)) {
      expect(line).toMatchObject({user_id: null, ip_address: '192.0.2.7', immutable: true});
      expect(line.payload).toMatchObject({operator, root, host: os.hostname()});
    }
    // What a verification adds to the manifest does not change its digest.
    await magds(['backup', 'verify', '--id', id, '--root', root]);
    const verified = parseManifest(fs.readFileSync(`${backups}/${id}/manifest.json`));
    if ('reason' in verified) throw new Error(verified.reason);
    expect(manifestDigest(verified.tree)).toBe(manifestDigest(manifest.tree));
  });

  test('tells of one in which something is missing, and removes nothing', async () => {
    const {root, command} = makePlace();
    fs.rmSync(`${root}/storage/data/ledger.json`);
    expect(await command('run')).toMatchObject({code: 3});
    expect(toldIn(root)).toMatchObject([
      {action: 'magdb.backup.completed', payload: {label: '', datasets: 1, missing: ['ledger'], bytes: 7}},
    ]);
  });

  test('tells of one that failed, and why', async () => {
    const {root, command} = makePlace();
    fs.rmSync(`${root}/storage/data`, {recursive: true});
    const {code, stderr} = await command('run', '--label=nightly');
    expect(code).toBe(1);
    const [{payload} = {payload: {}}, ...more] = toldIn(root);
    expect([actionsIn(root), more]).toEqual([['magdb.backup.failed'], []]);
    expect(payload).toMatchObject({id: null, label: 'nightly'});
    expect(stderr).toBe(`x ${(payload as {reason: string}).reason}.\n`);
  });

  test('tells of one that is there although nothing could be said of it', async () => {
    const {root} = makePlace();
    expect(await shell(`magds backup run --json --root '${root}' > /dev/full`)).toMatchObject({code: 1});
    const pruned = 'magdb.backup.pruned';
    expect(actionsIn(root)).toEqual(['magdb.backup.completed', pruned, pruned]);
  });

  test.each<[string, string[]]>([
    ['a dry run', ['run', '--dry-run']],
    ['a label that cannot be', ['run', '--label=a\nb']],
    ['--read-only', ['run', '--read-only']],
    ['prune --dry-run', ['prune', '--dry-run']],
    ['list', ['list']],
    ['show', ['show', old[0]]],
    ['verify --read-only', ['verify', '--all', '--read-only']],
  ])('%s tells nobody, and writes nothing', async (_, args) => {
    const {root, command} = makePlace();
    const before = treeState(root);
    await command(...args);
    expect(treeState(root)).toEqual(before);
  });
});

describe('backup prune', () => {
  test('tells of what it removes', async () => {
    const {root, command} = makePlace();
    expect(await command('prune')).toMatchObject({code: 0, stderr: ''});
    expect(toldIn(root)).toEqual([
      {action: 'magdb.backup.pruned', payload: {id: old[0], reason: 'beyond the newest 2'}},
    ]);
    expect(await command('prune')).toMatchObject({code: 0});
    expect(actionsIn(root)).toHaveLength(1);
  });

  test('does its work although it cannot be told, and says that', async () => {
    const {command, log, backups} = makePlace();
    fs.mkdirSync(log, {recursive: true});
    expect(await command('prune')).toMatchObject({
      stdout: `- ${old[0]}  deleted\n1 backup deleted.\n`,
      stderr: `! Not reported: the audit log ${log} was not written: it is a directory, not a file\n`,
    });
    expect(fs.readdirSync(backups)).toHaveLength(2);
  });
});

test('a backup that cannot be told of is made all the same; it says so, and exits with 3', async () => {
  const {root, command, log, backups} = makePlace();
  fs.mkdirSync(log, {recursive: true});
  const why = `the audit log ${log} was not written: it is a directory, not a file`;
  const text = await command('run', '--label=first');
  expect(text).toMatchObject({
    code: 3,
    stderr: '',
    stdout: expect.stringContaining(`! Not reported: ${why}\n`),
  });
  expect(fs.readdirSync(backups).at(-1)).toContain('_first');
  const {code, stdout} = await command('run', '--json', '--label=second');
  expect(code).toBe(3);
  expect(jsonLines(stdout).at(-1)).toMatchObject({result: 'done', untold: [why]});
  fs.rmdirSync(log);
  expect(await command('run', '--label=third')).toMatchObject({code: 0});
  expect(toldIn(root)[0]).toMatchObject({action: 'magdb.backup.completed', payload: {label: 'third'}});
});

test('the log is the one that the configuration names', async () => {
  const {root, command} = makePlace();
  const own = "<?php\nreturn ['security' => ['audit_log' => ['path' => 'storage/audit/own.log']]];\n";
  fs.writeFileSync(`${root}/config/base/security.php`, own);
  expect(await command('verify', '--all')).toMatchObject({code: 0});
  expect(fs.existsSync(`${root}/storage/logs`)).toBe(false);
  expect(linesOf(`${root}/storage/audit/own.log`)).toHaveLength(3);
});

describe('backup pin and unpin', () => {
  test('tell who holds what, why, and that it was released, or deleted with its hold', async () => {
    const {root, backups, command} = makePlace();
    const [kept, gone] = old;
    fs.rmSync(`${backups}/${gone}/datasets`, {recursive: true});
    expect(await command('pin', kept, '--reason=before 2.4')).toMatchObject({code: 0, stderr: ''});
    expect(await command('pin', gone, '--reason=its manifest')).toMatchObject({code: 1});
    expect(await command('unpin', kept)).toMatchObject({code: 0, stderr: ''});
    expect(await command('pin', kept, '--reason=again')).toMatchObject({code: 0});
    fs.rmSync(`${backups}/${kept}`, {recursive: true});
    expect(await command('unpin', kept)).toMatchObject({code: 1});
    expect(await command('unpin', kept, `--yes=${kept}`)).toMatchObject({code: 0, stderr: ''});
    const held = (reason: string) => ({
      action: 'magdb.backup.held',
      payload: {id: kept, reason, missing: []},
    });
    const released = (deleted: boolean) => ({
      action: 'magdb.backup.released',
      payload: {id: kept, stays: null, deleted},
    });
    expect(toldIn(root)).toEqual([held('before 2.4'), released(false), held('again'), released(true)]);
  });

  test('are done all the same where that cannot be told', async () => {
    const {root, command, log} = makePlace();
    fs.mkdirSync(log, {recursive: true});
    expect(await command('pin', old[0], '--reason=audit')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`! Not reported: the audit log ${log} was not written`),
    });
    expect(fs.existsSync(`${root}/storage/runbook/held/${old[0]}`)).toBe(true);
  });
});
