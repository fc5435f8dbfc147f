import fs from 'node:fs';
import {expect, test, vi} from 'vitest';
import {openState} from '../../../../source/engine/storage/runbook/state-directory.ts';
import {temporaryDirectory} from '../../../support/temporary.ts';

test('one that another process puts in the place of the one just made is opened instead', () => {
  const root = temporaryDirectory();
  fs.mkdirSync(`${root}/storage`);
  const access = fs.accessSync;
  let replaced = 0;
  const spy = vi.spyOn(fs, 'accessSync').mockImplementation((...args) => {
    // A rename goes over a directory that is empty.
    if (replaced++ === 0) {
      fs.mkdirSync(`${root}/storage/other`);
      fs.renameSync(`${root}/storage/other`, `${root}/storage/runbook`);
    }
    access(...args);
  });
  try {
    const state = openState(root);
    state.write('told', 'kept');
    state.close();
  } finally {
    spy.mockRestore();
  }
  expect(fs.readFileSync(`${root}/storage/runbook/told`, 'utf8')).toBe('kept');
});
