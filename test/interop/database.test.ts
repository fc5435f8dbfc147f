import fs from 'node:fs';
import path from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {phpHash} from '../support/backups.ts';
import {rootWith} from '../support/php-config.ts';
import {type Cluster, noServer, startCluster} from '../support/postgres.ts';
import {execute, jsonLines, magds} from '../support/run.ts';

const php = (...args: string[]) => execute('php', [path.join(import.meta.dirname, 'backup.php'), ...args]);

describe.skipIf(noServer !== null)('a backup that holds a database', () => {
  let cluster: Cluster;

  beforeAll(() => {
    cluster = startCluster({tcp: true});
    cluster.sql(
      `CREATE ROLE magds LOGIN SUPERUSER PASSWORD 'pa:ss\\word'; CREATE DATABASE magds OWNER magds`,
    );
    cluster.sql('CREATE TABLE accounts AS SELECT i FROM generate_series(1, 42) i', 'magds');
  });

  /** A root whose database is named by a connection of the PHP configuration. */
  function aRoot(): string {
    const connection = {
      driver: 'pgsql',
      host: '127.0.0.1',
      port: cluster.port,
      database: 'magds',
      username: 'magds',
      password: 'pa:ss\\word',
    };
    const datasets = [
      {name: 'tenants', source: 'storage/data/tenants.json'},
      {name: 'magdsdb', type: 'postgres', connection: 'magdsdb', globals: true},
    ];
    const root = rootWith({
      'config/base/magds.php': {magds: {primary: {connection: 'magdsdb'}}},
      'config/base/database.php': {database: {connections: {magdsdb: connection}}},
      'storage/runbook/config.json': JSON.stringify({version: 1, backup: {datasets}}),
    });
    fs.mkdirSync(`${root}/storage/data`, {recursive: true});
    fs.writeFileSync(`${root}/storage/data/tenants.json`, '{}');
    return root;
  }

  test('is made, listed, verified and looked into by us, verified by PHP, and its dump is what is extracted', async () => {
    const root = aRoot();
    const backups = `${root}/storage/backups`;
    const at = `--root=${root}`;
    const planned = await magds(['backup', 'run', '--dry-run', at]);
    expect(planned).toMatchObject({code: 0});
    expect(planned.stdout).toMatch(/\+ magdsdb {2}with roles, .* connection magdsdb/);
    expect(fs.existsSync(backups)).toBe(false);
    const run = await magds(['backup', 'run', '--json', at]);
    expect(run).toMatchObject({code: 0});
    const summary = jsonLines(run.stdout).at(-1) as {
      id: string;
      datasets: {name: string; source: string | null}[];
    };
    expect(summary.datasets.map(({name, source}) => [name, source])).toEqual([
      ['tenants', `${root}/storage/data/tenants.json`],
      ['magdsdb', `${root}/storage/restore/magdsdb.dump`],
      ['magdsdb/globals.sql', null],
    ]);
    const {id} = summary;
    const manifest = `${backups}/${id}/manifest.json`;
    const text = fs.readFileSync(manifest, 'utf8');
    expect(text).toContain('"public.accounts": 42');
    for (const each of [run.stdout, run.stderr, planned.stdout, text, (await magds(['config', at])).stdout])
      expect(each).not.toMatch(/pa:ss|word'/);

    // Byte for byte as PHP would have written it, and unharmed once PHP has.
    expect((await php('rewrite', manifest)).stdout).toBe(text);
    const verified = await php('verify', '--backups', backups, `--id=${id}`);
    expect(verified).toMatchObject({
      code: 0,
      stdout: 'match tenants\nmatch magdsdb\nmatch magdsdb/globals.sql\n',
    });
    const verify = await magds(['backup', 'verify', id, '--content', '--json', at]);
    expect(verify).toMatchObject({code: 0});
    expect(jsonLines(verify.stdout).at(-1)).toMatchObject({
      backups: [{content: {result: 'sound', datasets: [{name: 'tenants'}, {name: 'magdsdb', kind: 'dump'}]}}],
    });
    expect(await magds(['backup', 'list', at])).toMatchObject({code: 0, stdout: expect.stringContaining(id)});
    expect(await magds(['backup', 'show', id, at])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('magdsdb'),
    });
    const to = `${root}/magdsdb.dump`;
    const extracted = await magds(['backup', 'extract', id, 'magdsdb', `--to=${to}`, at]);
    expect(extracted).toMatchObject({code: 0});
    expect(phpHash('sha256', fs.readFileSync(to))).toBe(
      phpHash('sha256', fs.readFileSync(`${backups}/${id}/datasets/magdsdb/magdsdb.dump`)),
    );

    // PHP lays the dump down, and passes over what has no place.
    const restored = await php('restore', '--backups', backups, `--id=${id}`);
    expect(restored).toMatchObject({code: 0, stdout: 'restored tenants\nrestored magdsdb\n'});
    expect(fs.readdirSync(`${root}/storage/restore`)).toEqual(['magdsdb.dump']);
  });
});
