import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {CopyFacts} from '../../../source/engine/storage/manifest/facts.ts';
import {parseManifest} from '../../../source/engine/storage/manifest/read.ts';
import {manifestText} from '../../../source/engine/storage/manifest/write.ts';

/** What is read again of a manifest with one copy. */
function readAgain(text: string): CopyFacts | undefined {
  const parsed = parseManifest(Buffer.from(text));
  if ('reason' in parsed) throw new Error(parsed.reason);
  const [dataset] = parsed.datasets;
  expect(dataset?.flaw).toBeNull();
  return dataset?.facts;
}

function textWith(facts: CopyFacts): string {
  const attributes = {mode: '0600', uid: 0, gid: 0, mtime: '2026-11-29T08:00:00+00:00'};
  const copy = {name: 'db', source: null, at: ['datasets', 'db'], hash: 'ab', bytes: 1, attributes, facts};
  return manifestText({
    id: '20261123_131813',
    backups: '/srv/backups',
    algorithm: 'sha256',
    label: '',
    connection: null,
    began: new Date(0),
    ended: new Date(0),
    copies: [copy],
    missing: [],
    changed: [],
    leftOut: [],
    directories: new Map(),
  });
}

test('what a type says of a copy is read as it was written', () => {
  const said = fc.string({unit: 'grapheme', maxLength: 60}).filter((each) => each.isWellFormed());
  const facts: fc.Arbitrary<CopyFacts> = fc.record(
    {
      type: said,
      format: said,
      connection: said,
      database: said,
      server: said,
      server_version: said,
      tool_version: said,
      snapshot_at: said,
      rows: fc
        .uniqueArray(
          fc.tuple(
            said.map((each) => `public.${each}`),
            fc.maxSafeNat(),
          ),
          {
            minLength: 1,
            selector: ([name]) => name,
          },
        )
        .map((each) => new Map(each)),
    },
    {requiredKeys: ['type', 'format'], noNullPrototype: true},
  );
  fc.assert(
    fc.property(facts, (each) => {
      expect(readAgain(textWith(each))).toStrictEqual(each);
    }),
  );
  expect(readAgain(textWith({type: 'x', format: 'y', rows: new Map()}))).toEqual({type: 'x', format: 'y'});
});

test('what is none of it is passed over, and the entry counts', () => {
  const text = textWith({type: 'x', format: 'y', database: 'd', rows: new Map([['a.b', 1]])});
  const changed = (from: string, to: string): string => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };
  expect(readAgain(changed('"d"', '7'))).toEqual({type: 'x', format: 'y', rows: new Map([['a.b', 1]])});
  expect(readAgain(changed('"d"', `"${'d'.repeat(501)}"`))).not.toHaveProperty('database');
  expect(readAgain(changed('"type": "x"', '"type": []'))).toBeUndefined();
  for (const count of ['-1', '1.5', '"1"', '[]', '20000000000000000000'])
    expect(readAgain(changed('"a.b": 1', `"a.b": ${count}, "__proto__": 3, "c.d": 2`))).toEqual({
      type: 'x',
      format: 'y',
      database: 'd',
      rows: new Map([
        ['__proto__', 3],
        ['c.d', 2],
      ]),
    });
  expect(readAgain(changed('"rows": {', '"rows": 7, "other": {'))).not.toHaveProperty('rows');
});
