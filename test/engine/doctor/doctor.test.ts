import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import {describe, expect, test, vi} from 'vitest';
import type {InRoot} from '../../../source/engine/doctor/check.ts';
import {checkLeftovers} from '../../../source/engine/doctor/restores.ts';
import {AuditLog} from '../../../source/engine/events/log/read-log.ts';
import {idTime} from '../../../source/engine/storage/new-id.ts';
import {startOf} from '../../../source/engine/storage/runbook/lock.ts';
import {findState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {flipBit, makeBackup} from '../../support/backups.ts';
import {diagnose, healthyRoot} from '../../support/doctor.ts';
import {hostileText, unprintable} from '../../support/hostile.ts';
import {changeJournal, configure, makeHalfway, makeRestorable, signOff} from '../../support/restores.ts';
import {magds} from '../../support/run.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const finding = (state: string, what: unknown, advice: unknown = null, commands: unknown[] = []) => ({
  state,
  what,
  advice,
  commands,
});
const ok = (what: unknown) => finding('ok', what);
const like = (text: RegExp) => expect.stringMatching(text);
/** The same for the same hours, however long a test takes. */
const began = Date.now();
const hours = (count: number): string => idTime(began - count * 3_600_000);

test('a root in which all is well is told to be, check by check', async () => {
  const {root, id, backups} = await healthyRoot();
  const {checks, exit} = await diagnose(root);
  expect(checks.filter(({state}) => state !== 'ok')).toEqual([]);
  expect(exit).toBe(0);
  expect(Object.fromEntries(checks.map((each) => [each.id, each.what]))).toEqual({
    root: `${root}, named by --root; it has config/base/magds.php, storage/backups`,
    configuration: 'development (default); 2 datasets: tenants, ledger',
    hooks: 'none: there is no storage/runbook/config.json',
    user: like(/^you are .+, to whom storage\/ belongs$/),
    state: 'storage/runbook can be written',
    backups: `${backups} can be read and written; 1 backup`,
    sources: 'all 2 datasets can be read: 2 files',
    targets: 'a restore can write beside every live file',
    owner: like(/^(storage\/ belongs to root, who may do everything|.+ may change all)/),
    newest: `${id}, just now`,
    verified: `${id}, just now, verified just now`,
    damaged: 'none of 1 backup',
    pins: 'none is held',
    strays: 'none',
    php: 'its next run would delete nothing',
    sessions: 'no restore was made here yet',
    lock: 'free',
    leftovers: 'none',
    'backup-space': like(/^[\d.]+ [kMGTP]B free, a backup takes 1\.1 MB$/),
    'restore-space': like(/^[\d.]+ [kMGTP]B free, a restore of \S+ with its safety backup takes at most/),
    clock: like(/^(not behind the newest backup|synchronised, says)/),
    'audit-log': like(/^storage\/logs\/audit\.log can be written, [\d.]+ kB$/),
    metrics: like(/^storage\/telemetry\/magds_backup\.prom, written just now/),
    tools: 'flock, cp, ssh-keygen are there',
    runtime: like(/^magds \S+ \(commit unknown, Node\.js [\d.]+, source\), with SQLite$/),
    terminal: 'none here (a pipe, cron): the app needs one, commands do not',
  });
});

test('each of many manifests is read once, and each copy that it names is looked at once', async () => {
  const {root, backups, id: good} = await healthyRoot();
  const [files, each] = [30, 60];
  for (let number = 0; number < files; number++) {
    const id = hours(number + 2);
    const datasets = Object.fromEntries(
      Array.from({length: each}, (_, index) => [
        `${hostileText}${index}`,
        {
          source: '/x',
          backup: `${backups}/${id}/datasets/${'down/'.repeat(20)}${index}`,
          algorithm: 'sha256',
          hash: 'f'.repeat(64),
        },
      ]),
    );
    fs.mkdirSync(`${backups}/${id}/datasets/${'down/'.repeat(20)}`, {recursive: true});
    // One of three is cut off.
    fs.writeFileSync(
      `${backups}/${id}/manifest.json`,
      JSON.stringify({id, datasets}).slice(0, number % 3 === 0 ? -1 : undefined),
    );
  }
  const opened = vi.spyOn(fs, 'openSync');
  const seen = vi.spyOn(fs, 'lstatSync');
  const {checks} = await diagnose(root);
  const manifests = opened.mock.calls
    .map(([file]) => String(file))
    .filter((file) => file.endsWith('manifest.json') && !file.includes(good));
  const copies = seen.mock.calls
    .map(([file]) => String(file))
    .filter((file) => file.includes('/datasets/down'));
  vi.restoreAllMocks();
  expect(checks.filter(({id}) => id === 'damaged')).toHaveLength(2);
  expect(manifests).toHaveLength(files);
  // The 20 directories on the way are looked at once or twice for each backup, not once for each copy.
  const backupsRead = (files * 2) / 3;
  expect(copies.length).toBeLessThan(backupsRead * (each + 2 * 20));
});

