import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import {canTrace, copyOf, inNamespace, isRoot, traced} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {
  asNobody,
  backupId,
  type Content,
  changeJournal,
  configure,
  litter,
  liveTree,
  makeHalfway,
  makeRestorable,
  nobody,
  savedIds,
  twoContents,
  whileCopying,
} from '../support/restores.ts';
import {magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const old = String(twoContents['tenants']?.live);
const saved = String(twoContents['tenants']?.copy);

/** Gives a directory with all in it to a user. */
function giveTo(directory: string, uid: number): void {
  for (const name of ['.', ...(fs.readdirSync(directory, {recursive: true}) as string[])])
    fs.lchownSync(path.join(directory, name), uid, uid);
}

describe.skipIf(!isRoot)('who may write to storage/ (needs root)', () => {
  test('gets nothing by putting a link in the place of what is staged', async () => {
    const {root, live} = makeRestorable();
    const data = path.dirname(live('tenants'));
    fs.chownSync(live('tenants'), nobody, nobody);
    fs.chmodSync(live('tenants'), 0o666);
    const victim = `${temporaryDirectory()}/shadow`;
    fs.writeFileSync(victim, 'secret', {mode: 0o600});
    const staged = `${data}/.tenants.json.magds-1-new`;
    const env = whileCopying(
      `[ -L ${staged} ] || { mv ${staged} ${data}/stolen; ln -s ${victim} ${staged}; }`,
    );
    const before = liveTree(root);
    const {code, stderr} = await magds(['restore', `--id=${backupId}`, `--yes=${backupId}`, '--root', root], {
      env,
    });
    expect(code).toBe(5);
    expect(stderr).toContain('tenants: ');
    const {mode, uid} = fs.statSync(victim);
    expect([mode & 0o7777, uid, fs.readFileSync(victim, 'utf8')]).toEqual([0o600, 0, 'secret']);
    const {stolen, ...rest} = liveTree(root);
    expect(stolen).toBeDefined();
    expect(rest).toEqual(before);
  });

  test.each([
    ['removed', null],
    ['put his own in the place of', 'his'],
  ])('is not given what he could not read where he has %s the live file', async (_, his) => {
    const {root, live, built, restore, holds} = makeRestorable();
    giveTo(`${root}/storage`, nobody);
    fs.rmSync(live('tenants'));
    if (his !== null) {
      fs.writeFileSync(live('tenants'), his);
      fs.chownSync(live('tenants'), nobody, nobody);
    }
    fs.chownSync(built.copy('tenants'), 0, 0);
    fs.chmodSync(built.copy('tenants'), 0o600);
    // He says that it was his: the manifest is.
    const said = built.manifest.replace(
      '"algorithm"',
      `"mode": "0644",\n            "owner": "${nobody}:${nobody}",\n            "algorithm"`,
    );
    fs.writeFileSync(built.manifestFile, said);
    const {code, stdout, stderr} = await restore();
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(stdout).toContain(
      `! tenants: ${live('tenants')} belongs to root, as its copy does: whose place it is could not have read the copy`,
    );
    const {uid, gid, mode} = fs.statSync(live('tenants'));
    expect([uid, gid, mode & 0o7777, holds('tenants')]).toEqual([0, 0, 0o600, saved]);
  });

  test('is given what was his, from backups that only root reads, as root has recorded it', async () => {
    const {root, live, restore, built} = makeRestorable();
    giveTo(`${root}/storage`, nobody);
    giveTo(`${root}/storage/backups`, 0);
    fs.chmodSync(`${root}/storage/backups`, 0o700);
    fs.chmodSync(built.copy('tenants'), 0o600);
    fs.writeFileSync(
      built.manifestFile,
      built.manifest.replace(
        '"algorithm"',
        `"mode": "0640",\n            "owner": "${nobody}:0",\n            "algorithm"`,
      ),
    );
    fs.rmSync(live('tenants'));
    expect(await restore()).toMatchObject({code: 0});
    const {uid, mode} = fs.statSync(live('tenants'));
    expect([uid, mode & 0o7777]).toEqual([nobody, 0o640]);
  });

  test('is given nothing by a hold: neither by a second name, nor by a copy on another file system', async () => {
    const {root, backups, built, command, state} = makeRestorable();
    fs.chmodSync(root, 0o755);
    for (const name of ['data', 'logs', 'telemetry'])
      if (fs.existsSync(`${root}/storage/${name}`)) giveTo(`${root}/storage/${name}`, nobody);
    fs.chownSync(`${root}/storage`, nobody, nobody);
    fs.chmodSync(backups, 0o700);
    expect(await command('backup', 'pin', backupId, '--reason=x')).toMatchObject({code: 0});
    const held = state('held', backupId);
    const {uid, mode} = fs.statSync(held);
    expect([uid, mode & 0o7777]).toEqual([0, 0o700]);
    expect(await command('backup', 'unpin', backupId)).toMatchObject({code: 0});

    fs.chmodSync(backups, 0o755);
    fs.chmodSync(built.copy('tenants'), 0o600);
    fs.chmodSync(built.copy('ledger'), 0o640);
    const pin = [node, program, 'backup', 'pin', backupId, '--reason=x', '--root', root];
    expect(await inNamespace('mount --bind "$1" "$1"', [backups], pin)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 copied'),
    });
    const copies = ['tenants', 'ledger'].map((name) => fs.statSync(`${held}/datasets/${name}.json`));
    expect(copies.map((each) => [each.uid, each.gid, each.mode & 0o7777])).toEqual([
      [0, 0, 0o600],
      [0, 0, 0o640],
    ]);
  });

  test('cannot make it hang by putting a pipe in the place of the live file', async () => {
    // Large enough that its attributes are copied before the next one is opened.
    const {tenants, ledger} = twoContents as {tenants: Content; ledger: Content};
    const {root, live} = makeRestorable({
      contents: {tenants: {...tenants, copy: Buffer.alloc(65 * 1024 * 1024)}, ledger},
    });
    const file = live('tenants');
    const env = whileCopying(
      `[ -p ${live('ledger')} ] || { rm ${live('ledger')}; mkfifo ${live('ledger')}; }`,
    );
    const {code, stderr} = await magds(['restore', `--id=${backupId}`, `--yes=${backupId}`, '--root', root], {
      env,
    });
    expect({code, stderr}).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(`${live('ledger')}: it is a pipe (FIFO), not a file`),
    });
    expect(fs.readFileSync(file, 'utf8')).toBe(old);
  });

  test('cannot have an undo write what he put into the safety backup', async () => {
    // MD5 of the live file is recorded: its SHA-256 is known to the safety backup alone.
    const {root, holds, restore, command} = makeRestorable({
      dataset: (each) => ({...each, algorithm: 'md5'}),
    });
    expect(await restore()).toMatchObject({code: 0});
    const directory = `${root}/storage/runbook/safety/${savedIds(root)[0]}`;
    const copy = `${directory}/datasets/tenants.json`;
    const {createHash} = await import('node:crypto');
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    fs.writeFileSync(copy, 'forged');
    const manifest = fs.readFileSync(`${directory}/manifest.json`, 'utf8');
    fs.writeFileSync(`${directory}/manifest.json`, manifest.replace(sha(old), sha('forged')));
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 5});
    expect(holds('tenants')).toBe(saved);
  });

  test('has no journal of his obeyed, and keeps nobody from the real one', async () => {
    const place = makeRestorable();
    expect(await place.restore()).toMatchObject({code: 0});
    giveTo(place.state('sessions/1'), nobody);
    const why = `it belongs to nobody, not to you or root: run as nobody (sudo -u nobody magds …)`;
    expect(await place.command('restore', '--undo=1', '--yes=1')).toMatchObject({
      code: 1,
      stderr: `magds: Session 1 is ignored: ${why}. Nothing was changed.\n`,
    });
    expect(await place.command('session', 'close', '1')).toMatchObject({code: 1});
    expect(litter(place.root)).toHaveLength(2);
    fs.chownSync(place.state('sessions/1'), 0, 0);
    fs.chownSync(place.state('sessions/1/journal.json'), 0, 0);
    fs.chmodSync(place.state('sessions/1/journal.json'), 0o646);
    expect(await place.command('restore', '--undo=1', '--yes=1')).toMatchObject({
      code: 1,
      stderr: 'magds: Session 1 is ignored: others than its owner may write it. Nothing was changed.\n',
    });
    fs.chmodSync(place.state('sessions/1/journal.json'), 0o644);
    fs.chmodSync(place.state('sessions/1'), 0o777);
    expect(await place.command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 1});
    fs.chmodSync(place.state('sessions/1'), 0o755);
    expect(await place.command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
  });

  test('a forged journal that stopped halfway is named, the real one is gone on with', async () => {
    const place = await makeHalfway();
    const [real, forged] = [place.state('sessions/2'), place.state('sessions/1')];
    fs.cpSync(forged, real, {recursive: true, preserveTimestamps: true});
    const text = fs.readFileSync(`${real}/journal.json`, 'utf8');
    fs.writeFileSync(`${real}/journal.json`, text.replace('"session":1', '"session":2'));
    giveTo(forged, nobody);
    const why = 'it belongs to nobody, not to you or root: run as nobody (sudo -u nobody magds …)';
    const {stdout} = await place.command('restore', 'status');
    expect(stdout).toContain(`x session 1  ${backupId}  STOPPED HALFWAY; ignored: ${why}\n`);
    expect(stdout).toContain(`    tenants  NEW, restored  ${place.live('tenants')}\n`);
    expect(await place.command('restore', '--rollback')).toMatchObject({code: 0});
    expect(place.holds('tenants')).toBe(old);
    // None begins before one that stopped is settled: an older one that says so is not true.
    expect(await place.command('restore', '--resume')).toMatchObject({code: 2});
    expect(await place.command('backup', 'run')).toMatchObject({code: 0});
  });

  test('has no hook of his run', async () => {
    const {root, restore, holds} = makeRestorable();
    const trace = `${temporaryDirectory()}/ran`;
    const file = configure(root, {hooks: {before_restore: [['touch', trace]]}});
    fs.chownSync(file, nobody, nobody);
    const {code, stderr} = await restore();
    expect({code, stderr}).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is ignored: it belongs to nobody'),
    });
    fs.chownSync(file, 0, 0);
    fs.chmodSync(path.dirname(file), 0o775);
    expect((await restore()).code).toBe(1);
    expect(fs.existsSync(trace)).toBe(false);
    expect(holds('tenants')).toBe(old);
  });

  test('gets nothing to read by a drill, and does not choose where it goes', async () => {
    const {root, ask} = makeRestorable();
    const scratch = temporaryDirectory();
    const theirs = `${scratch}/theirs`;
    fs.mkdirSync(theirs);
    fs.chownSync(theirs, nobody, nobody);
    expect(await ask(`--into=${theirs}`)).toMatchObject({
      code: 2,
      stderr: `magds: --into=${theirs} belongs to nobody, not to you or root: a drill goes to a directory of your own. Nothing was changed.\n`,
    });
    fs.symlinkSync(scratch, `${scratch}/link`);
    expect(await ask(`--into=${scratch}/link`)).toMatchObject({
      code: 2,
      stderr: `magds: --into=${scratch}/link is a link: name the directory that it leads to. Nothing was changed.\n`,
    });
    // What a user may read stays his: a drill of his own into his own directory.
    fs.chmodSync(root, 0o755);
    giveTo(`${root}/storage`, nobody);
    fs.chmodSync(scratch, 0o755);
    const args = ['restore', `--id=${backupId}`, `--into=${theirs}`, '--root', root];
    expect(await asNobody(args)).toMatchObject({code: 0, stderr: ''});
    const {uid, mode} = fs.statSync(`${theirs}/tenants.json`);
    expect([uid, mode & 0o7777]).toEqual([nobody, 0o600]);
  });

  test('has no set-id bit handed out by a manifest', async () => {
    const {live, restore, built} = makeRestorable({
      contents: {tenants: {copy: saved, live: null}},
    });
    const text = built.manifest.replace('"algorithm"', '"mode": "6755",\n            "algorithm"');
    fs.writeFileSync(built.manifestFile, text);
    expect(await restore()).toMatchObject({code: 0});
    expect(fs.statSync(live('tenants')).mode & 0o7777).toBe(0o755);
  });
});

