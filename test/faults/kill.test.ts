import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {
  canTrace,
  changingCalls,
  copyOf,
  expectTidy,
  forEach,
  isRoot,
  liveState,
  makeSmallRoot,
  oldIds,
  type Point,
  pointsOf,
  sample,
  saySweep,
  sweepTime,
  traced,
  wholeBackups,
} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {execute, magds} from '../support/run.ts';

/** What is killed, and what must be there afterwards. */
type Sweep = {
  /** Makes the root, of which each point gets a copy. */
  prepare: () => Promise<string> | string;
  args: string[];
  /** Old backups that must be there afterwards; the others are whole or gone. */
  stay: readonly string[];
  /** How many backups there are after the next run. */
  remain: number;
  /** How many points are tried unless all are asked for. */
  most: number;
};

async function kill(sweep: Sweep, template: string, {call, nth}: Point): Promise<boolean> {
  const {root, backups} = copyOf(template);
  const live = liveState(root);
  const held = path.join(root, 'storage/runbook/held');
  const before = await wholeBackups(backups);
  const inject = `${call}:signal=KILL:when=${nth}`;
  const killed = await traced([...sweep.args, '--root', root], {calls: [call], inject});
  const ids = await wholeBackups(backups);
  expect(ids).toEqual(expect.arrayContaining([...sweep.stay]));
  expect(ids.filter((id) => !before.includes(id)).length).toBeLessThanOrEqual(1);
  await wholeBackups(held);
  expect(liveState(root)).toEqual(live);
  const next = await magds(['backup', 'run', '--root', root]);
  expect(next).toMatchObject({code: 0, stderr: expect.not.stringContaining('x ')});
  expectTidy(root);
  const after = await wholeBackups(backups);
  expect(after).toHaveLength(sweep.remain);
  expect(after.at(-1)).toBe(/backups\/(\d{8}_\d{6})$/m.exec(next.stdout)?.[1]);
  expect(after).toEqual(expect.arrayContaining(ids.slice(1 - sweep.remain)));
  await wholeBackups(held);
  expect(liveState(root)).toEqual(live);
  if (killed.signal === 'SIGKILL' && sweep.args[1] === 'pin') {
    const again = await magds([...sweep.args, '--root', root]);
    expect(again).toMatchObject({code: 0, stderr: ''});
    expect(await wholeBackups(held)).toEqual([oldIds[0]]);
  }
  return killed.signal === 'SIGKILL';
}

