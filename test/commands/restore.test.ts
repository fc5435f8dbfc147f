import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {makeBackup, phpHash} from '../support/backups.ts';
import {
  backupId,
  configure,
  contentOf,
  litter,
  liveTree,
  makeRestorable,
  recordOf,
  savedIds,
  signOff,
  summaryOf,
  twoContents,
} from '../support/restores.ts';
import {execute} from '../support/run.ts';

const saved = (name: string) => String(twoContents[name]?.copy);
const old = (name: string) => String(twoContents[name]?.live);

describe('a restore', () => {
  test('is confirmed, carried out, said and recorded; nothing but the way back is left', async () => {
    const {root, restore, holds, state} = makeRestorable();
    const {code, stdout, stderr} = await restore('--ticket=INC-7');
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    const [safety] = savedIds(root);
    expect(safety).toMatch(/^\d{8}_\d{6}_before-restore-1$/);
    expect(
      stdout.slice(stdout.indexOf('  - prepare')).replace(/switched in [\d.]+s/, 'switched in 0.1s'),
    ).toBe(
      [
        '  - prepare: nothing changes yet',
        `  + safety backup ${safety}, 34 B`,
        '  + staged and verified, 28 B',
        '  + switched in 0.1s; the live files are what the manifest says',
        '+ Restored, session 1.',
        'Undo: magds restore --undo=1',
        'Now the checklist: magds session show 1; then sign it off: magds session close 1',
        'Until then the old files are kept beside the live ones.\n',
      ].join('\n'),
    );
    for (const name of ['tenants', 'ledger']) expect(holds(name)).toBe(saved(name));
    expect(litter(root)).toEqual(['.ledger.json.magds-1-old', '.tenants.json.magds-1-old']);
    expect(fs.readdirSync(state('sessions/1')).toSorted()).toEqual([
      'journal.json',
      'lock',
      'manifest.json',
      'progress',
      'restore.log',
      'session.jsonl',
    ]);
    expect(contentOf(state('sessions/1/restore.log'))).toBe('');
    expect(recordOf(root, 1).map(({type}) => type)).toEqual([
      'opened',
      'context',
      'checklist',
      'plan',
      'manifest',
      'metrics',
      'event',
      'held',
      'prepare',
      'saved',
      'staged',
      'switched',
      'step',
      'event',
      'metrics',
      'finished',
    ]);
    expect(recordOf(root, 1).at(-1)?.data).toMatchObject({outcome: 'done', exit: 0, reason: null});
    // An ordinary backup in format: PHP reaches it, and sha256sum proves it.
    const sums = await execute('sha256sum', ['-c', 'SHA256SUMS'], {cwd: state('safety', String(safety))});
    expect(sums).toMatchObject({code: 0});
  });

  test('has the summary as the last line of its JSON', async () => {
    const {root, restore, live} = makeRestorable();
    const outcome = await restore('--json', '--only=tenants');
    expect(outcome).toMatchObject({code: 0, stderr: ''});
    const [action] = summaryOf(outcome)['datasets'] as Record<string, unknown>[];
    expect(summaryOf(outcome)).toEqual({
      message_type: 'summary',
      command: 'restore',
      id: backupId,
      session: 1,
      outcome: 'done',
      drill: false,
      undoes: null,
      datasets: [action],
      reason: null,
      beware: [],
      commands: [],
    });
    expect(action).toMatchObject({
      dataset: 'tenants',
      action: 'overwrite',
      hash: phpHash('sha256', saved('tenants')),
    });
    expect(savedIds(root)).toHaveLength(1);
    // Nothing left to do is done.
    const again = await restore('--json', '--only=tenants');
    expect(again).toMatchObject({code: 0, stderr: ''});
    expect(summaryOf(again)).toMatchObject({outcome: 'done', session: null, beware: [], commands: []});
    const text = await restore('--only=tenants');
    expect(text).toMatchObject({code: 0, stderr: ''});
    expect(text.stdout).toContain('  = nothing to do: the live files are what the backup holds\n');
    expect(fs.readdirSync(`${root}/storage/runbook/sessions`)).toEqual(['1']);
    expect(contentOf(live('ledger'))).toBe(old('ledger'));
  });

  test('is asked for by its id, on a terminal or by --yes, and by nothing else', async () => {
    const {root, ask, command} = makeRestorable();
    const before = liveTree(root);
    const usage = (stderr: string) => ({code: 2, stderr: `magds: ${stderr} Nothing was changed.\n`});
    expect(await ask()).toMatchObject(
      usage(`There is no terminal to ask on: --yes=${backupId} confirms it.`),
    );
    expect(await ask('--yes=yes')).toMatchObject(usage(`--yes=yes is not ${backupId}.`));
    const one =
      'Give the id of a backup, as in "magds restore ID", or one of --undo=SESSION, --resume, --rollback. "magds backup list" shows the ids, "magds restore status" the restores.';
    expect(await command('restore')).toMatchObject(usage(one));
    expect(await ask('--rollback')).toMatchObject(usage(one));
    expect(await ask('--dryrun')).toMatchObject({code: 2, stdout: ''});
    expect(await ask(`--yes=${backupId}`, '--read-only')).toMatchObject(
      usage('"magds restore" writes, and --read-only forbids it.'),
    );
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({
      code: 10,
      stderr: 'magds: There is no session 1 here.\n',
    });
    const missing = '20200101_000000';
    expect(await command('restore', `--id=${missing}`, `--yes=${missing}`)).toMatchObject({code: 10});
    expect(liveTree(root)).toEqual(before);
    expect(fs.existsSync(`${root}/storage/runbook`)).toBe(false);
  });

  test('puts back what this program made, held backups too, and what PHP deleted since', async () => {
    const {root, command, holds, live, backups} = makeRestorable();
    expect(await command('backup', 'run')).toMatchObject({code: 0});
    const id = fs.readdirSync(backups).find((name) => name !== backupId) ?? '';
    expect(await command('backup', 'pin', id, '--reason=x')).toMatchObject({code: 0});
    fs.rmSync(`${backups}/${id}`, {recursive: true});
    fs.writeFileSync(live('tenants'), 'an accident');
    expect(await command('restore', `--id=${id}`, `--yes=${id}`)).toMatchObject({code: 0});
    expect(holds('tenants')).toBe(old('tenants'));
    expect(litter(root)).toEqual(['.tenants.json.magds-1-old']);
  });

  test('goes to the configured sources where the tree was made elsewhere', async () => {
    const {restore, holds} = makeRestorable({recordedRoot: '/srv/magmoboce'});
    expect(await restore()).toMatchObject({code: 0});
    expect([holds('tenants'), holds('ledger')]).toEqual([saved('tenants'), saved('ledger')]);
  });

  test.each(['crc32b', 'SHA512/256', 'md5'])('verifies by %s', async (algorithm) => {
    const {restore, holds} = makeRestorable({dataset: (each) => ({...each, algorithm})});
    expect(await restore()).toMatchObject({code: 0});
    expect(holds('tenants')).toBe(saved('tenants'));
  });

  test('leaves the files of a directory that the backup does not hold, and lists them', async () => {
    const {root, backups, command} = makeRestorable();
    const tree = `${root}/storage/data/tree`;
    fs.mkdirSync(`${tree}/deep`, {recursive: true});
    fs.writeFileSync(`${tree}/deep/stays`, 'since');
    fs.writeFileSync(`${tree}/in`, 'changed');
    configure(root, {backup: {datasets: [{name: 'tree', source: 'storage/data/tree', type: 'directory'}]}});
    const id = '20261124_000000';
    const datasets = ['in', 'deep/gone'].map((name) => ({
      name: `tree/${name}`,
      file: name.replace('/', '-'),
      content: name,
    }));
    makeBackup({backups, id, datasets, recordedRoot: 'here'});
    const {code, stdout} = await command('restore', `--id=${id}`, `--yes=${id}`);
    expect(code).toBe(0);
    expect(stdout).toContain(`  - ${tree}/deep/stays  not in the backup; stays\n`);
    const held = ['deep/stays', 'in', 'deep/gone'].map((name) => contentOf(`${tree}/${name}`));
    expect(held).toEqual(['since', 'in', 'deep/gone']);
    // A name that leads out of the directory is none of its files.
    const outside = '20261125_000000';
    makeBackup({
      backups,
      id: outside,
      datasets: [{name: 'tree/../../../mag', file: 'mag'}],
      recordedRoot: 'here',
    });
    const out = await command('restore', `--id=${outside}`, `--yes=${outside}`);
    expect(out.code).toBe(5);
    expect(out.stderr).toContain(`the target ${tree}/../../../mag is not a plain absolute path`);
  });

  test('without a safety backup there is no undo, and the last of the old files go only when that is said', async () => {
    const {root, restore, command} = makeRestorable();
    const {code, stdout} = await restore('--no-safety-backup');
    expect(code).toBe(0);
    expect(stdout).toContain('  ! Way back: NONE once the session is closed: no safety backup\n');
    expect(stdout).not.toContain('--undo');
    expect(savedIds(root)).toEqual([]);
    const undo = await command('restore', '--undo=1', '--yes=1');
    expect(undo.code).toBe(5);
    expect(undo.stderr).toContain(
      `it was made without a safety backup. Until the session is closed the old files lie beside the live ones: ${root}/storage/data/.tenants.json.magds-1-old`,
    );
    for (const step of ['verified', 'service']) await command('session', 'step', step, '--skip', '--note=x');
    expect(await command('session', 'close', '1')).toMatchObject({
      code: 2,
      stderr:
        'magds: There is no terminal to ask on: --yes=1 signs session 1 off. There is no safety backup: what it keeps beside the live files is all that is left of the old ones. Nothing was changed.\n',
    });
    expect(litter(root)).toHaveLength(2);
    expect(await signOff(root, 1)).toMatchObject({code: 0});
    expect(litter(root)).toEqual([]);
  });
});