describe('the project:', () => {
  test('how it was found', async () => {
    const {root} = await healthyRoot();
    const {rows} = await diagnose(root, {from: `${root}/storage/data`});
    expect(rows('root')).toEqual([
      ok(
        `${root}, the nearest from ${root}/storage/data upwards; it has config/base/magds.php, storage/backups`,
      ),
    ]);
  });

  test('no configuration, and none of its backups', async () => {
    const root = temporaryDirectory();
    fs.mkdirSync(`${root}/storage/backups`, {recursive: true});
    const {rows, exit} = await diagnose(root);
    expect(rows('root')).toMatchObject([{state: 'beware', what: like(/; but no configuration in config\//)}]);
    expect(rows('newest')).toEqual([
      finding('wrong', 'there is no backup', 'Make one:', [`magds backup run --root=${root}`]),
    ]);
    expect(exit).toBe(1);
  });

  test('storage/ that is not there', async () => {
    const {root} = await healthyRoot();
    fs.renameSync(`${root}/storage`, `${root}/elsewhere`);
    const {rows, exit} = await diagnose(root);
    expect(rows('root')).toMatchObject([{state: 'wrong', advice: 'Is a disk not mounted?'}]);
    expect(rows('state')).toMatchObject([{state: 'wrong', what: like(/storage: not there\. Mount it/)}]);
    expect(exit).toBe(1);
  });

  test('a configuration file that cannot be read, a value that only wants a look, and one that differs', async () => {
    const {root} = await healthyRoot();
    fs.writeFileSync(`${root}/config/base/z.php`, "<?php\n\nreturn ['a' => {;\n");
    const config = `magds config --root=${root}`;
    const broken = await diagnose(root);
    expect(broken.rows('configuration')).toEqual([
      finding('wrong', 'config/base/z.php:3 has a PHP syntax error', 'Fix it; this shows all values.', [
        config,
      ]),
    ]);
    expect(broken.exit).toBe(1);
    fs.writeFileSync(
      `${root}/config/base/z.php`,
      "<?php return ['magds' => ['backup' => ['retention' => ['max_count' => 0]]]];",
    );
    const {rows, notWell, exit} = await diagnose(root);
    expect(rows('configuration')).toEqual([
      finding(
        'beware',
        'backup.retention.max_count (config/base/z.php:1): keeps every backup: the disk fills up',
        'Fix it; this shows all values.',
        [config],
      ),
    ]);
    expect(rows('changes')).toMatchObject([
      {
        state: 'beware',
        what: 'since the last backup: retention kept 5, keeps all',
        commands: [`magds config --markdown --root=${root}`],
      },
    ]);
    expect(rows('php')).toEqual([ok('it keeps all, as configured')]);
    expect({notWell, exit}).toEqual({notWell: ['configuration', 'changes'], exit: 3});
  });

  test('what PHP refuses to boot with, and a component of it that is switched off', async () => {
    const {root} = await healthyRoot();
    fs.writeFileSync(
      `${root}/config/base/z.php`,
      "<?php return ['components' => ['MagDB' => ['enabled' => false]],\n'magds' => ['backup' => ['enabled' => 1]]];",
    );
    const {rows, exit} = await diagnose(root);
    expect(rows('configuration')).toEqual([
      finding(
        'wrong',
        'PHP refuses to boot with this: config/base/z.php:2 magds.backup.enabled is neither true nor false',
        'Fix it; this shows all values.',
        [`magds config --root=${root}`],
      ),
      finding(
        'beware',
        'PHP makes no backups: components.MagDB.enabled is false (config/base/z.php:1). Here they are made all the same',
        'Set components.MagDB.enabled to true, if PHP is meant to make them.',
      ),
    ]);
    expect(rows('php')).toEqual([
      ok('its backups are switched off (config/base/z.php:1): it deletes nothing here'),
    ]);
    expect(exit).toBe(1);
  });

  test('an environment that is in doubt, until --env decides', async () => {
    const {root} = await healthyRoot();
    fs.writeFileSync(`${root}/.env`, 'MOBO_ENV=production\n');
    const env = {PATH: process.env['PATH'], MOBO_ENV: 'staging'};
    const {rows, notWell, exit} = await diagnose(root, {env});
    expect(rows('configuration')).toEqual([
      finding(
        'wrong',
        '.env says production, the process says staging: nothing is written until that is settled',
        'Make them agree, or say with each command which counts.',
        [`magds doctor --root=${root} --env=production`],
      ),
    ]);
    expect({notWell, exit}).toEqual({notWell: ['configuration'], exit: 1});
    expect((await diagnose(root, {env, environment: 'production'})).notWell).toEqual([]);
  });

  test('backups that are switched off, and datasets that are none', async () => {
    const {root} = await healthyRoot();
    configure(root, {backup: {enabled: false, datasets: []}});
    const {rows} = await diagnose(root);
    expect(rows('configuration')).toMatchObject([
      {state: 'beware', what: 'backups are switched off: none is made'},
    ]);
    expect(rows('sources')).toMatchObject([
      {state: 'wrong', what: 'no dataset is configured: there is nothing to back up'},
    ]);
  });
});

describe('hooks:', () => {
  test('are obeyed, and their programs there', async () => {
    const {root} = await healthyRoot();
    configure(root, {
      hooks: {before_restore: [['true'], [process.execPath, '-v']]},
      checklist: [{id: 'a', title: 'A', command: ['sh']}],
    });
    expect((await diagnose(root)).rows('hooks')).toEqual([
      ok('storage/runbook/config.json is obeyed; 3 programs in it, all there'),
    ]);
  });

  test('a program that is not there, cannot be run, or is in no directory of PATH', async () => {
    const {root} = await healthyRoot();
    fs.writeFileSync(`${root}/plain.sh`, '');
    configure(root, {
      hooks: {before_restore: [['./gone.sh', 'x']], after_restore: [['./plain.sh']]},
      checklist: [{id: 'a', title: 'A', command: ['no-such-program-here']}],
    });
    const {rows, notWell, exit} = await diagnose(root);
    const row = (program: string, why: string, look = `ls -l ${root}/${program.replace('./', '')}`) =>
      finding(
        'wrong',
        `the program ${program} of storage/runbook/config.json ${why}: what it is for fails`,
        'Install it, or fix its path there:',
        [look],
      );
    expect(rows('hooks')).toEqual([
      row('./gone.sh', 'is not there'),
      row('./plain.sh', 'cannot be executed'),
      row('no-such-program-here', 'is in no directory of PATH', 'command -v no-such-program-here'),
    ]);
    expect({notWell, exit}).toEqual({notWell: ['hooks'], exit: 1});
  });

  test('settings that others may write', async () => {
    const {root, state} = await healthyRoot();
    const file = configure(root, {});
    fs.chmodSync(file, 0o666);
    const {rows, exit} = await diagnose(root);
    expect(rows('hooks')).toEqual([
      finding(
        'wrong',
        `storage/runbook/config.json is ignored: others may write it: chmod go-w ${file}`,
        like(/do not count until then/),
        ['magds config --schema', `ls -ld ${state} ${file}`],
      ),
    ]);
    expect(exit).toBe(1);
  });
});

describe('sources and disks:', () => {
  test('a source that is missing', async () => {
    const {root} = await healthyRoot();
    fs.rmSync(`${root}/storage/data/ledger.json`);
    const {rows, notWell, exit} = await diagnose(root);
    expect(rows('sources')).toEqual([
      finding(
        'wrong',
        `ledger: its source is missing: ${root}/storage/data/ledger.json`,
        'Without it the next backup is not whole. Bring it back, or fix the configuration:',
        [`magds config --root=${root}`],
      ),
    ]);
    expect({notWell, exit}).toEqual({notWell: ['sources'], exit: 1});
  });

  test('a backup that the disk has no room for, and a restore of one', async () => {
    const {root, backups, id} = await healthyRoot();
    // Blocks are what counts: a hole takes none, in a backup or in the safety backup of a restore.
    fs.truncateSync(`${root}/storage/data/ledger.json`, 1e12);
    fs.writeFileSync(`${root}/storage/data/tenants.json`, Buffer.alloc(3e6, 'x'));
    const statfs = vi
      .spyOn(fs, 'statfsSync')
      .mockReturnValue({bavail: 10, bsize: 4096, files: 100, ffree: 50} as never);
    try {
      const {rows, notWell, exit} = await diagnose(root);
      expect(rows('backup-space')).toEqual([
        finding(
          'wrong',
          like(/^41 kB free, a backup takes 4\.\d MB: 4\.\d MB are missing$/),
          'Make room. Which backups may go, and what fills the disk:',
          [`magds backup prune --dry-run --root=${root}`, `df -h ${backups}`],
        ),
      ]);
      expect(rows('restore-space')).toMatchObject([
        {
          state: 'wrong',
          what: like(/^41 kB free on the disk of .+, a restore takes 4\.\d MB with its safety backup$/),
        },
      ]);
      expect(id).not.toBe('');
      expect(notWell).toEqual(['backup-space', 'restore-space']);
      expect(exit).toBe(1);
    } finally {
      statfs.mockRestore();
    }
  });

  test('room for one, and no second; no inodes', async () => {
    const {root, backups} = await healthyRoot();
    const statfs = vi.spyOn(fs, 'statfsSync');
    try {
      statfs.mockReturnValue({bavail: 500, bsize: 4096, files: 0, ffree: 0} as never);
      const tight = await diagnose(root);
      expect(tight.rows('backup-space')).toMatchObject([
        {state: 'beware', what: '2.0 MB free, a backup takes 1.1 MB: room for one more, not for two'},
      ]);
      expect(tight.exit).toBe(3);
      statfs.mockReturnValue({bavail: 1e6, bsize: 4096, files: 10, ffree: 2} as never);
      expect((await diagnose(root)).rows('backup-space')).toEqual([
        finding(
          'wrong',
          '4.1 GB free, a backup takes 1.1 MB, but only 2 more files can be made there, and it needs 8',
          'Remove files from that file system:',
          [`df -i ${backups}`],
        ),
      ]);
    } finally {
      statfs.mockRestore();
    }
  });
});

describe('backups:', () => {
  test('the newest is too old, and the newest verified one too', async () => {
    const {root, backups, id} = await healthyRoot();
    const old = hours(49);
    fs.renameSync(`${backups}/${id}`, `${backups}/${old}`);
    const {rows, notWell, exit} = await diagnose(root);
    expect(rows('newest')).toEqual([
      finding(
        'beware',
        `${old}, 2d ago: older than 26h`,
        'Does the nightly run still run (timer, cron)? To make one now:',
        [`magds backup run --root=${root}`],
      ),
    ]);
    expect(rows('verified')).toEqual([
      finding('beware', `${old}, 2d ago, verified just now: that backup is older than 26h`),
    ]);
    expect({notWell, exit}).toEqual({notWell: ['newest', 'verified'], exit: 3});
    expect((await diagnose(root, {maxAge: 50 * 3600})).exit).toBe(0);
  });

  test('a newer one that is not verified, and none that is', async () => {
    const {root, backups, id} = await healthyRoot();
    fs.renameSync(`${backups}/${id}`, `${backups}/${hours(49)}`);
    const newer = makeBackup({backups, id: hours(1), recordedRoot: 'here'}).id;
    const {rows} = await diagnose(root);
    const verify = `magds backup verify --id=${newer} --root=${root}`;
    expect(rows('newest')).toEqual([ok(`${newer}, 1h ago`)]);
    expect(rows('verified')).toMatchObject([
      {state: 'beware', advice: 'Verify the newest:', commands: [verify]},
    ]);
    fs.rmSync(`${backups}/${hours(49)}`, {recursive: true, force: true});
    for (const name of fs.readdirSync(backups))
      if (name !== newer) fs.rmSync(`${backups}/${name}`, {recursive: true});
    expect((await diagnose(root)).rows('verified')).toEqual([
      finding('beware', 'no backup is verified: none is known to be good', 'Verify the newest:', [verify]),
    ]);
  });

  test('what was called anything but a time is the newest only where there is no other', async () => {
    const {root, backups, id} = await healthyRoot();
    fs.cpSync(`${backups}/${id}`, `${backups}/keep`, {recursive: true, preserveTimestamps: true});
    const {rows} = await diagnose(root);
    expect(rows('newest')).toEqual([ok(`${id}, just now`)]);
    expect(rows('verified')).toEqual([ok(`${id}, just now, verified just now`)]);
    fs.rmSync(`${backups}/${id}`, {recursive: true});
    for (const name of fs.readdirSync(backups))
      if (name !== 'keep') fs.rmSync(`${backups}/${name}`, {recursive: true});
    expect((await diagnose(root)).rows('newest')).toMatchObject([{what: like(/^keep, /)}]);
  });

  test('one that lacks a configured dataset', async () => {
    const {root, backups} = await healthyRoot();
    const id = idTime(Date.now() + 1000);
    makeBackup({backups, id, datasets: [{name: 'tenants'}], recordedRoot: 'here'});
    expect((await diagnose(root)).rows('newest')).toEqual([
      finding('beware', `${id}, just now: it has no ledger`, 'Make one with all of them:', [
        `magds backup run --root=${root}`,
      ]),
    ]);
  });

  test('each kind of damage is a row', async () => {
    const {root, backups, id} = await healthyRoot();
    const at = (count: number) => makeBackup({backups, id: hours(count), recordedRoot: 'here'});
    const failed = at(2);
    flipBit(failed.copy('ledger'));
    expect(await magds(['backup', 'verify', '--id', failed.id, '--root', root])).toMatchObject({code: 4});
    const lacks = at(3);
    fs.rmSync(lacks.copy('tenants'));
    const empty = makeBackup({backups, id: hours(4), datasets: []});
    const unreadable = makeBackup({backups, id: hours(5), manifest: () => '{'});
    const cut = makeBackup({backups, id: hours(6), manifest: () => null});
    for (const at of [cut.copy('tenants'), cut.copy('ledger'), `${cut.directory}/datasets`, cut.directory])
      fs.utimesSync(at, 1e9, 1e9);
    const written = makeBackup({backups, id: hours(7), manifest: () => null});
    const {rows, notWell, exit} = await diagnose(root);
    const show = (which: {id: string}) => [
      `magds backup show ${which.id} --root=${root}`,
      `mv -n ${backups}/${which.id} /var/tmp/`,
    ];
    const advice = 'Not usable for a whole restore. Look at it; once nothing in it is needed, move it away:';
    const wrong = (what: unknown, which: {id: string}) => finding('wrong', what, advice, show(which));
    expect(rows('damaged')).toEqual([
      wrong(like(new RegExp(`^failed its verification: ${failed.id}`)), failed),
      wrong(`copies are missing, or cannot be used: ${lacks.id} (tenants: the copy is missing)`, lacks),
      wrong(`holds nothing: ${empty.id} (it holds no datasets)`, empty),
      wrong(like(new RegExp(`^unreadable: ${unreadable.id} \\(manifest.json`)), unreadable),
      finding(
        'wrong',
        `interrupted: ${cut.id} (cut off before its end; 2 files in it)`,
        'Cut off before its end. Where a copy in it is needed, make it a backup of what lies in it whole; once nothing is, move it away:',
        [`magds backup finish ${cut.id} --root=${root}`, `mv -n ${backups}/${cut.id} /var/tmp/`],
      ),
      ok(`${written.id}: it may still be running`),
    ]);
    expect(rows('newest')).toEqual([ok(`${id}, just now`)]);
    expect(notWell).toContain('damaged');
    expect(exit).toBe(1);
  });

  test('one that failed is to be moved away or to be held, never both', async () => {
    const {root, backups, id} = await healthyRoot({retention: {max_count: 2}});
    const failed = makeBackup({backups, id: hours(2), recordedRoot: 'here'});
    flipBit(failed.copy('ledger'));
    expect(await magds(['backup', 'verify', '--id', failed.id, '--root', root])).toMatchObject({code: 4});
    const away = `mv -n ${backups}/${failed.id} /var/tmp/`;
    const pin = `magds backup pin ${failed.id} --reason='not for PHP to delete' --root=${root}`;
    const commands = async () => {
      const {rows} = await diagnose(root);
      return [...rows('damaged'), ...rows('php')].flatMap((each) => each.commands ?? []);
    };
    expect(await commands()).toContain(away);
    expect(await commands()).not.toContain(pin);
    // Now its copy of tenants is the only good one.
    fs.rmSync(`${backups}/${id}/datasets/tenants.json`);
    expect(await commands()).toContain(pin);
    expect(await commands()).not.toContain(away);
    expect((await diagnose(root)).rows('damaged')).toContainEqual(
      finding(
        'wrong',
        like(new RegExp(`^failed its verification: ${failed.id}`)),
        'Not usable for a whole restore, and no newer backup has a good copy of tenants: leave it where it is. Look at it:',
        [`magds backup show ${failed.id} --root=${root}`],
      ),
    );
  });

  test('one that changed since it passed', async () => {
    const {root, backups, id} = await healthyRoot();
    fs.utimesSync(`${backups}/${id}/datasets/ledger.json`, 1e9, 1e9);
    const {rows, exit} = await diagnose(root);
    expect(rows('changed')).toEqual([
      finding(
        'beware',
        `changed since it passed: ${id} (a copy's size or time changed since)`,
        'Verify again:',
        [`magds backup verify --id=${id} --root=${root}`],
      ),
    ]);
    expect(exit).toBe(3);
  });

  test('one that is broken inside', async () => {
    const {root, id} = await healthyRoot();
    fs.writeFileSync(`${root}/storage/data/ledger.json`, '{"l":');
    expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0});
    await magds(['backup', 'verify', '--all', '--content', '--root', root]);
    const {rows} = await diagnose(root);
    expect(rows('changed')).toMatchObject([
      {
        state: 'beware',
        what: like(/^broken inside: \S+ \(ledger\)$/),
        commands: [like(/^magds backup verify --content --id=/)],
      },
    ]);
    expect(rows('changed')[0]?.what).not.toContain(`${id} `);
  });

  test('of those cut off, one that files lie in is to be finished; an empty one, or one only held, is looked at', async () => {
    const {root, backups} = await healthyRoot();
    const advised = async () => (await diagnose(root)).rows('damaged')[0]?.commands[0];
    const old = (...all: string[]): void => {
      for (const each of all) fs.utimesSync(each, 1e9, 1e9);
    };
    const empty = `${backups}/${hours(2)}`;
    fs.mkdirSync(`${empty}/datasets`, {recursive: true});
    old(`${empty}/datasets`, empty);
    expect(await advised()).toBe(`magds backup show ${hours(2)} --root=${root}`);
    const whole = makeBackup({backups, id: hours(3), recordedRoot: 'here'});
    expect(await magds(['backup', 'pin', hours(3), '--reason=kept', '--root', root])).toMatchObject({
      code: 0,
    });
    fs.rmSync(whole.directory, {recursive: true});
    const held = `${root}/storage/runbook/held/${hours(3)}`;
    fs.unlinkSync(`${held}/manifest.json`);
    old(...fs.readdirSync(held, {recursive: true, encoding: 'utf8'}).map((each) => `${held}/${each}`), held);
    expect(await advised()).toBe(`magds backup show ${hours(2)} --root=${root}`);
    const cut = makeBackup({backups, id: hours(4), manifest: () => null});
    old(cut.copy('tenants'), cut.copy('ledger'), `${cut.directory}/datasets`, cut.directory);
    expect(await advised()).toBe(`magds backup finish ${hours(4)} --root=${root}`);
  });

  test('a held one whose held copy is gone', async () => {
    const {root, id, state} = await healthyRoot();
    expect(await magds(['backup', 'pin', id, '--reason=x', '--root', root])).toMatchObject({code: 0});
    expect((await diagnose(root)).rows('pins')).toEqual([ok('1 backup held')]);
    fs.rmSync(`${state}/held/${id}/datasets/ledger.json`);
    const {rows, notWell, exit} = await diagnose(root);
    expect(rows('pins')).toEqual([
      finding(
        'wrong',
        `${id} is held, but what is held is damaged (ledger: the copy is missing); the backup itself is in storage/backups`,
        'Hold it again:',
        [
          `magds backup unpin ${id} --root=${root}`,
          `magds backup pin ${id} --reason='held again' --root=${root}`,
        ],
      ),
    ]);
    expect({notWell, exit}).toEqual({notWell: ['pins'], exit: 1});
  });

  test('strays, whatever they are called, and what PHP would delete for them', async () => {
    const {root, backups, id} = await healthyRoot({retention: {max_count: 2}});
    fs.writeFileSync(`${backups}/zz ${hostileText}`, '');
    fs.writeFileSync(`${backups}/README.txt`, '');
    const {checks, rows, exit} = await diagnose(root);
    expect(rows('strays')).toMatchObject([
      {
        state: 'beware',
        what: like(
          /^2 entries are not backups: README\.txt \(not a directory\), .+PHP's retention counts them, and deletes 2 more backups$/s,
        ),
        advice: 'Move them out of the backups directory:',
        commands: [`mv -n ${backups}/README.txt /var/tmp/`, like(/^mv -n '/)],
      },
    ]);
    expect(rows('php')).toEqual([
      finding(
        'beware',
        `its next run would delete 1 entry of the backups directory, and with that 1 backup that retention here would keep: ${id}`,
        'Hold what must stay, newest first; what is held, PHP cannot reach:',
        [`magds backup pin ${id} --reason='not for PHP to delete' --root=${root}`],
      ),
    ]);
    expect(exit).toBe(3);
    expect(checks.length).toBeGreaterThan(20);
    const text = await magds(['doctor', '--root', root]);
    expect(text.stdout.replaceAll('\n', '')).not.toMatch(unprintable);
  });

  test('a link that PHP would empty what it leads to by is an alarm', async () => {
    const {root, backups} = await healthyRoot({retention: {max_count: 2}});
    const archive = temporaryDirectory();
    fs.symlinkSync(archive, `${backups}/2020_archive`);
    makeBackup({backups, id: hours(30), recordedRoot: 'here'});
    const {rows, exit} = await diagnose(root);
    expect(rows('php')).toEqual([
      finding(
        'wrong',
        `its next run empties ${archive}: 2020_archive in the backups directory is a link to it; then it fails, and prunes no further`,
        'Take that link away before its next run:',
        [`rm ${backups}/2020_archive`],
      ),
    ]);
    expect(rows('strays')[0]?.what).toContain(`but PHP empties ${archive} when it comes to delete this`);
    expect(exit).toBe(1);
    fs.rmSync(`${backups}/2020_archive`);
    expect((await diagnose(root)).rows('php')[0]?.state).toBe('ok');
  });

  test('what PHP would delete as retention would is well, but not while an incident holds retention back', async () => {
    const {root, backups} = await healthyRoot({retention: {max_count: 2}});
    makeBackup({backups, id: hours(30), recordedRoot: 'here'});
    expect((await diagnose(root)).rows('php')).toEqual([
      ok(
        `its next run would delete 1 entry of the backups directory: ${hours(30)}. Nothing that should be kept is lost`,
      ),
    ]);
    expect(await magds(['incident', '--since=2h ago', '--root', root])).toMatchObject({code: 0});
    expect((await diagnose(root)).rows('php')).toEqual([
      finding(
        'beware',
        `its next run would delete 1 entry of the backups directory, and with that 1 backup that retention here would keep: ${hours(30)}`,
        'Hold what must stay, newest first; what is held, PHP cannot reach:',
        [`magds backup pin ${hours(30)} --reason='not for PHP to delete' --root=${root}`],
      ),
    ]);
  });
});

describe('the clock:', () => {
  test('behind the newest backup', async () => {
    const {root, backups, id} = await healthyRoot();
    fs.renameSync(`${backups}/${id}`, `${backups}/20990101_000000`);
    const {rows, exit} = await diagnose(root);
    expect(rows('clock')).toEqual([
      finding(
        'wrong',
        like(/^the newest backup is of 20990101_000000 UTC, and the clock says/),
        like(/no backup can be made/),
        ['timedatectl; date -u'],
      ),
    ]);
    expect(exit).toBe(1);
  });
});

describe('the lock:', () => {
  const lockOf = (state: string, changes: object) =>
    fs.writeFileSync(
      `${state}/lock`,
      JSON.stringify({
        pid: process.pid,
        started: startOf(process.pid),
        host: os.hostname(),
        user: 'alice',
        since: new Date().toISOString(),
        doing: 'backup run',
        ...changes,
      }),
    );

  test('taken since it was read: what its holder has begun is not told as left', async () => {
    const {root, state: path} = await healthyRoot();
    fs.mkdirSync(`${path}/building/20200101_000000`, {recursive: true});
    lockOf(path, {});
    const state = findState(root);
    const subject = {state, lock: {state: 'free'}} as unknown as InRoot;
    expect([...checkLeftovers(subject)]).toEqual([]);
    state?.close();
  });

  test('held by who is at work, and for how long', async () => {
    const {root, state} = await healthyRoot();
    lockOf(state, {});
    const {rows, exit} = await diagnose(root);
    expect(rows('lock')).toEqual([
      ok(like(/^held by "backup run", process \d+ of alice on .+ \(just now\)$/)),
    ]);
    expect(rows('leftovers')).toEqual([ok('a writer is running: what it has begun is left alone')]);
    expect(exit).toBe(0);
    lockOf(state, {since: new Date(Date.now() - 3 * 3_600_000).toISOString()});
    expect((await diagnose(root)).rows('lock')).toEqual([
      finding('beware', like(/\(3h ago\): that is long$/), 'Is it still running?', [
        `ps -o pid,etime,stat,args -p ${process.pid}`,
      ]),
    ]);
  });

  test('of a process that is gone, and of another host', async () => {
    const {root, state} = await healthyRoot();
    const child = spawn('true');
    await once(child, 'exit');
    lockOf(state, {pid: child.pid, started: 'then'});
    const {rows, notWell, exit} = await diagnose(root);
    expect(rows('lock')).toMatchObject([
      {state: 'beware', what: like(/^left by .+, which is gone: it was killed$/)},
    ]);
    expect({notWell, exit}).toEqual({notWell: ['lock'], exit: 3});
    lockOf(state, {host: 'elsewhere'});
    expect((await diagnose(root)).rows('lock')).toMatchObject([
      {state: 'beware', what: like(/cannot be asked from here$/), advice: like(/--break-lock=elsewhere$/)},
    ]);
  });

  test('that is none', async () => {
    const {root, state} = await healthyRoot();
    fs.rmSync(`${state}/lock`);
    fs.mkdirSync(`${state}/lock`);
    expect((await diagnose(root)).rows('lock')).toMatchObject([
      {
        state: 'wrong',
        what: 'storage/runbook/lock: it is a directory, not a file',
        commands: [`ls -ld ${root}/storage/runbook/lock`],
      },
    ]);
  });
});

test('what a killed run has left', async () => {
  const {root, state} = await healthyRoot();
  fs.mkdirSync(`${state}/building/20200101_000000`, {recursive: true});
  const {rows, notWell, exit} = await diagnose(root);
  expect(rows('leftovers')).toMatchObject([
    {state: 'beware', what: 'left by work that was cut off: building/20200101_000000'},
  ]);
  expect({notWell, exit}).toEqual({notWell: ['leftovers'], exit: 3});
});

describe('sessions:', () => {
  test('one that is open, then signed off', async () => {
    const {root, restore} = makeRestorable();
    expect(await restore()).toMatchObject({code: 0});
    const {rows} = await diagnose(root);
    expect(rows('sessions')).toEqual([
      finding(
        'beware',
        like(
          /^session 1 has been open for 1m: 20261123_131813 was restored, \d of \d steps are answered; until it is signed off nothing is pruned$/,
        ),
        'Answer its checklist, then sign it off:',
        [`magds session show 1 --root=${root}`, `magds session close 1 --root=${root}`],
      ),
    ]);
    fs.rmSync(`${root}/storage/runbook/held`, {recursive: true});
    expect((await diagnose(root)).rows('sessions')[1]).toEqual(
      finding(
        'beware',
        'session 1: its backup 20261123_131813 is not held, so PHP may delete it',
        'Hold it:',
        [`magds backup pin 20261123_131813 --reason='session 1' --root=${root}`],
      ),
    );
    expect(await signOff(root, 1)).toMatchObject({code: 0});
    expect((await diagnose(root)).rows('sessions')).toEqual([ok('none is open; 1 restore in all')]);
  });

  test('one that stopped halfway comes first of all: what to type', async () => {
    const {root, state} = await makeHalfway();
    const {rows, exit} = await diagnose(root);
    const commands = ['status', '--resume', '--rollback'].map(
      (word) => `magds restore ${word} --root=${root}`,
    );
    const what =
      'THE RESTORE OF SESSION 1 STOPPED HALFWAY (of 20261123_131813). Nothing happens, and nothing else is written, until you choose';
    expect(rows('sessions')).toEqual([
      finding('wrong', what, 'Look; then either finish it, or go back:', commands),
    ]);
    expect(exit).toBe(6);
    changeJournal(state('sessions/1/journal.json'), (journal) => ({...journal, phase: 'prepare'}));
    expect((await diagnose(root)).rows('sessions')).toEqual([
      finding('wrong', what.replace('HALFWAY', 'BEFORE IT CHANGED ANYTHING'), 'Look; then clean up:', [
        commands[0],
        commands[2],
      ]),
    ]);
  });

  test('a record that was tampered with', async () => {
    const {root, restore, state} = makeRestorable();
    expect(await restore()).toMatchObject({code: 0});
    const file = state('sessions/1/session.jsonl');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"opened"', '"0pened"'));
    expect((await diagnose(root)).rows('sessions').at(-1)).toMatchObject({
      state: 'beware',
      what: like(/^the record of session 1 is broken: /),
      commands: [`magds session show 1 --root=${root}`],
    });
  });
});

describe('the audit log:', () => {
  test('that is not there yet, and that ends in half a line', async () => {
    const {root} = await healthyRoot();
    const file = `${root}/storage/logs/audit.log`;
    fs.appendFileSync(file, '{"id":"torn');
    const {rows, notWell, exit} = await diagnose(root);
    expect(rows('audit-log')).toMatchObject([
      {
        state: 'beware',
        what: like(/its last line was cut short: its writer was killed, or the disk was full$/),
        commands: [`tail -n 1 ${file}`],
      },
    ]);
    expect({notWell, exit}).toEqual({notWell: ['audit-log'], exit: 3});
    fs.rmSync(file);
    expect((await diagnose(root)).rows('audit-log')).toEqual([
      ok('storage/logs/audit.log is not there yet; the first event creates it'),
    ]);
  });

  test('that cannot be written', async () => {
    const {root} = await healthyRoot();
    const file = `${root}/storage/logs/audit.log`;
    fs.rmSync(file);
    fs.mkdirSync(file);
    const {rows, notWell, exit} = await diagnose(root);
    expect(rows('audit-log')).toEqual([
      finding(
        'wrong',
        `the audit log ${file} cannot be written: it is a directory, not a file`,
        'No restore begins before that is fixed. Look:',
        [`ls -l ${file}`],
      ),
    ]);
    expect({notWell, exit}).toEqual({notWell: ['audit-log'], exit: 1});
  });

  test('that is large', async () => {
    const {root} = await healthyRoot();
    const file = `${root}/storage/logs/audit.log`;
    fs.truncateSync(file, 2 * 1024 ** 3);
    fs.appendFileSync(file, '\n');
    // It is read for evidence that it names, which takes its time and is tested elsewhere.
    const read = vi.spyOn(AuditLog.prototype, 'older').mockResolvedValue({lines: [], end: 'not read'});
    try {
      expect((await diagnose(root)).rows('audit-log')).toMatchObject([
        {state: 'beware', what: 'storage/logs/audit.log can be written, 2.1 GB: that is large'},
      ]);
    } finally {
      read.mockRestore();
    }
  });
});

describe('the metrics:', () => {
  const name = 'storage/telemetry/magds_backup.prom';
  const again = (root: string) => [`magds backup run --root=${root}`];

  test('that are gone, old, or cut short', async () => {
    const {root} = await healthyRoot();
    const file = `${root}/${name}`;
    const text = fs.readFileSync(file, 'utf8');
    const run = 'The next backup writes it again, or says why it cannot:';
    fs.utimesSync(file, 1e9, 1e9);
    expect((await diagnose(root)).rows('metrics')).toEqual([
      finding(
        'beware',
        like(/^.+, written \d+y ago: before the last backup, which is not in it$/),
        run,
        again(root),
      ),
    ]);
    fs.writeFileSync(file, text.slice(0, 500));
    expect((await diagnose(root)).rows('metrics')).toMatchObject([
      {state: 'beware', what: `${name}, written just now: it was cut short`, commands: [`head ${file}`]},
    ]);
    fs.rmSync(file);
    const {rows, notWell, exit} = await diagnose(root);
    expect(rows('metrics')).toMatchObject([
      {state: 'beware', what: like(/ is not there, although backups were made/), commands: again(root)},
    ]);
    expect({notWell, exit}).toEqual({notWell: ['metrics'], exit: 3});
    fs.mkdirSync(file);
    expect((await diagnose(root)).rows('metrics')).toEqual([
      finding('wrong', `${name} is a directory, not a file`, 'Move it away.'),
    ]);
  });

  test('that others may not read: said, and a fault where it is known who reads them', async () => {
    const {root} = await healthyRoot();
    fs.chmodSync(`${root}/storage/telemetry`, 0o750);
    const [row] = (await diagnose(root)).rows('metrics');
    const isThere = ['prometheus', 'node_exporter', 'node-exporter', 'nodeexporter'].some(
      (user) => spawnSync('id', [user]).status === 0,
    );
    expect(row?.state).toBe(isThere ? 'beware' : 'ok');
    expect(row?.what).toMatch(/may not get through storage\/telemetry/);
  });
});

describe('the terminal:', () => {
  const facts = {columns: 100, rows: 30, colours: 8};
  const env = {PATH: process.env['PATH'], TERM: 'xterm-256color', LANG: 'en_GB.UTF-8'};
  const terminalRows = async (terminal = facts, extra: NodeJS.ProcessEnv = {}) => {
    const {root} = await bare;
    return (await diagnose(root, {terminal, env: {...env, ...extra}})).rows('terminal');
  };
  const bare = healthyRootOnce();

  test('that does', async () => {
    expect(await terminalRows()).toEqual([ok('xterm-256color, 100x30, UTF-8, 256 colours')]);
    expect(await terminalRows(facts, {NO_COLOR: '1', TERM: 'screen'})).toEqual([
      ok('screen, 100x30, UTF-8, no colours, in screen'),
    ]);
  });

  test.each([
    [{columns: 79, rows: 24}, '79x24: below 80x24 the app leaves things out'],
    [{columns: 59, rows: 24}, '59x24 is too small for the app'],
  ])('%j', async (size, what) => {
    expect(await terminalRows({...facts, ...size})).toMatchObject([{state: 'beware', what}]);
  });

  test('of no size, no kind and no UTF-8', async () => {
    expect(await terminalRows({...facts, columns: 0}, {TERM: 'dumb', LANG: 'C'})).toMatchObject([
      {state: 'unknown', what: 'its size is not known', commands: ['stty cols 80 rows 24']},
      {
        state: 'beware',
        what: 'TERM is "dumb": the app may not draw correctly',
        commands: ['export TERM=xterm-256color'],
      },
      {
        state: 'beware',
        what: 'its locale is "C", not UTF-8: names that are not ASCII may be garbled',
        commands: ['export LC_ALL=C.UTF-8'],
      },
    ]);
  });

  test('in a tmux that keeps what is copied', async () => {
    const tools = temporaryDirectory();
    fs.writeFileSync(`${tools}/tmux`, '#!/bin/sh\necho off\n', {mode: 0o755});
    vi.stubEnv('PATH', `${tools}:${process.env['PATH']}`);
    try {
      expect(await terminalRows(facts, {TMUX: '/tmp/x'})).toMatchObject([
        {state: 'beware', commands: ['tmux set-option -gw allow-passthrough on']},
      ]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

/** Not for a test that damages it. */
async function healthyRootOnce(): Promise<{root: string}> {
  const root = fs.mkdtempSync(`${os.tmpdir()}/magds-doctor-`);
  process.once('exit', () => fs.rmSync(root, {recursive: true, force: true}));
  fs.mkdirSync(`${root}/storage/backups`, {recursive: true});
  return {root};
}

test('tools that are not there', async () => {
  const {root} = await healthyRoot();
  vi.stubEnv('PATH', temporaryDirectory());
  try {
    const {rows, exit} = await diagnose(root);
    expect(rows('tools')).toEqual([
      finding(
        'wrong',
        'flock is not installed: without it nothing can be written',
        'Install the package util-linux.',
      ),
      finding(
        'wrong',
        'cp is not installed: without it nothing can be restored',
        'Install the package coreutils.',
      ),
      finding(
        'beware',
        'ssh-keygen is not installed: without it evidence cannot be signed or checked',
        'Install the package openssh-client.',
      ),
    ]);
    expect(rows('audit-log')).toMatchObject([
      {state: 'wrong', what: like(/flock \(package util-linux\) is not installed$/)},
    ]);
    expect(exit).toBe(1);
  } finally {
    vi.unstubAllEnvs();
  }
});

test('a check that fails is a row, and the others are made', async () => {
  const {root} = await healthyRoot();
  const statfs = vi.spyOn(fs, 'statfsSync').mockImplementation(() => {
    throw new Error('no such thing here');
  });
  const real = fs.readdirSync as (...args: unknown[]) => never;
  const readdir = vi.spyOn(fs, 'readdirSync').mockImplementation((...args: unknown[]) => {
    if (String(args[0]).endsWith('storage/backups'))
      throw Object.assign(new Error(), {code: 'EIO', errno: -5});
    return real(...args);
  });
  try {
    const {checks, rows, exit} = await diagnose(root);
    expect(rows('backups')).toEqual([
      finding(
        'unknown',
        `${root}/storage/backups cannot be listed: the disk failed (I/O error): check "dmesg" and the disk before anything else, and write nothing more to it.`,
      ),
    ]);
    expect(rows('newest')).toEqual([finding('unknown', 'not known, because the backups cannot be listed')]);
    expect(rows('backup-space')).toMatchObject([{state: 'unknown'}]);
    expect(rows('runtime')).toMatchObject([{state: 'ok'}]);
    expect(checks.some(({state}) => state === 'unknown')).toBe(true);
    expect(exit).toBe(3);
  } finally {
    readdir.mockRestore();
    statfs.mockRestore();
  }
});

test('cancelled, it has no end', async () => {
  const {root} = await healthyRoot();
  expect(await diagnose(root, {signal: AbortSignal.abort()})).toMatchObject({checks: [], exit: null});
});
