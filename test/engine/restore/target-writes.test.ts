import {expect, test} from 'vitest';
import type {LiveLook} from '../../../source/engine/datasets/live-writes.ts';
import {noteLook, tellWrite, type Watched} from '../../../source/engine/restore/target-writes.ts';

const begin = Date.UTC(2026, 10, 23, 12);

/** Looks at a file: seconds since the first look, its mark, and the seconds at which it says it was written. */
function looked(looks: [number, string, number][], ours = false): {seen: Watched; now: number} {
  let seen: Watched | null = null;
  let now = begin;
  for (const [at, mark, written] of looks) {
    now = begin + at * 1000;
    const look: LiveLook = {mark, lastWrite: begin + written * 1000};
    seen = noteLook(seen, look, now, ours);
  }
  if (!seen) throw new Error('nothing was looked at');
  return {seen, now};
}

function told(looks: [number, string, number][], ours = false) {
  const {seen, now} = looked(looks, ours);
  const write = tellWrite('tenants', seen, now);
  return write && {times: write.times, quiet: write.quiet};
}

test.each<[string, [number, string, number][], ReturnType<typeof told>]>([
  [
    'what is old, and stays as it is, is no news',
    [
      [0, 'a', -3600],
      [9, 'a', -3600],
    ],
    null,
  ],
  [
    'a tree that was just copied is not being written, but not yet quiet',
    [[0, 'a', -8]],
    {times: 0, quiet: 5},
  ],
  ['a fresh time at the first look counts', [[0, 'a', -2]], {times: 1, quiet: 0}],
  [
    'until nobody has written for 45 s',
    [
      [0, 'a', -2],
      [44, 'a', -2],
    ],
    {times: 1, quiet: 45},
  ],
  [
    'each change that is seen counts',
    [
      [0, 'a', -99],
      [1, 'b', 0.5],
      [2, 'c', 1.5],
    ],
    {times: 2, quiet: 0},
  ],
  [
    'also one that keeps its time',
    [
      [0, 'a', -99],
      [1, 'b', -99],
    ],
    {times: 1, quiet: 0},
  ],
  [
    'after a minute it is not counted any more',
    [
      [0, 'a', -99],
      [1, 'b', 1],
      [62, 'b', 1],
    ],
    {times: 0, quiet: 45},
  ],
  [
    'where nobody looked meanwhile, its time says when',
    [
      [0, 'a', -99],
      [300, 'b', 280],
    ],
    {times: 1, quiet: 20},
  ],
  [
    'nor does that count if it was long ago',
    [
      [0, 'a', -99],
      [300, 'b', 100],
    ],
    {times: 0, quiet: 45},
  ],
  ['a clock a little ahead is now', [[0, 'a', 1.5]], {times: 1, quiet: 0}],
  ['a clock far ahead says nothing', [[0, 'a', 9999]], {times: 0, quiet: 0}],
  ['what is not there is quiet; that it comes is a write', [[0, '', Number.NEGATIVE_INFINITY]], null],
])('%s', (_, looks, expected) => {
  expect(told(looks)).toEqual(expected);
});

test('what our own restore has left is not written, until somebody does', () => {
  expect(told([[0, 'a', -1]], true)).toBeNull();
  expect(
    told(
      [
        [0, 'a', -1],
        [1, 'b', 1],
      ],
      true,
    ),
  ).toEqual({times: 1, quiet: 0});
});

test('the quiet that is asked for can be another one', () => {
  const {seen, now} = looked([
    [0, 'a', -2],
    [4, 'a', -2],
  ]);
  expect(tellWrite('tenants', seen, now, 5)).toMatchObject({quiet: 5});
});
