import fc from 'fast-check';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {readTime, screenLag, timeForms, writeTime} from '../../../source/engine/base/time-text.ts';
import {noon} from '../../support/states.ts';

afterEach(() => vi.unstubAllEnvs());

/** As an operator types it at noon, UTC, and as it is written down. */
function read(text: string, now = noon): string {
  const found = readTime(text, now);
  return 'at' in found ? writeTime(found.at) : found.problem;
}

describe('a time of day is the last one that the clock showed', () => {
  test.each([
    ['01:10', '2026-11-23 01:10Z'],
    ['1:10', '2026-11-23 01:10Z'],
    [' 01:10Z ', '2026-11-23 01:10Z'],
    ['01:10 utc', '2026-11-23 01:10Z'],
    ['01:10:30', '2026-11-23 01:10:30Z'],
    ['12:00', '2026-11-23 12:00Z'],
    ['12:02', '2026-11-22 12:02Z'],
    ['23:50', '2026-11-22 23:50Z'],
    ['02:10+01:00', '2026-11-23 01:10Z'],
    ['02:10 +01', '2026-11-23 01:10Z'],
    ['21:40-03:30', '2026-11-23 01:10Z'],
    ['14:00+01', '2026-11-22 13:00Z'],
  ])('%j is %s', (text, at) => {
    expect(read(text)).toBe(at);
  });

  test('what the clock will show within the minute that the screen is behind is no time of yesterday', () => {
    const at = (text: string, lag?: number) => readTime(text, noon, lag);
    expect(at('12:00:59', screenLag)).toEqual({at: noon + 59_000});
    expect(at('12:01', screenLag)).toEqual({at: noon - 86_340_000});
    expect(at('12:00:01')).toEqual({at: noon - 86_399_000});
    expect(at('2026-11-23 12:00:01')).toHaveProperty('problem');
  });
});

test.each([
  ['2026-11-23 01:10', '2026-11-23 01:10Z'],
  ['2026-11-23T01:10:00.000Z', '2026-11-23 01:10Z'],
  ['2024-02-29 23:59:59', '2024-02-29 23:59:59Z'],
  ['2026-11-23 00:30+01:00', '2026-11-22 23:30Z'],
])('with its day: %j is %s', (text, at) => {
  expect(read(text)).toBe(at);
});

test.each([
  ['2h ago', '2026-11-23 10:00Z'],
  ['2 hours ago', '2026-11-23 10:00Z'],
  ['-90m', '2026-11-23 10:30Z'],
  ['- 90 min', '2026-11-23 10:30Z'],
  ['1h30m ago', '2026-11-23 10:30Z'],
  ['-1d 2h', '2026-11-22 10:00Z'],
  ['-1w', '2026-11-16 12:00Z'],
  ['-30s', '2026-11-23 11:59:30Z'],
  ['0m ago', '2026-11-23 12:00Z'],
])('counted back: %j is %s', (text, at) => {
  expect(read(text)).toBe(at);
});

test('what is counted back is cut to the minute, unless seconds were asked for', () => {
  expect(read('2h ago', noon + 37_500)).toBe('2026-11-23 10:00Z');
  expect(read('-10s', noon + 37_500)).toBe('2026-11-23 12:00:27Z');
});

test('the local time of the server, in summer and in winter', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  expect(read('02:10 local')).toBe('2026-11-23 01:10Z');
  expect(read('13:30 local')).toBe('2026-11-22 12:30Z');
  expect(read('2026-07-01 02:10 local')).toBe('2026-07-01 00:10Z');
  expect(read('02:10')).toBe('2026-11-23 02:10Z');
});

test.each([
  ['', 'That is empty.'],
  ['yesterday', 'That is not a time.'],
  ['0110', 'That is not a time.'],
  ['2h', 'That is not a time.'],
  ['--2h', 'That is not a time.'],
  ['01:10 CET', 'That is not a time.'],
  ['1'.repeat(65), 'That is not a time.'],
  ['24:00', 'That is not a time of day.'],
  ['01:60', 'That is not a time of day.'],
  ['01:10+99', 'There is no such time zone.'],
  ['2026-02-30 01:10', 'There is no such day.'],
  ['2026-11-23 12:02', 'That is in the future.'],
  ['2027-01-01 01:10', 'That is in the future.'],
  ['-99999999w', 'That is before 1970.'],
])('%j is refused, with what is understood: %s', (text, why) => {
  expect(read(text)).toBe(`${why} Give a time like ${timeForms}.`);
});

test('every form that is named is understood', () => {
  for (const form of timeForms.split(', '))
    expect(readTime(form, Date.UTC(2026, 10, 23, 12))).toHaveProperty('at');
});

test('whatever is typed, it ends, says why not, or finds a time that is not ahead of now', () => {
  const pieces = fc
    .array(
      fc.constantFrom(...'0123456789:-+ TzZ', ' ago', 'local', 'utc', '2h', '90m', '2026-11-23', '01:10'),
      {maxLength: 12},
    )
    .map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(pieces, fc.string({unit: 'binary', maxLength: 80})), (text) => {
      const found = readTime(text, noon);
      if ('problem' in found) expect(found.problem).toContain(timeForms);
      else {
        expect(Number.isInteger(found.at / 1000)).toBe(true);
        expect(found.at).toBeLessThanOrEqual(noon + 60_000);
        expect(found.at).toBeGreaterThanOrEqual(-14 * 3_600_000);
      }
    }),
    {numRuns: 2000},
  );
});

test('what is written down is read again as what it was', () => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: noon / 1000}), (seconds) => {
      expect(readTime(writeTime(seconds * 1000), noon)).toEqual({at: seconds * 1000});
    }),
  );
});
