import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import {afterEach, expect, test, vi} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {environment, node, program} from '../support/program.ts';
import {magds} from '../support/run.ts';

const megabyte = 1024 ** 2;
let root: string;
let ended = (): void => {};
afterEach(() => ended());

/** Backups whose manifests take long to read: one large file with many names. */
function makeHeavy(count: number): void {
  const made = makeRoot();
  root = made.root;
  const {directory} = makeBackup({backups: made.backups, label: 'first'});
  const manifest = path.join(directory, 'manifest.json');
  fs.writeFileSync(manifest, `{"id": "x", "datasets": {"a": {"hash": "${'a'.repeat(15 * megabyte)}"}}}`);
  for (let number = 0; number < count; number++) {
    const other = path.join(made.backups, `20260101_0000${String(number).padStart(2, '0')}`);
    fs.mkdirSync(other);
    fs.linkSync(manifest, path.join(other, 'manifest.json'));
  }
}

test.each([
  ['SIGTERM', ['backup', 'list']],
  ['SIGHUP', ['backup', 'list', '--json']],
  ['SIGINT', ['doctor']],
] as const)(
  '%s ends what only looks at once, also while it reads (%j)',
  async (signal, args) => {
    makeHeavy(59);
    const child = spawn(node, [program, ...args, '--root', root], {env: environment, stdio: 'ignore'});
    ended = () => child.kill('SIGKILL');
    const end = once(child, 'exit');
    // In the middle: the program itself is a tenth of it.
    await vi.waitFor(
      () => {
        const read = /^rchar: (\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/io`, 'utf8'))?.[1];
        expect(Number(read)).toBeGreaterThan(20 * megabyte);
      },
      {timeout: 60_000, interval: 5},
    );
    child.kill(signal);
    expect(await end).toEqual([null, signal]);
  },
  120_000,
);

test('links that lead up again are not followed', async () => {
  const made = makeRoot();
  const {directory} = makeBackup({backups: made.backups});
  // Three at each level: what follows them sees 3^40 names.
  for (const name of ['a', 'b', 'c']) fs.symlinkSync('../../..', path.join(directory, 'datasets', name));
  const {stdout} = await magds(['doctor', '--json', '--root', made.root]);
  const {checks} = JSON.parse(stdout) as {checks: {id: string; state: string}[]};
  expect(checks.find(({id}) => id === 'backups')).toMatchObject({state: 'ok'});
}, 60_000);
