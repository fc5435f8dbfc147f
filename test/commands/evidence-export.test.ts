import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {shellChecks} from '../support/evidence-files.ts';
import {backupId, makeHalfway, makeRestorable, recordOf, summaryOf} from '../support/restores.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const evidence = (root: string): string[] => {
  const directory = `${root}/storage/runbook/evidence`;
  return fs.existsSync(directory) ? fs.readdirSync(directory).toSorted() : [];
};

test('one file tells of a session; its step is answered; the shell accepts it, and not with one digit changed', async () => {
  const {root, restore, command} = makeRestorable();
  expect(await restore('--ticket=INC-1')).toMatchObject({code: 0});
  const done = summaryOf(await command('evidence', 'export', '--json'));
  const file = String(done['file']);
  expect(done).toMatchObject({
    command: 'evidence:export',
    session: 1,
    kind: 'restore',
    signer: null,
    page: null,
    beware: [],
  });
  expect(evidence(root)).toEqual(
    [file, `${file}.sha256`, 'index.jsonl'].map((each) => each.split('/').at(-1)),
  );
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  shellChecks(file);
  const text = fs.readFileSync(file, 'utf8');
  expect(text).toMatch(/^UNSIGNED: /);
  expect(recordOf(root, 1).at(-1)?.data).toMatchObject({
    step: 'evidence',
    state: 'done',
    machine: true,
    note: `evidence/${file.split('/').at(-1)}, SHA-256 ${done['sha256']}, unsigned`,
  });
  const at = text.lastIndexOf('"number":1');
  fs.writeFileSync(file, `${text.slice(0, at + 9)}2${text.slice(at + 10)}`);
  expect(() => shellChecks(file)).toThrow();
});

