import fs from 'node:fs';
import {expect, test} from 'vitest';
import {removeBackup} from '../../../source/engine/base/remove-tree.ts';
import {prune} from '../../../source/engine/retention/prune.ts';
import {openBackups} from '../../../source/engine/storage/backups-directory.ts';
import {openState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {makeBackup, makeRoot} from '../../support/backups.ts';

test('what has the name of a backup where that is emptied is not ours, and stays', async () => {
  const {root, backups} = makeRoot();
  const {id} = makeBackup({backups});
  const state = openState(root);
  const opened = openBackups(root, backups);
  const removing = state.make('removing');
  fs.mkdirSync(`${removing.path}/${id}`);
  fs.writeFileSync(`${removing.path}/${id}/session.jsonl`, 'precious');
  const verdict = {id, stays: false, reason: 'a test', counts: false, datasets: []};
  const events = await Array.fromAsync(prune(state, opened, [verdict], new AbortController().signal));
  expect(events).toEqual([{type: 'pruned', id, reason: 'a test', left: null}]);
  makeBackup({backups, id});
  removeBackup(backups, removing.path, id, () => {});
  expect(fs.readdirSync(backups)).toEqual([]);
  expect(fs.readdirSync(removing.path)).toEqual([id]);
  expect(fs.readFileSync(`${removing.path}/${id}/session.jsonl`, 'utf8')).toBe('precious');
});
