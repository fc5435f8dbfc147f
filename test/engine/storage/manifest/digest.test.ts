import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {manifestDigest} from '../../../../source/engine/storage/manifest/digest.ts';
import {parseJson} from '../../../../source/engine/storage/manifest/json.ts';
import {anyText} from '../../../support/arbitraries.ts';

const digest = (text: string) => manifestDigest(parseJson(text));
const base = '{"id":"x","datasets":{"a":{"hash":"1"},"b":{"hash":"2"}},"metadata":{"label":"l"}}';

test('is the SHA-256 of the canonical text', () => {
  // sha256sum of {"datasets":{"a":1.5}}
  expect(digest('{ "datasets" : { "a" : 1.50 } }')).toBe(
    'c63cfeee10822383ae516eeb1ed0c91c8c146aaf6eec879a915f4af2eec66cfe',
  );
});

describe('stays the same', () => {
  test.each([
    ['in another layout', JSON.stringify(JSON.parse(base), null, '\t')],
    ['with another escape', base.replace('"l"', '"\\u006c"')],
    ['verified', base.replace('"l"', '"l","last_verified_at":"2026","last_verification":{"at":"2026"}')],
    ['with a mark of a later version', base.replace('"l"', '"l","last_verified_by":"x"')],
  ])('%s', (_, text) => {
    expect(digest(text)).toBe(digest(base));
  });

  test.each([
    '',
    ',"metadata":[]',
    ',"metadata":{}',
    ',"metadata":{"last_verified_at":"2026"}',
    ',"metadata":null',
  ])('with metadata that says nothing: %s', (metadata) => {
    expect(digest(`{"datasets":[]${metadata}}`)).toBe(digest('{"datasets":[]}'));
  });

  test('after PHP wrote it again from its decoded form', () => {
    expect(digest('{"datasets":[],"extra":[],"list":["a"],"n":1}')).toBe(
      digest('{"datasets":{},"extra":{},"list":{"0":"a"},"n":1.0}'),
    );
  });
});

describe('changes', () => {
  test.each([
    ['with a hash', base.replace('"1"', '"3"')],
    ['with the label', base.replace('"l"', '"m"')],
    ['with a dataset more', base.replace('"b":', '"c":{},"b":')],
    ['with a dataset less', base.replace(',"b":{"hash":"2"}', '')],
    [
      'with the order of the datasets',
      '{"id":"x","datasets":{"b":{"hash":"2"},"a":{"hash":"1"}},"metadata":{"label":"l"}}',
    ],
    ['with last_verified_at outside the metadata', base.replace('"id"', '"last_verified_at":"2026","id"')],
    ['with a type', base.replace('"1"', '1')],
  ])('%s', (_, text) => {
    expect(digest(text)).not.toBe(digest(base));
  });

  test('with any string', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        const of = (text: string) => manifestDigest(new Map([[text, text]]));
        expect(of(one) === of(other)).toBe(one === other);
      }),
    );
  });
});
