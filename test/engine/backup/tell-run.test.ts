import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import type {RunOptions} from '../../../source/engine/backup/run-events.ts';
import {runAndTell} from '../../../source/engine/backup/tell-run.ts';
import {loadConfiguration} from '../../../source/engine/config/effective.ts';
import {openWriter} from '../../../source/engine/retention/writer.ts';
import {actionsIn, toldIn} from '../../support/audit.ts';
import {backup, rootWith} from '../../support/php-config.ts';
import {pool} from '../../support/verifying.ts';

async function makePlace(): Promise<RunOptions> {
  const datasets = [{name: 'tenants', source: 'storage/data/tenants.json'}];
  const root = rootWith({
    'config/base/magds.php': backup({datasets}),
    'storage/data/tenants.json': '{}',
  });
  fs.mkdirSync(`${root}/storage/backups`);
  const configuration = await loadConfiguration(root, {});
  const {signal} = new AbortController();
  return {root, backups: configuration.path.value, configuration, label: 'x', strict: false, pool, signal};
}

/** All of it, heard to its end. */
async function runAll(options: RunOptions): Promise<void> {
  for await (const _ of runAndTell(options));
}

const stopped = 'it was stopped: what started it is no longer listening';

describe('a run of backups is told of once', () => {
  test('where whoever began it stops early: nothing of it is there', async () => {
    const options = await makePlace();
    for await (const {type} of runAndTell(options)) if (type === 'planned') break;
    expect(toldIn(options.root)).toEqual([
      {action: 'magdb.backup.failed', payload: {id: null, label: 'x', reason: stopped}},
    ]);
    expect(fs.readdirSync(options.backups)).toEqual([]);
  });

  test('where it stops once the backup is there: which that is', async () => {
    const options = await makePlace();
    for await (const {type} of runAndTell(options)) if (type === 'published') break;
    const [id] = fs.readdirSync(options.backups);
    expect(toldIn(options.root)).toEqual([
      {action: 'magdb.backup.failed', payload: {id, label: 'x', reason: stopped}},
    ]);
  });

  test('where it is cancelled', async () => {
    const controller = new AbortController();
    const options = {...(await makePlace()), signal: controller.signal};
    for await (const {type} of runAndTell(options)) if (type === 'planned') controller.abort();
    expect(toldIn(options.root)).toEqual([
      {action: 'magdb.backup.failed', payload: {id: null, label: 'x', reason: 'cancelled'}},
    ]);
  });

  test('where another writer is at work', async () => {
    const options = await makePlace();
    const writer = openWriter({...options, doing: 'backup prune'});
    const run = runAll(options);
    await expect(run).rejects.toThrow('Locked by');
    writer.close();
    expect(toldIn(options.root)).toEqual([
      {
        action: 'magdb.backup.failed',
        payload: {id: null, label: 'x', reason: expect.stringContaining('Locked by')},
      },
    ]);
  });

  test('where something goes wrong that nobody foresaw', async () => {
    const {configuration, ...rest} = await makePlace();
    const broken = {
      ...configuration,
      get datasets(): never {
        throw new RangeError('odd');
      },
    };
    await expect(runAll({...rest, configuration: broken})).rejects.toThrow('odd');
    expect(toldIn(rest.root)).toEqual([
      {action: 'magdb.backup.failed', payload: {id: null, label: 'x', reason: 'odd'}},
    ]);
  });

  test('and not at all where it was asked for wrongly', async () => {
    const options = {...(await makePlace()), label: 'a\nb'};
    await expect(runAll(options)).rejects.toThrow('control characters');
    expect(actionsIn(options.root)).toEqual([]);
  });
});
