import {describe, expect, test, vi} from 'vitest';
import * as z from 'zod/mini';
import {parseJson} from '../../../../source/engine/storage/manifest/json.ts';
import {type ManifestContent, readContent} from '../../../../source/engine/storage/manifest/schema.ts';

const reason = (text: string) => {
  const content = readContent(parseJson(text));
  return 'reason' in content ? content.reason : null;
};

function content(text: string): ManifestContent {
  const result = readContent(parseJson(text));
  if ('reason' in result) throw new Error(result.reason);
  return result;
}

const entry = (name: string) =>
  `{"algorithm":"sha256","hash":"${name}","source":"/live/${name}","backup":"/b/id/datasets/${name}"}`;
const dataset = (text: string) => content(`{"datasets":{"tenants":${text}}}`).datasets[0];
const metadata = (text: string) => content(`{"datasets":[],"metadata":${text}}`);

describe('datasets', () => {
  test('keep the order and names of the file', () => {
    const text = `{"datasets":{"z":${entry('z')},"10":${entry('x')},"2":${entry('y')},"__proto__":${entry('p')}}}`;
    expect(content(text).datasets.map(({name}) => name)).toEqual(['z', '10', '2', '__proto__']);
  });

  test('named 0 and 1 arrive as a list', () => {
    expect(content(`{"datasets":[${entry('a')},${entry('b')}]}`).datasets).toEqual([
      {name: '0', algorithm: 'sha256', hash: 'a', source: '/live/a', backup: '/b/id/datasets/a', flaw: null},
      {name: '1', algorithm: 'sha256', hash: 'b', source: '/live/b', backup: '/b/id/datasets/b', flaw: null},
    ]);
  });

  test.each(['[]', '{}'])('may be none: %s', (empty) => {
    expect(content(`{"datasets":${empty}}`).datasets).toEqual([]);
  });

  test('with the hash false record none', () => {
    const text = '{"algorithm":"sha256","hash":false,"source":"/a","backup":"/b"}';
    expect(dataset(text)).toMatchObject({hash: null, flaw: null});
  });

  test.each([
    ['null', 'its entry in the manifest is not a map'],
    ['"x"', 'its entry in the manifest is not a map'],
    ['[]', 'its entry in the manifest has no "hash"'],
    [
      '{"algorithm":"","hash":"h","source":"/a","backup":"/b"}',
      'its entry in the manifest has an unusable "algorithm"',
    ],
    [
      '{"algorithm":"md5","hash":true,"source":"/a","backup":"/b"}',
      'its entry in the manifest has an unusable "hash"',
    ],
    [
      '{"algorithm":"md5","hash":{"a":1},"source":"/a","backup":"/b"}',
      'its entry in the manifest has an unusable "hash"',
    ],
    ['{"algorithm":"md5","hash":"h","backup":"/b"}', 'its entry in the manifest has no "source"'],
    [
      '{"algorithm":"md5","hash":"h","source":"/a","backup":""}',
      'its entry in the manifest has an unusable "backup"',
    ],
    [
      '{"algorithm":"md5","hash":"h","source":"/a","backup":["/b"]}',
      'its entry in the manifest has an unusable "backup"',
    ],
  ])('with a flaw are listed with it: %s', (text, flaw) => {
    expect(dataset(text)).toMatchObject({name: 'tenants', flaw});
  });

  test('with a flaw keep what could be read', () => {
    expect(dataset('{"algorithm":"md5","backup":"/b"}')).toEqual({
      name: 'tenants',
      algorithm: 'md5',
      hash: null,
      source: null,
      backup: '/b',
      flaw: 'its entry in the manifest has no "hash"',
    });
  });
});

describe('metadata', () => {
  const nothing = {label: null, lastVerifiedAt: null, lastVerification: null};

  test.each(['[]', '{}', 'null', 'false', '"x"', '["a"]'])('%s says nothing', (text) => {
    expect(metadata(text)).toMatchObject(nothing);
  });

  test('may be missing', () => {
    expect(content('{"datasets":[]}')).toMatchObject({id: null, createdAt: null, ...nothing});
  });

  test.each([
    ['{"label":null}', null],
    ['{"label":""}', ''],
    ['{"label":0}', null],
    ['{"label":"hotfix 2.4/rc1"}', 'hotfix 2.4/rc1'],
  ])('label of %s', (text, label) => {
    expect(metadata(text).label).toBe(label);
  });

  test('last verification, by PHP and by us', () => {
    expect(
      metadata('{"last_verified_at":"2026","last_verification":{"result":"failed","at":"2027","by":"x"}}'),
    ).toMatchObject({lastVerifiedAt: '2026', lastVerification: {at: '2027', result: 'failed'}});
  });

  test.each(['[]', '"passed"', '{"at":1,"result":"passed"}', '{"at":"2026"}'])(
    'last_verification %s is none',
    (text) => {
      expect(metadata(`{"label":"x","last_verification":${text}}`)).toMatchObject({
        label: 'x',
        lastVerification: null,
      });
    },
  );
});

describe('what is no manifest', () => {
  const husk =
    "manifest.json is only a stub: PHP's verify replaced a manifest it could not read. The hashes are lost; the copies may be whole";

  test.each([
    ['{"metadata":{"last_verified_at":"2026-11-23T13:18:19+00:00"}}', husk],
    ['{}', 'manifest.json lists no "datasets"'],
    ['[]', 'manifest.json lists no "datasets"'],
    ['{"id":"x"}', 'manifest.json lists no "datasets"'],
    ['[{"datasets":[]}]', 'manifest.json lists no "datasets"'],
    ['{"datasets":null}', 'manifest.json: "datasets" is not a map'],
    ['{"datasets":"x"}', 'manifest.json: "datasets" is not a map'],
    ['null', 'manifest.json is not a map of fields, so it is not a manifest'],
    ['"{}"', 'manifest.json is not a map of fields, so it is not a manifest'],
  ])('%s', (text, expected) => {
    expect(reason(text)).toBe(expected);
  });
});

test('of thousands of flawed entries none is described by zod, and those with one flaw share its text', () => {
  const kinds = [1, {}, [1], {algorithm: 1}, {algorithm: 'md5', hash: 'h', source: null, backup: ''}];
  const entries = Array.from({length: 1000}, (_, n) => [`d${n}`, kinds[n % kinds.length]]);
  const described = vi.fn(() => undefined);
  z.config({customError: described});
  const {datasets} = content(JSON.stringify({datasets: Object.fromEntries(entries)}));
  z.config({customError: undefined});
  // Of what the head lacks.
  expect(described.mock.calls.length).toBeLessThan(10);
  expect([...new Set(datasets.map(({flaw}) => flaw))]).toEqual([
    'its entry in the manifest is not a map',
    'its entry in the manifest has no "hash"',
    'its entry in the manifest has an unusable "algorithm"',
    'its entry in the manifest has an unusable "backup"',
  ]);
});
