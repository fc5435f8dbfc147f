import fs from 'node:fs';
import {expect, test} from 'vitest';
import {byDataset, type DatasetPlan} from '../../../source/engine/restore/by-dataset.ts';
import {countLoss} from '../../../source/engine/restore/losses.ts';
import {anAction, aRestorePlan} from '../../support/restore-states.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const place = {root: null, readOnly: true};

function oneIn(root: string, copy: unknown, live: unknown): DatasetPlan {
  fs.writeFileSync(`${root}/copy.json`, JSON.stringify(copy));
  fs.writeFileSync(`${root}/live.json`, JSON.stringify(live));
  const action = anAction('tenants', {
    copy: ['copy.json'],
    place: {path: `${root}/live.json`, base: root, segments: ['live.json']},
  });
  return byDataset(aRestorePlan('id', [action]), []).get('tenants') as DatasetPlan;
}

test('what only the live file has is lost, not what only the copy has', async () => {
  const root = temporaryDirectory();
  const set = oneIn(root, {a: 1, b: 2, old: 1}, {a: 1, b: 3, new: 1, newer: 1});
  expect((await countLoss(set, root, place, new AbortController().signal)).counts).toEqual({
    of: 'entries',
    counts: [{name: '', onlyCopy: 1, onlyLive: 2, differ: 1}],
    isWhole: true,
  });
});

test('it ends at once when nobody wants to know any more', async () => {
  const root = temporaryDirectory();
  const set = oneIn(root, {a: 1}, {a: 2});
  await expect(countLoss(set, root, place, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
});
