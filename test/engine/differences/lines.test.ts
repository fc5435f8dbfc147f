import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {diffLines, usualLimits} from '../../../source/engine/differences/lines.ts';

const numbered = (count: number): string[] => Array.from({length: count}, (_, index) => `line ${index + 1}`);
const shown = (one: string[], other: string[], limits = {}) =>
  diffLines(one, other, {...usualLimits, ...limits}).lines.map(({mark, text}) => `${mark}${text}`);

test('what is the same on both sides is nothing', () => {
  expect(diffLines(['a', 'b'], ['a', 'b'])).toEqual({
    lines: [],
    removed: 0,
    added: 0,
    coarse: false,
    left: 0,
  });
  expect(shown([], [])).toEqual([]);
});

test('a change stands between the lines around it, after where it begins', () => {
  const one = numbered(20);
  expect(shown(one, one.with(9, 'changed'))).toEqual([
    '@from line 7',
    ' line 7',
    ' line 8',
    ' line 9',
    '-line 10',
    '+changed',
    ' line 11',
    ' line 12',
    ' line 13',
  ]);
});

test('where the sides are at different lines, both are said', () => {
  const one = numbered(30);
  const other = ['new', ...one.with(24, 'changed')];
  expect(shown(one, other).filter((line) => line.startsWith('@'))).toEqual([
    '@from line 1',
    '@from line 22, there 23',
  ]);
});

test('a change in the first lines begins at line 1', () => {
  expect(shown(['a', 'b'], ['a', 'c'])).toEqual(['@from line 1', ' a', '-b', '+c']);
  expect(shown([], ['a'])).toEqual(['@from line 1', '+a']);
});

test('what cannot be matched in time is matched in pieces, and said: both sides stand near each other', () => {
  const [one, other] = ['x', 'y'].map((letter) => numbered(9000).map((line) => letter + line)) as [
    string[],
    string[],
  ];
  const before = performance.now();
  const difference = diffLines(one, other, {...usualLimits, patience: 50});
  expect(performance.now() - before).toBeLessThan(2000);
  expect(difference).toMatchObject({coarse: true, removed: 9000, added: 9000, left: 0});
  const first = difference.lines.findIndex(({mark}) => mark === '+');
  expect(first).toBe(201);
  expect(difference.lines[first]).toEqual({mark: '+', text: 'yline 1'});
});

test('of very many lines those that are not kept are counted', () => {
  const difference = diffLines([], numbered(100), {...usualLimits, most: 11});
  expect(difference.lines).toHaveLength(11);
  expect(difference).toMatchObject({left: 90, added: 100});
});

describe('any two texts', () => {
  const line = fc.constantFrom('a', 'b', 'c', '', 'd');
  const text = fc.array(line, {maxLength: 40});

  test('come back from a difference that shows all of what is around', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const {lines, removed, added} = diffLines(one, other, {...usualLimits, context: 100});
        const side = (without: string) =>
          lines.filter(({mark}) => mark !== '@' && mark !== without).map((each) => each.text);
        const changed = one.join('\n') !== other.join('\n') || one.length !== other.length;
        expect(lines.length > 0).toBe(changed);
        if (!changed) return;
        expect(side('+')).toEqual(one);
        expect(side('-')).toEqual(other);
        expect(removed).toBe(lines.filter(({mark}) => mark === '-').length);
        expect(added).toBe(lines.filter(({mark}) => mark === '+').length);
      }),
    );
  });

  test('come back too where they are matched in pieces', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.integer({min: 1, max: 9}),
        fc.constantFrom(-1, 1000),
        (one, other, piece, patience) => {
          const limits = {...usualLimits, context: 100, piece, patience};
          const {lines} = diffLines(one, other, limits);
          if (lines.length === 0) return;
          const side = (without: string) =>
            lines.filter(({mark}) => mark !== '@' && mark !== without).map((each) => each.text);
          expect([side('+'), side('-')]).toEqual([one, other]);
        },
      ),
    );
  });

  test('lose no change, however little is shown around it', () => {
    fc.assert(
      fc.property(text, text, fc.nat({max: 4}), (one, other, context) => {
        const all = diffLines(one, other, {...usualLimits, context: 100});
        const some = diffLines(one, other, {...usualLimits, context});
        const changes = (difference: typeof all) => difference.lines.filter(({mark}) => '-+'.includes(mark));
        expect(changes(some)).toEqual(changes(all));
      }),
    );
  });
});
