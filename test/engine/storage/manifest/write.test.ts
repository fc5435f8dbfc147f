import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parseManifest} from '../../../../source/engine/storage/manifest/read.ts';
import {
  type MadeBackup,
  type MadeCopy,
  manifestText,
} from '../../../../source/engine/storage/manifest/write.ts';
import {anyKey, anyText} from '../../../support/arbitraries.ts';

const copy = (name: string, changes: Partial<MadeCopy> = {}): MadeCopy => ({
  name,
  source: `/srv/magmoboce/storage/data/${name}.json`,
  at: ['datasets', `${name}.json`],
  hash: 'ab'.repeat(32),
  bytes: 1234,
  attributes: {mode: '0640', uid: 33, gid: 1000, mtime: '2026-11-23T13:00:00.123456789Z'},
  ...changes,
});

const made = (changes: Partial<MadeBackup> = {}): MadeBackup => ({
  id: '20261123_131818_nightly',
  backups: '/srv/magmoboce/storage/backups',
  algorithm: 'sha256',
  label: 'nightly',
  connection: 'magdsdb',
  began: new Date('2026-11-23T13:18:18.001Z'),
  ended: new Date('2026-11-23T13:18:19.999Z'),
  copies: [copy('tenants')],
  missing: [],
  changed: [],
  leftOut: [],
  directories: new Map(),
  ...changes,
});

const metadataOf = (changes: Partial<MadeBackup>): unknown =>
  (JSON.parse(manifestText(made(changes))) as {metadata: unknown}).metadata;

test('directories are strings under keys that PHP takes for no numbers', () => {
  const record = {mode: 0o2770, uid: 33, gid: 4, attributes: [['user.a b', 'eA==']] as [string, string][]};
  const directories = new Map([
    ['0/', record],
    ['0/1/', {...record, attributes: []}],
  ]);
  const text = manifestText(made({directories}));
  expect((JSON.parse(text) as {metadata: object}).metadata).toMatchObject({
    directories: {'0/': '2770 33:4 user.a%20b=eA==', '0/1/': '2770 33:4'},
  });
  expect(parseManifest(Buffer.from(text))).toMatchObject({directories});
});

test.each(['', '0755', '0755 33', '8755 1:1', '0755 1:99999999999', '0755 -1:1'])(
  'a directory recorded as %j says nothing',
  (text) => {
    const manifest = manifestText(
      made({directories: new Map([['a/', {mode: 0, uid: 0, gid: 0, attributes: []}]])}),
    );
    expect(parseManifest(Buffer.from(manifest.replace('0000 0:0', text)))).toMatchObject({
      directories: new Map(),
    });
  },
);

test('no attribute comes from a manifest that says what a program may do', () => {
  const text =
    '0755 1:1 security.capability=AAAA trusted.x=AAAA system.posix_acl_access=AgAA user.%ZZ=AAAA user.ok=b2s=';
  const manifest = manifestText(
    made({directories: new Map([['a/', {mode: 0, uid: 0, gid: 0, attributes: []}]])}),
  );
  expect(parseManifest(Buffer.from(manifest.replace('0000 0:0', text)))).toMatchObject({
    directories: new Map([
      [
        'a/',
        {
          attributes: [
            ['system.posix_acl_access', 'AgAA'],
            ['user.ok', 'b2s='],
          ],
        },
      ],
    ]),
  });
});

