import fc from 'fast-check';
import {expect, test} from 'vitest';
import {type Move, move, moveText, settle} from '../../../source/ui/kit/scroll.ts';

const moves: Move[] = ['up', 'down', 'pageUp', 'pageDown', 'first', 'last'];

test('no sequence of moves takes the cursor out of the list or out of the window', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...moves), fc.nat({max: 40}), fc.integer({min: -3, max: 30}))),
      (steps) => {
        let scroll = {cursor: 0, top: 0};
        for (const [how, count, height] of steps) {
          scroll = move(scroll, how, count, height);
          const page = Math.max(1, height);
          expect(scroll.cursor).toBeGreaterThanOrEqual(0);
          expect(scroll.cursor).toBeLessThanOrEqual(Math.max(0, count - 1));
          expect(scroll.top).toBeGreaterThanOrEqual(0);
          expect(scroll.top).toBeLessThanOrEqual(scroll.cursor);
          expect(scroll.cursor).toBeLessThan(scroll.top + page);
          // No empty lines below while there are items above the window.
          expect(scroll.top).toBeLessThanOrEqual(Math.max(0, count - page));
        }
      },
    ),
  );
});

test('settling twice is settling once', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer(),
      fc.nat({max: 99}),
      fc.nat({max: 50}),
      (cursor, top, count, height) => {
        const once = settle({cursor, top}, count, height);
        expect(settle(once, count, height)).toEqual(once);
      },
    ),
  );
});

test('a window that still holds the cursor stays where it is', () => {
  expect(move({cursor: 4, top: 2}, 'down', 20, 5)).toEqual({cursor: 5, top: 2});
});

test('stepping out of the window scrolls half a page, so that the next steps do not scroll', () => {
  expect(move({cursor: 9, top: 0}, 'down', 100, 10)).toEqual({cursor: 10, top: 5});
  expect(move({cursor: 50, top: 50}, 'up', 100, 10)).toEqual({cursor: 49, top: 45});
});

test('a page keeps one line of what was seen', () => {
  expect(move({cursor: 0, top: 0}, 'pageDown', 100, 10).cursor).toBe(9);
  expect(move({cursor: 9, top: 0}, 'pageUp', 100, 10).cursor).toBe(0);
});

test('first and last', () => {
  expect(move({cursor: 7, top: 3}, 'last', 100, 10)).toEqual({cursor: 99, top: 90});
  expect(move({cursor: 99, top: 90}, 'first', 100, 10)).toEqual({cursor: 0, top: 0});
});

test('a text without a cursor never scrolls past its end, and not at all while it fits', () => {
  expect(moveText(0, 'down', 5, 10)).toBe(0);
  expect(moveText(0, 'last', 25, 10)).toBe(15);
  expect(moveText(15, 'pageDown', 25, 10)).toBe(15);
  expect(moveText(15, 'first', 25, 10)).toBe(0);
  expect(moveText(3, 'up', 25, 10)).toBe(2);
});
