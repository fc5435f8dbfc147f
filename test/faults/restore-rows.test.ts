import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {canMount, inNamespace, isRoot} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {
  asNobody,
  backupId,
  contentOf,
  litter,
  liveTree,
  makeRestorable,
  nobody,
  type Restorable,
  savedIds,
  twoContents,
} from '../support/restores.ts';
import {execute, type Outcome, shell} from '../support/run.ts';

const saved = String(twoContents['tenants']?.copy);
const old = String(twoContents['tenants']?.live);

const restoreArgs = ({root}: Restorable, ...more: string[]) => [
  ...['restore', `--id=${backupId}`, `--yes=${backupId}`, '--root', root],
  ...more,
];

/** The restore in a mount namespace of its own, after bash whose `$1` is the directory of the live files. */
const mounted = (place: Restorable, script: string, ...more: string[]): Promise<Outcome> =>
  inNamespace(script, [`${place.root}/storage/data`], [node, program, ...restoreArgs(place, ...more)]);

const refusal = (why: string) => ({code: 5, stderr: `x Refused: ${why}.\nNo live file was touched.\n`});

/** Gives all that is in `storage/` to a user who may get there. */
function giveAway(root: string): void {
  fs.chmodSync(root, 0o755);
  for (const name of ['.', ...(fs.readdirSync(`${root}/storage`, {recursive: true}) as string[])])
    fs.lchownSync(path.join(root, 'storage', name), nobody, nobody);
}

