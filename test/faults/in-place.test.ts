import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {
  canMount,
  canTrace,
  changingCalls,
  copyOf,
  expectTidy,
  forEach,
  inNamespace,
  isFull,
  isRoot,
  liveState,
  makeSmallRoot,
  namesIn,
  oldIds,
  pointsOf,
  sample,
  saySweep,
  sweepTime,
  traced,
  wholeBackups,
} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

describe.skipIf(!canMount)('backups on a mount of their own (needs to mount)', () => {
  /** A root whose backups directory is another one, bound to its place where a command is run. */
  function mounted(template: string) {
    const {root, backups} = copyOf(template);
    const there = temporaryDirectory();
    fs.cpSync(backups, there, {recursive: true, preserveTimestamps: true});
    fs.rmSync(backups, {recursive: true});
    fs.mkdirSync(backups);
    const mounts = {script: 'mount --bind "$1" "$2"', args: [there, backups]};
    const run = (...args: string[]) =>
      inNamespace(mounts.script, mounts.args, [node, program, 'backup', ...args, '--root', root]);
    return {root, there, mounts, run};
  }

  test('run, pin, prune and unpin', async () => {
    const {root: template} = makeSmallRoot({old: 3, maxCount: 2});
    const {root, there, run} = mounted(template);
    const live = liveState(root);
    const held = path.join(root, 'storage/runbook/held');
    const pinned = await run('pin', oldIds[0], '--reason=audit');
    expect(pinned).toMatchObject({code: 0, stdout: expect.stringContaining('(3 copied, 0 linked)')});
    expect(await wholeBackups(held)).toEqual([oldIds[0]]);
    expect(await run('run')).toMatchObject({code: 0, stderr: ''});
    const ids = await wholeBackups(there);
    expect(ids.slice(0, 2)).toEqual([oldIds[0], oldIds[2]]);
    expect(ids).toHaveLength(3);
    expect(await run('unpin', oldIds[0])).toMatchObject({code: 0});
    const pruned = await run('prune');
    expect(pruned).toMatchObject({code: 0, stdout: `- ${oldIds[0]}  deleted\n1 backup deleted.\n`});
    expect(await wholeBackups(there)).toEqual(ids.slice(1));
    expect(await run('verify', '--all')).toMatchObject({code: 0});
    expect(liveState(root)).toEqual(live);
    expectTidy(root);
  });

  const kills = [
    {name: 'a run', args: ['run'], old: 2, stay: [oldIds[1]], next: 'prune'},
    {name: 'a prune', args: ['prune'], old: 4, stay: [oldIds[2], oldIds[3]], next: 'run'},
  ];

  test.skipIf(!canTrace).each(kills)(
    'kill -9 in the middle of $name (needs strace)',
    {timeout: sweepTime},
    async ({args, old, stay, next}) => {
      const {root: template} = makeSmallRoot({old, maxCount: 2});
      const first = mounted(template);
      const command = ['backup', ...args, '--root'];
      const options = {calls: changingCalls, mounts: first.mounts};
      const baseline = await traced([...command, first.root], options);
      expect(baseline).toMatchObject({code: 0, stderr: ''});
      const points = sample(
        // Node's threads wake each other by writing.
        pointsOf(baseline.calls).filter(({call}) => call !== 'write'),
        8,
      );
      let hit = 0;
      let tidied = 0;
      await forEach(points, async ({call, nth}) => {
        const {root, there, mounts, run} = mounted(template);
        const what = `${call} ${nth}`;
        const live = liveState(root);
        const inject = `${call}:signal=KILL:when=${nth}`;
        const killed = await traced([...command, root], {calls: [call], inject, mounts});
        if (killed.signal === 'SIGKILL') hit++;
        const cutOff = namesIn(there).filter((id) => !fs.existsSync(path.join(there, id, 'manifest.json')));
        expect(cutOff.length, what).toBeLessThanOrEqual(1);
        expect(liveState(root), what).toEqual(live);
        const after = await run(next);
        expect(after, what).toMatchObject({code: 0});
        for (const id of cutOff) {
          tidied++;
          expect(after.stderr, what).toContain(id);
          expect(namesIn(there), what).not.toContain(id);
        }
        const ids = await wholeBackups(there);
        expect(ids, what).toHaveLength(2);
        // A run more takes one backup more.
        expect(ids, what).toEqual(expect.arrayContaining(next === 'run' ? stay.slice(1) : stay));
        expect(liveState(root), what).toEqual(live);
        expectTidy(root);
      });
      saySweep(
        `backup ${args.join(' ')} in place: killed at ${hit} points, ${tidied} times something was cut off`,
      );
      expect(hit).toBeGreaterThanOrEqual(points.length / 2);
      if (isFull) expect(tidied).toBeGreaterThan(0);
    },
  );

  /** A run that is killed when its first copy is there. */
  async function cutOff() {
    const place = mounted(makeSmallRoot({old: 2, maxCount: 2}).root);
    const {root, there, mounts} = place;
    const inject = 'utimensat:signal=KILL:when=1';
    const killed = await traced(['backup', 'run', '--root', root], {calls: ['utimensat'], inject, mounts});
    expect(killed.signal).toBe('SIGKILL');
    const id = namesIn(there).find((name) => !oldIds.some((old) => old === name)) ?? '';
    expect(namesIn(path.join(there, id))).toEqual(['datasets']);
    return {...place, id};
  }

  test.skipIf(!canTrace)(
    'what was cut off is remembered while the mount is away (needs strace)',
    async () => {
      const {root, there, run, id} = await cutOff();
      const backups = path.join(root, 'storage/backups');
      const away = `! ${backups}/${id} was left unfinished, and cannot be removed: the backups directory is another one now (is a disk not mounted?). If that one is gone for good, delete storage/runbook/unfinished.json\n`;
      for (const _ of ['once', 'twice'])
        expect(await magds(['backup', 'prune', '--root', root])).toMatchObject({code: 0, stderr: away});
      // Without the mount a backup is built elsewhere, and what is noted stays so.
      expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0, stderr: away});
      expect(namesIn(path.join(there, id))).toEqual(['datasets']);
      expect(await run('prune')).toMatchObject({
        code: 0,
        stderr: `! Tidied up after a writer that was killed: ${id}\n`,
      });
      expect(await wholeBackups(there)).toEqual([oldIds[0], oldIds[1]]);
      expectTidy(root);
    },
  );

  const attribute = (change: string, file: string) => spawnSync('chattr', [change, file]).status === 0;
  const probe = isRoot ? fs.mkdtempSync('/tmp/magds-test-') : '';
  const canFreeze = isRoot && attribute('+i', probe) && attribute('-i', probe);
  if (probe) fs.rmdirSync(probe);

  test.skipIf(!canFreeze)(
    'a backup with an immutable copy is not begun to be removed (needs chattr)',
    async () => {
      const {root, there, run} = mounted(makeSmallRoot({old: 3, maxCount: 2}).root);
      const copy = path.join(there, oldIds[0], 'datasets/ledger.json');
      expect(attribute('+i', copy)).toBe(true);
      try {
        expect(await run('prune')).toMatchObject({
          code: 1,
          stdout: `x ${oldIds[0]}  ${oldIds[0]}/datasets/ledger.json: not permitted: it may be immutable ("lsattr" shows that, "chattr -i" ends it)\nNothing was deleted.\n`,
        });
        expect(await wholeBackups(there)).toEqual(oldIds.slice(0, 3));
      } finally {
        attribute('-i', copy);
      }
      expect(await run('prune')).toMatchObject({code: 0, stderr: ''});
      expect(await wholeBackups(there)).toEqual(oldIds.slice(1, 3));
      expectTidy(root);
    },
  );

  test.skipIf(!canFreeze)(
    'what cannot be emptied is told, and remembered until it is (needs chattr)',
    async () => {
      const {root, there, run} = mounted(makeSmallRoot({old: 3, maxCount: 2}).root);
      const directory = path.join(there, oldIds[0], 'datasets');
      // That nothing may be taken out of it is not seen before.
      expect(attribute('+a', directory)).toBe(true);
      const backups = path.join(root, 'storage/backups');
      const why = 'not permitted: it may be immutable ("lsattr" shows that, "chattr -i" ends it)';
      try {
        expect(await run('prune')).toMatchObject({
          code: 1,
          stdout: `x ${oldIds[0]}  it is no longer a backup, but files of it stay in ${backups}/${oldIds[0]} (${why}); the next writing command tries again\n1 backup deleted.\n`,
        });
        const left = `! ${backups}/${oldIds[0]} was left unfinished, and cannot be removed: ${why}\n`;
        const next = await run('run');
        expect(next).toMatchObject({code: 0, stderr: left});
        expect(await run('prune')).toMatchObject({code: 0, stderr: left});
        expect((await run('list', '--json')).stdout).toContain(`"strays":["${oldIds[0]}"]`);
      } finally {
        attribute('-a', directory);
      }
      expect(await run('prune')).toMatchObject({
        code: 0,
        stderr: `! Tidied up after a writer that was killed: ${oldIds[0]}\n`,
      });
      expect(await wholeBackups(there)).toHaveLength(2);
      expectTidy(root);
    },
  );
});
