import fs from 'node:fs';
import {expect, test} from 'vitest';
import {backupId, makeRestorable, recordOf, summaryOf} from '../support/restores.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const evidence = (root: string): string[] => {
  const directory = `${root}/storage/runbook/evidence`;
  return fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => name.endsWith('.md')) : [];
};

test('a drill runs from a timer, and leaves its evidence', async () => {
  const {root, command, live} = makeRestorable();
  const into = `${temporaryDirectory()}/drill`;
  const drill = [
    'restore',
    '--id=latest-verified',
    `--into=${into}`,
    '--yes=latest-verified',
    '--purpose=drill',
  ];
  const none = await command(...drill, '--evidence');
  expect(none).toMatchObject({
    code: 10,
    stderr: `magds: --id=latest-verified: no backup is verified: magds backup verify --id=${backupId}. Nothing was changed.\n`,
  });
  await command('backup', 'verify', '--all');
  const before = fs.statSync(live('tenants')).ino;
  const done = await command(...drill, '--ticket=Q4', '--evidence', '--period=2026Q4', '--json');
  expect(done).toMatchObject({code: 0});
  const summary = summaryOf(done);
  expect(summary).toMatchObject({id: backupId, outcome: 'done', drill: true, evidence: {beware: []}});
  const {file} = summary['evidence'] as {file: string};
  const text = fs.readFileSync(file, 'utf8');
  expect(text).toMatch(/^# Evidence of a restore drill$/m);
  expect(text).toContain('"period":"2026Q4"');
  expect(fs.statSync(live('tenants')).ino).toBe(before);
  // The directory holds it all by now: nothing was begun that could be told of.
  expect(await command(...drill, '--evidence')).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(
      /exists already: a drill writes only what is new; give it an empty directory[\s\S]*\n! no evidence was written: it has not begun\.\n$/,
    ),
  });
  expect(evidence(root)).toHaveLength(1);
});

test('a restore that is refused is told of too, and ends as it would', async () => {
  const {root, restore} = makeRestorable();
  fs.mkdirSync(`${root}/storage/runbook`, {mode: 0o755});
  const config = {version: 1, hooks: {before_restore: [['false']]}};
  fs.writeFileSync(`${root}/storage/runbook/config.json`, JSON.stringify(config), {mode: 0o644});
  const refused = await restore('--evidence');
  expect(refused).toMatchObject({code: 5});
  const [name = ''] = evidence(root);
  expect(refused.stdout).toContain(`+ evidence: ${root}/storage/runbook/evidence/${name}`);
});

test('evidence that cannot be written leaves the restore done, and says so', async () => {
  const {root, restore, holds} = makeRestorable();
  fs.mkdirSync(`${root}/storage/runbook`, {mode: 0o755});
  fs.writeFileSync(`${root}/storage/runbook/evidence`, 'a file');
  const done = await restore('--evidence');
  expect(done).toMatchObject({code: 3});
  expect(done.stdout).toMatch(
    /^! no evidence was written: .*evidence is a link or a file.* Then: magds evidence export --session=1$/m,
  );
  expect(holds('tenants')).toContain('saved');
  expect(recordOf(root, 1).at(-1)).toMatchObject({type: 'finished', data: {outcome: 'done'}});
});

test('where nothing has to be restored, that is said', async () => {
  const {restore, close} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  await close(1);
  expect(await restore('--evidence')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      `nothing was restored, and there is nothing to report; for the backup itself: magds evidence export --id=${backupId}`,
    ),
  });
});

test.each([
  [
    ['--id=latest-verified', '--yes=latest-verified'],
    '--id=latest-verified is for a drill (--into=DIR), or with --bad-since=TIME: the newest one usually holds what went wrong. Nothing was changed.',
  ],
  [
    [`--id=${backupId}`, '--sign=key'],
    '--sign signs evidence: give --evidence with it. Nothing was changed.',
  ],
])('%s is refused', async (args, why) => {
  const {root, command} = makeRestorable();
  await command('backup', 'verify', '--all');
  expect(await command('restore', ...args)).toMatchObject({code: 2, stderr: `magds: ${why}\n`});
  expect(fs.existsSync(`${root}/storage/runbook/sessions`)).toBe(false);
});

test('a key that cannot sign is found before anything changes', async () => {
  const {root, restore} = makeRestorable();
  const refused = await restore('--evidence', '--sign=/nonexistent/key');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('/nonexistent/key');
  expect(fs.existsSync(`${root}/storage/runbook/sessions`)).toBe(false);
});

test('evidence names a backup that is called anything but a time', async () => {
  const {root, command} = makeRestorable();
  const backups = `${root}/storage/backups`;
  fs.cpSync(`${backups}/${backupId}`, `${backups}/keep`, {recursive: true});
  expect(await command('restore', '--id=keep', '--yes=keep', '--evidence')).toMatchObject({code: 0});
  const [name = ''] = evidence(root);
  const text = fs.readFileSync(`${root}/storage/runbook/evidence/${name}`, 'utf8');
  expect(text).not.toContain('from the backup not recorded');
  expect(text).toMatch(/from the backup\s`keep`/);
});
