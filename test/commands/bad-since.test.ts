import {expect, test} from 'vitest';
import {backupId, makeRestorable} from '../support/restores.ts';
import {jsonLines} from '../support/run.ts';

test('a restore records when things went wrong, and warns of a backup that is not from before', async () => {
  const {restore, command, holds, contents} = makeRestorable();
  const refused = await restore('--bad-since=tuesday');
  expect(refused).toMatchObject({code: 2, stdout: ''});
  expect(refused.stderr).toMatch(/^magds: --bad-since=tuesday: That is not a time\./);
  expect(holds('tenants')).toBe(contents['tenants']?.live);
  const done = await restore('--bad-since=2026-11-23 13:00');
  expect(done).toMatchObject({
    code: 0,
    stderr: `! ${backupId} is not from before 2026-11-23 13:00Z, and may hold the damage.\n`,
  });
  const [json] = jsonLines((await command('session', 'show', '1', '--json')).stdout);
  expect(json).toMatchObject({bad_since: '2026-11-23T13:00:00.000Z'});
  const shown = await command('session', 'show', '1');
  // What a plan holds is pages of JSON: none of it hides the checklist.
  expect(shown.stdout.length).toBeLessThan(6000);
  expect(shown.stdout).toMatch(/^ {2}\S+Z {2}.* {2}plan {2}\{.{159} …$/m);
  expect(shown.stdout).toMatch(/^bad since {2}2026-11-23T13:00:00\.000Z$/m);
});

test('a backup of before is restored without a word, and without the flag nothing is recorded', async () => {
  const {restore, command} = makeRestorable();
  expect(await restore('--bad-since=2026-11-23 13:20')).toMatchObject({code: 0, stderr: ''});
  const {command: another, restore: restoreThere} = makeRestorable();
  await restoreThere();
  const [first] = jsonLines((await command('session', 'show', '1', '--json')).stdout);
  const [second] = jsonLines((await another('session', 'show', '1', '--json')).stdout);
  expect([first?.['bad_since'], second?.['bad_since']]).toEqual(['2026-11-23T13:20:00.000Z', null]);
});
