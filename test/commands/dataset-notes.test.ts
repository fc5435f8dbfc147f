import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {planText} from '../../source/commands/backup-run.ts';
import {planRun} from '../../source/engine/backup/plan.ts';
import {describeConfiguration, loadConfiguration} from '../../source/engine/config/effective.ts';
import {diagnose} from '../support/doctor.ts';
import {backup, type Plain, rootWith} from '../support/php-config.ts';
import {contentOf} from '../support/restores.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const tenants = {name: 'tenants', source: 'storage/data/tenants.json'};
const line = `${JSON.stringify({id: 'x', action: 'login', payload: {}, created_at: '2026-11-23T00:00:00+00:00'})}\n`;
const auditLog = 'storage/logs/audit.log';
const metrics = 'storage/telemetry/magds_backup.prom';

/** A root with these datasets, and a backup of them by `run`; afterwards the live tenants are bad. */
async function made(datasets: Plain[], own: Record<string, unknown> = {}, backedUp = true) {
  const root = rootWith({
    'config/base/magds.php': backup({datasets: [tenants], retention: {max_count: 5}}),
    'storage/data/tenants.json': '{"t":"saved"}\n',
    'storage/data/other.json': '{"o":1}\n',
    [auditLog]: line,
    'storage/logs/app.log': 'saved\n',
    'storage/runbook/config.json': JSON.stringify({version: 1, backup: {datasets}, ...own}),
    [metrics]: '# none\n',
  });
  const command = (...args: string[]) => magds([...args, '--root', root]);
  let id = '';
  if (backedUp) ({id} = jsonLines((await command('backup', 'run', '--json')).stdout).at(-1) as {id: string});
  const file = (name: string) => `${root}/${name}`;
  fs.writeFileSync(file('storage/data/tenants.json'), '{"t":"bad"}\n');
  fs.writeFileSync(file('storage/logs/app.log'), 'bad, longer\n');
  return {
    root,
    id,
    command,
    holds: (name: string) => contentOf(file(name)),
    restore: (...args: string[]) => command('restore', `--id=${id}`, `--yes=${id}`, ...args),
    dryRun: async (...args: string[]) =>
      JSON.parse((await command('restore', `--id=${id}`, '--dry-run', '--json', ...args)).stdout) as {
        actions: {dataset: string; action: string; reason: string | null}[];
        left_out: {name: string; reason: string}[];
        leaves: string[];
        notes: string[];
      },
  };
}

/** What is said of datasets where they are configured: the same by each that says it. */
async function toldBy(root: string) {
  const configuration = await loadConfiguration(root, {});
  const place = {root, backups: `${root}/storage/backups`, configuration};
  const plan = await planRun(place, '');
  return {
    config: describeConfiguration(configuration).find(({name}) => name === 'backup.datasets')?.problem ?? '',
    doctor: (await diagnose(root))
      .rows('configuration')
      .map(({state, what}) => `${state}: ${what}`)
      .join('\n'),
    dryRun: planText(plan, place, null),
  };
}

async function expectTold(root: string, note: string): Promise<void> {
  const {config, doctor, dryRun} = await toldBy(root);
  for (const each of [config, doctor, dryRun]) expect(each).toContain(note);
  expect(doctor).toMatch(/^beware: /);
}

