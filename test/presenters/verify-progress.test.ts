import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {VerifyEvent} from '../../source/engine/verify/verify.ts';
import {fraction, rate} from '../../source/presenters/rate.ts';
import {
  type DatasetProgress,
  noProgress,
  reduceVerify,
  secondsRemaining,
  type VerifyProgress,
} from '../../source/presenters/verify-progress.ts';
import {aResult, finished, started} from '../support/states.ts';

const progress = (...bytes: number[]): VerifyEvent => ({
  type: 'progress',
  bytes: [bytes],
  bytesDone: bytes.reduce((sum, each) => sum + each, 0),
});
const progressAfter = (...events: [VerifyEvent, number][]): VerifyProgress =>
  events.reduce((state, [event, seconds]) => reduceVerify(state, event, seconds), noProgress);
const datasetsOf = ({backups}: VerifyProgress): DatasetProgress[] => backups.flat()[0]?.datasets.flat() ?? [];
const begin: [VerifyEvent, number] = [started('b', ['tenants', 'ledger']), 0];

test('starts with everything still to do', () => {
  expect(progressAfter(begin)).toMatchObject({totalBytes: 2000, doneBytes: 0, results: null});
  expect(fraction(progressAfter(begin))).toBe(0);
  expect(datasetsOf(progressAfter(begin)).map(({name}) => name)).toEqual(['tenants', 'ledger']);
});

test('counts what each dataset has read', () => {
  const state = progressAfter(begin, [progress(1000, 250), 2]);
  expect(datasetsOf(state).map(({done}) => done)).toEqual([1000, 250]);
  expect(fraction(state)).toBe(0.625);
  expect(rate(state)).toBe(625);
  expect(secondsRemaining(state)).toBeCloseTo(1.2);
});

test('a result stays, whatever progress is told afterwards', () => {
  const result = aResult('tenants');
  const state = progressAfter(
    begin,
    [{type: 'dataset', backup: 0, index: 0, result}, 1],
    [progress(0, 10), 2],
  );
  expect(datasetsOf(state)[0]).toMatchObject({done: 1000, result});
  expect(datasetsOf(state)[1]).toMatchObject({done: 10, result: null});
});

test('ends with the results', () => {
  const state = progressAfter(begin, [finished('b', [aResult('tenants'), aResult('ledger')]), 9]);
  expect(state).toMatchObject({doneBytes: 2000, seconds: 3});
  expect(state.results?.[0]?.result).toBe('passed');
  expect(secondsRemaining(state)).toBe(0);
});

test('a verification that was stopped does not claim to have read everything', () => {
  const cancelled = aResult('ledger', {status: 'cancelled', actual: null, bytes: null});
  const state = progressAfter(
    begin,
    [progress(1000, 100), 1],
    [finished('b', [aResult('tenants'), cancelled]), 1],
  );
  expect(fraction(state)).toBeLessThan(1);
});

test('a file that grows or shrinks takes the whole neither beyond its end nor backwards', () => {
  const step = fc.record({
    bytes: fc.array(fc.nat({max: 3000}), {minLength: 2, maxLength: 2}),
    seconds: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let state = progressAfter(begin);
      for (const {bytes, seconds} of steps) {
        const next = reduceVerify(state, progress(...bytes), seconds);
        expect(next.doneBytes).toBeGreaterThanOrEqual(state.doneBytes);
        expect(next.doneBytes).toBeLessThanOrEqual(next.totalBytes);
        expect(fraction(next)).toBeLessThanOrEqual(1);
        const left = secondsRemaining(next);
        if (left !== null) expect(left).toBeGreaterThanOrEqual(0);
        state = next;
      }
    }),
  );
});

test('the bar of one dataset never runs backwards', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({max: 1000})), (counts) => {
      let state = progressAfter(begin);
      for (const count of counts) {
        const done = datasetsOf(state)[0]?.done ?? 0;
        state = reduceVerify(state, progress(count, 0), 1);
        expect(datasetsOf(state)[0]?.done).toBeGreaterThanOrEqual(done);
      }
    }),
  );
});

describe('while there is too little to tell', () => {
  test('no rate and no time left', () => {
    expect(rate(progressAfter(begin))).toBeNull();
    expect(secondsRemaining(progressAfter(begin))).toBeNull();
    expect(rate(progressAfter(begin, [progress(500, 0), 0.1]))).toBeNull();
  });

  test('nothing to read is done at once', () => {
    expect(fraction(progressAfter([started('b', []), 0]))).toBe(1);
  });
});

test('a result among thousands copies few of them', () => {
  const names = Array.from({length: 20_000}, (_, number) => `file-${number}`);
  const before = progressAfter([started('b', names), 0]);
  const result = aResult('file-7777');
  const after = reduceVerify(before, {type: 'dataset', backup: 0, index: 7777, result}, 1);
  expect(datasetsOf(after)[7777]).toMatchObject({name: 'file-7777', result});
  const parts = ({backups}: VerifyProgress) => backups.flat()[0]?.datasets ?? [];
  const others = parts(after).filter((part, index) => part !== parts(before)[index]);
  expect(others).toHaveLength(1);
  expect(others[0]?.length).toBeLessThan(300);
  expect(parts(after).length).toBeLessThan(300);
});
