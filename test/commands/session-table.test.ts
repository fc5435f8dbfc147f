import {expect, test} from 'vitest';
import {sessionTable} from '../../source/commands/session-list.ts';
import type {Story} from '../../source/engine/session/story.ts';

const story = {
  number: 1,
  openedAt: '2026-11-29T16:17:10.000Z',
  id: '20261129_070527_pre-release',
  undoes: null,
  drill: false,
  state: 'done',
  closed: false,
  broken: null,
  undoneBy: null,
  endedEarly: false,
  ignored: null,
  steps: [],
  operator: 'amira',
  ticket: 'INC-4711',
  title: null,
} as unknown as Story;

test('a terminal of 80 columns shows each session in a line, and who it was below', async () => {
  const lines = await sessionTable([story], true);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(lines[1]).toMatch(/^1 +2026-11-29 16:17 +20261129_070527_pre-release +done, NOT SIGNED OFF/);
  expect(lines[2]).toBe('    by amira, INC-4711');
});

test('a pipe gets one line for each', async () => {
  const [, line, ...others] = await sessionTable([story], false);
  expect(line).toMatch(/^1 +2026-11-29T16:17:10 .* amira, INC-4711$/);
  expect(others).toEqual([]);
});

test('of one that is signed off it says what failed', async () => {
  const steps = [{id: 'service', title: 'service resumed', answer: {state: 'failed'}}];
  const signed = {...story, closed: true, steps} as unknown as Story;
  expect((await sessionTable([signed], true))[1]).toMatch(/ done, 1 FAILED +1 of 1$/);
});
