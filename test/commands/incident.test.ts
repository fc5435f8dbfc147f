import fs from 'node:fs';
import {expect, test} from 'vitest';
import {backupId, makeRestorable} from '../support/restores.ts';
import {jsonLines, magds} from '../support/run.ts';

test('what is said of the incident counts for the list and the restore, is told, and can be taken back', async () => {
  const {command, ask} = makeRestorable();
  expect(await command('incident')).toMatchObject({
    code: 0,
    stdout: '',
    stderr:
      '= Nothing is recorded of an incident. To say when things went wrong: magds incident --since=01:10\n',
  });
  const refused = await command('incident', '--since=tuesday', '--ticket=INC-7');
  expect(refused).toMatchObject({code: 2, stdout: ''});
  expect(refused.stderr).toContain('--since=tuesday: That is not a time.');
  const told = await command(
    'incident',
    '--since=2026-11-23 13:20',
    '--noticed=2026-11-23 13:00',
    '--ticket=INC-7',
  );
  expect(told.stdout).toMatch(
    /^bad since {6}2026-11-23 13:20Z {2}\(.*\)\nnoticed {8}2026-11-23 13:00Z {2}\(.*\)\nticket {9}INC-7 {2}\(.*\)\n$/,
  );
  expect(told.stderr).toBe(
    '! noticed (2026-11-23 13:00Z) is before bad since (2026-11-23 13:20Z): is that right? If not, give the right time; the last one counts\n',
  );
  const list = await command('backup', 'list');
  expect(list.stderr).toMatch(/^= bad since 2026-11-23 13:20Z \(.*\): as "magds incident" says\n/);
  expect(list.stdout).toContain('--- bad since 2026-11-23 13:20Z ---');
  await command('incident', '--since=2026-11-23 13:00', '--noticed=-');
  const plan = await ask('--dry-run');
  expect(plan.stderr).toMatch(
    /^= bad since 2026-11-23 13:00Z \(.*\); ticket INC-7 \(.*\): as "magds incident" says\n! .* is not from before/,
  );
  // A drill is for no incident.
  expect((await ask('--dry-run', '--into=/tmp/nowhere')).stderr).not.toContain('incident');
  expect(await command('incident', '--clear', '--title=x')).toMatchObject({code: 2});
  const [over] = jsonLines((await command('incident', '--clear', '--json')).stdout);
  expect(over).toMatchObject({command: 'incident', bad_since: null, ticket: null, doubts: []});
  expect((await command('backup', 'list')).stderr).not.toContain('incident');
});

test('a session takes over what was said, with when it was noticed', async () => {
  const {command, restore} = makeRestorable();
  await command(
    'incident',
    '--since=2026-11-23 13:20',
    '--noticed=2026-11-23 13:25',
    '--ticket=INC-7',
    '--authorised-by=emergency: no answer',
  );
  expect(await restore('--title=both')).toMatchObject({code: 0});
  const [shown] = jsonLines((await command('session', 'show', '1', '--json')).stdout);
  expect(shown).toMatchObject({
    id: backupId,
    ticket: 'INC-7',
    title: 'both',
    authorised_by: 'emergency: no answer',
    bad_since: '2026-11-23T13:20:00.000Z',
    times: {noticed: '2026-11-23T13:25:00.000Z', declared: null},
  });
});

test('how a time was typed that is counted back goes into the session of the restore', async () => {
  const {root} = makeRestorable();
  const call = (...args: string[]) => magds([...args, '--root', root]);
  expect(await call('incident', '--since=5h ago', '--ticket=INC-7')).toMatchObject({code: 0});
  expect(await call('restore', `--id=${backupId}`, `--yes=${backupId}`)).toMatchObject({code: 0});
  const record = fs.readFileSync(`${root}/storage/runbook/sessions/1/session.jsonl`, 'utf8');
  expect(JSON.parse(record.split('\n')[0] ?? '').data.said).toMatchObject({badSince: {typed: '5h ago'}});
});
