import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {placeOf, presentOf, valuesOf} from '../support/metrics.ts';
import {backupId, makeRestorable, recordOf} from '../support/restores.ts';
import {temporaryDirectory} from '../support/temporary.ts';

describe('the metrics of a root', () => {
  test('follow a restore from its beginning to its sign-off', async () => {
    const {root, restore, close} = makeRestorable();
    expect(await restore()).toMatchObject({code: 0});
    const [opened] = recordOf(root, 1) as unknown as {at: string}[];
    const since = Date.parse(opened?.at ?? '') / 1000;
    const during = valuesOf({root});
    expect(during).toMatchObject({
      magdb_restores_total: 1,
      magdb_sessions_open: 1,
      magdb_session_opened_epoch: since,
    });
    expect(during['magdb_last_restore_epoch']).toBeGreaterThan(since);
    expect(during['magdb_restore_duration_seconds']).toBeGreaterThan(0);
    expect(await close(1)).toMatchObject({code: 0});
    expect(valuesOf({root})).toMatchObject({
      magdb_restores_total: 1,
      magdb_sessions_open: 0,
      magdb_session_opened_epoch: 0,
    });
  });

  test('tell of the oldest session that is open', async () => {
    const {root, restore, close, live} = makeRestorable();
    expect(await restore()).toMatchObject({code: 0});
    fs.writeFileSync(live('tenants'), 'written since');
    expect(await restore()).toMatchObject({code: 0});
    const sinceOf = (session: number) =>
      Date.parse((recordOf(root, session) as unknown as {at: string}[])[0]?.at ?? '') / 1000;
    expect(valuesOf({root})).toMatchObject({magdb_sessions_open: 2, magdb_session_opened_epoch: sinceOf(1)});
    expect(await close(1)).toMatchObject({code: 0});
    expect(valuesOf({root})).toMatchObject({magdb_sessions_open: 1, magdb_session_opened_epoch: sinceOf(2)});
  });

  test('keep a drill apart: no live file was restored', async () => {
    const {root, restore} = makeRestorable();
    expect(await restore(`--into=${temporaryDirectory()}/drill`)).toMatchObject({code: 0});
    expect(valuesOf({root})).toMatchObject({
      magdb_drills_total: 1,
      magdb_restores_total: 0,
      magdb_last_restore_epoch: 0,
      magdb_sessions_open: 0,
    });
  });

  test('that cannot be written keep nothing from being done, and are told', async () => {
    const {root, command} = makeRestorable();
    fs.writeFileSync(`${root}/storage/telemetry`, 'a file');
    const {code, stderr} = await command('backup', 'verify', '--all');
    // The copies match; what is to be known of it elsewhere is not known there.
    expect(code).toBe(3);
    expect(stderr).toContain(`the metrics ${root}/storage/telemetry/magds_backup.prom were not written: `);
  });

  test('are left alone by whatever only looks', async () => {
    const {root, command} = makeRestorable();
    for (const args of [['list'], ['verify', '--all', '--read-only'], ['show', backupId]])
      expect(await command('backup', ...args)).toMatchObject({code: 0});
    expect(fs.existsSync(`${root}/storage/telemetry`)).toBe(false);
    await command('backup', 'verify', '--all');
    expect(presentOf(placeOf(root))).toEqual({verified: 1});
  });
});