async function sweepOver(sweep: Sweep): Promise<void> {
  const template = await sweep.prepare();
  const {root} = copyOf(template);
  const baseline = await traced([...sweep.args, '--root', root], {calls: changingCalls});
  expect(baseline.code).toBe(0);
  const all = pointsOf(baseline.calls);
  const points = sample(all, sweep.most);
  const hit: string[] = [];
  await forEach(points, async (point) => {
    const what = `${point.call} ${point.nth}`;
    await kill(sweep, template, point).then(
      (was) => was && hit.push(what),
      (error: unknown) => {
        throw new Error(`killed at ${what}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      },
    );
  });
  // Behind the last of each kind nothing is killed any more: the sweep was over all of them.
  const beyond = new Map(all.map(({call, nth}) => [call, nth + 1]));
  beyond.delete('write');
  for (const [call, nth] of sample([...beyond], 1)) {
    const inject = `${call}:signal=KILL:when=${nth}`;
    const outcome = await traced([...sweep.args, '--root', copyOf(template).root], {calls: [call], inject});
    expect(outcome).toMatchObject({code: 0, signal: null});
  }
  saySweep(`${sweep.args.join(' ')}: killed at ${hit.length} points, of ${all.length} that there are`);
  expect(hit.length).toBeGreaterThanOrEqual(points.length / 2);
}

/**
 * A root where somebody has been at work before, so that a thread of copies is killed and not the preparations; what a
 * run and a prune that were killed have left is there to be tidied up.
 */
async function used(options: {old: number; maxCount: number}): Promise<string> {
  const {root} = makeSmallRoot(options);
  const first = await magds(['backup', 'prune', '--root', root]);
  expect(first.code).toBe(0);
  for (const left of ['building/20260105_010000/datasets', 'removing/20251231_010000/datasets']) {
    const directory = path.join(root, 'storage/runbook', left);
    fs.mkdirSync(directory, {recursive: true});
    fs.writeFileSync(path.join(directory, 'tenants.json'), 'left');
  }
  return root;
}

describe.skipIf(!canTrace)('kill -9 at every call that changes a file (needs strace and ptrace)', () => {
  test('a run', {timeout: sweepTime}, () =>
    sweepOver({
      prepare: () => used({old: 2, maxCount: 2}),
      args: ['backup', 'run'],
      stay: [oldIds[1]],
      remain: 2,
      most: 5,
    }),
  );

  test('the first run of a root', {timeout: sweepTime}, () =>
    sweepOver({
      prepare: () => makeSmallRoot({old: 2, maxCount: 2}).root,
      args: ['backup', 'run'],
      stay: [oldIds[1]],
      remain: 2,
      most: 4,
    }),
  );

  test('a prune', {timeout: sweepTime}, () =>
    sweepOver({
      prepare: () => makeSmallRoot({old: 4, maxCount: 2}).root,
      args: ['backup', 'prune'],
      stay: [oldIds[2], oldIds[3]],
      remain: 2,
      most: 4,
    }),
  );

  test('a pin', {timeout: sweepTime}, () =>
    sweepOver({
      prepare: () => used({old: 2, maxCount: 5}),
      args: ['backup', 'pin', oldIds[0], '--reason=audit'],
      stay: [oldIds[0], oldIds[1]],
      remain: 3,
      most: 4,
    }),
  );

  /** As root, where storage/ is the web user's, who has to be able to go on; not even storage/backups is there yet. */
  test.skipIf(!isRoot)(
    'the first run of a root of somebody else (needs root)',
    {timeout: sweepTime},
    async () => {
      const user = 65534;
      const {root: template} = makeSmallRoot({old: 0, maxCount: 2});
      fs.rmdirSync(path.join(template, 'storage/backups'));
      const copy = (): string => {
        const {root} = copyOf(template);
        fs.chmodSync(root, 0o755);
        expect(spawnSync('chown', ['-R', `${user}:${user}`, path.join(root, 'storage')]).status).toBe(0);
        return root;
      };
      const run = (root: string) => ['backup', 'run', '--root', root];
      const baseline = await traced(run(copy()), {calls: changingCalls});
      expect(baseline).toMatchObject({code: 0, stderr: ''});
      // Before the copies begin: what is made then stays.
      const mkdirs = baseline.calls.findIndex(
        ({call, text}) => call === 'mkdir' && /\d{8}_\d{6}"/.test(text),
      );
      const early = new Set(baseline.calls.slice(0, mkdirs + 1).map(({call, nth}) => `${call} ${nth}`));
      const points = sample(
        pointsOf(baseline.calls).filter(({call, nth}) => call !== 'write' && early.has(`${call} ${nth}`)),
        5,
      );
      let hit = 0;
      await forEach(points, async ({call, nth}) => {
        const root = copy();
        const what = `${call} ${nth}`;
        const inject = `${call}:signal=KILL:when=${nth}`;
        const killed = await traced(run(root), {calls: [call], inject});
        if (killed.signal === 'SIGKILL') hit++;
        const as = ['--reuid=65534', '--regid=65534', '--clear-groups'];
        const next = await execute('setpriv', [...as, node, program, ...run(root)]);
        expect(next, what).toMatchObject({code: 0});
        const storage = path.join(root, 'storage');
        for (const name of fs.readdirSync(storage, {recursive: true}) as string[]) {
          const {uid, gid} = fs.lstatSync(path.join(storage, name));
          // A backup that is being built is finished with by root, who is told so until then.
          if (!name.startsWith('runbook/building/'))
            expect([name, uid, gid], what).toEqual([name, user, user]);
          expect(name, what).not.toMatch(/\.new$/);
        }
        expect(await wholeBackups(path.join(storage, 'backups')), what).toHaveLength(1);
      });
      saySweep(`the first run of a root of somebody else: killed at ${hit} of ${points.length} points`);
      expect(hit).toBeGreaterThanOrEqual(points.length / 2);
    },
  );
});
