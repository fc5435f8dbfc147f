import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeBackup} from '../support/backups.ts';
import {hostileText, unprintable} from '../support/hostile.ts';
import {backupId, makeRestorable, twoContents} from '../support/restores.ts';
import {jsonLines} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const metadata = {
  missing: {sessions: 'its source is missing'},
  changed: {ledger: 'written to while it was copied'},
  left_out: {'tree/private': 'cannot be listed: permission denied', 'tree/empty': 'an empty directory'},
};
const partial = [
  {dataset: 'sessions', reason: 'its source is missing'},
  {dataset: 'ledger', reason: 'written to while it was copied'},
  {dataset: 'tree/private', reason: 'left out: cannot be listed: permission denied'},
];
const texts = partial.map(({dataset, reason}) => `${dataset}: ${reason}`);

/** A verified backup whose manifest says that it is partial. */
async function makePartial(added: object = metadata) {
  const place = makeRestorable();
  const {manifestFile} = place.built;
  const manifest = JSON.parse(fs.readFileSync(manifestFile, 'utf8'));
  manifest.metadata = {...manifest.metadata, ...added};
  fs.writeFileSync(manifestFile, JSON.stringify(manifest));
  expect(await place.command('backup', 'verify', '--all')).toMatchObject({code: 0});
  return place;
}

test('list and show say what a backup does not hold', async () => {
  const {command} = await makePartial();
  const {stdout} = await command('backup', 'list');
  expect(stdout).toMatch(new RegExp(`^${backupId} .* ! torn +just now$`, 'm'));
  for (const text of texts) expect(stdout).toContain(`\n! ${backupId} is partial: ${text}\n`);
  const [list] = jsonLines((await command('backup', 'list', '--json')).stdout);
  expect(list).toMatchObject({backups: [{id: backupId, partial}]});
  const shown = (await command('backup', 'show', backupId)).stdout;
  for (const text of texts) expect(shown).toContain(`\npartial   ! ${text}\n`);
  const [json] = jsonLines((await command('backup', 'show', backupId, '--json')).stdout);
  expect(json).toMatchObject({partial});
  const {stdout: doctor} = await command('doctor');
  expect(doctor.replace(/\s+/g, ' ')).toContain(
    'it is partial: sessions: its source is missing; ledger: written to',
  );
});

test('one that is whole, or that PHP has made, is partial in nothing', async () => {
  const {command} = await makePartial({});
  const [list] = jsonLines((await command('backup', 'list', '--json')).stdout);
  expect(list).toMatchObject({backups: [{partial: []}]});
  expect((await command('backup', 'list')).stdout).not.toContain('partial');
  expect((await command('backup', 'show', backupId)).stdout).not.toContain('partial');
});

test('the plan, the restore, its checklist and its evidence say so', async () => {
  const {ask, restore, command, root} = await makePartial();
  const {stdout: plan} = await ask('--dry-run');
  for (const text of texts) expect(plan).toContain(`\n  ! Partial: in this backup: ${text}\n`);
  const [json] = jsonLines((await ask('--dry-run', '--json')).stdout);
  expect(json).toMatchObject({partial});
  const only = jsonLines((await ask('--dry-run', '--json', '--only=tenants')).stdout)[0];
  expect(only).toMatchObject({partial: []});

  const {code, stdout} = await restore();
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/^\+ Restored/m);
  expect(stdout).toContain('! Restored in part, session 1: the backup does not hold everything.\n');
  for (const text of texts) expect(stdout).toContain(`\n! the backup is partial: ${text}\n`);

  const session = (await command('session', 'show', '1')).stdout;
  for (const text of texts) expect(session).toContain(`\n! beware   the backup is partial: ${text}\n`);
  await command('evidence', 'export', '--session=1', `--out=${root}/evidence.md`);
  const files = (fs.readdirSync(root, {recursive: true}) as string[]).filter((name) => name.endsWith('.md'));
  const evidence = fs.readFileSync(`${root}/${files[0]}`, 'utf8');
  expect(evidence).toContain('Partial, by its own manifest');
  for (const {dataset, reason} of partial) {
    expect(evidence).toContain(`\`${dataset}\`: \`${reason}\``);
    expect(evidence).toContain(`the backup is partial: ${dataset}`);
  }
  expect(await command('evidence', 'check', `${root}/${files[0]}`)).toMatchObject({code: 0});
});

test('latest-verified is one that is whole; where none is, it says what is not in it', async () => {
  const {backups, command} = await makePartial();
  const scratch = temporaryDirectory();
  const drill = (name: string) =>
    command('restore', '--id=latest-verified', '--yes=latest-verified', `--into=${scratch}/${name}`);
  const first = await drill('first');
  expect(first).toMatchObject({code: 0});
  expect(first.stderr).toContain(`! ${backupId} is partial: sessions: its source is missing, and 2 more.\n`);
  expect(first.stdout).toContain('! Drill done in part, session 1: the backup does not hold everything.\n');
  const datasets = Object.entries(twoContents).map(([name, {copy}]) => ({name, content: copy}));
  makeBackup({backups, id: '20261101_000000', recordedRoot: 'here', datasets});
  await command('backup', 'verify', '--all');
  const second = await drill('second');
  expect(second).toMatchObject({code: 0, stderr: ''});
  expect(second.stdout).toContain('+ Drill done, session 2.\n');
  const since = await command('backup', 'list', '--bad-since=2026-11-28 00:00Z');
  expect(since.stdout).toMatch(/^\* 20261101_000000 is the newest verified backup/m);
  expect(since.stderr).toContain(
    `! ${backupId} is verified too, but it is partial: sessions: its source is missing, and 2 more.\n`,
  );
});

test('what a hostile manifest says of itself drives no terminal, and is bounded', async () => {
  const many = Object.fromEntries(Array.from({length: 5000}, (_, at) => [`d${at}`, 'a link']));
  const {command} = await makePartial({
    missing: {[hostileText]: hostileText, __proto__x: {a: 1}, 'dataset 7': 5},
    changed: ['a', 'list'],
    left_out: many,
  });
  for (const words of [['list'], ['show', backupId]]) {
    const {code, stdout} = await command('backup', ...words);
    expect(code).toBe(0);
    expect(stdout).toContain('partial');
    for (const line of stdout.split('\n')) expect(line).not.toMatch(unprintable);
    expect(stdout.split('\n').length).toBeLessThan(60);
  }
  const [json] = jsonLines((await command('backup', 'list', '--json')).stdout);
  const [{partial: told}] = (json?.['backups'] ?? [{}]) as [{partial: {dataset: string; reason: string}[]}];
  expect(told).toHaveLength(3 + 1001);
  expect(told).toContainEqual({dataset: '7', reason: 'no reason is recorded'});
  expect(told.at(-1)).toEqual({dataset: 'and more', reason: '4000 others'});
});
