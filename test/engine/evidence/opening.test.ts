import {describe, expect, test} from 'vitest';
import {renderEvidence} from '../../../source/engine/evidence/render.ts';
import type {EvidenceRecord, EvidenceSession} from '../../../source/engine/evidence/schema.ts';
import {atLeast} from '../../../source/engine/evidence/sections/words.ts';
import {
  backup,
  context,
  goldenRecords,
  record,
  restored,
  session,
  verification,
} from '../../support/evidence-records.ts';

/** The points of a record's summary, by name. */
function points(given: EvidenceRecord): Record<string, string> {
  const [, summary = ''] = /\n## Summary\n([\s\S]*?)\n## /.exec(renderEvidence(given)) ?? [];
  const all = summary.split('\n- ').slice(1);
  return Object.fromEntries(
    all.map((each) => {
      const [, name = '', text = ''] = /^\*\*(.+?)\*\*:\s([\s\S]*)$/.exec(each) ?? [];
      return [name, text.replace(/\s+/g, ' ').trim()];
    }),
  );
}

const of = (change: Partial<EvidenceSession>) => points(record({session: session(change)}));
const {times, lines} = session();
const ofTimes = (change: Partial<EvidenceSession['times']>) => of({times: {...times, ...change}});
const line = (type: string, data: Record<string, unknown>, operator = 'alice') => ({
  sequence: 9,
  at: '2026-11-23T15:10:00.000Z',
  operator,
  type,
  data,
  previous: '',
});

test('it stands in the first thirty-three lines', () => {
  for (const [name, each] of Object.entries(goldenRecords)) {
    if (each.kind !== 'restore') continue;
    const end = renderEvidence(each).split('\n').indexOf('## Who, who authorised it, who looked at it');
    expect([name, end <= 34]).toEqual([name, true]);
  }
});

describe('times', () => {
  test('outage, and recovery from when it was noticed, else declared', () => {
    expect(of({})).toMatchObject({
      Outage:
        '1h03m [computed], bad since 2026-11-23 14:05:00Z [typed] to service back 2026-11-23 15:08:00Z [typed]',
      Recovery:
        '33m00s [computed], noticed 2026-11-23 14:35:00Z [typed] to service back; objective 1h00m: met',
    });
    expect(ofTimes({noticed: null})['Recovery']).toMatch(/^23m00s \[computed\], declared /);
  });

  test('is as long as the whole seconds that are shown are apart', () => {
    const times = {bad_since: '2026-11-23T14:05:00.900Z', service_back: '2026-11-23T14:09:10.100Z'};
    expect(ofTimes(times)['Outage']).toMatch(/^4m10s \[computed\], bad since .* 14:05:00Z .* 14:09:10Z/);
  });

  test('what is missing is named, and nothing is made of the rest', () => {
    expect(ofTimes({bad_since: null, noticed: null, declared: null, service_back: null})).toMatchObject({
      Outage: 'cannot be stated, bad since [not recorded] to service back [not recorded]',
      Recovery: 'cannot be stated, noticed or declared [not recorded] to service back [not recorded]',
    });
    expect(ofTimes({service_back: '2026-11-23T14:00:00.000Z'})['Outage']).toBe(
      'cannot be stated, service back 2026-11-23 14:00:00Z [typed] is before bad since 2026-11-23 14:05:00Z [typed]',
    );
  });
});

