import {inspect} from 'node:util';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {DatasetOutcome} from '../../source/engine/backup/copy-sources.ts';
import type {RunEvent} from '../../source/engine/backup/run-events.ts';
import type {PlannedDataset} from '../../source/engine/datasets/type.ts';
import type {MadeCopy} from '../../source/engine/storage/manifest/write.ts';
import {fraction, secondsLeft} from '../../source/presenters/rate.ts';
import {noRun, type RunProgress, reduceRun} from '../../source/presenters/run-progress.ts';
import {aPlan, aPlanned, aRunResult, someFiles} from '../support/run-states.ts';

/** A state in words, whole. */
const all = {depth: null, maxArrayLength: null, maxStringLength: null};

/** A dataset of files of these sizes; missing where there are none. */
const ofSizes = (name: string, ...sizes: number[]): PlannedDataset =>
  aPlanned(name, {
    files: someFiles(name, ...sizes),
    missing: sizes.length === 0 ? 'its source is missing' : null,
  });

const aCopy: MadeCopy = {
  name: 'tenants',
  source: '/srv/tenants',
  at: ['datasets', 'tenants'],
  hash: 'ab',
  bytes: 0,
  attributes: {mode: '0644', uid: 0, gid: 0, mtime: '2026-11-23T13:00:00.000000000Z'},
};
const outcome = (changes: Partial<DatasetOutcome> = {}): DatasetOutcome => ({
  name: 'tenants',
  copies: [aCopy],
  bytes: 100,
  failed: [],
  changed: [],
  doubtful: [],
  gone: [],
  ...changes,
});
const dataset = (index: number, changes: Partial<DatasetOutcome> = {}): RunEvent => ({
  type: 'dataset',
  index,
  outcome: outcome(changes),
});
const progress = (...bytes: number[]): RunEvent => ({
  type: 'progress',
  bytes,
  bytesDone: bytes.reduce((sum, each) => sum + each, 0),
});
const result = aRunResult('done', {seconds: 7.5});

const runAfter = (...events: [RunEvent, number][]): RunProgress =>
  events.reduce((state, [event, seconds]) => reduceRun(state, event, seconds), noRun);
const plan = aPlan([ofSizes('tenants', 60, 40), ofSizes('ledger', 300), ofSizes('sessions')]);
const begin: [RunEvent, number] = [{type: 'planned', plan}, 0];

describe('a run', () => {
  test('begins with everything still to do', () => {
    const state = runAfter([{type: 'tidied', tidied: {left: [], names: ['x']}}, 0.1], begin);
    expect(state).toMatchObject({plan, totalBytes: 400, doneBytes: 0, published: null, result: null});
    expect(state.datasets).toEqual([
      {name: 'tenants', bytes: 100, done: 0, state: 'waiting', reason: null},
      {name: 'ledger', bytes: 300, done: 0, state: 'waiting', reason: null},
      {name: 'sessions', bytes: 0, done: 0, state: 'missing', reason: 'its source is missing'},
    ]);
    expect(fraction(state)).toBe(0);
    expect(secondsLeft(state)).toBeNull();
  });

  test('goes on counting its seconds once it is planned', () => {
    expect(runAfter([{type: 'tidied', tidied: {left: [], names: ['x']}}, 3], [begin[0], 4]).seconds).toBe(4);
  });

  test('counts what each dataset has read', () => {
    const state = runAfter(begin, [progress(100, 100, 0), 2]);
    expect(state.datasets.map(({done, state}) => [done, state])).toEqual([
      [100, 'copying'],
      [100, 'copying'],
      [0, 'missing'],
    ]);
    expect(state).toMatchObject({doneBytes: 200, seconds: 2});
    expect(secondsLeft(state)).toBe(2);
  });

  test('a dataset of which nothing is read yet waits', () => {
    expect(runAfter(begin, [progress(1, 0, 0), 1]).datasets.map(({state}) => state)).toEqual([
      'copying',
      'waiting',
      'missing',
    ]);
  });

  test('waits for the clock until it copies', () => {
    const reason = 'for the clock to pass 20261123_131813 UTC, the newest backup’s';
    const waiting = runAfter(begin, [{type: 'waiting', reason}, 1]);
    expect(waiting).toMatchObject({waiting: reason, seconds: 1});
    expect(reduceRun(waiting, progress(0, 0, 0), 2).waiting).toBeNull();
    expect(reduceRun(waiting, dataset(0), 2).waiting).toBeNull();
    expect(reduceRun(waiting, {type: 'finished', result}, 2).waiting).toBeNull();
  });

  test('is all done once it is published; what follows changes nothing', () => {
    const published = runAfter(begin, [progress(1, 1, 0), 1], [{type: 'published', id: 'x'}, 2]);
    expect(published).toMatchObject({published: 'x', doneBytes: 400, seconds: 2, result: null});
    const pruned = reduceRun(published, {type: 'pruned', id: 'y', reason: '', left: null}, 3);
    expect(pruned).toEqual({...published, seconds: 3});
    expect(reduceRun(pruned, {type: 'not pruned', id: 'z', reason: ''}, 4)).toEqual({
      ...published,
      seconds: 4,
    });
  });

  test('ends with its result, and the time that took', () => {
    expect(runAfter(begin, [{type: 'finished', result}, 99])).toMatchObject({result, seconds: 7.5});
  });

  test('that was stopped does not claim to have read everything', () => {
    const cancelled = aRunResult('cancelled');
    const state = runAfter(begin, [progress(100, 50, 0), 1], [{type: 'finished', result: cancelled}, 2]);
    expect(state).toMatchObject({doneBytes: 150, published: null});
    expect(fraction(state)).toBeLessThan(1);
  });
});

