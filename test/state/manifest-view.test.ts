import fc from 'fast-check';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {rawLines, wrap} from '../../source/state/manifest-view.ts';
import {hostile, unprintable} from '../support/hostile.ts';

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

test('the text of a file holds nothing that a terminal would obey', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      for (const line of rawLines(text)) expect(line).not.toMatch(unprintable);
    }),
  );
});

test('tabs become spaces and either line end ends a line', () => {
  expect(rawLines('a\tb\r\nc\nd\re')).toEqual(['a    b', 'c', 'd\\u{d}e']);
});
