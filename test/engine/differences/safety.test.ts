import fs from 'node:fs';
import {expect, test} from 'vitest';
import {file} from '../../../source/engine/datasets/file.ts';
import {compare} from '../../../source/engine/differences/compare.ts';
import {createPool} from '../../../source/engine/hashing/pool.ts';
import {makeRestorable, savedIds} from '../../support/restores.ts';
import {aConfiguration} from '../../support/run-states.ts';

test('a safety backup is compared with the files that it was made of, and with nothing else', async () => {
  const {root, restore, live, contents} = makeRestorable();
  expect(await restore('--only=tenants')).toMatchObject({code: 0});
  const [id = ''] = savedIds(root);
  // Now another file is configured under its name; what an undo writes to is still the one of then.
  fs.writeFileSync(`${root}/storage/data/moved.json`, contents['tenants']?.live ?? '');
  const value = ['tenants', 'ledger'].map((name) => ({
    name,
    source: `${root}/storage/data/moved.json`,
    type: file,
    from: 'default',
  }));
  const configuration = aConfiguration({datasets: {value, from: 'config/base/magds.php:1', problem: null}});
  const place = {root, backups: `${root}/storage/runbook/safety`};
  const pool = createPool(1);
  const look = async () => {
    const found: string[] = [];
    const options = {place, configuration, id, other: null, safety: true, pool};
    for await (const event of compare(options))
      if (event.type === 'dataset') found.push(`${event.dataset.name}: ${event.dataset.relation}`);
    return found;
  };
  try {
    expect(await look()).toEqual(['tenants: differs']);
    fs.writeFileSync(live('tenants'), contents['tenants']?.live ?? '');
    expect(await look()).toEqual(['tenants: same']);
  } finally {
    pool.close();
  }
});
