import {expect, test} from 'vitest';
import {doubtsOf, noTimes, timeNote, timeOf, timesOf} from '../../../source/engine/session/times.ts';
import {aLine} from '../../support/session-states.ts';

const at = Date.UTC(2026, 10, 23, 1, 20);

test('of each time the last one counts that was said', () => {
  const lines = [
    aLine(...timeNote('noticed', at)),
    aLine(...timeNote('service-back', at + 60_000)),
    aLine(...timeNote('noticed', at + 1000)),
  ];
  const times = {
    noticed: '2026-11-23T01:20:01.000Z',
    declared: null,
    serviceBack: '2026-11-23T01:21:00.000Z',
  };
  expect(timesOf(lines)).toEqual(times);
  expect(timeOf(times, 'service-back')).toBe('2026-11-23T01:21:00.000Z');
});

test.each([
  ['no such time', {what: 'lunch', at: '2026-11-23T01:20:00.000Z'}],
  ['no moment', {what: 'noticed', at: 'yesterday'}],
  ['no UTC', {what: 'noticed', at: '2026-11-23T01:20:00+01:00'}],
  ['a day that there is not', {what: 'noticed', at: '2026-13-23T01:20:00Z'}],
  ['a number', {what: 'noticed', at}],
  ['nothing', {}],
])('a line that says %s is passed over', (_, data) => {
  expect(timesOf([aLine('time', data)])).toEqual(noTimes);
});

test('times that can hardly be meant are doubted, those of one minute are not', () => {
  const iso = (minutes: number): string => new Date(at + minutes * 60_000).toISOString();
  const all = {noticed: iso(0), declared: iso(5), serviceBack: iso(60)};
  const end = new Date(at + 60 * 60_000 + 59_000).toISOString();
  expect(doubtsOf(all, iso(-30), end)).toEqual([]);
  expect(doubtsOf(noTimes, null, null)).toEqual([]);
  expect(doubtsOf({...noTimes, serviceBack: iso(59)}, null, end)).toEqual([
    'service back (2026-11-23 02:19Z) is before the end of the restore (2026-11-23 02:20:59Z)',
  ]);
  expect(doubtsOf({...all, noticed: iso(-31)}, iso(-30), null)).toEqual([
    'noticed (2026-11-23 00:49Z) is before bad since (2026-11-23 00:50Z)',
  ]);
  expect(doubtsOf({noticed: iso(6), declared: iso(5), serviceBack: iso(4)}, null, null)).toEqual([
    'declared (2026-11-23 01:25Z) is before noticed (2026-11-23 01:26Z)',
    'service back (2026-11-23 01:24Z) is before noticed (2026-11-23 01:26Z)',
    'service back (2026-11-23 01:24Z) is before declared (2026-11-23 01:25Z)',
  ]);
});