describe('a dataset ends', () => {
  const failed = [{name: 'tenants/1', reason: 'the source cannot be read: permission denied'}];
  const doubtful = [{name: 'tenants', reason: 'copied as it lies there'}];
  const changed = ['tenants'];

  test.each<[string, Partial<DatasetOutcome>, string | null]>([
    ['copied', {}, null],
    ['changed', {changed}, 'written to each time that it was read'],
    ['doubtful', {doubtful, changed}, 'copied as it lies there'],
    ['partly', {failed, doubtful, changed}, 'the source cannot be read: permission denied'],
    ['failed', {failed, copies: [], bytes: 0}, 'the source cannot be read: permission denied'],
  ])('%s', (state, changes, reason) => {
    const {bytes} = outcome(changes);
    const ended = runAfter(begin, [dataset(0, changes), 3]);
    expect(ended.datasets[0]).toEqual({name: 'tenants', bytes, done: bytes, state, reason});
    expect(ended.datasets.slice(1)).toEqual(runAfter(begin).datasets.slice(1));
    expect(ended.seconds).toBe(3);
  });

  test('in part, where its roles are copied and no dump could be made', () => {
    const ended = runAfter(begin, [dataset(2, {bytes: 640}), 3]);
    expect(ended.datasets[2]).toMatchObject({state: 'partly', reason: 'its source is missing', done: 640});
  });

  test('and stays so, whatever progress is told afterwards', () => {
    const ended = runAfter(begin, [dataset(0, {changed}), 1]);
    expect(reduceRun(ended, progress(1, 1, 0), 2).datasets[0]).toEqual(ended.datasets[0]);
  });

  test('with as many bytes as were copied, where it grew', () => {
    expect(runAfter(begin, [dataset(0, {bytes: 1000}), 1]).datasets[0]).toMatchObject({
      bytes: 1000,
      done: 1000,
    });
  });
});

describe('files that grow, shrink, or are read again', () => {
  const bytes = fc.array(fc.nat({max: 1000}), {minLength: 3, maxLength: 3});
  const event: fc.Arbitrary<RunEvent> = fc.oneof(
    {weight: 4, arbitrary: bytes.map((each) => progress(...each))},
    {
      weight: 2,
      arbitrary: fc
        .record({index: fc.nat({max: 2}), bytes: fc.nat({max: 1000})})
        .map(({index, bytes}) => dataset(index, {bytes})),
    },
    fc.constantFrom<RunEvent>(
      {type: 'waiting', reason: 'x'},
      {type: 'published', id: 'x'},
      {type: 'pruned', id: 'y', reason: '', left: null},
      {type: 'not pruned', id: 'y', reason: ''},
      {type: 'finished', result},
    ),
  );
  const events = fc.array(fc.tuple(event, fc.nat({max: 100})), {maxLength: 20});
  const sizes = fc.array(fc.array(fc.nat({max: 500}), {maxLength: 2}), {minLength: 3, maxLength: 3});

  test('take the whole neither backwards nor beyond its end', () => {
    fc.assert(
      fc.property(sizes, events, (each, steps) => {
        const datasets = each.map((files, index) => ofSizes(`d${index}`, ...files));
        let state = reduceRun(noRun, {type: 'planned', plan: aPlan(datasets)}, 0);
        const {totalBytes} = state;
        for (const [step, seconds] of steps) {
          const next = reduceRun(state, step, seconds);
          expect(next.totalBytes).toBe(totalBytes);
          expect(next.doneBytes).toBeGreaterThanOrEqual(state.doneBytes);
          expect(next.doneBytes).toBeLessThanOrEqual(totalBytes);
          expect(fraction(next)).toBeLessThanOrEqual(1);
          expect(secondsLeft(next) ?? 0).toBeGreaterThanOrEqual(0);
          state = next;
        }
      }),
      {numRuns: 300},
    );
  });

  test('never take the bar of one dataset beyond its end, nor backwards while it is copied', () => {
    fc.assert(
      fc.property(events, (steps) => {
        let state = runAfter(begin);
        for (const [step, seconds] of steps) {
          const next = reduceRun(state, step, seconds);
          next.datasets.forEach((each, index) => {
            expect(each.done).toBeLessThanOrEqual(each.bytes);
            if (step.type !== 'dataset')
              expect(each.done).toBeGreaterThanOrEqual(state.datasets[index]?.done ?? 0);
          });
          state = next;
        }
      }),
      {numRuns: 300},
    );
  });

  test('leave the state before alone', () => {
    fc.assert(
      fc.property(events, (steps) => {
        let state = runAfter(begin);
        for (const [step, seconds] of steps) {
          const before = inspect(state, all);
          const next = reduceRun(state, step, seconds);
          expect(inspect(state, all)).toBe(before);
          state = next;
        }
      }),
      {numRuns: 50},
    );
  });
});
