import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {
  canMount,
  canTrace,
  copyOf,
  expectTidy,
  makeSmallRoot,
  oldIds,
  type TraceOptions,
  traced,
  wholeBackups,
} from '../support/faults.ts';
import {jsonLines, magds, type Outcome} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

/** A root of which each run gets a copy, with what is mounted there. */
type Place = {root: string; backups: string; mounts?: TraceOptions['mounts']};

function placeOf(old: number): () => Place {
  const {root: template} = makeSmallRoot({old, maxCount: 2});
  return () => copyOf(template);
}

/** The backups directory is another one, bound to its place. */
function mountedPlaceOf(old: number): () => Place {
  const {root: template} = makeSmallRoot({old, maxCount: 2});
  return () => {
    const {root, backups} = copyOf(template);
    const there = temporaryDirectory();
    fs.cpSync(backups, there, {recursive: true, preserveTimestamps: true});
    fs.rmSync(backups, {recursive: true});
    fs.mkdirSync(backups);
    return {root, backups: there, mounts: {script: 'mount --bind "$1" "$2"', args: [there, backups]}};
  };
}

/** The command, with EIO from the first fsync behind the rename that this is the text of. */
async function failing(
  place: () => Place,
  args: string[],
  rename: RegExp,
): Promise<Outcome & Place & {ids: string[]}> {
  const first = place();
  const calls = ['rename', 'fsync'];
  const command = ['backup', ...args, '--root'];
  const baseline = await traced([...command, first.root], {calls, ...mountsOf(first)});
  expect(baseline).toMatchObject({code: 0, stderr: ''});
  const at = baseline.calls.findIndex(({call, text}) => call === 'rename' && rename.test(text));
  expect(at).toBeGreaterThan(-1);
  const fsync = baseline.calls.slice(at).find(({call}) => call === 'fsync');
  const second = place();
  const inject = `fsync:error=EIO:when=${fsync?.nth}`;
  const outcome = await traced([...command, second.root], {calls: ['fsync'], inject, ...mountsOf(second)});
  expect(outcome.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(1);
  return {...outcome, ...second, ids: await wholeBackups(second.backups)};
}

const mountsOf = ({mounts}: Place): Pick<TraceOptions, 'mounts'> => (mounts ? {mounts} : {});

describe.skipIf(!canTrace)(
  'what is there, and could not be synced, is said to be there (needs strace)',
  () => {
    const unsure = 'may not survive a power cut';

    test('a backup; retention does not count on it', async () => {
      const {root, ids, ...outcome} = await failing(placeOf(2), ['run'], /\/\d{8}_\d{6}", .*\/\d{8}_\d{6}"/);
      expect(ids).toHaveLength(3);
      expect(outcome).toMatchObject({code: 1, stdout: ''});
      expect(outcome.stderr).toBe(
        `x ${root}/storage/backups/${ids[2]} is there, but ${unsure} (the disk failed (I/O error)). Check the disk, then run again; retention has deleted nothing.\n`,
      );
      // It may have to wait for the clock, and says so.
      expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0});
      expectTidy(root);
    });

    test.skipIf(!canMount)('a backup that was built in place (needs to mount)', async () => {
      const {ids, ...outcome} = await failing(mountedPlaceOf(2), ['run'], /\/manifest\.json"/);
      expect(ids).toHaveLength(3);
      expect(outcome).toMatchObject({code: 1, stdout: ''});
      expect(outcome.stderr).toContain(`/${ids[2]} is there, but ${unsure}`);
    });

    test('in JSON', async () => {
      const {root, ids, stdout} = await failing(
        placeOf(2),
        ['run', '--json'],
        /\/\d{8}_\d{6}", .*\/\d{8}_\d{6}"/,
      );
      expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
        result: 'failed',
        id: ids[2],
        path: `${root}/storage/backups/${ids[2]}`,
        pruned: [],
        reason: expect.stringContaining('is there'),
      });
    });

    test('a pin', async () => {
      const pin = ['pin', oldIds[0], '--reason=audit'];
      const {root, ...outcome} = await failing(placeOf(2), pin, /\/20260101_010000", /);
      const held = path.join(root, 'storage/runbook/held');
      expect(outcome).toMatchObject({code: 1, stdout: ''});
      expect(outcome.stderr).toBe(
        `magds: ${oldIds[0]} is held in ${held}/${oldIds[0]}, but ${unsure} (the disk failed (I/O error)). Check the disk, then pin it again.\n`,
      );
      expect(await wholeBackups(held)).toEqual([oldIds[0]]);
      expect(await magds(['backup', ...pin, '--root', root])).toMatchObject({code: 0, stderr: ''});
      expectTidy(root);
    });

    test('what retention takes is told once in JSON: deleted, and why files of it stay', async () => {
      const {stdout} = await failing(placeOf(3), ['prune', '--json'], /\/20260101_010000", /);
      const left = [{id: oldIds[0], reason: expect.stringContaining('files of it stay in ')}];
      expect(jsonLines(stdout)).toMatchObject([
        {message_type: 'summary', pruned: [oldIds[0]], left, failed: []},
        {message_type: 'exit_error', code: 1},
      ]);
    });

    test('what retention takes is not emptied, and not called whole', async () => {
      const {root, ids, ...outcome} = await failing(placeOf(3), ['prune'], /\/20260101_010000", /);
      expect(ids).toEqual([oldIds[1], oldIds[2]]);
      const removing = path.join(root, 'storage/runbook/removing');
      expect(outcome).toMatchObject({
        code: 1,
        stdout: `x ${oldIds[0]}  it is no longer a backup, but files of it stay in ${removing}/${oldIds[0]} (the disk failed (I/O error): check "dmesg" and the disk before anything else, and write nothing more to it); the next writing command tries again\n1 backup deleted.\n`,
        stderr: 'magds: Files of 1 backup stay.\n',
      });
      expect(await wholeBackups(removing)).toEqual([oldIds[0]]);
      expect(await magds(['backup', 'prune', '--root', root])).toMatchObject({code: 0});
      expectTidy(root);
    });
  },
);
