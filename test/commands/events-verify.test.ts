import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {holdLock, linesOf, lockAwaited, toldIn} from '../support/audit.ts';
import {makeBackup} from '../support/backups.ts';
import {backup, rootWith} from '../support/php-config.ts';
import {node, program} from '../support/program.ts';
import {execute, jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {treeState} from '../support/tree.ts';

const [bad, good] = ['20260101_010000', '20260102_010000'] as const;

function makePlace() {
  const root = rootWith({'config/base/magds.php': backup({retention: {}})});
  const backups = `${root}/storage/backups`;
  const flipped = makeBackup({backups, id: bad}).copy('tenants');
  const actual = fs.readFileSync(flipped);
  actual[3] = (actual[3] ?? 0) ^ 1;
  fs.writeFileSync(flipped, actual);
  makeBackup({backups, id: good});
  const log = `${root}/storage/logs/audit.log`;
  return {
    root,
    backups,
    log,
    verify: (...args: string[]) => magds(['backup', 'verify', ...args, '--root', root]),
  };
}

const completed = (id: string, success: boolean) => ({
  action: 'magdb.backup.verify_completed',
  payload: {id, success, datasets: 2},
});
const failed = {
  action: 'magdb.backup.verify_failed',
  payload: {
    id: bad,
    reason: 'tenants: mismatch',
    datasets: [
      {
        name: 'tenants',
        status: 'mismatch',
        algorithm: 'sha256',
        expected: expect.stringMatching(/^[0-9a-f]{64}$/),
        actual: expect.stringMatching(/^[0-9a-f]{64}$/),
        reason: 'the copy is not what the manifest recorded',
      },
    ],
    failed: 1,
  },
};

describe('backup verify', () => {
  test('tells of each backup, and of the dataset that is not what was recorded', async () => {
    const {root, verify} = makePlace();
    expect(await verify('--all')).toMatchObject({code: 4});
    // Several are read at once: which comes first is up to them.
    const told = toldIn(root);
    const isGood = ({payload}: {payload: {id?: unknown}}) => payload.id === good;
    expect(told.filter(isGood)).toEqual([completed(good, true)]);
    expect(told.filter((each) => !isGood(each))).toEqual([completed(bad, false), failed]);
    expect(await verify('--id', good)).toMatchObject({code: 0});
    expect(toldIn(root).slice(3)).toEqual([completed(good, true)]);
    // Nothing is due.
    expect(await verify('--max-age=7d', '--id', good)).toMatchObject({code: 0});
    expect(toldIn(root)).toHaveLength(4);
  });

  test('tells nobody, and writes nothing, with --read-only, or of a mere backups directory', async () => {
    const {root, backups, verify} = makePlace();
    const before = treeState(root);
    expect(await verify('--all', '--read-only')).toMatchObject({code: 4});
    expect(treeState(root)).toEqual(before);
    expect(await magds(['backup', 'verify', '--all', '--backups', backups], {cwd: '/'})).toMatchObject({
      code: 4,
    });
    expect(fs.readdirSync(`${root}/storage`)).toEqual(['backups']);
  });

  test('says that it could not be told: 3 where all else is well', async () => {
    const {log, verify} = makePlace();
    fs.mkdirSync(log, {recursive: true});
    const why = `the audit log ${log} was not written: it is a directory, not a file`;
    expect(await verify('--id', good)).toMatchObject({code: 3, stderr: `! Not reported: ${why}\n`});
    expect(await verify('--id', bad)).toMatchObject({code: 4, stderr: `! Not reported: ${why}\n`});
    const {code, stdout} = await verify('--id', good, '--json');
    expect({code, last: jsonLines(stdout).at(-1)}).toMatchObject({code: 3, last: {untold: [why]}});
  });

  test('tells of what it has found although Ctrl-C is pressed while it waits for the lock', async () => {
    const {root, log} = makePlace();
    fs.mkdirSync(`${root}/storage/logs`);
    fs.writeFileSync(log, '');
    const {letGo} = await holdLock(log);
    const pidFile = `${temporaryDirectory()}/pid`;
    // A terminal sends it to the whole group.
    const running = execute('setsid', [
      ...['--wait', 'bash', '-c', 'echo $$ >"$1"; shift; exec "$@"', 'bash', pidFile],
      ...[node, program, 'backup', 'verify', '--id', bad, '--root', root],
    ]);
    await lockAwaited(log);
    process.kill(-Number(fs.readFileSync(pidFile, 'utf8')), 'SIGINT');
    // Had it reached flock(1), nobody would wait any more.
    await lockAwaited(log);
    letGo();
    const {stderr} = await running;
    expect(stderr).not.toContain('Not reported');
    expect(linesOf(log).map(({action}) => action)).toEqual([completed(bad, false).action, failed.action]);
  });
});