describe('what was lost', () => {
  test('for each dataset: good writes, and later ones', () => {
    expect(of({})).toMatchObject({
      'Data lost':
        '`tenants`, `ledger`: good writes: 46m39s, copy to bad since [computed]; later writes: 56m05s, bad since to switch [computed], good ones may be among them; `media_index`: none, not replaced [measured]',
    });
  });

  const lost = (modified: string | null, change: Partial<EvidenceSession['times']> = {}) =>
    of({
      restored: [restored('tenants', {before: modified === null ? null : {bytes: 1, hash: null, modified}})],
      times: {...times, ...change},
    });

  test.each([
    ['2026-11-23T13:18:21.000Z', '`tenants`: none, not written since the copy [measured]'],
    [
      '2026-11-23T13:18:22.000Z',
      '`tenants`: good writes: 46m39s, copy to bad since [computed]; later writes: none, not written since then [measured]',
    ],
    [
      null,
      '`tenants`: good writes: 46m39s, copy to bad since [computed]; later writes: 56m05s, bad since to switch [computed], good ones may be among them',
    ],
  ])('last written %s', (modified, due) => {
    expect(lost(modified)['Data lost']).toBe(due);
  });

  test('without a time it is not stated, and what it is at most is', () => {
    expect(lost('2026-11-23T14:00:00.000Z', {bad_since: null})['Data lost']).toBe(
      '`tenants`: cannot be stated, when things went bad is [not recorded]; both together at most 1h43m, copy to switch [computed]',
    );
  });

  test('what follows from a time that was counted back is about', () => {
    const since = {by: 'alice', at: '2026-11-23T14:50:00.000Z', typed: '45m ago'};
    const opened = line('opened', {badSince: times.bad_since, said: {badSince: since}});
    expect(of({lines: [opened]})).toMatchObject({
      Outage:
        'about 1h03m [computed], bad since about 2026-11-23 14:05:00Z [typed `45m ago`] to service back 2026-11-23 15:08:00Z [typed]',
      'Data lost':
        '`tenants`, `ledger`: good writes: about 46m39s, copy to bad since [computed]; later writes: about 56m05s, bad since to switch [computed], good ones may be among them; `media_index`: none, not replaced [measured]',
      'Why this copy': 'made about 46m39s before things went bad [computed]; newer copies: [not recorded]',
    });
    expect(renderEvidence(record({session: session({lines: [opened]})}))).toContain('Z, as `45m ago`]');
  });

  test('a copy from after things went bad holds the good ones', () => {
    expect(lost('2026-11-23T14:00:00.000Z', {bad_since: '2026-11-23T12:00:00.000Z'})['Data lost']).toBe(
      '`tenants`: good writes: none, the copy is from after things went bad [computed]; later writes: 1h43m, copy to switch [computed], good ones may be among them',
    );
  });

  test.each([
    [0.04, '1s'],
    [1.2, '2s'],
    [59.2, '1m00s'],
    [3599.1, '1h00m'],
    [3600, '1h00m'],
    [3600.1, '1h01m'],
    [7199, '2h00m'],
  ])('%d seconds are never less than that', (seconds, due) => expect(atLeast(seconds)).toBe(due));

  test('many datasets are counted', () => {
    const many = Array.from({length: 20_000}, (_, index) => restored(`file-${index}`));
    expect(of({restored: many})['Data lost']).toMatch(
      /^`file-0`, `file-1`, `file-2`, `file-3` and 19996 more: good writes: 46m39s, /,
    );
  });
});