describe.skipIf(!isRoot || !canTrace)('who may write to the directory above (needs root and strace)', () => {
  test('does not get a directory of ours given to him in the place of one that is made', async () => {
    const source = 'storage/data/deep/tenants.json';
    const contents = {tenants: {copy: saved, live: null}};
    const settings = {datasets: [{name: 'tenants', source}]};
    const args = ['restore', `--id=${backupId}`, `--yes=${backupId}`, '--root'];
    const seen = await traced([...args, makeRestorable({contents, settings}).root], {calls: ['mkdir']});
    const nth = seen.calls.find(({text}) => text.includes('/deep"'))?.nth;
    const {root} = makeRestorable({contents, settings});
    const data = `${root}/storage/data`;
    fs.chownSync(data, nobody, nobody);
    fs.mkdirSync(`${data}/private`, {mode: 0o700});
    fs.writeFileSync(`${data}/private/key`, 'secret');
    const inject = `mkdir:delay_exit=2000000:when=${nth}`;
    const restoring = traced([...args, root], {calls: ['mkdir'], inject});
    await vi.waitFor(() => expect(fs.existsSync(`${data}/deep`)).toBe(true), {timeout: 15_000, interval: 5});
    fs.renameSync(`${data}/deep`, `${data}/aside`);
    fs.renameSync(`${data}/private`, `${data}/deep`);
    const {code, stderr} = await restoring;
    expect({code, stderr}).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('its directory was swapped as soon as it was made'),
    });
    const {uid, mode} = fs.statSync(`${data}/deep`);
    expect([uid, mode & 0o7777, fs.readdirSync(`${data}/deep`)]).toEqual([0, 0o700, ['key']]);
  });
});

