import {describe, expect, test} from 'vitest';
import {byDataset} from '../../../source/engine/restore/by-dataset.ts';
import {whyNotRestore} from '../../../source/engine/restore/plan.ts';
import {anAction, aRestorePlan} from '../../support/restore-states.ts';
import {noon} from '../../support/states.ts';

const hour = 3_600_000;
const refused = (dataset: string, reason: string) =>
  anAction(dataset, {action: 'refused', reason, live: null, loses: null});

describe('a plan by dataset', () => {
  test('adds up the files of a directory, and is as bad as the worst of them', () => {
    const plan = aRestorePlan('id', [
      anAction('media/a', {action: 'unchanged', loses: null}),
      anAction('media/b'),
      refused('media/c', 'the copy is missing'),
      {...anAction('ledger'), role: 'sidecar', action: 'remove'},
      anAction('ledger', {action: 'create', live: {kind: 'absent', missing: []}, loses: null}),
    ]);
    expect([...byDataset(plan, []).values()]).toMatchObject([
      {
        dataset: 'media',
        action: 'refused',
        reason: 'the copy is missing',
        files: 3,
        changed: 1,
        bytes: 6000,
        live: {bytes: 6000},
        loses: true,
        period: {from: noon - 3 * hour, to: noon - hour},
      },
      {dataset: 'ledger', action: 'create', files: 1, changed: 1, live: null, loses: false, period: null},
    ]);
  });

  test('knows a dataset by its configured name, and none of what was written before the copy was made', () => {
    const plan = aRestorePlan('id', [anAction('a/b/c'), anAction('a/b/d')], {
      createdAt: new Date(noon).toISOString(),
    });
    expect([...byDataset(plan, ['a/b']).values()]).toMatchObject([{dataset: 'a/b', files: 2, period: null}]);
  });
});

test('equal reasons are said once, however many files they are about', () => {
  const many = Array.from({length: 20_000}, (_, index) => refused(`media/${index}`, 'the copy is missing'));
  expect(whyNotRestore(aRestorePlan('id', [...many, refused('ledger', 'it has another hard link')]))).toEqual(
    [
      'media/0, media/1, media/2, media/3, media/4 and 19995 more: the copy is missing',
      'ledger: it has another hard link',
    ],
  );
});
