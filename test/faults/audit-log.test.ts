import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import {afterEach, describe, expect, test} from 'vitest';
import {actionsIn, linesOf} from '../support/audit.ts';
import {canMount, canTrace, inNamespace, isRoot, type Traced} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {makeRestoreRoot} from '../support/restore-root.ts';
import {beginRestore, runRunner} from '../support/restore-runner.ts';
import {asNobody, backupId, makeRestorable, nobody} from '../support/restores.ts';
import type {Outcome} from '../support/run.ts';

const logOf = (root: string): string => `${root}/storage/logs/audit.log`;

/** A root whose audit log holds something. */
function makePlace() {
  const place = makeRestorable();
  const log = logOf(place.root);
  fs.mkdirSync(`${place.root}/storage/logs`);
  fs.writeFileSync(log, '{"before":1}\n');
  return {...place, log, verify: () => place.command('backup', 'verify', '--all')};
}

describe.skipIf(!canTrace)('what a restore tells (needs strace)', () => {
  test('is on the disk before a file changes, and before it says that it is done', async () => {
    const begun = await beginRestore(await makeRestoreRoot({sidecars: false}), {safety: true});
    const {code, calls} = await runRunner(begun, {calls: ['write', 'fsync', 'rename']});
    expect(code).toBe(0);
    const isIn = (file: string) => (each: Traced) => each.text.includes(`/${file}>`);
    const last = calls.findLast(isIn('session.jsonl'));
    const steps = calls.flatMap((each) => {
      if (isIn('audit.log')(each)) return [each.call];
      if (each === last) return ['finished'];
      return each.call === 'rename' && each.text.includes('.magds-') ? ['switch'] : [];
    });
    const order = steps.filter((step, index) => step !== 'switch' || steps[index - 1] !== 'switch');
    expect(order).toEqual(['write', 'fsync', 'switch', 'write', 'fsync', 'finished']);
    expect(actionsIn(begun.root).slice(-2)).toEqual(['magdb.restore.started', 'magdb.restore.completed']);
  });
});

describe.skipIf(!canMount)('a log (needs to mount)', () => {
  const magds = (
    script: string,
    {root, log}: {root: string; log: string},
    args: string[],
  ): Promise<Outcome> =>
    inNamespace(
      `logs="$(dirname "$1")"; kept="$(mktemp -d)"; cp "$1" "$kept"; ${script}`,
      [log],
      [
        'bash',
        '-c',
        '"$@"; code=$?; echo; cat "$0"; exit $code',
        log,
        node,
        program,
        ...args,
        '--root',
        root,
      ],
    );

  test('on a disk that is full keeps its lines whole, and gets no part of one', async () => {
    const place = makePlace();
    fs.writeFileSync(place.log, `{"filler":"${'x'.repeat(4000)}"}\n`);
    const script =
      'mount -t tmpfs -o size=16k none "$logs"; cp "$kept/audit.log" "$1"; dd if=/dev/zero of="$logs/rest" bs=4k 2>/dev/null || true';
    const {code, stdout, stderr} = await magds(script, place, ['backup', 'verify', '--all']);
    expect(code).toBe(3);
    expect(stderr).toContain(
      `! Not reported: the audit log ${place.log} was not written: the disk is full\n`,
    );
    expect(stdout.slice(stdout.lastIndexOf('{"filler'))).toBe(fs.readFileSync(place.log, 'utf8'));
  });

  test('on a read-only file system stops a restore before it begins', async () => {
    const place = makePlace();
    const script = 'mount --bind "$logs" "$logs"; mount -o remount,bind,ro "$logs"';
    const args = ['restore', `--id=${backupId}`, `--yes=${backupId}`];
    const {code, stderr} = await magds(script, place, args);
    expect(code).toBe(5);
    expect(stderr).toContain(`audit log ${place.log} cannot be written: the file system is read-only`);
    // Nor can it be made there.
    expect((await magds(`rm "$1"; ${script}`, place, args)).code).toBe(5);
    expect(fs.existsSync(place.state())).toBe(false);
  });
});

describe.skipIf(!isRoot)('a log with attributes (needs root)', () => {
  const marked: string[] = [];
  afterEach(() => {
    for (const file of marked.splice(0)) spawnSync('chattr', ['-i', '-a', file]);
  });
  const mark = (flag: string, file: string): boolean => {
    marked.push(file);
    return spawnSync('chattr', [flag, file]).status === 0;
  };

  test('that may only be added to is added to', async (context) => {
    const {log, restore} = makePlace();
    if (!mark('+a', log)) context.skip('chattr +a cannot be had here');
    expect(await restore()).toMatchObject({code: 0, stderr: ''});
    expect(linesOf(log)).toHaveLength(3);
  });

  test('that is immutable stops a restore, and says what ends that', async (context) => {
    const {log, restore, state} = makePlace();
    if (!mark('+i', log)) context.skip('chattr +i cannot be had here');
    const {code, stderr} = await restore();
    expect(code).toBe(5);
    expect(stderr).toContain(
      `${log} cannot be written: not permitted: it may be immutable ("lsattr" shows that, "chattr -i" ends it)`,
    );
    expect(fs.existsSync(state())).toBe(false);
  });
});

describe.skipIf(!isRoot)('an operator who is not root (needs root)', () => {
  function makeForeign(mode: number) {
    const place = makePlace();
    for (const name of ['', ...(fs.readdirSync(place.root, {recursive: true}) as string[])])
      fs.chownSync(`${place.root}/${name}`, nobody, nobody);
    fs.chownSync(place.log, 0, 0);
    fs.chmodSync(place.log, mode);
    return place;
  }

  test('adds to a log that he may write and not read', async () => {
    const {root, log} = makeForeign(0o622);
    expect(await asNobody(['backup', 'verify', '--all', '--root', root])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(linesOf(log)[1]).toMatchObject({payload: {operator: {login: 'nobody', uid: nobody}}});
  });

  test('restores nothing where he may only read it', async () => {
    const {root, log, state} = makeForeign(0o644);
    const args = ['restore', `--id=${backupId}`, `--yes=${backupId}`, '--root', root];
    expect(await asNobody(args)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(
        `${log} cannot be written: permission denied: run as its owner, or as root`,
      ),
    });
    expect(fs.existsSync(state())).toBe(false);
    expect(fs.readFileSync(log, 'utf8')).toBe('{"before":1}\n');
  });
});