describe('what changed, and where the old is', () => {
  test('those that were written; of the others whether they were looked at', () => {
    expect(of({})['Changed']).toBe(
      '`tenants`, `ledger`; left as they were: `media_index` (hashed: as the copy), `kernel_state` (not written, not hashed) [measured]',
    );
    const refused = restored('users', {action: 'refused', result: 'not restored'});
    expect(of({left_out: [], restored: [restored('tenants'), refused]})['Changed']).toBe(
      '`tenants`; left as they were: `users` (refused: not written) [measured]',
    );
    expect(of({left_out: [], restored: [restored('tenants')]})['Changed']).toBe(
      '`tenants`; nothing configured was left out [measured]',
    );
    expect(of({state: 'rolled-back'})['Changed']).toBe(
      'nothing, the live files are as they were before [measured]',
    );
    expect(of({state: 'stopped'})['Changed']).toBe('cannot be stated before it has come to its end');
    expect(of({drill: true})['Changed']).toBe('no live file, it is a drill [measured]');
    const many = Array.from({length: 9}, (_, index) => ({name: `left-${index}`, reason: 'not chosen'}));
    expect(of({left_out: many})['Changed']).toContain('`left-3` and 5 more (not written, not hashed)');
  });

  test('the safety backup, and until when', () => {
    const {safety} = session();
    const path = '`/srv/magmoboce/storage/runbook/safety/20261123_150103_safety`';
    expect(of({})['Overwritten data']).toBe(`${path}, until 2026-12-23 15:01:03Z [measured]`);
    expect(of({safety: safety && {...safety, until: null}})['Overwritten data']).toBe(
      `${path}, nothing removes it [measured]`,
    );
    expect(of({safety: safety && {...safety, kept: false}})['Overwritten data']).toBe(
      `**not there any more**, it was in ${path} [measured]`,
    );
    expect(of({safety: null})['Overwritten data']).toBe('**not kept**, no safety backup was made [measured]');
    const undone = [...lines, line('undone', {by: 8, kept: []})];
    expect(of({safety: null, closed: false, lines: undone})['Overwritten data']).toMatch(/^\*\*not kept/);
    expect(of({restored: [restored('x', {action: 'create', before: null})]})['Overwritten data']).toBe(
      undefined,
    );
  });

  test('without a safety backup, until it is signed off, beside the live ones', () => {
    const open = {closed: false, safety: null};
    expect(of(open)['Overwritten data']).toBe(
      'beside the live ones until it is signed off; no safety backup was made [measured]',
    );
    expect(renderEvidence(record({session: session(open)})).replace(/\s+/g, ' ')).toContain(
      'What the live files were before is beside the live ones until it is signed off.',
    );
    const database = {
      ...{dataset: 'shop', path: 'database "shop" on db:5432', name: 'shop', oid_before: 1, oid_after: 2},
      ...{aside: 'shop_before_7', saved: false, loaded: true, rows: null, ended: []},
    };
    expect(of({...open, databases: [database]})['Overwritten data']).toBe(
      'beside the live ones until it is signed off, databases as `shop_before_7`; no safety backup was made [measured]',
    );
    const {safety} = session();
    expect(of({closed: false, safety: safety && {...safety, kept: false}})['Overwritten data']).toBe(
      'beside the live ones until it is signed off; the safety backup is **not there any more**, it was in `/srv/magmoboce/storage/runbook/safety/20261123_150103_safety` [measured]',
    );
  });

  const table = (name: string, only_before: number | null, differ = 0, only_after = 0) => ({
    ...{name, before: 9, after: 9},
    ...{only_before, only_after, differ},
  });
  const rows = (change: Partial<NonNullable<EvidenceRecord['content']>[number]>) =>
    points(
      record({
        content: [{dataset: 'ledger', of: 'rows', tables: [], whole: true, reason: null, ...change}],
      }),
    )['Data lost']?.split('; rows: ')[1];

  test('rows that are in the old files only', () => {
    expect(rows({tables: [table('accounts', 7, 140), table('entries', 59)]})).toBe(
      '`ledger`: 66 rows only in what was live (`accounts` 7, `entries` 59), 140 rows with another value [measured]',
    );
    expect(rows({of: 'entries', tables: [table('', 0, 0, 175)]})).toBe(
      '`ledger`: none that was live, 175 entries only in the copy [measured]',
    );
    expect(rows({whole: false, tables: [table('accounts', 1)]})).toBe(
      '`ledger`: at least 1 row only in what was live (`accounts` 1) [measured]',
    );
    expect(rows({tables: [table('public.accounts', null)]})).toBe(
      '`ledger`: cannot be stated, only how many there were [measured]',
    );
    expect(rows({tables: [table('accounts', 7, 140), table('entries', null), table('x', null)]})).toBe(
      '`ledger`: at least 7 rows only in what was live (`accounts` 7), at least 140 rows with another value, 2 tables not compared [measured]',
    );
    expect(rows({tables: [table('accounts', 0), table('entries', null)]})).toBe(
      '`ledger`: none seen that was live, 1 table not compared [measured]',
    );
    expect(rows({reason: 'it is too large'})).toBe(
      '`ledger`: cannot be stated, [not recorded]: `it is too large`',
    );
    expect(points(record())['Data lost']).not.toContain('rows');
  });
});