describe('a tree that was copied with its state', () => {
  test("never touches the original's live files", async () => {
    const place = makeRestorable();
    expect(await place.restore()).toMatchObject({code: 0});
    const before = liveTree(place.root);
    const {root} = copyOf(place.root);
    const stderr = `magds: Session 1 is ignored: it is about another tree than this one: ${place.root}. Nothing was changed.\n`;
    for (const args of [
      ['restore', '--undo=1', '--yes=1'],
      ['session', 'close', '1'],
    ])
      expect(await magds([...args, '--root', root])).toMatchObject({code: 1, stdout: '', stderr});
    expect(liveTree(place.root)).toEqual(before);
  });
});

describe('a machine that has another name since', () => {
  test('does not hide a restore that stopped halfway', async () => {
    const place = await makeHalfway();
    const file = place.state('sessions/1/journal.json');
    let owner = {};
    changeJournal(file, (journal) => {
      owner = {
        ...journal.process,
        host: 'old-name',
        user: 'root',
        since: '2026-11-23T13:00:00Z',
        doing: 'restore',
      };
      return {...journal, process: {...journal.process, host: 'old-name'}};
    });
    // As it is left by whoever is killed.
    fs.writeFileSync(place.state('lock'), JSON.stringify(owner));
    const {stdout} = await place.command('restore', 'status');
    expect(stdout).toContain(
      'running on old-name, which cannot be asked from here; only if that host is certainly gone: magds restore --rollback --break-lock=old-name\n',
    );
    expect(await place.command('backup', 'run')).toMatchObject({code: 11});
    expect(await place.command('backup', 'run', '--break-lock=old-name')).toMatchObject({code: 6});
    expect(await place.command('restore', '--rollback')).toMatchObject({code: 0});
    expect(place.holds('tenants')).toBe(old);
  });
});
