import {expect, test} from 'vitest';
import {checklistOf, manifestAnswer, runbookSteps} from '../../../source/engine/session/checklist.ts';
import type {DatabaseItem} from '../../../source/engine/session/database-item.ts';
import type {RecordLine} from '../../../source/engine/session/record.ts';
import {growth} from '../../support/growth.ts';

const answers = (count: number): RecordLine[] =>
  Array.from({length: count}, (_, index) => ({
    sequence: index + 1,
    at: '2026-11-23T13:00:00.000Z',
    operator: 'anna',
    type: 'step',
    data: {step: 'service', state: 'done', machine: false, note: `answer ${index}`},
    previous: '',
  }));

test('the last answer counts, and those before it are kept in their order', () => {
  const step = checklistOf(answers(3), runbookSteps).find(({id}) => id === 'service');
  expect(step?.answer?.note).toBe('answer 2');
  expect(step?.replaced.map(({note}) => note)).toEqual(['answer 0', 'answer 1']);
});

test('a step that is answered over and over is told in a time that grows with the answers', () => {
  const times = growth(10_000, 80_000, (count) => checklistOf(answers(count), runbookSteps));
  expect(times).toBeLessThan(32);
});

test('a database is judged by its rows, beside the hashes of files', () => {
  const item = {
    name: 'shop',
    new: {load: {rows: {'public.a': 6000, 'public.b': 412}}},
  } as unknown as DatabaseItem;
  const back = {name: 'shop', new: {load: null}} as unknown as DatabaseItem;
  const gone = {name: 'shop', new: null} as unknown as DatabaseItem;
  expect(manifestAnswer([true, true])).toMatchObject({
    state: 'done',
    note: '2 of 2 live files are what the manifest says',
  });
  expect(manifestAnswer([true], [item]).note).toBe(
    '1 of 1 live databases are what the manifest says; database "shop" was loaded with 6412 rows in 2 tables, each as the manifest counts it',
  );
  expect(manifestAnswer([true, false], [back])).toMatchObject({
    state: 'failed',
    note: '1 of 2 live files and databases are what the manifest says; database "shop" is the one of before, no row of it was loaded',
  });
  // One that is gone is none that could be as the manifest says.
  expect(manifestAnswer([true], [gone]).note).toBe(
    '1 of 1 live files are what the manifest says; database "shop" is gone again',
  );
});
