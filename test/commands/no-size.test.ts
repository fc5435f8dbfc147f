import fs from 'node:fs';
import {expect, test} from 'vitest';
import {diagnose} from '../support/doctor.ts';
import {backup, rootWith} from '../support/php-config.ts';
import {contentOf} from '../support/restores.ts';
import {execute, jsonLines, magds} from '../support/run.ts';

test('on a file system that has no size nothing is refused for want of space', async ({skip}) => {
  const datasets = [{name: 'tenants', source: 'storage/data/tenants.json'}];
  const root = rootWith({'config/base/magds.php': backup({datasets, retention: {max_count: 5}})});
  const live = `${root}/storage/data/tenants.json`;
  fs.mkdirSync(`${root}/storage`);
  const mounted = await execute('mount', ['-t', 'ramfs', 'ramfs', `${root}/storage`]);
  if (mounted.code !== 0) skip('no mounts are allowed');
  try {
    fs.mkdirSync(`${root}/storage/data`);
    fs.writeFileSync(live, 'saved');
    const run = await magds(['backup', 'run', '--json', '--root', root]);
    expect(run).toMatchObject({code: 0});
    const {id} = jsonLines(run.stdout).at(-1) as {id: string};
    fs.writeFileSync(live, 'bad');
    const plan = await magds(['restore', `--id=${id}`, '--dry-run', '--json', '--root', root]);
    expect(JSON.parse(plan.stdout)).toMatchObject({space: [{free: null}], reasons: []});
    expect(await magds(['restore', `--id=${id}`, `--yes=${id}`, '--root', root])).toMatchObject({code: 0});
    expect(contentOf(live)).toBe('saved');
    const {rows} = await diagnose(root);
    for (const check of ['backup-space', 'restore-space'])
      expect(rows(check)).toMatchObject([
        {state: 'unknown', what: expect.stringContaining('does not say how much is free')},
      ]);
    const pin = await magds(['backup', 'pin', id, '--reason=x', '--root', root]);
    expect(pin).toMatchObject({code: 0});
  } finally {
    expect(await execute('umount', [`${root}/storage`])).toMatchObject({code: 0});
  }
});
