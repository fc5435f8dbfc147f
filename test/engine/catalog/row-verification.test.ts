import fs from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {type Row, readRow} from '../../../source/engine/catalog/row.ts';
import {staleAfter} from '../../../source/engine/catalog/verification.ts';
import {type BackupOptions, type BuiltBackup, flipBit, makeBackup} from '../../support/backups.ts';
import {verifyBackup} from '../../support/verifying.ts';

const at = '2026-11-24T01:02:03+00:00';
const time = Date.parse(at);

beforeEach(() => {
  vi.useFakeTimers({toFake: ['Date'], now: time});
});
afterEach(() => {
  vi.useRealTimers();
});

const verification = ({backups, id}: BuiltBackup, now = time): Row['verification'] =>
  readRow(backups, id, now).verification;

async function verified(
  options?: BackupOptions,
  damage?: (backup: BuiltBackup) => void,
): Promise<BuiltBackup> {
  const backup = makeBackup(options);
  damage?.(backup);
  await verifyBackup(backup, {record: true});
  return backup;
}

const rewrite = (file: string, change: (text: string) => string) =>
  fs.writeFileSync(file, change(fs.readFileSync(file, 'utf8')));
const stale = (reason: string, changed = true) => ({state: 'stale', at, failed: [], reason, changed});
const pass = {state: 'verified', at, failed: [], reason: null, changed: false};

test('never', () => {
  expect(verification(makeBackup())).toEqual({
    state: 'never',
    at: null,
    failed: [],
    reason: null,
    changed: false,
  });
});

describe('verified', () => {
  test('by our pass', async () => {
    expect(verification(await verified())).toEqual(pass);
  });

  test.each([
    ['no metadata', (text: string) => text.replace(/,\s*"metadata": \{[^}]*\}/, '')],
    ['an empty list', (text: string) => text.replace(/"metadata": \{[^}]*\}/, '"metadata": []')],
    ['null', (text: string) => text.replace(/"metadata": \{[^}]*\}/, '"metadata": null')],
    ['a list', (text: string) => text.replace(/"metadata": \{[^}]*\}/, '"metadata": ["a"]')],
  ])('where metadata is %s', async (_, manifest) => {
    expect(verification(await verified({manifest}))).toEqual(pass);
  });

  test('up to the threshold, then stale', async () => {
    const backup = await verified();
    expect(verification(backup, time + staleAfter * 1000)).toEqual(pass);
    expect(verification(backup, time + staleAfter * 1000 + 1)).toEqual(
      stale('verified more than 7 days ago', false),
    );
  });

  test('still, once the tree moved as a whole', async () => {
    const backup = await verified({recordedRoot: 'here'});
    const moved = path.join(path.dirname(backup.backups), 'moved');
    fs.renameSync(backup.backups, moved);
    expect(verification({...backup, backups: moved})).toEqual(pass);
  });
});

describe('stale', () => {
  const copyChanged = "a copy's size or time changed since";
  const changes: [string, (backup: BuiltBackup) => void, string][] = [
    ['a copy grew', ({copy}) => fs.appendFileSync(copy('tenants'), 'x'), copyChanged],
    ['a copy was touched', ({copy}) => fs.utimesSync(copy('tenants'), 1, 1), copyChanged],
    ['a copy is gone', ({copy}) => fs.unlinkSync(copy('tenants')), copyChanged],
    [
      'the manifest was edited',
      ({manifestFile}) => rewrite(manifestFile, (text) => text.replace('"magdsdb"', '"other"')),
      'the manifest changed since',
    ],
  ];
  test.each(changes)('when %s', async (_, change, reason) => {
    const backup = await verified();
    change(backup);
    expect(verification(backup)).toEqual(stale(reason));
  });
});

describe('failed', () => {
  test('names the datasets', async () => {
    const backup = await verified({}, ({copy}) => flipBit(copy('ledger')));
    expect(verification(backup)).toEqual({
      state: 'failed',
      at,
      failed: ['ledger'],
      reason: 'ledger: mismatch',
      changed: false,
    });
  });

  test('stays so, however long ago', async () => {
    const backup = await verified({}, ({copy}) => fs.unlinkSync(copy('tenants')));
    expect(verification(backup, time + 1000 * staleAfter * 1000).state).toBe('failed');
  });

  test('stays so beside an older timestamp of PHP', async () => {
    const metadata = {last_verified_at: '2026-11-23T13:18:19+00:00'};
    const backup = await verified({metadata}, ({copy}) => flipBit(copy('ledger')));
    expect(verification(backup).state).toBe('failed');
  });

  test('ends with a pass', async () => {
    const backup = await verified({}, ({copy}) => flipBit(copy('ledger')));
    flipBit(backup.copy('ledger'));
    await verifyBackup(backup, {record: true});
    expect(verification(backup)).toEqual(pass);
  });
});

describe('checked, result unknown', () => {
  test("with only PHP's timestamp", () => {
    const last = '2026-11-23T13:18:19+00:00';
    expect(verification(makeBackup({metadata: {last_verified_at: last}}))).toEqual({
      state: 'unknown',
      at: last,
      failed: [],
      reason: null,
      changed: false,
    });
  });

  // PHP sets it after a mismatch too; as on another machine, the offset may differ.
  const last = '2026-11-24T00:02:04-01:00';
  const phpVerified = ({manifestFile}: BuiltBackup) =>
    rewrite(manifestFile, (text) =>
      /"last_verified_at"/.test(text)
        ? text.replace(/("last_verified_at": )"[^"]*"/, `$1"${last}"`)
        : text.replace('"connection"', `"last_verified_at": "${last}",\n        "connection"`),
    );

  test.each(['verified', 'failed'])(
    "with a timestamp of PHP newer than our '%s', which stands while all is as it was",
    async (state) => {
      const backup = await verified({}, ({copy}) => state === 'failed' && flipBit(copy('ledger')));
      const before = verification(backup);
      expect(before.state).toBe(state);
      phpVerified(backup);
      expect(verification(backup)).toEqual(before);
      fs.utimesSync(backup.copy('ledger'), 1, 1);
      expect(verification(backup)).toEqual({
        state: 'unknown',
        at: last,
        failed: [],
        reason: null,
        changed: false,
      });
    },
  );

  test('with a timestamp of PHP newer than our pass, and another manifest', async () => {
    const backup = await verified();
    phpVerified(backup);
    rewrite(backup.manifestFile, (text) => text.replace('"connection"', '"more": 1,\n        "connection"'));
    expect(verification(backup)).toMatchObject({state: 'unknown', at: last});
  });
});