describe.skipIf(!canMount)('file systems (needs a mount namespace)', () => {
  test('read-only: refused, nothing changed', async () => {
    const place = makeRestorable();
    const before = liveTree(place.root);
    const outcome = await mounted(place, 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"');
    expect(outcome).toMatchObject(
      refusal(`tenants: ${place.live('tenants')}: its file system is read-only: mount it writable first`),
    );
    expect([liveTree(place.root), savedIds(place.root)]).toEqual([before, []]);
  });

  test('a live file that is a bind mount of its own: refused, nothing changed', async () => {
    const place = makeRestorable();
    const before = liveTree(place.root);
    const script = 'cp -p "$1/ledger.json" /mnt/x; mount --bind /mnt/x "$1/ledger.json"';
    const outcome = await mounted(place, `mount -t tmpfs none /mnt; ${script}`);
    expect(outcome).toMatchObject(
      refusal(
        `ledger: ${place.live('ledger')}: a bind mount of its own: it cannot be replaced, only written into`,
      ),
    );
    expect([liveTree(place.root), savedIds(place.root)]).toEqual([before, []]);
  });

  test('full: refused with how much is needed and how much there is', async () => {
    const contents = {tenants: {copy: Buffer.alloc(3_000_000, 'x'), live: old}};
    const place = makeRestorable({contents});
    const script = 'cp -a "$1" /mnt; mount -t tmpfs -o size=2m none "$1"; cp -a /mnt/data/. "$1"';
    const outcome = await mounted(place, `mount -t tmpfs none /mnt; ${script}`);
    expect(outcome.code).toBe(5);
    expect(outcome.stderr).toMatch(
      /^magds: Refused: not enough space on the disk of \S+\/data: 40\d{5} bytes are needed, 20\d{5} are free\. Nothing was changed\.\n$/,
    );
  });

  test('without inodes: refused with that, not with a full disk', async () => {
    const place = makeRestorable();
    // The directory, two files, and one that is staged.
    const script = 'cp -a "$1" /mnt; mount -t tmpfs -o nr_inodes=4 none "$1"; cp -a /mnt/data/. "$1"';
    const outcome = await mounted(place, `mount -t tmpfs none /mnt; ${script}`);
    expect(outcome.code).toBe(5);
    expect(outcome.stderr).toMatch(
      /^x Refused: ledger: \S+ledger.json: no inodes are left on its file system, although \d+ bytes are free: remove files there\.\n/,
    );
    expect(savedIds(place.root)).toEqual([]);
  });

  test('several in one restore, and their undo', async () => {
    const datasets = ['tenants', 'ledger'].map((name) => ({
      name,
      source: `storage/data/${name}/${name}.json`,
    }));
    const place = makeRestorable({settings: {datasets}});
    const script = [
      'for each in tenants ledger; do mkdir "$1/$each"; mount -t tmpfs none "$1/$each"; done',
      'mv "$1/tenants.json" "$1/tenants"; mv "$1/ledger.json" "$1/ledger"',
      `magds() { '${node}' '${program}' "$@" --root ${place.root}; }`,
      `magds restore --id=${backupId} --yes=${backupId} >&2; cat "$1"/*/*.json`,
      'magds restore --undo=1 --yes=1 >&2; cat "$1"/*/*.json; ls -A "$1"/tenants',
    ].join('; ');
    const outcome = await inNamespace(script, [`${place.root}/storage/data`], ['true']);
    const ledger = twoContents['ledger'];
    expect(outcome).toMatchObject({
      code: 0,
      stdout: `${ledger?.copy}${saved}${ledger?.live}${old}.tenants.json.magds-2-old\ntenants.json\n`,
    });
  });
});

describe.skipIf(!isRoot)('a live file (needs root)', () => {
  const marked: string[] = [];
  afterEach(() => {
    for (const file of marked.splice(0)) spawnSync('chattr', ['-i', '-a', file]);
  });

  test.for(['+i', '+a'])('with chattr %s is refused before anything is changed', async (flag, context) => {
    const place = makeRestorable();
    const file = place.live('ledger');
    const {status} = spawnSync('chattr', [flag, file]);
    if (status !== 0) context.skip(`chattr ${flag} cannot be had here`);
    marked.push(file);
    const before = liveTree(place.root);
    expect(await place.restore()).toMatchObject(
      refusal(
        `ledger: ${file}: not permitted: it is immutable or append-only (lsattr shows it, chattr -i -a ends it), or another user's: run as root (sudo -u root magds …)`,
      ),
    );
    expect([liveTree(place.root), savedIds(place.root)]).toEqual([before, []]);
  });

  test('keeps owner, group, mode with set-id bits, ACL and extended attributes, under any umask', async () => {
    const place = makeRestorable();
    const file = place.live('tenants');
    fs.chownSync(file, nobody, 1234);
    fs.chmodSync(file, 0o6751);
    const tried = [
      spawnSync('setfattr', ['-n', 'user.note', '-v', 'kept', file]),
      spawnSync('setfacl', ['-m', 'u:4321:rw', file]),
    ];
    const withExtra = tried.every(({status}) => status === 0);
    const attributes = () =>
      withExtra
        ? execFileSync('sh', [
            '-c',
            'getfattr -d --absolute-names "$1"; getfacl -p "$1"',
            'sh',
            file,
          ]).toString()
        : '';
    const [before, extra] = [fs.statSync(file), attributes()];
    const magds = `umask 077; magds ${restoreArgs(place).join(' ')}`;
    expect(await shell(magds)).toMatchObject({code: 0, stderr: ''});
    const after = fs.statSync(file);
    expect(contentOf(file)).toBe(saved);
    expect(after.ino).not.toBe(before.ino);
    expect([after.uid, after.gid, after.mode]).toEqual([before.uid, before.gid, before.mode]);
    expect(attributes()).toBe(extra);
    expect(await place.command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
    const undone = fs.statSync(file);
    expect([undone.uid, undone.gid, undone.mode]).toEqual([before.uid, before.gid, before.mode]);
    expect(attributes()).toBe(extra);
  });

  test('that is new has the owner of its directory and the recorded mode, under any umask', async () => {
    const source = 'storage/data/new/tenants.json';
    const contents = {tenants: {copy: saved, live: null}};
    const place = makeRestorable({contents, settings: {datasets: [{name: 'tenants', source}]}});
    const data = `${place.root}/storage/data`;
    fs.chownSync(data, nobody, 1234);
    fs.chmodSync(data, 0o2775);
    fs.writeFileSync(
      place.built.manifestFile,
      place.built.manifest.replace('"algorithm"', '"mode": "0664",\n            "algorithm"'),
    );
    expect(await shell(`umask 077; magds ${restoreArgs(place).join(' ')}`)).toMatchObject({code: 0});
    const stats = ['new', 'new/tenants.json'].map((name) => fs.statSync(`${data}/${name}`));
    expect(stats.map(({uid, gid, mode}) => [uid, gid, mode & 0o7777])).toEqual([
      [nobody, 1234, 0o2775],
      [nobody, 1234, 0o664],
    ]);
  });
});

describe.skipIf(!isRoot)('an operator (needs root)', () => {
  test('who is the owner restores as well as root, and either takes back his own', async () => {
    const place = makeRestorable();
    giveAway(place.root);
    expect(await asNobody(restoreArgs(place))).toMatchObject({code: 0, stderr: ''});
    expect(fs.statSync(place.live('tenants')).uid).toBe(nobody);
    expect(await place.command('restore', '--undo=1', '--yes=1')).toMatchObject({
      code: 1,
      stderr:
        'magds: Session 1 is ignored: it belongs to nobody, not to you or root: run as nobody (sudo -u nobody magds …). Nothing was changed.\n',
    });
    const undo = ['restore', '--undo=1', '--yes=1', '--root', place.root];
    expect(await asNobody(undo)).toMatchObject({code: 0, stderr: ''});
    expect(place.holds('tenants')).toBe(old);
  });

  test("is told whom to be for another's file; nothing is changed", async () => {
    const place = makeRestorable();
    giveAway(place.root);
    fs.chownSync(place.live('ledger'), 0, 0);
    const before = liveTree(place.root);
    expect(await asNobody(restoreArgs(place))).toMatchObject(
      refusal(
        `${place.live('ledger')}: its owner or group cannot be kept by you: run as its owner, or as root`,
      ),
    );
    expect([liveTree(place.root), savedIds(place.root)]).toEqual([before, []]);
    // A group that he is not in.
    fs.chownSync(place.live('ledger'), nobody, 0);
    expect(await asNobody(restoreArgs(place))).toMatchObject({code: 5});
    fs.chmodSync(place.live('ledger'), 0);
    const unreadable = await asNobody(restoreArgs(place));
    expect(unreadable).toMatchObject({
      code: 5,
      stderr:
        'magds: Refused: ledger: the live file cannot be read: it cannot be opened: permission denied. The others alone: --only=tenants. Nothing was changed.\n',
    });
    expect(contentOf(place.live('ledger'))).toBe(twoContents['ledger']?.live);
  });

  test('who is neither is told whom to be before anything is made', async () => {
    const place = makeRestorable();
    fs.chmodSync(place.root, 0o755);
    const unlogged = await asNobody(restoreArgs(place));
    expect(unlogged.code).toBe(5);
    expect(unlogged.stderr).toContain(
      `Refused: the audit log ${place.root}/storage/logs/audit.log cannot be written: permission denied: run as its owner, or as root.`,
    );
    const {code, stderr} = await asNobody([...restoreArgs(place), '--without-audit=try']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `magds: ${place.root}/storage belongs to root, and storage/runbook has to belong to the same: run this once as root. Nothing was changed.\n`,
    );
    expect(fs.existsSync(place.state())).toBe(false);
  });
});

describe('limits', () => {
  test('of a file (ulimit -f): taken back, nothing changed', async () => {
    const contents = {tenants: {copy: Buffer.alloc(600_000, 'x'), live: old}};
    const place = makeRestorable({contents});
    const before = liveTree(place.root);
    const outcome = await shell(`ulimit -f 256; magds ${restoreArgs(place).join(' ')}`);
    expect([outcome.code, outcome.stderr]).toEqual([
      5,
      `x Refused: tenants: ${place.live('tenants')}: it would become too large for the file system, or for the limit that was set (ulimit -f).\nNo live file was touched.\n`,
    ]);
    expect([liveTree(place.root), savedIds(place.root), litter(place.root)]).toEqual([before, [], []]);
  });

  test('of a lock that somebody holds who has not said who he is: refused by the process that restores', async () => {
    const place = makeRestorable();
    fs.mkdirSync(place.state());
    const command = `'${node}' '${program}' ${restoreArgs(place, '--json').join(' ')}`;
    const outcome = await execute('bash', [
      '-c',
      `exec 9>'${place.state('lock')}'; flock 9; ( exec 9>&-; ${command} ); code=$?; exit $code`,
    ]);
    expect(outcome.code).toBe(11);
    const reason =
      'Locked by another process, which has not said yet what it is doing. Wait until it is done. Nothing was changed. Listing and verifying do not wait for it.';
    expect(outcome.stderr).toBe(`magds: refused: ${reason}\n`);
    expect(JSON.parse(outcome.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      message_type: 'summary',
      outcome: 'refused',
      session: 1,
      reason,
      beware: [],
      commands: [],
    });
    expect(place.holds('tenants')).toBe(old);
  });
});
