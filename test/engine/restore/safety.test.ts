import fs from 'node:fs';
import {expect, test} from 'vitest';
import {Directory} from '../../../source/engine/base/directory.ts';
import type {CopyResult} from '../../../source/engine/hashing/copy-files.ts';
import type {Pool} from '../../../source/engine/hashing/pool.ts';
import {saveLive} from '../../../source/engine/restore/safety.ts';
import {CancelledRestore} from '../../../source/engine/session/stopped.ts';
import {anItem} from '../../support/journals.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

test('a copy that takes long tells how far it is, and is cancelled in the midst of it', async () => {
  const state = Directory.open(temporaryDirectory());
  const stop = new AbortController();
  let bytes = 0;
  const copy: Pool['copy'] = (_, signal) => {
    const {promise, resolve} = Promise.withResolvers<CopyResult[]>();
    signal?.addEventListener('abort', () => resolve([{status: 'cancelled', reason: 'cancelled'}]));
    return {result: promise, bytes: () => ++bytes};
  };
  const told: number[] = [];
  const saving = saveLive({
    state,
    root: '/srv/magmoboce',
    id: '20261123_140000_before-restore-1',
    session: 1,
    items: [anItem('tenants')],
    pool: {copy} as Pool,
    signal: stop.signal,
    connection: null,
    directories: {by: null, records: {}},
    onProgress(done) {
      told.push(done);
      if (told.length === 2) stop.abort();
    },
  });
  await expect(saving).rejects.toBeInstanceOf(CancelledRestore);
  expect(told).toEqual([1, 2]);
  expect(fs.readdirSync(`${state.path}/building`)).toEqual([]);
  state.close();
});
