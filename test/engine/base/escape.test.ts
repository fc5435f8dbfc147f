import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {asciiJson, escapeText} from '../../../source/engine/base/escape.ts';

const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u;
/** Whole ranges of what must not get through, and lone surrogates. */
const anyUnits = fc.oneof(
  fc.string({unit: 'binary'}),
  fc
    .array(fc.oneof(fc.integer({min: 0, max: 0xa0}), fc.integer({min: 0x200b, max: 0x206f}), fc.nat(0xffff)))
    .map((units) => String.fromCharCode(...units)),
);

describe('escapeText', () => {
  test.each([
    ['plain ASCII ~ \\', 'plain ASCII ~ \\'],
    ['Größe 日本 😀', 'Größe 日本 😀'],
    ['\x1b[31mred', '\\u{1b}[31mred'],
    ['a\r\nb\tc\0', 'a\\u{d}\\u{a}b\\u{9}c\\u{0}'],
    ['\u009b31m', '\\u{9b}31m'],
    ['\u007f', '\\u{7f}'],
    ['gpj.\u202etxt', 'gpj.\\u{202e}txt'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['\ud800', '\\u{d800}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ue000', '\\u{e000}'],
  ])('%j', (text, expected) => {
    expect(escapeText(text)).toBe(expected);
  });

  test('lets nothing through that controls a terminal or reorders text', () => {
    fc.assert(
      fc.property(anyUnits, (text) => {
        expect(escapeText(text)).not.toMatch(dangerous);
      }),
      {numRuns: 1000},
    );
  });

  test('leaves everything else alone', () => {
    fc.assert(
      fc.property(anyUnits, (text) => {
        const harmless = [...text].filter((character) => !dangerous.test(character)).join('');
        expect(escapeText(harmless)).toBe(harmless);
      }),
    );
  });
});

describe('asciiJson', () => {
  test('escapes what is not ASCII, and DEL', () => {
    expect(asciiJson({é: '\u007f😀/'})).toBe('{"\\u00e9":"\\u007f\\ud83d\\ude00/"}');
  });

  test('indents', () => {
    expect(asciiJson([1], 2)).toBe('[\n  1\n]');
  });

  test('parses back, and is printable ASCII', () => {
    fc.assert(
      fc.property(fc.oneof(anyUnits, fc.jsonValue({stringUnit: 'binary'})), (value) => {
        const text = asciiJson(value);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(text).toBe(asciiJson(JSON.parse(text)));
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
      }),
    );
  });
});
