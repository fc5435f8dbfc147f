import {expect, test} from 'vitest';
import {minuteOf} from '../../source/presenters/moment.ts';

test.each([
  ['2026-11-29T15:59:00Z', '15:59Z'],
  ['2026-11-29T15:59:07Z', '15:59:07Z'],
  ['2026-11-28T23:59:00Z', '11-28 23:59Z'],
])('%s is seen as %s', (at, due) => {
  expect(minuteOf(Date.parse(at), Date.parse('2026-11-29T16:00:00Z'))).toBe(due);
});