test('is what PHP would have written', () => {
  const text = manifestText(
    made({
      label: 'hotfix 2.4/é "x"',
      connection: null,
      copies: [copy('tenants'), copy('media/ü', {at: ['datasets', 'media', 'ü'], bytes: 0})],
      missing: [{name: 'sessions', reason: 'its source is missing'}],
      changed: ['tenants'],
      leftOut: [{name: 'media/socket', reason: 'a socket', grave: false}],
    }),
  );
  expect(text).toBe(`{
    "id": "20261123_131818_nightly",
    "created_at": "2026-11-23T13:18:19+00:00",
    "datasets": {
        "tenants": {
            "algorithm": "sha256",
            "hash": "${'ab'.repeat(32)}",
            "source": "/srv/magmoboce/storage/data/tenants.json",
            "backup": "/srv/magmoboce/storage/backups/20261123_131818_nightly/datasets/tenants.json",
            "bytes": 1234,
            "mode": "0640",
            "owner": "33:1000",
            "modified": "2026-11-23T13:00:00.123456789Z"
        },
        "media/\\u00fc": {
            "algorithm": "sha256",
            "hash": "${'ab'.repeat(32)}",
            "source": "/srv/magmoboce/storage/data/media/\\u00fc.json",
            "backup": "/srv/magmoboce/storage/backups/20261123_131818_nightly/datasets/media/\\u00fc",
            "bytes": 0,
            "mode": "0640",
            "owner": "33:1000",
            "modified": "2026-11-23T13:00:00.123456789Z"
        }
    },
    "metadata": {
        "label": "hotfix 2.4/\\u00e9 \\"x\\"",
        "connection": null,
        "program": "magds 0.0.0-source",
        "copied": "one file after the other, from 2026-11-23T13:18:18+00:00 to 2026-11-23T13:18:19+00:00",
        "missing": {
            "sessions": "its source is missing"
        },
        "changed": {
            "tenants": "written to while it was copied"
        },
        "left_out": {
            "media/socket": "a socket"
        }
    }
}`);
});

test('holds no map that is empty: PHP would make a list of it', () => {
  expect(manifestText(made())).not.toMatch(/\[\s*\]|\{\s*\}/);
  expect(metadataOf({})).toEqual({
    label: 'nightly',
    connection: 'magdsdb',
    program: 'magds 0.0.0-source',
    copied: 'one file after the other, from 2026-11-23T13:18:18+00:00 to 2026-11-23T13:18:19+00:00',
  });
});

test('datasets named 0 and 1 are a list, as PHP has it', () => {
  const text = manifestText(made({copies: [copy('0'), copy('1')]}));
  expect(text).toContain('    "datasets": [\n        {\n            "algorithm"');
  const upside = manifestText(made({copies: [copy('1'), copy('0')]}));
  expect(upside).toMatch(/"datasets": \{\n {8}"1": \{[^}]+\},\n {8}"0": \{/);
});

test('what was left out is named 500 times, then counted', () => {
  const leftOut = Array.from({length: 502}, (_, index) => ({
    name: `m/${index}`,
    reason: 'a link',
    grave: false,
  }));
  const {left_out: named} = metadataOf({leftOut}) as {left_out: Record<string, string>};
  expect(Object.keys(named)).toHaveLength(501);
  expect(named['m/499']).toBe('a link');
  expect(named['and more']).toBe('2 others');
});

describe('whatever is in it', () => {
  const copies = fc
    .uniqueArray(fc.record({name: anyKey, source: anyText, place: anyText}), {
      selector: ({name}) => name,
      maxLength: 5,
    })
    .map((each) => each.map(({name, source, place}) => copy(name, {source, at: ['datasets', place]})));
  const notes = fc.uniqueArray(fc.record({name: anyKey, reason: anyText}), {
    selector: ({name}) => name,
    maxLength: 3,
  });

  test('it is read back as it was', () => {
    fc.assert(
      fc.property(copies, anyText, notes, (each, label, missing) => {
        const parsed = parseManifest(Buffer.from(manifestText(made({copies: each, label, missing}))));
        if ('reason' in parsed) throw new Error(parsed.reason);
        expect(parsed).toMatchObject({id: made().id, createdAt: '2026-11-23T13:18:19+00:00', label});
        expect(parsed.datasets).toEqual(
          each.map(({name, hash, source, at}) => ({
            name,
            algorithm: 'sha256',
            hash,
            source,
            backup: `/srv/magmoboce/storage/backups/20261123_131818_nightly/${at.join('/')}`,
            mode: 0o640,
            owner: 33,
            flaw: null,
          })),
        );
      }),
      {numRuns: 300},
    );
  });
});
