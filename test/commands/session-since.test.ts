import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeRestorable} from '../support/restores.ts';
import {jsonLines} from '../support/run.ts';

/** A restore that is done, and what `session show` says of it from its checklist's end to its record. */
async function makeDone() {
  const place = makeRestorable();
  expect(await place.restore()).toMatchObject({code: 0});
  const show = async (...args: string[]) => {
    const {code, stdout, stderr} = await place.command('session', 'show', '1', ...args);
    const [, since = ''] = /: open\n\n([\s\S]*)$/.exec(stdout) ?? [];
    return {code, since, stderr};
  };
  return {...place, show};
}

test('says which of the restored files have changed since, without reading them', async () => {
  const {live, show, command} = await makeDone();
  fs.appendFileSync(live('ledger'), 'written');
  expect(await show()).toEqual({
    code: 0,
    since:
      'Since the restore (by inode, size and time)\n  = tenants: as restored\n  ! ledger: changed since the restore: expected once the service runs\n',
    stderr: '',
  });
  const [json] = jsonLines((await command('session', 'show', '1', '--json')).stdout);
  expect(json).toMatchObject({
    since: [
      {dataset: 'tenants', state: 'as restored', reason: null},
      {dataset: 'ledger', state: 'changed', reason: null},
    ],
    live: null,
  });
});

test('--live hashes them, and compares with the hash at the switch', async () => {
  const {live, show, command, close} = await makeDone();
  const same = await show('--live');
  expect(same.code).toBe(0);
  expect(same.since).toMatch(
    /^Since .*\n {2}= tenants, ledger: as restored\n\nLive files, hashed again\n {2}= tenants: sha256 [0-9a-f]{64}, as at the switch\n {2}= ledger: sha256 [0-9a-f]{64}, as at the switch\n$/,
  );
  // Touched only: by its time it has changed, by its bytes it has not.
  fs.utimesSync(live('tenants'), 1, 1);
  fs.appendFileSync(live('ledger'), 'written');
  const changed = await show('--live');
  expect(changed.code).toBe(4);
  expect(changed.since).toMatch(
    /! tenants, ledger: changed since[\s\S]*= tenants: sha256 .*, as at the switch\n {2}! ledger: sha256 [0-9a-f]{64} now, [0-9a-f]{64} at the switch\n$/,
  );
  fs.rmSync(live('ledger'));
  expect((await show('--live')).since).toMatch(
    /! ledger: gone \(.*ledger\.json\), [0-9a-f]{64} at the switch\n$/,
  );
  expect(await close(1)).toMatchObject({code: 0});
  const {code, stdout} = await command('session', 'show', '1', '--live', '--json');
  expect({code, json: jsonLines(stdout)[0]}).toMatchObject({
    code: 4,
    json: {
      since: [],
      live: [
        {dataset: 'tenants', state: 'same', algorithm: 'sha256', before_from: 'switch', reason: null},
        {dataset: 'ledger', state: 'changed', now: null, reason: expect.any(String)},
      ],
    },
  });
});

test('--live takes the manifest where the record does not say, and looks nowhere for a session that may be forged', async () => {
  const {state, show, command} = await makeDone();
  const file = state('sessions/1/session.jsonl');
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  fs.writeFileSync(file, lines.filter((line) => !line.includes('"type":"switched"')).join('\n'));
  expect((await show('--live')).since).toContain(
    ', as in the manifest; the record does not say what it was at the switch\n',
  );
  fs.chmodSync(state('sessions/1/journal.json'), 0o666);
  const {code, stderr} = await command('session', 'show', '1', '--live');
  expect({code, stderr}).toEqual({
    code: 1,
    stderr: expect.stringContaining('Session 1 is ignored'),
  });
});
