import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {manifestDigest} from '../../../../source/engine/storage/manifest/digest.ts';
import {markVerified, type VerificationMark} from '../../../../source/engine/storage/manifest/edit.ts';
import {parseJson} from '../../../../source/engine/storage/manifest/json.ts';
import {phpMap, phpValue} from '../../../support/arbitraries.ts';
import {type PhpValue, phpJson} from '../../../support/php-json.ts';

const at = '2026-11-24T01:02:03+00:00';
const passed: VerificationMark = {at, result: 'passed'};
const failed: VerificationMark = {at, result: 'failed'};
const mark = (text: string, how = passed) => markVerified(text, how);
const digest = (text: string | null) => manifestDigest(parseJson(text ?? ''));
const lines = (...text: string[]) => text.join('\n');

const before = lines(
  '{',
  '    "id": "20261123_131818_caf--",',
  '    "datasets": [],',
  '    "metadata": {',
  '        "label": "caf\\u00e9 2.4/rc1",',
  '        "ratio": 1.0,',
  '        "serial": 12345678901234567890',
  '    },',
  '    "extra": {}',
  '}',
);

describe('a manifest as PHP wrote it', () => {
  test('passed', () => {
    expect(mark(before)).toBe(
      lines(
        '{',
        '    "id": "20261123_131818_caf--",',
        '    "datasets": [],',
        '    "metadata": {',
        '        "label": "caf\\u00e9 2.4/rc1",',
        '        "ratio": 1.0,',
        '        "serial": 12345678901234567890,',
        '        "last_verified_at": "2026-11-24T01:02:03+00:00",',
        '        "last_verification": {',
        '            "at": "2026-11-24T01:02:03+00:00",',
        '            "result": "passed"',
        '        }',
        '    },',
        '    "extra": {}',
        '}',
      ),
    );
  });

  test('failed: last_verified_at is not made', () => {
    const marked = mark(before, failed);
    expect(marked).toContain('"result": "failed"');
    expect(marked).not.toContain('last_verified_at');
  });

  test('failed: last_verified_at stays what it was', () => {
    const marked = mark(mark(before) ?? '', {at: '2027-01-01T00:00:00+00:00', result: 'failed'});
    expect(marked).toContain('"last_verified_at": "2026-11-24T01:02:03+00:00"');
    expect(marked).toContain('"at": "2027-01-01T00:00:00+00:00"');
  });

  test('marked again, the same way, is the same text', () => {
    const once = mark(before) ?? '';
    expect(mark(once)).toBe(once);
  });

  test.each([
    ['is missing', ''],
    ['is an empty list', ',\n    "metadata": []'],
    ['is null', ',\n    "metadata": null'],
  ])('whose metadata %s', (_, metadata) => {
    const marked = mark(`{\n    "id": "x",\n    "datasets": []${metadata}\n}`, failed);
    expect(marked).toBe(
      lines(
        '{',
        '    "id": "x",',
        '    "datasets": [],',
        '    "metadata": {',
        '        "last_verification": {',
        '            "at": "2026-11-24T01:02:03+00:00",',
        '            "result": "failed"',
        '        }',
        '    }',
        '}',
      ),
    );
  });

  test('whose metadata is a list becomes the map PHP would make of it', () => {
    const text = phpJson({id: 'x', datasets: [], metadata: ['a', 'é']});
    const expected = new Map<string, PhpValue>([
      ['0', 'a'],
      ['1', 'é'],
      ['last_verification', {at, result: 'failed'}],
    ]);
    expect(mark(text, failed)).toBe(phpJson({id: 'x', datasets: [], metadata: expected}));
  });

  test.each(['"x"', 'false', '1'])('whose metadata is %s cannot be marked', (metadata) => {
    expect(mark(`{"datasets":[],"metadata":${metadata}}`)).toBeNull();
  });
});

describe('a manifest edited by hand keeps its style', () => {
  test('CRLF', () => {
    expect(mark(before.replaceAll('\n', '\r\n'))).toBe(mark(before)?.replaceAll('\n', '\r\n'));
  });

  test.each(['\t', '  ', '      '])('indented by %j', (indent) => {
    expect(mark(before.replaceAll('    ', indent))).toBe(mark(before)?.replaceAll('    ', indent));
  });

  test('a newline, or spaces, at the end', () => {
    expect(mark(`${before}\n \n`)).toBe(`${mark(before)}\n \n`);
  });

  test('all on one line', () => {
    const start = '{"id":"x","datasets":{},"metadata":{"label":"a",  "n":1.0';
    const marked = mark(`${start}}}\n`) ?? '';
    expect(marked.startsWith(`${start},`)).toBe(true);
    expect(marked.trimEnd()).not.toContain('\n');
    expect(JSON.parse(marked)).toEqual({
      id: 'x',
      datasets: {},
      metadata: {label: 'a', n: 1, last_verified_at: at, last_verification: {at, result: 'passed'}},
    });
  });

  test.each([
    ['a map on one line of many', '{\n  "datasets": {},\n  "metadata": {"label":"a",   "n" :1.0', '}\n}\n'],
    [
      'odd spaces in the line before',
      '{\n  "datasets": {},\n  "metadata": {\n    "label"  :   "a"',
      '\n  }\n}\n',
    ],
  ])('%s', (_, start, end) => {
    expect(mark(start + end)?.slice(0, start.length)).toBe(start);
  });
});

describe('properties', () => {
  const marks = fc.constantFrom(passed, failed);
  const reserved = ['last_verified_at', 'last_verification'];
  const parts = fc.record({
    datasets: phpMap(),
    metadata: fc.oneof(phpMap(...reserved), fc.constant(null)),
    extra: phpValue,
  });

  test('a mark changes a PHP manifest as PHP would have', () => {
    fc.assert(
      fc.property(parts, marks, ({datasets, metadata, extra}, how) => {
        const build = (map: PhpValue) => phpJson({id: 'x', datasets, extra, metadata: map});
        const text = build(metadata ?? []);
        const {at, result} = how;
        const stamp: [string, PhpValue][] = result === 'passed' ? [['last_verified_at', at]] : [];
        const ours: [string, PhpValue][] = [['last_verification', {at, result}]];
        const marked = mark(text, how) ?? '';
        // Where there was no map yet the order of the two is of no interest.
        const orders = [
          [...stamp, ...ours],
          [...ours, ...stamp],
        ];
        const expected = orders.map((order) => build(new Map([...(metadata ?? []), ...order])));
        expect(metadata ? expected.slice(0, 1) : expected).toContain(marked);
        expect(digest(marked)).toBe(digest(text));
      }),
      {numRuns: 300},
    );
  });

  test.each(['', ',"metadata":[]', ',"metadata":{}', ',"metadata":null', ',"metadata":["a"]'])(
    'a mark does not change the digest: %s',
    (metadata) => {
      const text = `{"datasets":[]${metadata}}`;
      expect(digest(mark(text))).toBe(digest(text));
    },
  );
});
