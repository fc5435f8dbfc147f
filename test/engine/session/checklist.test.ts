import {expect, test} from 'vitest';
import {checklistOf, runbookSteps} from '../../../source/engine/session/checklist.ts';
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
