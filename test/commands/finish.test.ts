import fs from 'node:fs';
import {expect, test} from 'vitest';
import {toldIn} from '../support/audit.ts';
import {makeBackup} from '../support/backups.ts';
import {backup, rootWith} from '../support/php-config.ts';
import {jsonLines, magds} from '../support/run.ts';
import {setOld} from '../support/walking.ts';

const id = '20260104_020000_nightly';
const tenants = '[{"id":1},{"id":2}]';

/** A root whose tenants were cut off, and a newer copy of them in a backup that was cut off itself. */
function makePlace() {
  const datasets = ['tenants', 'ledger'].map((name) => ({name, source: `storage/data/${name}.json`}));
  const root = rootWith({
    'config/base/magds.php': backup({datasets}),
    'storage/data/tenants.json': tenants.slice(0, 9),
    'storage/data/ledger.json': '[]',
  });
  const made = makeBackup({
    backups: `${root}/storage/backups`,
    id,
    recordedRoot: 'here',
    datasets: [{name: 'tenants', content: tenants}],
    manifest: () => null,
  });
  for (const lying of [made.copy('tenants'), `${made.directory}/datasets`, made.directory]) setOld(lying);
  const finish = (...args: string[]) => magds(['backup', 'finish', ...args, '--root', root]);
  return {root, ...made, finish, live: () => fs.readFileSync(`${root}/storage/data/tenants.json`, 'utf8')};
}

test('one that was cut off becomes a backup: it verifies, is restored from and undone, and says of when its hashes are', async () => {
  const {root, finish, live} = makePlace();
  expect(await finish(id)).toEqual({
    code: 3,
    signal: null,
    stdout: `  + tenants  19 B  parses as JSON
  x ledger  not in it: cut off before it was copied
+ ${id} is a backup of tenants now, without ledger. Its hashes were made now: they prove nothing of the time before.
Next: magds backup verify ${id}; magds restore ${id}
`,
    stderr: '',
  });
  expect(await magds(['backup', 'verify', id, '--root', root])).toMatchObject({code: 0});
  const listed = await magds(['backup', 'list', '--json', '--root', root]);
  expect(JSON.parse(listed.stdout)).toMatchObject({
    backups: [
      {
        state: 'complete',
        label: 'nightly',
        lacks: ['ledger'],
        partial: [{dataset: 'ledger', reason: 'cut off before it was copied'}],
        copies: [{dataset: 'tenants', state: 'unaltered', inside: null, partial: null}],
      },
    ],
  });
  const note =
    /Its manifest was written on \d{4}-\d\d-\d\d [0-9:]+Z, after it had been cut off: its hashes are of that time; whether files were written to while they were copied is not known; its sources are those configured when it was written/;
  const shown = await magds(['backup', 'show', id, '--root', root]);
  expect(shown.stdout).toMatch(new RegExp(`note +${note.source}\\.`));
  const plan = await magds(['restore', id, '--dry-run', '--root', root]);
  expect(plan.stdout).toMatch(new RegExp(`! Note: ${note.source}; tenants parses as JSON\n`));
  expect(await magds(['restore', id, `--yes=${id}`, '--root', root])).toMatchObject({code: 0});
  expect(live()).toBe(tenants);
  const evidence = await magds(['evidence', 'export', '--session=1', '--root', root]);
  expect(evidence.code).toBe(0);
  const [file] = fs.readdirSync(`${root}/storage/runbook/evidence`).filter((name) => name.endsWith('.md'));
  const text = fs.readFileSync(`${root}/storage/runbook/evidence/${file}`, 'utf8').replace(/\s+/g, ' ');
  const written =
    /manifest written 20[0-9: -]+Z after it had been cut off, as its manifest says: its hashes are of that time, and prove nothing of the time before; whether files were written to [a-z ]+ is not known; its sources are [a-z ]+/;
  expect(text).toMatch(new RegExp(`Why this copy.{0,200}${written.source}`));
  expect(text).toMatch(new RegExp(`The chosen copy: ${written.source}\\.`));
  expect(text).toContain('(as the manifest says: when the last copy in it was written, as it was cut off)');
  expect(await magds(['evidence', 'check', `${root}/storage/runbook/evidence/${file}`])).toMatchObject({
    code: 0,
  });
  expect(await magds(['restore', '--undo=1', '--yes=1', '--root', root])).toMatchObject({code: 0});
  expect(live()).toBe(tenants.slice(0, 9));
});

test('for scripts, and as a dry run, which writes nothing and is allowed with --read-only', async () => {
  const {root, directory, finish} = makePlace();
  const same = {
    command: 'backup:finish',
    root,
    id,
    path: directory,
    missing: [{name: 'ledger', reason: 'cut off before it was copied'}],
    left_out: [],
    untold: [],
  };
  const dry = await finish(`--id=${id}`, '--dry-run', '--read-only', '--json');
  expect(dry).toMatchObject({code: 3, stderr: ''});
  expect(JSON.parse(dry.stdout)).toMatchObject({
    ...same,
    dry_run: true,
    result: 'planned',
    datasets: [{name: 'tenants', bytes: 19, kind: 'json', hash: null, algorithm: 'sha256'}],
  });
  expect(fs.readdirSync(directory)).toEqual(['datasets']);
  const done = await finish(id, '--json');
  expect(jsonLines(done.stdout).at(-1)).toMatchObject({
    ...same,
    message_type: 'summary',
    result: 'done',
    datasets: [{name: 'tenants', hash: expect.stringMatching(/^[0-9a-f]{64}$/)}],
  });
  expect(toldIn(root).map(({action}) => action)).toEqual(['magdb.backup.finished']);
});

test.each<[string, string[], number, RegExp]>([
  ['with --read-only', [id, '--read-only'], 2, /writes, and --read-only forbids it/],
  ['without an id', [], 2, /Which backup\? magds backup finish ID/],
  ['for what lies elsewhere', ['../elsewhere'], 2, /contains a slash/],
  ['for what is not there', ['20260104_030000'], 10, /No backup "20260104_030000"/],
])('it is refused %s', async (_, args, code, said) => {
  const {directory, finish} = makePlace();
  expect(await finish(...args)).toMatchObject({code, stdout: '', stderr: expect.stringMatching(said)});
  expect(fs.readdirSync(directory)).toEqual(['datasets']);
});

test('where nothing in it is whole it is an error, and nothing is written', async () => {
  const {directory, copy, finish} = makePlace();
  fs.writeFileSync(copy('tenants'), tenants.slice(0, 9));
  setOld(copy('tenants'));
  expect(await finish(id)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /nothing in it can be taken up \(.*tenants: what lies there is broken: no JSON/,
    ),
  });
  expect(fs.readdirSync(directory)).toEqual(['datasets']);
});

test('where there is no project that needs it, nobody is told to finish one', async () => {
  const {root} = makePlace();
  const backups = `${root}/storage/backups`;
  for (const words of [['backup', 'list'], ['doctor']]) {
    expect((await magds([...words, '--root', root])).stdout).toContain(`magds backup finish ${id}`);
    const {stdout} = await magds([...words, '--backups', backups]);
    expect(stdout).toContain(id);
    expect(stdout).not.toContain('backup finish');
  }
});
