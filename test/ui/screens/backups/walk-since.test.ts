import {expect, test} from 'vitest';
import type {Since} from '../../../../source/engine/checklist/since.ts';
import {sessionsSlice} from '../../../../source/ui/screens/sessions/state.ts';
import {screenOf} from '../../../support/frames.ts';
import {aStory, sessionsRead} from '../../../support/session-states.ts';
import {anApp, reduceAll} from '../../../support/states.ts';

const checklistScreen = screenOf('checklist');

const since = (session: number, closed = false): string => {
  const datasets: Since[] = [
    {dataset: 'tenants', state: 'as restored', reason: null, by: null},
    {dataset: 'ledger', state: 'changed', reason: null, by: null},
    {dataset: 'media', state: 'unseen', reason: 'permission denied', by: null},
  ];
  const state = reduceAll(
    anApp(),
    sessionsRead(aStory({closed})),
    sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist'),
    {type: 'since read', session, datasets},
  );
  return checklistScreen(state)
    .map((line) => line.map(({text}) => text).join(''))
    .join('\n');
};

test('the checklist says what became of the live files since the restore', () => {
  expect(since(12)).toContain(
    '   = tenants: as restored\n   ! ledger: changed since the restore: expected once the service runs\n   ? media: cannot be looked at: permission denied\n',
  );
});

test('of another session, or one that is closed, it says nothing', () => {
  expect(since(11)).not.toContain('as restored');
  expect(since(12, true)).not.toContain('as restored');
});
