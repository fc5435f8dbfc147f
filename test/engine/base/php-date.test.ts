import fc from 'fast-check';
import {expect, test} from 'vitest';
import {phpDate} from '../../../source/engine/base/php-date.ts';

test("is PHP's DATE_ATOM in UTC, without fractions", () => {
  expect(phpDate(new Date('2026-11-23T14:18:18.999+01:00'))).toBe('2026-11-23T13:18:18+00:00');
});

test('parses back to the whole second', () => {
  const date = fc.date({min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true});
  fc.assert(
    fc.property(date, (time) => {
      expect(Date.parse(phpDate(time))).toBe(Math.floor(time.getTime() / 1000) * 1000);
    }),
  );
});
