import {expect, expectTypeOf, test} from 'vitest';
import * as z from 'zod/mini';
import {counter, epoch, event, measure, result, where} from '../../../source/engine/storage/event-row.ts';

const row = {
  summary: 'a thing was done',
  fields: {good: z.boolean(), bytes: z.int()},
  result: ({good, bytes}: {good: boolean; bytes: number}) => result(good ? 'good' : 'bad', `${bytes} B`),
  metrics: [
    counter(1, 'things_total', 'Things.'),
    measure(2, 'thing_bytes', 'bytes', 'Bytes.'),
    ...where(({good}: {good: boolean}) => good, epoch(3, 'last_good_epoch', 'of the last good thing.')),
  ],
};

test('a row says all that there is to know of its event', () => {
  const {summary, result: resultOf, metrics} = event(row);
  expect(summary).toBe('a thing was done');
  expect(resultOf({good: true, bytes: 3, host: 'a'})).toEqual({tone: 'good', text: '3 B'});
  expect(resultOf({good: true})).toBeNull();
  const moved = (payload: object) => metrics.map(({moves}) => moves(payload));
  expect(moved({good: true, bytes: 3, timestamp: 5})).toEqual([1, 3, 5]);
  expect(moved({good: false, bytes: 0, timestamp: 5})).toEqual([1, 0, null]);
  expect(metrics.map(({help}) => help)).toEqual([
    'Things.',
    'Bytes.',
    'Unix timestamp of the last good thing.',
  ]);
});

test('a row that lacks a field, or moves a metric by what its event does not say, does not compile', () => {
  type Row = Parameters<typeof event<(typeof row)['fields']>>[0];
  const {summary, fields, result: resultOf, metrics} = row;
  expectTypeOf(row).toExtend<Row>();
  expectTypeOf({fields, result: resultOf, metrics}).not.toExtend<Row>();
  expectTypeOf({summary, result: resultOf, metrics}).not.toExtend<Row>();
  expectTypeOf({summary, fields, metrics}).not.toExtend<Row>();
  expectTypeOf({summary, fields, result: resultOf}).not.toExtend<Row>();
  expectTypeOf([measure(2, 'seconds', 'seconds', 'Seconds.')]).not.toExtend<Row['metrics']>();
});
