import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {beforeEach, describe, expect, test} from 'vitest';
import {makeRoot, phpHash} from '../support/backups.ts';
import {canTrace, isRoot} from '../support/faults.ts';
import {litterOf} from '../support/restore-root.ts';
import {type Begun, beginRestore, endOf, phaseOf, runRunner} from '../support/restore-runner.ts';
import {magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const long = 60_000;
/** More than are synced one by one. */
const count = 90;
const names = Array.from({length: count}, (_, index) => `${index % 3}/${Math.floor(index / 3)}.json`);
let root: string;
let id: string;
let begun: Begun;
const live = (name: string): string => path.join(root, 'storage/data/media', name);
const contents = (): string[] => names.map((name) => fs.readFileSync(live(name), 'utf8'));

/** `sync` as the program finds it, which writes down what it was asked, and in which phase. */
function syncOf(script: string): {env: Record<string, string>; said: () => string[]} {
  const bin = temporaryDirectory();
  const log = path.join(bin, 'log');
  const journal = path.join(root, 'storage/runbook/sessions/1/journal.json');
  const phase = `$(grep -o '"phase":"[a-z]*"' '${journal}')`;
  fs.writeFileSync(path.join(bin, 'sync'), `#!/bin/sh\necho "$1 ${phase}" >>'${log}'\n${script}\n`, {
    mode: 0o755,
  });
  return {
    env: {PATH: `${bin}:${process.env['PATH']}`},
    said: () => fs.readFileSync(log, 'utf8').trim().split('\n'),
  };
}

beforeEach(async () => {
  root = makeRoot().root;
  for (const name of names) {
    fs.mkdirSync(path.dirname(live(name)), {recursive: true});
    fs.writeFileSync(live(name), `as it was: ${name}`);
  }
  const datasets = [{name: 'media', source: 'storage/data/media', type: 'directory'}];
  fs.mkdirSync(path.join(root, 'storage/runbook'), {mode: 0o755});
  fs.writeFileSync(
    path.join(root, 'storage/runbook/config.json'),
    JSON.stringify({version: 1, backup: {datasets}}),
  );
  expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0, stderr: ''});
  [id = ''] = fs.readdirSync(path.join(root, 'storage/backups'));
  for (const [index, name] of names.entries()) {
    fs.writeFileSync(live(name), `as it is now: ${name}`);
    fs.chmodSync(live(name), [0o640, 0o600, 0o664][index % 3] as number);
    if (isRoot) fs.chownSync(live(name), 1000 + index, 2000);
  }
  execFileSync('setfattr', ['-n', 'user.note', '-v', 'kept', live('1/7.json')]);
  // One file under two names is two files once it is restored.
  fs.rmSync(live('0/1.json'));
  fs.linkSync(live('0/0.json'), live('0/1.json'));
  begun = await beginRestore({root, id}, {safety: true, breakLinks: true});
}, long);

describe.skipIf(!canTrace)('a restore of many files (needs strace)', () => {
  test('makes them durable at once, before it switches', {timeout: long}, async () => {
    const {env, said} = syncOf('exec /bin/sync "$@"');
    const before = names.map((name) => fs.statSync(live(name)));
    const {calls} = await runRunner(begun, {calls: ['fsync'], env});
    expect((await endOf(begun)).finished).toMatchObject({outcome: 'done', beware: []});
    expect(contents()).toEqual(names.map((name) => `as it was: ${name}`));
    expect(names.map((name) => fs.statSync(live(name))).map(({mode, uid, gid}) => [mode, uid, gid])).toEqual(
      before.map(({mode, uid, gid}) => [mode, uid, gid]),
    );
    expect(new Set(names.map((name) => fs.statSync(live(name)).ino)).size).toBe(count);
    const attributes = execFileSync('getfattr', ['--absolute-names', '-n', 'user.note', live('1/7.json')]);
    expect(String(attributes)).toContain('user.note="kept"');
    // Of what is saved, and of what is staged.
    expect(said()).toEqual(['-f "phase":"prepare"', '-f "phase":"prepare"']);
    expect(calls.length).toBeLessThan(count);
  });

  test('asks the system no more for each of them than it has to', {timeout: long}, async () => {
    const counted = ['statx', 'openat', 'pread64', 'fsync'] as const;
    const {calls} = await runRunner(begun, {calls: [...counted]});
    expect((await endOf(begun)).finished).toMatchObject({outcome: 'done'});
    // Saved, staged and proved: each time opened and read to its end. Where its directory is open it is not walked to.
    const most = {statx: 25, openat: 6, pread64: 3, fsync: 0};
    for (const call of counted) {
      const about = calls.filter((each) => each.call === call && /\/\.?\d+\.json/.test(each.text));
      expect(about.length / count, call).toBeLessThanOrEqual(most[call]);
    }
  });

  test('saves them so that they can be verified', {timeout: long}, async () => {
    await runRunner(begun, {calls: ['fsync']});
    const [safety = ''] = fs.readdirSync(path.join(root, 'storage/runbook/safety'));
    const directory = path.join(root, 'storage/runbook/safety', safety);
    execFileSync('sha256sum', ['--quiet', '-c', 'SHA256SUMS'], {cwd: directory});
    const {datasets} = JSON.parse(fs.readFileSync(path.join(directory, 'manifest.json'), 'utf8'));
    expect(Object.keys(datasets).toSorted()).toEqual(names.map((name) => `media/${name}`).toSorted());
    expect(datasets['media/2/5.json'].hash).toBe(phpHash('sha256', 'as it is now: 2/5.json'));
    // One for each of theirs.
    expect(fs.readdirSync(path.join(directory, 'datasets'))).toHaveLength(3);
  });

  test.each([1, 2])('sync number %i fails: nothing is restored', {timeout: long}, async (which) => {
    const now = contents();
    const mark = path.join(temporaryDirectory(), 'mark');
    const fail = 'echo "sync: error syncing \'/\': Input/output error" >&2; exit 1';
    const {env, said} = syncOf(
      which === 1 ? fail : `[ -e '${mark}' ] && { ${fail}; }\ntouch '${mark}'; exec /bin/sync "$@"`,
    );
    await runRunner(begun, {calls: ['fsync'], env});
    const {finished} = await endOf(begun);
    expect(finished).toMatchObject({outcome: 'refused'});
    expect(finished.reason).toMatch(/may not be on the disk: sync: error syncing/);
    expect(said()).toHaveLength(which);
    expect(contents()).toEqual(now);
    expect(phaseOf(begun)).toBe('rolled-back');
    expect(litterOf(root)).toEqual([]);
  });

  test('where there is no such sync each is synced for itself', {timeout: long}, async () => {
    const {env} = syncOf('echo "sync: invalid option -- \'f\'" >&2; exit 1');
    const {calls} = await runRunner(begun, {calls: ['fsync'], env});
    expect((await endOf(begun)).finished).toMatchObject({outcome: 'done'});
    expect(calls.length).toBeGreaterThan(2 * count);
  });
});
