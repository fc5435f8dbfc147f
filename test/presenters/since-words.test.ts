import {expect, test} from 'vitest';
import {lineOf} from '../../source/commands/tell.ts';
import type {Since} from '../../source/engine/checklist/since.ts';
import {sinceSentences} from '../../source/presenters/since-words.ts';
import {aStory, someSteps} from '../support/session-states.ts';

const datasets: Since[] = [
  {dataset: 'media', state: 'unseen', reason: 'permission denied', by: null},
  {dataset: 'ledger', state: 'changed', reason: null, by: null},
  {dataset: 'tenants', state: 'as restored', reason: null, by: null},
  {dataset: 'rates', state: 'as restored', reason: null, by: null},
];
const said = (story = aStory()) => sinceSentences(story, datasets).map(lineOf);

test('names what is as restored, then what changed, then what cannot be seen', () => {
  expect(said()).toEqual([
    '= tenants, rates: as restored',
    '! ledger: changed since the restore: expected once the service runs',
    '? media: cannot be looked at: permission denied',
  ]);
});

test('what a later session wrote is said to be its own, whatever else changes it', () => {
  const later: Since[] = ['tenants', 'ledger'].map((dataset) => ({
    dataset,
    state: 'changed',
    reason: null,
    by: 5,
  }));
  const times = {noticed: null, declared: null, serviceBack: '2026-11-23T11:59:30.000Z'};
  expect(sinceSentences(aStory({times}), later).map(lineOf)).toEqual([
    '! tenants, ledger: written over since by session 5',
  ]);
});

test('what a service changes that is back is expected', () => {
  const expected = '= ledger: changed since the restore, as expected: the service runs';
  expect(said(aStory({steps: someSteps({step: 'service', state: 'done', note: null})}))).toContain(expected);
  const times = {noticed: null, declared: null, serviceBack: '2026-11-23T11:59:30.000Z'};
  expect(said(aStory({times}))).toContain(expected);
  expect(said(aStory({steps: someSteps({step: 'service', state: 'failed', note: 'x'})}))).not.toContain(
    expected,
  );
});