describe('what this program writes itself', () => {
  const never = 'a restore never overwrites it: its copy comes back --into a directory only';
  test.each([
    ['the audit log', auditLog],
    ['the metrics of this program', metrics],
  ])('%s is no live target, whatever is asked for, and comes back into a directory', async (what, source) => {
    const place = await made([tenants, {name: 'ours', source}], {volatile: ['ours']});
    const {root, restore, holds, command, id} = place;
    await expectTold(root, `ours is ${what}: ${never}`);
    const before = holds(source) ?? '';
    const why = `the target ${root}/${source} is ${what}, to which a restore itself writes`;
    for (const flags of [
      [],
      ['--only=ours'],
      ['--only=tenants', `--map=tenants=${root}/${source}`, `--allow-target=${root}/${source}`],
    ]) {
      const {code, stderr} = await restore(...flags);
      expect(stderr).toContain(why);
      expect(code).toBe(5);
    }
    expect(holds('storage/data/tenants.json')).toBe('{"t":"bad"}\n');
    expect(holds(source)?.startsWith(before)).toBe(true);
    expect(await restore('--only=tenants')).toMatchObject({code: 0});
    expect(holds('storage/data/tenants.json')).toBe('{"t":"saved"}\n');
    const into = `${temporaryDirectory()}/drill`;
    const drill = await command('restore', `--id=${id}`, `--into=${into}`, `--yes=${id}`, '--json');
    expect(drill.code).toBe(0);
    const {beware} = jsonLines(drill.stdout).at(-1) as {beware: string[]};
    expect(beware).toContain(`ours is ${what}: ${never}`);
    const copies = fs.readdirSync(into, {recursive: true}) as string[];
    expect(copies.filter((each) => source.endsWith(each))).not.toEqual([]);
  });

  test('its rotated files are of the audit log, and so is what a link of root leads to', async () => {
    const {root} = await made([tenants, {name: 'old', source: `${auditLog}.1`}], {}, false);
    await expectTold(root, `old is the audit log: ${never}`);
    const elsewhere = temporaryDirectory();
    fs.renameSync(`${root}/${auditLog}`, `${elsewhere}/trail.log`);
    fs.symlinkSync(`${elsewhere}/trail.log`, `${root}/${auditLog}`);
    const datasets = [tenants, {name: 'trail', source: `${elsewhere}/trail.log`}];
    fs.writeFileSync(`${root}/storage/runbook/config.json`, JSON.stringify({version: 1, backup: {datasets}}));
    await expectTold(root, `trail is the audit log: ${never}`);
  });

  test('in a directory it stays as it is while the rest comes back', async () => {
    const logs = {name: 'logs', source: 'storage/logs', type: 'directory'};
    const place = await made([tenants, logs]);
    const {root, restore, holds, dryRun} = place;
    await expectTold(root, `logs holds the audit log: ${never}`);
    const plan = await dryRun();
    const reason =
      'it is the audit log, to which a restore itself writes: its copy comes back --into=DIR only';
    expect(plan.left_out).toEqual([{name: 'logs/audit.log', reason}]);
    expect(plan.actions.map(({dataset}) => dataset)).toEqual(['tenants', 'logs/app.log']);
    expect(plan.leaves).toEqual([]);
    const before = holds(auditLog) ?? '';
    expect(await restore()).toMatchObject({code: 0});
    expect(holds('storage/logs/app.log')).toBe('saved\n');
    expect(holds(auditLog)?.startsWith(before)).toBe(true);
    expect(holds(auditLog)).toContain('magdb.restore.completed');
    expect((await restore('--only=logs/audit.log')).stderr).toContain(
      `the target ${root}/${auditLog} is the audit log`,
    );
  });

  test.each([
    ['the backups', `lies in the backups: ${never}`, 'storage/backups/x.json'],
    ['the state', `lies in the state of this program: ${never}`, 'storage/runbook/config.json'],
  ])('a file of %s is said where it is configured', async (_, note, source) => {
    await expectTold((await made([tenants, {name: 'ours', source}], {}, false)).root, `ours ${note}`);
  });

  test('a directory around the backups and the state leaves them where they are, and says so', async () => {
    const place = await made([{name: 'all', source: 'storage', type: 'directory'}]);
    for (const what of ['the backups', 'the state of this program'])
      await expectTold(place.root, `all holds ${what}: that is not backed up with it`);
    const {leaves, left_out} = await place.dryRun();
    expect(left_out.map(({name}) => name)).toEqual(['all/logs/audit.log', 'all/telemetry/magds_backup.prom']);
    expect(leaves).toEqual([`${place.root}/storage/telemetry/.magds_backup.lock`]);
    expect(await place.restore()).toMatchObject({code: 0});
    expect(place.holds('storage/data/tenants.json')).toBe('{"t":"saved"}\n');
  });
});

