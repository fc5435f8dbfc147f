import fc from 'fast-check';
import {expect, test} from 'vitest';
import {LazySegmenter} from '../../source/build/lazy-segmenter.ts';

const real = new Intl.Segmenter(undefined, {granularity: 'grapheme'});
const lazy = new LazySegmenter(undefined, {granularity: 'grapheme'});

test('it segments as Intl.Segmenter does', () => {
  const text = fc.oneof(
    fc.string({unit: 'binary-ascii'}),
    fc.string({unit: fc.constantFrom('a', '\r', '\n', '\u001b', 'e\u0301', '\u{1f469}\u200d\u{1f680}')}),
    fc.string({unit: 'binary'}),
  );
  fc.assert(
    fc.property(text, (each) => {
      expect([...lazy.segment(each)]).toEqual(
        [...real.segment(each)].map(({segment, index, input}) => ({segment, index, input})),
      );
    }),
  );
});

test.each([undefined, 0, 1, 2, 3, -1, Number.NaN, 1.5])('the one at %s is the same', (index) => {
  expect(lazy.segment('abc').containing(index)).toEqual(real.segment('abc').containing(index));
});

test('words are not for it', () => {
  const words = [...new LazySegmenter('en', {granularity: 'word'}).segment('two words')];
  expect(words.map(({segment}) => segment)).toEqual(['two', ' ', 'words']);
});
