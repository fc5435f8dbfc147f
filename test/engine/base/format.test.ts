import {expect, test} from 'vitest';
import {formatAge, formatBytes, formatDuration, parseDuration} from '../../../source/engine/base/format.ts';

test.each([
  [0, '0 B'],
  [75.06056891975923, '75 B'],
  [999, '999 B'],
  [999.6, '1.0 kB'],
  [1000, '1.0 kB'],
  [9949, '9.9 kB'],
  [9950, '10 kB'],
  [25_400, '25 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [1_900_000_000, '1.9 GB'],
  [5e18, '5000 PB'],
])('%f bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [-1, 'future'],
  [59, 'now'],
  [60, '1m'],
  [3599, '59m'],
  [3600, '1h'],
  [48 * 3600 - 1, '47h'],
  [48 * 3600, '2d'],
  [729 * 86_400, '729d'],
  [731 * 86_400, '2y'],
  [10 * 365.25 * 86_400, '10y'],
])('%d seconds ago is %s', (seconds, text) => {
  expect(formatAge(seconds)).toBe(text);
});

test.each([
  [0, '0s'],
  [0.01, '0.1s'],
  [0.44, '0.4s'],
  [0.96, '1s'],
  [59.4, '59s'],
  [59.6, '1m00s'],
  [125, '2m05s'],
  [3840, '1h04m'],
])('%d seconds last %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  ['0s', 0],
  ['90m', 5400],
  ['24h', 86_400],
  ['7d', 604_800],
  ['2w', 1_209_600],
])('%s is %d seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(['', '7', 'd', '-1d', '1.5h', '1D', ' 1d', '1d1h', '1y', '1234567890s', '1d\n'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);