describe('datasets that share files', () => {
  const data = {name: 'data', source: 'storage/data', type: 'directory'};
  const note = (root: string) =>
    `data and tenants overlap, both hold ${root}/storage/data/tenants.json: they can be restored together only while their copies of it are the same`;

  test('are found where they are configured, and by a drill', async () => {
    const place = await made([tenants, data]);
    const {root, command, id} = place;
    await expectTold(root, note(root));
    const into = `${temporaryDirectory()}/drill`;
    const plan = await command('restore', `--id=${id}`, `--into=${into}`, '--dry-run');
    expect(plan.stdout).toContain(`  ! Note: ${note(root)}\n`);
    const drill = await command('restore', `--id=${id}`, `--into=${into}`, `--yes=${id}`);
    expect(drill.code).toBe(0);
    expect(drill.stdout + drill.stderr).toContain(note(root));
    const alone = await command('restore', `--id=${id}`, `--into=${into}2`, '--only=tenants', '--dry-run');
    expect(alone.stdout).not.toContain('overlap');
  });

  test.each([
    ['two names for one file', {name: 'again', source: 'storage/data/tenants.json'}, 'tenants and again'],
    ['through a link', {name: 'again', source: 'storage/link/tenants.json'}, 'tenants and again'],
  ])('%s', async (_, again, names) => {
    const {root} = await made([tenants, again], {}, false);
    fs.symlinkSync('data', `${root}/storage/link`);
    await expectTold(root, `${names} overlap`);
  });

  test('a directory whose name only begins as that of another does not', async () => {
    const place = await made([tenants, {name: 'dat', source: 'storage/dat', type: 'directory'}], {}, false);
    expect((await toldBy(place.root)).config).toBe('');
  });

  test('come back together where both copies hold the same bytes, once', async () => {
    const {root, restore, holds, dryRun, command} = await made([tenants, data]);
    const {actions, notes} = await dryRun();
    expect(actions.map(({dataset, action}) => [dataset, action])).toEqual([
      ['tenants', 'overwrite'],
      ['data/other.json', 'unchanged'],
    ]);
    expect(notes).toEqual([
      `data/tenants.json and tenants have one file, ${root}/storage/data/tenants.json, and copies with the same bytes: it is restored once, as tenants`,
    ]);
    const restored = await restore();
    expect(restored.code).toBe(0);
    expect(restored.stdout + restored.stderr).toContain('it is restored once, as tenants');
    expect(holds('storage/data/tenants.json')).toBe('{"t":"saved"}\n');
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
    expect(holds('storage/data/tenants.json')).toBe('{"t":"bad"}\n');
  });

  test('are refused where the copies differ, and each comes back alone', async () => {
    const {root, id, restore, holds} = await made([tenants, data]);
    const directory = `${root}/storage/backups/${id}`;
    const manifest = JSON.parse(fs.readFileSync(`${directory}/manifest.json`, 'utf8'));
    const copy = manifest.datasets['data/tenants.json'];
    const other = manifest.datasets['data/other.json'];
    fs.copyFileSync(other.backup, copy.backup);
    copy.hash = other.hash;
    fs.writeFileSync(`${directory}/manifest.json`, JSON.stringify(manifest));
    expect(await restore()).toMatchObject({code: 5});
    expect(holds('storage/data/tenants.json')).toBe('{"t":"bad"}\n');
    expect(await restore('--only=tenants')).toMatchObject({code: 0});
    expect(holds('storage/data/tenants.json')).toBe('{"t":"saved"}\n');
  });
});
