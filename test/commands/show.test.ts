import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeBackup, makeRoot, phpHash} from '../support/backups.ts';
import {jsonLines, magds} from '../support/run.ts';

const id = '20261123_100000_nightly';

function makePlace() {
  const {root, backups} = makeRoot();
  const datasets = [{name: 'tenants', algorithm: 'md5'}, {name: 'ledger'}];
  const built = makeBackup({backups, id, label: 'nightly', datasets});
  return {root, backups, built};
}

test('says what is recorded of one backup', async () => {
  const {root, built} = makePlace();
  const {code, stdout} = await magds(['backup', 'show', id, '--root', root]);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^backup +${id}$`, 'm'));
  expect(stdout).toContain(built.directory);
  expect(stdout).toMatch(/^label +nightly$/m);
  expect(stdout).toMatch(/^verified +- never$/m);
  expect(stdout).toMatch(/^tenants +22 B +- there +md5 \(weak\) +[0-9a-f]{32} /m);
  expect(stdout).toMatch(/^ledger +21 B +- there +sha256 +[0-9a-f]{64} /m);
});

test('says when it was made, of one that has just been made too', async () => {
  const {root, backups} = makePlace();
  const made = async (which: string) =>
    /^made .*$/m.exec((await magds(['backup', 'show', which, '--root', root])).stdout)?.[0];
  expect(await made(id)).toMatch(/ \(\S+ ago\)$/);
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '_').slice(0, 15);
  makeBackup({backups, id: stamp});
  expect(await made(stamp)).toMatch(/ \(just now\)$/);
});

test('as JSON', async () => {
  const {root, backups} = makePlace();
  const {code, stdout} = await magds(['backup', 'show', id, '--root', root, '--json']);
  expect(code).toBe(0);
  const [answer] = jsonLines(stdout);
  expect(answer).toMatchObject({
    command: 'backup:show',
    root,
    path: `${backups}/${id}`,
    id,
    state: 'complete',
    label: 'nightly',
    verification: {state: 'never', at: null},
    datasets: [
      {name: 'tenants', algorithm: 'md5', weak: true, bytes: 22, status: null, reason: null},
      {name: 'ledger', algorithm: 'sha256', weak: false, bytes: 21, reason: null},
    ],
  });
  expect(answer?.['digest']).toMatch(/^[0-9a-z:]{40,}$/);
});

test('says of each dataset what its last verification said, while that holds', async () => {
  const {root, built} = makePlace();
  const shown = async () => {
    const [text, json] = await Promise.all([
      magds(['backup', 'show', id, '--root', root]),
      magds(['backup', 'show', id, '--root', root, '--json']),
    ]);
    return {text: text.stdout, datasets: jsonLines(json.stdout)[0]?.['datasets']};
  };
  const copy = built.copy('ledger');
  const right = fs.readFileSync(copy);
  fs.writeFileSync(copy, Buffer.alloc(right.length, '?'));
  await magds(['backup', 'verify', '--id', id, '--root', root]);
  const failed = await shown();
  expect(failed.text).toMatch(/^tenants +22 B +\+ match +md5/m);
  expect(failed.text).toMatch(
    /^ledger +21 B +x mismatch: the copy is not what the manifest recorded +sha256/m,
  );
  expect(failed.datasets).toMatchObject([
    {name: 'tenants', status: 'match', reason: null},
    {
      name: 'ledger',
      status: 'mismatch',
      actual: phpHash('sha256', Buffer.alloc(right.length, '?')),
      reason: 'the copy is not what the manifest recorded',
    },
  ]);
  fs.writeFileSync(copy, right);
  await magds(['backup', 'verify', '--id', id, '--root', root]);
  expect((await shown()).datasets).toMatchObject([
    {status: 'match'},
    {status: 'match', actual: phpHash('sha256', right)},
  ]);
  fs.rmSync(copy);
  const gone = await shown();
  expect(gone.text).toMatch(/^ledger +- +x no copy: the copy is missing +sha256/m);
  expect(gone.datasets).toMatchObject([
    {status: null},
    {status: null, actual: null, reason: 'the copy is missing'},
  ]);
});

test('a manifest that cannot be read is shown as far as it goes, and is a failure', async () => {
  const {root, backups} = makePlace();
  const broken = makeBackup({backups, id: '20261122_100000', manifest: () => '{"id'});
  const text = await magds(['backup', 'show', broken.id, '--root', root]);
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(/^wrong +manifest\.json is cut short/m);
  const json = await magds(['backup', 'show', broken.id, '--root', root, '--json']);
  expect(json.code).toBe(1);
  expect(jsonLines(json.stdout)[0]).toMatchObject({state: 'unreadable', digest: null, datasets: []});
});

test('one that is not there is exit 10, none at all wrong usage', async () => {
  const {root} = makePlace();
  const missing = await magds(['backup', 'show', '20200101_000000', '--root', root]);
  expect(missing).toMatchObject({code: 10, stdout: ''});
  expect(missing.stderr).toContain('magds backup list');
  expect((await magds(['backup', 'show', '--root', root])).code).toBe(2);
});

test.each(['list', 'show', 'diff'])(
  '%s says where it is not compared with what is configured',
  async (word) => {
    const {root} = makePlace();
    const own = `${root}/storage/runbook/config.json`;
    fs.mkdirSync(`${root}/storage/runbook`);
    fs.writeFileSync(own, '{"version": 1,');
    const args = word === 'list' ? [word] : [word, 'latest'];
    const {stderr} = await magds(['backup', ...args, '--root', root]);
    expect(stderr).toContain(
      `! ${own}:1 is not valid JSON: the end, too early, column 15: what it configures is not known here. "magds config" shows it all.\n`,
    );
  },
);