test('the next one names the one before it, and sessions that nobody told of', async () => {
  const {root, restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  fs.writeFileSync(`${root}/storage/data/tenants.json`, 'changed');
  expect(await restore()).toMatchObject({code: 0});
  const first = summaryOf(await command('evidence', 'export', '--session=2', '--json'));
  expect(first).toMatchObject({session: 2, never_exported: [1]});
  const second = summaryOf(
    await command('evidence', 'export', '--session=1', '--json', `--out=${root}/first.md`),
  );
  expect(second).toMatchObject({file: `${root}/first.md`, session: 1, never_exported: []});
  const text = fs.readFileSync(`${root}/first.md`, 'utf8');
  expect(text).toContain(String(first['sha256']));
});

test('a verification alone is told, and that there is none', async () => {
  const {command} = makeRestorable();
  const never = await command('evidence', 'export', `--id=${backupId}`);
  expect(never).toMatchObject({code: 3});
  expect(never.stdout).toContain(
    `! not verified: ${backupId}: magds backup verify --id=${backupId}; then export again\n`,
  );
  await command('backup', 'verify', '--all');
  expect(await command('evidence', 'export', '--all')).toMatchObject({code: 0});
  expect(
    await command('evidence', 'export', `--id=${backupId}`, `--out=${temporaryDirectory()}/x.md`),
  ).toMatchObject({code: 0});
});

test('what was cut off cannot be verified, and nobody is sent to do it', async () => {
  const {root, command} = makeRestorable();
  const cut = '20260101_000000_cut';
  fs.mkdirSync(`${root}/storage/backups/${cut}/datasets`, {recursive: true});
  fs.utimesSync(`${root}/storage/backups/${cut}/datasets`, 1e9, 1e9);
  fs.utimesSync(`${root}/storage/backups/${cut}`, 1e9, 1e9);
  const {stdout} = await command('evidence', 'export', '--all');
  expect(stdout).toContain(`! not verified: ${backupId}: magds backup verify --all; then export again\n`);
  await command('backup', 'verify', '--all');
  const verified = await command('evidence', 'export', '--all');
  expect(verified.code).toBe(3);
  expect(verified.stdout).not.toContain('not verified:');
  expect(verified.stdout).toContain(`! no whole backup, so nothing to verify: ${cut}\n`);
});

test('a page beside it names the file and its digest, and has a digest of its own', async () => {
  const {restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const {file, page, sha256} = summaryOf(await command('evidence', 'export', '--html', '--json'));
  expect(page).toBe(String(file).replace(/md$/, 'html'));
  expect(fs.statSync(String(page)).mode & 0o777).toBe(0o600);
  expect(fs.readFileSync(String(page), 'utf8')).toContain(
    `The original is the file <code>${path.basename(String(file))}</code>, SHA-256 <code>${sha256}</code>.`,
  );
  const names = [file, page].map((each) => `${path.basename(String(each))}.sha256`);
  const cwd = path.dirname(String(file));
  expect(execFileSync('sha256sum', ['-c', ...names], {cwd, encoding: 'utf8'})).toMatch(
    /^.*md: OK\n.*html: OK\n$/,
  );
  expect(await command('evidence', 'check', String(file))).toMatchObject({code: 0});
  const there = `${temporaryDirectory()}/there`;
  fs.writeFileSync(`${there}.html`, 'old');
  const over = await command('evidence', 'export', '--html', `--out=${there}.md`);
  expect(over.stderr).toContain(`${there}.html was not written: something of that name exists already`);
  expect(fs.readdirSync(path.dirname(there))).toEqual(['there.html']);
});

test('a restore that stopped halfway can be told of before it is decided', async () => {
  const {root, command} = await makeHalfway();
  const outcome = await command('evidence', 'export', '--session=1', '--json');
  expect(outcome).toMatchObject({code: 0});
  expect(summaryOf(outcome)['beware']).toEqual([
    'step evidence is still open: the restore has not come to its end',
  ]);
  expect(recordOf(root, 1).some(({data}) => data['step'] === 'evidence')).toBe(false);
  expect(fs.readFileSync(String(summaryOf(outcome)['file']), 'utf8')).toMatch(/stopped/);
});

test('what is there is not written over, and nothing is left of what cannot be written', async () => {
  const {root, restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const there = `${temporaryDirectory()}/there.md`;
  fs.writeFileSync(`${there}.sha256`, 'old');
  const over = await command('evidence', 'export', `--out=${there}`);
  expect(over).toMatchObject({
    code: 1,
    stderr: `magds: ${there}.sha256 was not written: something of that name exists already, and is left as it is.\n`,
  });
  expect(fs.existsSync(there)).toBe(false);
  for (const [out, why] of [
    ['/dev/full', '/dev/full was not written: something of that name exists already, and is left as it is.'],
    ['/nonexistent/x.md', '/nonexistent/x.md was not written: there is no directory /nonexistent.'],
  ] as const)
    expect(await command('evidence', 'export', `--out=${out}`)).toMatchObject({
      code: 1,
      stderr: `magds: ${why}\n`,
    });
  const among = `${root}/storage/backups/x.md`;
  expect(await command('evidence', 'export', `--out=${among}`)).toMatchObject({
    code: 1,
    stderr: `magds: ${among} would lie among the backups, where PHP's retention counts and deletes: name another place. Nothing was written.\n`,
  });
  expect(fs.existsSync(among)).toBe(false);
  expect(evidence(root)).toEqual([]);
  expect(recordOf(root, 1).at(-1)?.type).toBe('finished');
});

test.each([
  [['--session=x'], 2, '--session=x is not a session number. Nothing was written.'],
  [['--session=9'], 10, 'There is no session 9: "magds session list" shows what there is.'],
  [['--id=20260101_000000'], 10, 'No backup "20260101_000000" in '],
  [['--all', '--session=1'], 2, 'Give one of --session=N, --id=ID, --all. Nothing was written.'],
  [['--purpose=fun'], 2, '--purpose=fun: give incident, drill or verification. Nothing was changed.'],
  [[], 2, 'No restore was made here yet: --id=ID or --all tells of backups. Nothing was written.'],
  [
    ['--all', '--read-only'],
    2,
    '"magds evidence export" writes, and --read-only forbids it. Nothing was changed.',
  ],
])('%s is refused', async (args, code, why) => {
  const {command} = makeRestorable();
  const outcome = await command('evidence', 'export', ...args);
  expect(outcome).toMatchObject({code});
  expect(outcome.stderr).toContain(why);
});

test('a period that no report counts by is refused before anything is done', async () => {
  const {root, restore, command} = makeRestorable();
  const why = '--period=foo is no period: give 2026Q4, or a year, half-year (2026H2) or month (2026-11)';
  const refused = {code: 2, stdout: '', stderr: `magds: ${why}. Nothing was written.\n`};
  expect(await restore('--evidence', '--period=foo')).toMatchObject(refused);
  expect(await command('evidence', 'export', '--all', '--period=foo')).toMatchObject(refused);
  expect(fs.existsSync(`${root}/storage/runbook/evidence`)).toBe(false);
});