describe('who closed it', () => {
  test('whoever began it is no second person', () => {
    const found = of({lines: [...lines, line('closed', {kept: []})]});
    expect(found['Who']).toBe(
      '`alice` from `10.0.0.2 51344`; closed by the operator `alice` at 2026-11-23 15:10:00Z [measured]',
    );
    expect(found['Open']).toContain('no second person approved that');
  });

  test('a name that was typed stands with it, and with the steps', () => {
    const steps = session().checklist.map((each) => ({...each, person: 'Kim Vogel'}));
    const named = line('closed', {kept: [], person: 'Kim Vogel'});
    expect(of({lines: [...lines, named]})['Who']).toContain(
      'closed by the operator `alice` (`Kim Vogel` [typed]) at 2026-11-23 15:10:00Z',
    );
    expect(renderEvidence(record({session: session({checklist: steps})}))).toMatch(
      /\| 4 +\| `service` +\| done \[typed\] +\| `alice`, `Kim Vogel` \[typed\] \|/,
    );
  });

  test('whose name is not recorded is said: of the session, and of the export', () => {
    const root = {login: 'root', uid: 0, shared_account: true};
    const at = '2026-11-23T15:01:02.000Z';
    const text = renderEvidence(
      record({
        session: session({context: context(at, {...root, person: 'Kim Vogel'})}),
        exported: context('2026-11-23T15:12:00.000Z', root),
      }),
    ).replace(/\s+/g, ' ');
    const [, began = '', exported = ''] = /\*\*Begun by\*\*(.*?)\*\*Exported by\*\*(.*?)## /.exec(text) ?? [];
    expect(began).toContain('**The person, as typed**: `Kim Vogel` [typed, not verified]');
    expect(exported).toContain('**The person, as typed**: [not recorded]: no name was typed');
  });

  test('somebody else signs it off', () => {
    const found = of({lines: [...lines, line('closed', {kept: []}, 'bob')]});
    expect(found['Who']).toContain('; signed off by `bob` at 2026-11-23 15:10:00Z, who did not begin it');
    expect(found['Verdict']).toBe('done; 4 of 4 steps done; no open exception [computed]');
    const byHand = session().checklist.map((each) =>
      each.id === 'verified' ? {...each, machine: false} : each,
    );
    expect(of({checklist: byHand})['Open']).toMatch(/^step `verified` answered by hand, not checked/);
  });

  test('nobody', () => {
    expect(of({closed: false})['Open']).toBe('not closed');
    expect(of({closed: false, lines: [...lines, line('undone', {by: 8, kept: []})]})['Who']).toContain(
      '**not closed**: undone by session 8',
    );
  });
});

describe('proof', () => {
  const manifest = (verified: unknown) =>
    line('manifest', {path: 'x', sha256: 'x', digest: null, notKept: null, verified});

  test('before is what was known when it was chosen, not what came later', () => {
    const all = [verification({at: '2026-11-23T15:04:00.000Z'}), verification()];
    const found = points(record({backups: [backup({verifications: all})]}));
    expect(found).toMatchObject({
      'Proof before': 'copies passed at 2026-11-23 13:30:00Z [measured]',
      'Proof at the switch':
        '2026-11-23 15:01:05Z, 4 live files: 2 as the manifest says, 1 removed, 1 unchanged [measured]',
      'Proof after': 'copies passed at 2026-11-23 15:04:00Z [measured]',
    });
    expect(of({lines: [...lines, manifest(null)]})['Proof before']).toBe(
      '**never verified** before the restore [measured]',
    );
    expect(
      of({lines: [...lines, manifest({at: '2026-11-23T15:00:00Z', result: 'failed', failed: ['x']})]})[
        'Proof before'
      ],
    ).toBe('copies **`failed`** at 2026-11-23 15:00:00Z [measured]');
  });

  test('of which nothing is known', () => {
    const none = record({
      backups: [backup({verifications: [], verified: null})],
      session: session({restored: [], checklist: []}),
    });
    expect(points(none)).toMatchObject({
      'Proof before': '[not recorded]',
      'Proof at the switch': '[not recorded]',
      'Proof after': '[not recorded]',
    });
  });
});
