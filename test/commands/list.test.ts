import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const older = '20261122_100000';
const newer = '20261123_100000_nightly';

function makePlace() {
  const {root, backups} = makeRoot();
  const first = makeBackup({backups, id: newer, label: 'nightly'});
  makeBackup({backups, id: older, manifest: () => null});
  fs.writeFileSync(`${backups}/README.txt`, 'by somebody');
  return {root, backups, first};
}

test('says of each backup, newest first, what is known, and warns of what PHP takes for one', async () => {
  const {root, backups} = makePlace();
  const {code, stdout, stderr} = await magds(['backup', 'list', '--root', root]);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toBe(backups);
  expect(lines[1]).toMatch(/^BACKUP \(UTC\) +AGE +tenants +ledger +VERIFIED$/);
  expect(lines[2]).toMatch(/^20261123_100000_nightly +\S+ +\? 1 +\? 1 +never$/);
  expect(lines[3]).toMatch(/^20261122_100000 +\S+ +- may still be running$/);
  expect(lines[4]).toMatch(/^- 20261122_100000: cut off before its end.*may still be running$/);
  expect(stderr).toMatch(/^! README\.txt: not a directory\. .*retention/);
});

test('JSON has the one shape that scripts rely on', async () => {
  const {root, first} = makePlace();
  const bytes = fs.statSync(first.copy('tenants')).size + fs.statSync(first.copy('ledger')).size;
  const {code, stdout, stderr} = await magds(['backup', 'list', '--root', root, '--json']);
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  const verification = {state: 'never', at: null};
  const unknown = {database: null, inside: null, live: null, partial: null, reason: null, torn: false};
  expect(jsonLines(stdout)).toEqual([
    {
      command: 'backup:list',
      root,
      safety_backups: [],
      strays: ['README.txt'],
      backups: [
        {
          id: newer,
          state: 'complete',
          label: 'nightly',
          created_at: '2026-11-23T10:00:00+00:00',
          datasets: 2,
          lacks: null,
          bytes,
          verification,
          pinned: false,
          reason: null,
          broken_inside: [],
          partial: [],
          pin: null,
          copies: [
            {dataset: 'tenants', state: 'unchecked', version: 1, ...unknown},
            {dataset: 'ledger', state: 'unchecked', version: 1, ...unknown},
          ],
        },
        {
          id: older,
          state: 'interrupted',
          label: null,
          created_at: null,
          datasets: 0,
          lacks: null,
          bytes: 0,
          verification,
          pinned: false,
          reason: expect.stringMatching(/^cut off before its end/) as string,
          broken_inside: [],
          partial: [],
          pin: null,
          copies: [],
        },
      ],
    },
  ]);
});

test('nothing to list is no failure, and says which of the two nothings it is', async () => {
  const {root, backups} = makeRoot();
  const empty = await magds(['backup', 'list', '--root', root]);
  expect(empty).toMatchObject({code: 0, stdout: ''});
  expect(empty.stderr).toContain('holds no backups');
  fs.mkdirSync(`${root}/config/base`, {recursive: true});
  fs.writeFileSync(`${root}/config/base/magds.php`, '<?php');
  fs.rmdirSync(backups);
  expect((await magds(['backup', 'list', '--root', root])).stderr).toContain('does not exist yet');
  const json = await magds(['backup', 'list', '--root', root, '--json']);
  expect(jsonLines(json.stdout)[0]).toMatchObject({backups: [], strays: []});
});

describe('the place', () => {
  test('is found upwards from where one is', async () => {
    const {root} = makePlace();
    fs.mkdirSync(`${root}/storage/data/deep`, {recursive: true});
    const {stdout} = await magds(['backup', 'list', '--json'], {cwd: `${root}/storage/data/deep`});
    expect(jsonLines(stdout)[0]?.['root']).toBe(root);
  });

  test('may be a bare directory of backups, which has no root', async () => {
    const {backups} = makePlace();
    const {code, stdout} = await magds(['backup', 'list', '--json', '--backups', backups]);
    expect(code).toBe(0);
    expect(jsonLines(stdout)[0]).toMatchObject({root: null, backups: [{id: newer}, {id: older}]});
  });

  test('that is not there is exit 10, with the way on', async () => {
    const nowhere = temporaryDirectory();
    const elsewhere = await magds(['backup', 'list'], {cwd: nowhere});
    expect(elsewhere).toMatchObject({code: 10, stdout: ''});
    expect(elsewhere.stderr).toContain('--root DIR');
    expect((await magds(['backup', 'list', '--root', `${nowhere}/no`])).code).toBe(10);
    expect((await magds(['backup', 'list', '--root', nowhere])).code).toBe(10);
    expect((await magds(['backup', 'list', '--backups', `${nowhere}/no`])).code).toBe(10);
  });

  test('cannot be two', async () => {
    const {root, backups} = makePlace();
    expect((await magds(['backup', 'list', '--root', root, '--backups', backups])).code).toBe(2);
  });
});

describe('--bad-since', () => {
  const ids = ['20261121_100000', '20261122_100000', '20261123_100000'] as const;

  /** Three backups, the first of them verified. */
  async function makeThree() {
    const {root, backups} = makeRoot();
    for (const id of ids) makeBackup({backups, id});
    await magds(['backup', 'verify', `--id=${ids[0]}`, '--root', root]);
    const list = (...args: string[]) => magds(['backup', 'list', '--root', root, ...args]);
    return {root, list};
  }

  test('draws the line, and suggests the newest verified backup before it', async () => {
    const {list} = await makeThree();
    const {code, stdout, stderr} = await list('--bad-since=2026-11-22 10:00');
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    const lines = stdout.trimEnd().split('\n');
    expect(lines[3]).toMatch(/^20261122_100000 .*\? 1 +never$/);
    expect(lines[4]).toBe('--- bad since 2026-11-22 10:00Z ---');
    expect(lines[5]).toMatch(/^20261121_100000 .*\+ 1 \* +\+ 1 \* +just now$/);
  });

  test('says what to verify where none is', async () => {
    const {root, list} = await makeThree();
    fs.rmSync(`${root}/storage/backups/${ids[0]}`, {recursive: true});
    const some = await list('--bad-since=2026-11-23 10:00Z');
    expect(some.stdout).not.toContain('newest verified');
    expect(some.stderr).toBe(
      `? None before 2026-11-23 10:00Z is verified yet: magds backup verify --id=${ids[1]}\n`,
    );
    const none = await list('--bad-since=2026-11-20 10:00Z');
    expect(none.stdout.trimEnd().split('\n').at(-1)).toBe('--- bad since 2026-11-20 10:00Z ---');
    expect(none.stderr).toBe('? No whole backup is from before 2026-11-20 10:00Z.\n');
  });

  test('is in the JSON', async () => {
    const {list} = await makeThree();
    const [told] = jsonLines((await list('--json', '--bad-since=2026-11-22T10:00Z')).stdout);
    expect(told).toMatchObject({bad_since: '2026-11-22T10:00:00.000Z', suggested: ids[0]});
    const [none] = jsonLines((await list('--json', '--bad-since=2026-11-21T10:00Z')).stdout);
    expect(none).toMatchObject({bad_since: '2026-11-21T10:00:00.000Z', suggested: null});
  });

  test('what is no time is wrong usage, and says what would be one', async () => {
    const {list} = await makeThree();
    const {code, stdout, stderr} = await list('--bad-since=tuesday');
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
    expect(stderr).toMatch(/^magds: --bad-since=tuesday: That is not a time\. Give a time like 01:10, /);
  });
});
