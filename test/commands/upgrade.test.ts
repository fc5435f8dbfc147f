import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {node, program} from '../support/program.ts';
import {execute, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

type Entry = {mode: string; text?: string};

/** What 0.1.0 left in /srv/shop: a backup, verified and held, and a restore from it that is not signed off. */
const state = JSON.parse(
  fs.readFileSync(path.resolve(import.meta.dirname, '../engine/storage/states/0.1.0.json'), 'utf8'),
) as Record<string, Entry>;
const id = '20261129_145412_nightly';

/** That tree, laid somewhere else. */
function lay(): string {
  const root = temporaryDirectory();
  for (const [name, {mode, text}] of Object.entries(state)) {
    const file = path.join(root, name);
    fs.mkdirSync(path.dirname(file), {recursive: true});
    if (text === undefined) fs.mkdirSync(file, {recursive: true});
    else fs.writeFileSync(file, text, 'latin1');
    fs.chmodSync(file, Number.parseInt(mode, 8));
  }
  return root;
}

/** All that a tree holds, but for what writers lock. */
const contents = (root: string): Record<string, string> =>
  Object.fromEntries(
    fs
      .readdirSync(root, {recursive: true, withFileTypes: true})
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [path.relative(root, file), fs.readFileSync(file, 'latin1')]),
  );

test('what 0.1.0 has written is read', async () => {
  const root = lay();
  const run = (...words: string[]) => magds([...words, '--root', root], {env: {MOBO_ENV: 'production'}});
  const list = await run('backup', 'list', '--json');
  expect(list).toMatchObject({code: 0, stderr: ''});
  expect(list.stdout).toContain(id);
  expect(await run('session', 'list')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('NOT SIGNED OFF') as string,
  });
  expect(await run('session', 'show', '1')).toMatchObject({code: 0, stderr: ''});
  expect(await run('backup', 'verify', '--all')).toMatchObject({code: 0});
});

/** A restore is about the tree where it was made: that has to lie where it lay. */
test.skipIf(process.getuid?.() !== 0)('a restore that 0.1.0 made is undone (needs root)', async () => {
  const root = lay();
  const calls = [
    `restore --undo=1 --yes=1 && grep -q bad storage/data/tenants.json`,
    `backup unpin ${id}`,
    'session list',
  ].map((words) => `'${node}' '${program}' ${words}`);
  const script = `mount -t tmpfs tmpfs /srv && cp -a '${root}' /srv/shop && cd /srv/shop && ${calls.join(' && ')}`;
  const outcome = await execute('unshare', ['--mount', 'sh', '-c', script], {env: {MOBO_ENV: 'production'}});
  expect(outcome).toMatchObject({code: 0, stderr: ''});
  expect(outcome.stdout).toContain('+ Undone, session 2.');
  expect(outcome.stdout).toMatch(/^2 .* done, NOT SIGNED OFF/m);
});

test('a state that a later version keeps otherwise is refused, and left as it is', async () => {
  const root = lay();
  fs.writeFileSync(`${root}/storage/runbook/version`, '2\n');
  const before = contents(root);
  for (const words of [
    ['backup', 'list'],
    ['backup', 'run'],
    ['backup', 'pin', id, '--reason=x'],
    ['backup', 'verify', id],
    ['session', 'list'],
    ['restore', `--id=${id}`, `--yes=${id}`],
    ['restore', '--undo=1', '--yes=1'],
    ['evidence', 'export'],
  ]) {
    const {code, stderr} = await magds([...words, '--root', root], {env: {MOBO_ENV: 'production'}});
    expect({words, code, stderr}).toEqual({
      words,
      code: 1,
      stderr: expect.stringContaining(
        'storage/runbook/version says "2", and this program knows "1"',
      ) as string,
    });
  }
  expect(contents(root)).toEqual(before);
});
