import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeRestorable, summaryOf, twoContents} from '../support/restores.ts';

test('a plan says which session is open, with whom, and what it has restored of the same', async () => {
  const contents = {...twoContents, media: {copy: 'saved', live: 'live'}};
  const {ask, restore, close, command, live} = makeRestorable({contents});
  const plan = async (...args: string[]) => (await ask('--dry-run', ...args)).stdout;
  const jsonPlan = async (only: string) =>
    summaryOf(await ask('--dry-run', '--json', `--only=${only}`))['open_sessions'];
  expect(await plan()).not.toContain('Session');
  expect(await restore('--only=tenants,ledger', '--operator=Olaf Lund')).toMatchObject({
    code: 0,
    stdout: expect.not.stringContaining('Session: '),
  });
  // What is as the backup holds it would not be changed.
  expect(await plan('--only=ledger')).not.toContain('Session');
  expect(await plan('--only=media')).toMatch(
    /^ {4}Session: 1, with \S+ \(Olaf Lund, typed\), is open; it has restored none of these$/m,
  );
  expect((await command('restore', '--undo=1', '--dry-run')).stdout).not.toContain('Session: ');
  fs.writeFileSync(live('ledger'), 'written since');
  const said =
    /^ {2}! Session: 1, with \S+ \(Olaf Lund, typed\), is open and has restored ledger: its checks and its undo are about what is live now$/m;
  expect(await plan('--only=ledger,media')).toMatch(said);
  const who = {session: 1, operator: expect.any(String), person: 'Olaf Lund'};
  expect(await jsonPlan('ledger,media')).toEqual([{...who, restored: ['ledger']}]);
  expect(await jsonPlan('media')).toEqual([{...who, restored: []}]);
  // Also where no one is asked any more.
  expect(await restore('--only=ledger')).toMatchObject({code: 0, stdout: expect.stringMatching(said)});
  for (const session of [1, 2]) expect(await close(session)).toMatchObject({code: 0});
  expect(await plan('--only=media')).not.toContain('Session');
});
