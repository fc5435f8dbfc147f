import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {expect, test} from 'vitest';
import {logText} from '../support/activity-states.ts';
import {key} from '../support/key-codes.ts';
import {magds} from '../support/run.ts';
import {good, makePlace, opened} from '../support/walking.ts';

test('what another process does shows while one looks; filtered, read whole, copied, left', async () => {
  const {root} = makePlace();
  const file = `${root}/storage/logs/audit.log`;
  const {keys, waitFor, screen, selected, raw, waitForExit} = await opened(root, ['--read-only']);
  keys('A');
  await waitFor(/There is no audit log: \S+audit\.log/);
  expect(await magds(['backup', 'verify', '--all', '--root', root])).toMatchObject({code: 0});
  await waitFor(/> \d\d:\d\d:\d\dZ +\+ backup\.verify_completed +20260104_010000.* passed/);

  fs.writeFileSync(`${root}/storage/backups/${good}/datasets/ledger.json`, 'flipped');
  expect(await magds(['backup', 'verify', '--all', '--root', root])).toMatchObject({code: 4});
  await waitFor(/x backup\.verify_failed .* ledger/);
  // It came above the line that is read.
  expect(selected()).toMatch(/\+ backup\.verify_completed .* passed/);

  keys('ff');
  await waitFor(/^ Backups and restores {2}magdb\.backup\.verify_failed/m);
  expect(screen().filter((line) => line.includes('verify_completed'))).toEqual([]);
  keys(key.enter);
  await waitFor(/magds > Backups > Activity > Event .*\n x backup\.verify_failed[\s\S]*"name": "ledger"/);
  keys(key.pageDown);
  await waitFor(/"created_at"/);
  keys('y');
  await waitFor(/Copied, if your terminal lets/);
  const line = fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .find((each) => each.includes('verify_failed'));
  expect(raw()).toContain(`\u001b]52;c;${Buffer.from(line ?? '').toString('base64')}`);
  keys(key.escape);
  await waitFor(/> \d\d:\d\d:\d\dZ +x backup\.verify_failed/);
  keys(key.escape);
  await waitFor((lines) => lines.filter((each) => each.includes('verify_completed')).length === 2);
  keys(`/!passed${key.enter}`);
  await waitFor(/ Backups and restores {2}\/!passed/);
  keys(key.escape);
  await waitFor((lines) => !lines.some((each) => each.includes('!passed')));
  keys(key.escape);
  await waitFor(/^ magds > Backups {2}/);
  keys('q');
  expect((await waitForExit()).exitCode).toBe(0);
});

test('L shows one backup, a all that the site does; hostile lines and a rotation harm nobody', async () => {
  const {root} = makePlace();
  const file = `${root}/storage/logs/audit.log`;
  fs.mkdirSync(`${root}/storage/logs`);
  const put = (...lines: string[]): string => lines.map((each) => `${each}\n`).join('');
  fs.writeFileSync(
    file,
    put(
      logText({payload: {id: good}}),
      logText({payload: {id: 'another'}}),
      logText({action: 'user.login', payload: {id: null}}),
      'magdb. \u001b[2J\u001b]0;owned\u0007',
    ),
  );
  const {keys, waitFor, raw} = await opened(root);
  keys('L');
  await waitFor(/> 11-23 11:59Z \+ backup\.verify_completed[\s\S]*-- 1 of 3 pass, .*the log begins there/);
  keys('b');
  await waitFor(/! not a line of an audit log\n.*another/);
  keys('a');
  await waitFor(/All actions of the site[\s\S]*\+ user\.login/);
  fs.renameSync(file, `${file}.1`);
  execFileSync('bash', ['-c', 'cat > "$0"', file], {input: put(logText({action: 'site.rotated'}))});
  await waitFor(/\+ site\.rotated/);
  keys('\u0014');
  await waitFor(/TO BE READ OUT, OR COPIED/);
  keys('x');
  await waitFor(/\+ site\.rotated/);
  expect(raw()).not.toContain('owned');
});
