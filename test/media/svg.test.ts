import fc from 'fast-check';
import {expect, test} from 'vitest';
import {type Cell, markup, movingSvg, svg} from '../../media/svg.ts';
import {anyText} from '../support/arbitraries.ts';
import {readable, textsOf} from '../support/well-formed.ts';

const row = (text: string, style: Partial<Cell> = {}): Cell[] =>
  Array.from(text, (character) => ({text: character, width: 1, color: null, bold: false, ...style}));

test('hostile text stays text', () => {
  const hostile = `</text><script>alert("x")</script> & ' ]]> <!-- <?x?>`;
  const picture = svg([row(hostile)], `"><svg onload='x'>`);
  expect(picture).not.toMatch(/<script|<!--|<\?|<svg onload/);
  const [title, , ...texts] = textsOf(picture).map(readable);
  expect(title).toBe(`"><svg onload='x'>`);
  expect(texts).toEqual([hostile]);
});

test('what XML cannot say becomes a replacement character', () => {
  expect(markup('a\u0000b\u001b[31m\ud800\ufffe😀')).toBe('a\ufffdb\ufffd[31m\ufffd\ufffd😀');
});

test('any text gives a well-formed picture that says the same', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const [, , ...texts] = textsOf(svg([row(`|${text}|`)], 'any')).map(readable);
      const words = (all: string) => all.replace(/\s+/g, '');
      expect(words(texts.join(''))).toBe(words(readable(markup(`|${text}|`))));
    }),
  );
});

test('a style, or a gap, begins a new text in its own column', () => {
  const picture = svg([[...row('ab', {bold: true}), ...row('c  d', {color: 1})]], 'columns');
  expect(picture.match(/<text .*<\/text>/g)).toEqual([
    '<text x="14.0" y="53.5" font-weight="bold" textLength="16.8">ab</text>',
    '<text x="30.8" y="53.5" class="c1" textLength="8.4">c</text>',
    '<text x="56.0" y="53.5" class="c1" textLength="8.4">d</text>',
  ]);
});

test('a wide character takes two columns', () => {
  const wide = [...row('漢', {width: 2}), {text: '', width: 0, color: null, bold: false}];
  const picture = svg([[...wide, ...row('!')]], 'wide');
  expect(picture).toContain('textLength="25.2">漢!</text>');
});

test('a row that stays is written once, and who wants nothing to move sees the end', () => {
  const picture = movingSvg(
    [
      {rows: [row('head'), row('one')], seconds: 1},
      {rows: [row('head'), row('two')], seconds: 3},
    ],
    'moving',
  );
  const [title, rules, ...texts] = textsOf(picture).map(readable);
  expect([title, ...texts]).toEqual(['moving', 'head', 'one', 'two']);
  expect(rules).toContain('g{animation-duration:4s;');
  expect(rules).toContain('@keyframes s0-1{0.00%{visibility:visible}25.00%{visibility:hidden}}');
  expect(rules).toContain('@keyframes s1-2{0%{visibility:hidden}25.00%{visibility:visible}}');
  expect(rules).toContain('.s1-2{animation-name:s1-2;visibility:visible}');
});
