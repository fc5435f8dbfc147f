import fc from 'fast-check';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {escapeText} from '../../source/engine/base/escape.ts';
import {atMost, graphemes, withoutLast, wrap, wrapWords} from '../../source/presenters/graphemes.ts';
import {rawLines} from '../../source/ui/screens/manifest/state.ts';
import {hostile} from '../support/hostile.ts';

test('what is seen as one character is one', () => {
  expect(graphemes('aé')).toEqual(['a', 'é']);
  expect(graphemes('e\u0301👨‍👩‍👧🇫🇷x')).toEqual(['e\u0301', '👨‍👩‍👧', '🇫🇷', 'x']);
});

test.each([
  ['', ''],
  ['ab', 'a'],
  ['e\u0301', ''],
  ['x👨‍👩‍👧', 'x'],
  ['x🇫🇷', 'x'],
])('Backspace in %j leaves %j', (text, left) => {
  expect(withoutLast(text)).toBe(left);
});

test('short lines stay as they are, empty ones too', () => {
  expect(wrap(['{', '', '}'], 10)).toEqual(['{', '', '}']);
});

test('a long line is cut into pieces, none of them lost', () => {
  expect(wrap(['abcdefgh'], 3)).toEqual(['abc', 'def', 'gh']);
});

test('a wide character is not cut in half', () => {
  expect(wrap(['a漢字'], 2)).toEqual(['a', '漢', '字']);
});

test('pieces are never too wide and together say what the line said', () => {
  fc.assert(
    fc.property(fc.array(hostile), fc.integer({min: 8, max: 100}), (lines, width) => {
      const escaped = lines.flatMap(rawLines);
      const wrapped = wrap(escaped, width);
      for (const piece of wrapped) expect(stringWidth(piece)).toBeLessThanOrEqual(width);
      expect(wrapped.join('')).toBe(escaped.join(''));
    }),
  );
});

test('words stay whole where they fit, and are cut where they are longer than a line', () => {
  expect(wrapWords('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapWords('see 20261123_120000_nightly now', 10)).toEqual([
    'see',
    '20261123_1',
    '20000_nigh',
    'tly now',
  ]);
  expect(wrapWords('漢字 漢字', 4)).toEqual(['漢字', '漢字']);
  expect(wrapWords('', 4)).toEqual(['']);
});

test('of more lines than fit, the last one takes the rest', () => {
  expect(atMost(['a', 'b', 'c'], 2)).toEqual(['a', 'b c']);
  expect(atMost(['a', 'b'], 2)).toEqual(['a', 'b']);
  expect(atMost(['a', 'b'], 0)).toEqual([]);
});

test('wrapped words are never too wide, and none is lost', () => {
  fc.assert(
    fc.property(hostile.map(escapeText), fc.integer({min: 8, max: 100}), (text, width) => {
      const lines = wrapWords(text, width);
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }),
  );
});
