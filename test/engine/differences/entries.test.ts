import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {differentEntries} from '../../../source/engine/differences/entries.ts';
import {compareTexts} from '../../../source/engine/differences/texts.ts';
import {sentencesOf} from '../../../source/presenters/difference-view.ts';

const entriesOf = (one: unknown, other: unknown) => {
  const difference = compareTexts(JSON.stringify(one), JSON.stringify(other), 0);
  return difference.kind === 'lines' ? difference.entries : [];
};
const saidOf = (one: unknown, other: unknown) =>
  sentencesOf(compareTexts(JSON.stringify(one), JSON.stringify(other), 0)).slice(0, -1);

describe('which entries differ', () => {
  const tenant = (id: number, plan = 'pro') => ({id, name: `tenant-${id}`, plan});

  test('items of a list under a key, by their id, in any order', () => {
    const one = {tenants: [tenant(1), tenant(2), tenant(3)], version: 1};
    const other = {version: 1, tenants: [tenant(3, 'ce'), tenant(4), tenant(1)]};
    expect(saidOf(one, other)).toEqual([
      'tenants, by id: 1 only on the - side (2); 1 only on the + side (4); 1 differs (3); 1 the same.',
    ]);
  });

  test('keys of a map; of a map under its only key too', () => {
    const said = '1 only on the - side (b); 1 only on the + side (c); 2 differ (a, d); 1 the same.';
    const [one, other] = [
      {a: 1, b: 2, d: [1, 2], e: null},
      {a: 2, c: 2, d: [2, 1], e: null},
    ];
    expect(saidOf(one, other)).toEqual([`Entries: ${said}`]);
    expect(saidOf({state: one}, {state: other})).toEqual([`state: ${said}`]);
  });

  test('where ids are equal, the next field tells them apart; where none does, nothing is said', () => {
    const twins = [
      {id: 1, sku: 'a'},
      {id: 1, sku: 'b'},
    ];
    expect(entriesOf(twins, twins.slice(1))).toMatchObject([
      {at: '', by: 'sku', onlyOne: {count: 1, names: ['a']}},
    ]);
    expect(entriesOf([{id: 1}, {id: 1}], [{id: 1}])).toEqual([]);
    expect(entriesOf([1, 2], [1])).toEqual([]);
    expect(entriesOf('a', [1])).toEqual([]);
  });

  test('numbers that a double cannot tell apart are two', () => {
    const difference = compareTexts('[{"id": 9007199254740993}]', '[{"id": 9007199254740992}]', 0);
    expect(difference).toMatchObject({entries: [{onlyOne: {names: ['9007199254740993']}, same: 0}]});
  });

  test('many are counted, and long names are cut', () => {
    const many = Object.fromEntries(Array.from({length: 100}, (_, at) => [`${at}-${'x'.repeat(100)}`, 1]));
    const [entries] = entriesOf(many, {});
    expect(entries?.onlyOne.count).toBe(100);
    expect(entries?.onlyOne.names).toHaveLength(20);
    expect(Math.max(...(entries?.onlyOne.names ?? []).map(({length}) => length))).toBe(61);
    expect(saidOf(many, {})[0]).toMatch(/ and 95 more\); 0 the same\.$/);
  });

  test('a key that objects have by themselves is a key like any other', () => {
    const difference = compareTexts('{"__proto__": 1, "constructor": 2}', '{"constructor": 3}', 0);
    expect(difference).toMatchObject({
      entries: [{onlyOne: {names: ['__proto__']}, differ: {names: ['constructor']}, same: 0}],
    });
  });

  test('every entry is counted once, and the two sides are symmetric', () => {
    const map = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'id'), fc.jsonValue({maxDepth: 2}));
    fc.assert(
      fc.property(map, map, (one, other) => {
        const [there] = entriesOf(one, other);
        const [back] = entriesOf(other, one);
        expect(there?.onlyOne).toEqual(back?.onlyOther);
        expect(there?.differ.count).toBe(back?.differ.count);
        expect(there?.same).toBe(back?.same);
      }),
    );
    expect(differentEntries(new Map(), new Map())).toEqual([]);
  });
});
