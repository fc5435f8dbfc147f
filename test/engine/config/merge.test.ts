import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {merge, valueAt} from '../../../source/engine/config/php-value.ts';
import {type Plain, plain, toValue} from '../../support/php-config.ts';

const merged = (...layers: Plain[]): unknown =>
  plain(layers.map((layer) => toValue(layer)).reduce((below, over) => merge(below, over)));

// What is expected here is what PHP's array_replace_recursive gave.
test.each<[string, Plain[], Plain]>([
  ['a list, index by index', [['a', 'b', 'c'], ['x']], ['x', 'b', 'c']],
  ['an empty list clears nothing', [['a', 'b'], []], ['a', 'b']],
  ['a longer list', [['a'], ['x', 'y']], ['x', 'y']],
  [
    'maps',
    [
      {a: 1, b: {c: 2, d: 3}},
      {b: {c: 4}, e: 5},
    ],
    {a: 1, b: {c: 4, d: 3}, e: 5},
  ],
  ['maps in lists', [[{a: 1, b: 2}, {a: 3}], [{b: 4}]], [{a: 1, b: 4}, {a: 3}]],
  ['a scalar over an array', [{a: [1, 2]}, {a: 'x'}], {a: 'x'}],
  ['an array over a scalar', [{a: 'x'}, {a: [1]}], {a: [1]}],
  ['null over an array', [{a: [1]}, {a: null}], {a: null}],
  ['false over a scalar', [{a: 1}, {a: false}], {a: false}],
  ['three layers', [['a', 'b'], ['x'], {1: 'y'}], ['x', 'y']],
])('%s', (_, layers, expected) => {
  expect(merged(...layers)).toEqual(expected);
});

test('keys keep their order: those below first, new ones after them', () => {
  expect(Object.keys(merged({b: 1, a: 2}, {c: 3, a: 4}) as object)).toEqual(['b', 'a', 'c']);
});

test('a value stands where it was written last', () => {
  const base = toValue({a: 1, b: {c: 2}}, '/base.php', 3);
  const all = merge(base, toValue({b: {d: 4}}, '/over.php', 9));
  expect(valueAt(all, ['a'])).toMatchObject({file: '/base.php', line: 3});
  expect(valueAt(all, ['b', 'c'])).toMatchObject({file: '/base.php', line: 3});
  expect(valueAt(all, ['b', 'd'])).toMatchObject({file: '/over.php', line: 9});
});

test('the unknown over anything is unknown, with all below it', () => {
  const hidden = {file: '/x.php', line: 4, kind: 'unknown' as const, expression: 'f()'};
  const over = {...toValue({}), kind: 'array' as const, items: new Map([['a', hidden]])};
  const all = merge(toValue({a: {b: 1}, c: 2}), over);
  expect(valueAt(all, ['a', 'b'])).toBe(hidden);
  expect(valueAt(all, ['c'])).toMatchObject({value: 2});
  expect(merge(hidden, toValue({b: 1}))).toEqual(toValue({b: 1}));
});

describe('of any layers', () => {
  const {layer} = fc.letrec<{layer: Plain; value: Plain}>((tie) => ({
    layer: fc.oneof(
      fc.array(tie('value'), {maxLength: 3}),
      fc.dictionary(fc.constantFrom('a', 'b', '0', '__proto__', 'constructor'), tie('value'), {maxKeys: 4}),
    ),
    value: fc.oneof({depthSize: 'small'}, fc.constantFrom<Plain>(null, false, 1, 'x', []), tie('layer')),
  }));

  test('one over itself is itself', () => {
    fc.assert(
      fc.property(layer, (data) => {
        expect(merged(data, data)).toEqual(merged(data));
      }),
    );
  });

  test('the same layer twice is as good as once', () => {
    fc.assert(
      fc.property(layer, layer, (base, over) => {
        expect(merged(base, over, over)).toEqual(merged(base, over));
      }),
    );
  });

  test('no key is lost, and none comes from nowhere', () => {
    fc.assert(
      fc.property(layer, layer, (base, over) => {
        const keys = new Set([...Object.keys(base as object), ...Object.keys(over as object)]);
        expect(new Set(Object.keys(merged(base, over) as object))).toEqual(keys);
      }),
    );
  });

  test('what is merged stays as it was', () => {
    fc.assert(
      fc.property(layer, layer, (base, over) => {
        const [one, two] = [toValue(base), toValue(over)];
        merge(one, two);
        expect([one, two]).toEqual([toValue(base), toValue(over)]);
      }),
    );
  });
});
