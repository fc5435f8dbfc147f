import {expect, test} from 'vitest';
import {noTimes, timeNote, timeOf, timesOf} from '../../../source/engine/session/times.ts';
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
