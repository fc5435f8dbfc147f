import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeBackup} from '../support/backups.ts';
import {backup, rootWith} from '../support/php-config.ts';
import {jsonLines, magds} from '../support/run.ts';

const names = ['kernel_state', 'tenants', 'ledger', 'media_index'] as const;
const live = (name: string): string => `storage/data/${name}.json`;
const old = Array.from({length: 5}, (_, day) => `2026110${day + 1}_030000_nightly`);

/** What each file holds that is worth having. */
const worth = (name: string): string => `{"${name}":"${'worth having '.repeat(40)}"}\n`;

/** As the samples are: five whole backups of four datasets, of which five are kept. */
function makePlace() {
  const root = rootWith({
    'config/base/magds.php': backup({
      datasets: names.map((name) => ({name, source: live(name)})),
      retention: {max_count: 5},
    }),
    ...Object.fromEntries(names.map((name) => [live(name), worth(name)])),
  });
  const backups = `${root}/storage/backups`;
  for (const id of old)
    makeBackup({
      backups,
      id,
      label: 'nightly',
      datasets: names.map((name) => ({name, content: worth(name)})),
    });
  const command = (...words: string[]) => magds(['backup', ...words, '--root', root]);
  const night = async (code: number): Promise<void> => {
    expect(await command('run', '--label=nightly')).toMatchObject({code});
    expect(await command('verify', '--all')).toMatchObject({code: 0});
  };
  /** Datasets of which no backup holds what is worth having. */
  const lost = (): string[] =>
    names.filter(
      (name) =>
        !fs.readdirSync(backups).some((id) => {
          const copy = `${backups}/${id}/datasets/${name}.json`;
          return fs.existsSync(copy) && fs.readFileSync(copy, 'utf8') === worth(name);
        }),
    );
  return {root, backups, command, night, lost};
}

test('five nights without a dataset, then an empty one: a good copy of everything is still held', async () => {
  const {root, backups, command, night, lost} = makePlace();
  const tenants = `${root}/${live('tenants')}`;
  fs.rmSync(tenants);
  for (let each = 0; each < 5; each++) await night(3);
  expect(lost()).toEqual([]);
  fs.writeFileSync(tenants, '[]\n');
  for (let each = 0; each < 3; each++) {
    await night(0);
    expect(await command('prune')).toMatchObject({code: 0});
    expect(lost()).toEqual([]);
  }
  // Each says for what it stays.
  const text = (await command('prune', '--dry-run')).stdout;
  for (const id of old)
    expect(text).toContain(`\n  = ${id}  keep: for tenants: one of the newest 5 good copies\n`);
  const [plan] = jsonLines((await command('prune', '--dry-run', '--json')).stdout);
  const verdicts = plan?.['backups'] as {id: string; stays: boolean; datasets: string[]}[];
  expect(verdicts.filter(({id}) => old.includes(id)).map(({datasets}) => datasets)).toEqual(
    old.map(() => ['tenants']),
  );
  // Whole nights let go of them again.
  fs.writeFileSync(tenants, `${worth('tenants')} `);
  for (let each = 0; each < 5; each++) await night(0);
  expect(fs.readdirSync(backups).filter((id) => old.includes(id))).toEqual([]);
});

test.each([
  ['torn', {changed: {tenants: 'written to while it was copied'}}],
  ['in part', {left_out: {'tenants/private': 'cannot be listed: permission denied'}}],
  ['not in it', {missing: {tenants: 'its source is missing'}}],
])('five nights whose manifest says that it was %s push out none that is whole', async (_, metadata) => {
  const {backups, command, lost} = makePlace();
  for (let day = 10; day < 16; day++)
    makeBackup({
      backups,
      id: `202611${day}_030000_nightly`,
      datasets: names.map((name) => ({name, content: `{"${name}":"other"}\n`})),
      metadata,
    });
  expect(await command('prune')).toMatchObject({code: 0});
  expect(lost()).toEqual([]);
});

test('what is known to be broken inside pushes out nothing that is sound', async () => {
  const {backups, command, lost} = makePlace();
  for (let day = 10; day < 16; day++)
    makeBackup({
      backups,
      id: `202611${day}_030000_nightly`,
      datasets: names.map((name) => ({
        name,
        content: name === 'ledger' ? '{"half of it' : worth(name),
      })),
    });
  // What was found is kept where there is a place for it.
  fs.mkdirSync(`${backups}/../runbook`);
  expect(await command('verify', '--all', '--content')).toMatchObject({code: 4});
  expect(await command('prune')).toMatchObject({code: 0});
  expect(lost()).toEqual([]);
});

test('while an incident has a bad since nothing is removed: the copies from before it stay', async () => {
  const {root, backups, command} = makePlace();
  makeBackup({
    backups,
    id: '20261031_030000_nightly',
    datasets: [{name: 'tenants', content: worth('tenants')}],
  });
  const incident = (...words: string[]) => magds(['incident', ...words, '--root', root]);
  expect(await incident('--since=2026-11-06 01:10')).toMatchObject({code: 0});
  const why =
    'things are bad since 2026-11-06 01:10Z: nothing is removed until that is settled (magds incident --clear)';
  const before = fs.readdirSync(backups);
  const dry = await command('prune', '--dry-run');
  expect(dry.stdout).toContain(`Would delete nothing:\n`);
  expect(dry.stdout).toContain(`\n  = 20261031_030000_nightly  keep: ${why}\n`);
  expect(await command('prune')).toMatchObject({
    code: 3,
    stdout: 'Nothing was deleted.\n',
    stderr: `! Not pruned: ${why}\n`,
  });
  expect((await command('run', '--dry-run')).stdout).toContain(
    `\nRetention would then delete nothing: ${why}.\n`,
  );
  const night = await command('run', '--label=nightly', '--json');
  expect(night.code).toBe(3);
  expect(jsonLines(night.stdout).at(-1)).toMatchObject({
    pruned: [],
    not_pruned: `${why}; 2 would be deleted`,
  });
  expect(fs.readdirSync(backups)).toEqual(expect.arrayContaining(before));
  const incidentRow = async () => {
    const {stdout} = await magds(['doctor', '--json', '--root', root]);
    const {checks} = JSON.parse(stdout) as {checks: {id: string}[]};
    return checks.filter(({id}) => id === 'incident');
  };
  expect(await incidentRow()).toMatchObject([{state: 'ok', what: expect.stringContaining(why)}]);
  // What was never settled does not fill the disk in silence.
  await incident('--since=2026-09-01 01:10');
  expect(await incidentRow()).toMatchObject([
    {
      state: 'beware',
      what: expect.stringContaining('nothing is removed until that is settled'),
      commands: [`magds incident --root=${root}`, `magds incident --clear --root=${root}`],
    },
  ]);
  await incident('--clear');
  expect(await incidentRow()).toEqual([]);
  expect((await command('prune')).stdout).toMatch(/2 backups deleted\./);
});
