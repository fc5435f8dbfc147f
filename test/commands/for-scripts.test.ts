import fs from 'node:fs';
import {expect, test} from 'vitest';
import {findLatestOr} from '../../source/commands/find-backup.ts';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {configure} from '../support/restores.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const older = '20261122_100000_nightly';
const newest = '20261123_100000_nightly';

test('latest is the newest backup; where there is none, that is said', () => {
  const {root, backups} = makeRoot();
  expect(() => findLatestOr({root, backups}, 'latest')).toThrow(
    expect.objectContaining({exit: 10, message: `There are no backups in ${backups}.`}),
  );
  for (const id of [newest, older]) makeBackup({backups, id});
  fs.mkdirSync(`${backups}/zz-no-backup`);
  expect(findLatestOr({root, backups}, 'latest')).toBe(newest);
  expect(findLatestOr({root, backups}, older)).toBe(older);
});

test('nothing is printed with --quiet unless something is wrong, and then all of it', async () => {
  const {root, backups} = makeRoot();
  makeBackup({backups, id: older});
  const {copy} = makeBackup({backups, id: newest});
  const verify = (...more: string[]) => magds(['backup', 'verify', 'latest', ...more, '--root', root]);
  expect(await verify('--quiet')).toMatchObject({code: 0, stdout: '', stderr: ''});
  fs.appendFileSync(copy('tenants'), '!');
  const wrong = await verify('--quiet');
  const times = / in [\d.]+ ?m?s$/m;
  expect(wrong.code).toBe(4);
  expect(wrong.stdout).toContain(`x ${newest}  failed: tenants: mismatch`);
  expect(wrong.stdout.replace(times, '')).toBe((await verify()).stdout.replace(times, ''));
  expect((await magds(['--quiet', '--root', root])).stderr).toBe(
    'magds: --quiet goes with a command, such as "magds backup list --quiet".\n',
  );
});

test.each([
  [['backup', 'show', 'none'], 10, /^No backup "none" in /],
  [['backup', 'run', '--lable=x'], 2, /^Unknown flag --lable\..*--label/],
  [
    ['restore', 'latest'],
    10,
    /^No backup "latest" in .*: show, diff and verify take that, here give its id\./,
  ],
] as const)('%j fails with a line for scripts that says why', async (args, code, message) => {
  const {root} = makeRoot();
  const failed = await magds([...args, '--json', '--root', root]);
  expect(failed.code).toBe(code);
  expect(jsonLines(failed.stdout)).toEqual([
    {message_type: 'exit_error', code, message: expect.stringMatching(message)},
  ]);
  expect(failed.stderr).toMatch(/^magds: .+\n$/);
});

test.each([
  ['must not fail', (command: string[]) => command],
  ['may fail', (command: string[]) => ({command, may_fail: true})],
])(
  'a failure that is known and unchanged is told once, and counted always, by a hook that %s',
  async (_, hook) => {
    const {root, backups} = makeRoot();
    fs.mkdirSync(`${root}/storage`, {recursive: true});
    const {copy} = makeBackup({backups, id: newest});
    const trace = `${temporaryDirectory()}/trace`;
    const page = ['bash', '-c', `echo $MAGDS_BACKUP >>${trace}; test -e ${trace}.up`];
    configure(root, {hooks: {on: {'magdb.backup.verify_failed': [hook(page)]}}});
    const night = async () => {
      const {code, stdout, stderr} = await magds(['backup', 'verify', '--all', '--quiet', '--root', root]);
      return {code, isSilent: stdout + stderr === ''};
    };
    const paged = () => fs.readFileSync(trace, 'utf8');
    const told = {code: 4, isSilent: false};
    fs.appendFileSync(copy('tenants'), '!');
    expect(await night()).toEqual(told);
    // Nobody was reached by that.
    fs.writeFileSync(`${trace}.up`, '');
    expect(await night()).toEqual(told);
    expect(await night()).toEqual({code: 7, isSilent: true});
    expect(paged()).toBe(`${newest}\n`.repeat(2));
    // Without --quiet a mismatch is what it always was.
    expect((await magds(['backup', 'verify', 'latest', '--root', root])).code).toBe(4);
    fs.appendFileSync(copy('tenants'), '!');
    expect(await night()).toEqual(told);
    expect(paged()).toBe(`${newest}\n`.repeat(3));
    const metrics = fs.readFileSync(`${root}/storage/telemetry/magds_backup.prom`, 'utf8');
    expect(metrics).toMatch(/^magdb_backup_verify_failed_total\{.*\} 5$/m);
  },
);
