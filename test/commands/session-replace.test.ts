import fs from 'node:fs';
import {expect, test} from 'vitest';
import {phpHash} from '../support/backups.ts';
import {backupId, makeRestorable, recordOf, summaryOf} from '../support/restores.ts';

test('a step that has an answer is answered anew with --replace only, and both stay in the record', async () => {
  const {root, restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  expect(await command('session', 'step', 'evidence', '--done', '--note=INC-4711')).toMatchObject({code: 0});
  const lines = recordOf(root, 1).length;
  for (const [step, args, was] of [
    ['evidence', ['--fail', '--note=the disk is full'], /done by [^ ]+, [^ ]+Z: INC-4711/],
    ['manifest', ['--done'], /done by machine, [^ ]+Z: 2 of 2 live files are what the manifest says/],
  ] as const) {
    const {code, stderr} = await command('session', 'step', step, ...args);
    expect({code, stderr}).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        new RegExp(
          `Step ${step} is answered already: ${was.source}\\. --replace replaces that; the record keeps both\\. Nothing was answered\\.`,
        ),
      ),
    });
  }
  expect(recordOf(root, 1)).toHaveLength(lines);
  const args = ['--fail', '--note=the disk is full', '--replace', '--json'];
  expect(summaryOf(await command('session', 'step', '3', ...args))).toMatchObject({
    steps: expect.arrayContaining([
      expect.objectContaining({
        id: 'evidence',
        answer: expect.objectContaining({state: 'failed', note: 'the disk is full'}),
        replaced: [expect.objectContaining({state: 'done', note: 'INC-4711'})],
      }),
    ]),
  });
  expect((await command('session', 'show')).stdout).toMatch(
    /\n {2}x 3 evidence: .*: failed by .*: the disk is full\n {6}= replaced: done by .*: INC-4711\n/,
  );
});

test('a machine does not answer anew either without it', async () => {
  const {restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  expect(await command('session', 'step', 'verified')).toMatchObject({code: 0});
  const again = await command('session', 'step', 'verified');
  expect({code: again.code, stdout: again.stdout}).toEqual({code: 1, stdout: ''});
  expect(again.stderr).toMatch(/answered already: done by machine, .*: 2 of 2 copies match\. --replace/);
  expect(await command('session', 'step', 'verified', '--replace')).toMatchObject({code: 0});
});

test('a copy that was changed together with its manifest is not what was restored', async () => {
  const {backups, restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const directory = `${backups}/${backupId}`;
  const copy = fs.readFileSync(`${directory}/datasets/tenants.json`);
  const other = Buffer.from('{"t":"forged"}\n');
  fs.writeFileSync(`${directory}/datasets/tenants.json`, other);
  const manifest = fs.readFileSync(`${directory}/manifest.json`, 'utf8');
  const forged = manifest.replace(phpHash('sha256', copy), phpHash('sha256', other));
  expect(forged).not.toBe(manifest);
  fs.writeFileSync(`${directory}/manifest.json`, forged);
  const said = 'tenants (not what was restored: the backup was changed since)';
  expect(await command('session', 'step', 'verified')).toMatchObject({
    code: 4,
    stdout: expect.stringContaining(`x verified: failed: 1 of 2 copies match: ${said}\n`),
  });
  expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
  // A safety backup has an algorithm of its own, and is not in the catalog.
  expect(await command('session', 'step', 'verified', '--session=2')).toMatchObject({code: 0});
  expect(await restore('--only=tenants')).toMatchObject({code: 0});
  expect(await command('session', 'step', 'verified', '--session=3')).toMatchObject({code: 0});
  fs.writeFileSync(`${directory}/datasets/tenants.json`, copy);
  fs.writeFileSync(`${directory}/manifest.json`, manifest);
  expect(await command('session', 'step', 'verified', '--session=3', '--replace')).toMatchObject({
    code: 4,
    stdout: expect.stringContaining(
      `x verified: failed: 0 of 1 restored copy matches: ${said}; the other 1 of that backup too\n`,
    ),
  });
});
