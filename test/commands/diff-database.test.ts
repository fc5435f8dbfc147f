import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {unprintable} from '../support/hostile.ts';
import {backup, rootWith} from '../support/php-config.ts';
import {type Cluster, noServer, startCluster} from '../support/postgres.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const odd = 'a"b\u001b[31m\n\u202ex';

describe.skipIf(noServer !== null)('a database in the faces of backup', () => {
  let cluster: Cluster;
  let root: string;
  let id: string;
  const run = (...args: string[]) => magds([...args, '--root', root]);
  const diff = (...args: string[]) => run('backup', 'diff', ...args);

  test('a night, an incident, and what is seen of both', {timeout: 240_000}, async () => {
    cluster = startCluster({tcp: true});
    cluster.sql("CREATE ROLE magds LOGIN PASSWORD 'p:w\\x'; CREATE DATABASE shop OWNER magds");
    // A moment that is written in another time zone is no other row.
    cluster.sql("ALTER DATABASE shop SET timezone = 'Asia/Tokyo'");
    const name = `"${odd.replaceAll('"', '""')}"`;
    cluster.sql(
      `SET ROLE magds; CREATE TABLE accounts (id int); INSERT INTO accounts SELECT generate_series(1, 6000);
      CREATE TABLE postings (id int, at timestamptz DEFAULT '2026-11-20 12:00Z');
      INSERT INTO postings SELECT generate_series(1, 12345); CREATE TABLE ${name} (i int)`,
      'shop',
    );
    root = rootWith({
      'config/base/magds.php': backup({datasets: [{name: 'tenants', source: 'tenants.json'}]}),
      'config/base/database.php': {
        database: {
          connections: {
            shop: {
              host: '127.0.0.1',
              port: cluster.port,
              database: 'shop',
              username: 'magds',
              password: 'p:w\\x',
            },
          },
        },
        magds: {primary: {connection: 'shop'}},
      },
      'tenants.json': '{}',
    });
    fs.mkdirSync(`${root}/storage/runbook`, {recursive: true});
    const {stdout} = await run('config', '--suggest');
    fs.writeFileSync(`${root}/storage/runbook/config.json`, stdout);
    const made = await run('backup', 'run', '--label=night');
    expect(made).toMatchObject({code: 0});
    expect(made.stdout).toMatch(/^ {2}\+ shop {2}[\d.]+ kB {2}18,345 rows in 3 tables$/m);
    [id = ''] = fs.readdirSync(`${root}/storage/backups`);
    await isTaken();
    await isShown();
    await isAlike();
    await isLess();
    await isRead();
    await isComparedByManifests();
    await isDrilled();
  });

  /** Which rows they are is read out of the dump, which is loaded nowhere, and from the server. */
  async function isRead(): Promise<void> {
    cluster.sql(
      `UPDATE accounts SET id = -1 WHERE id = 7; CREATE TABLE "to come" (a int) PARTITION BY RANGE (a)`,
      'shop',
    );
    const rows = (table: string, ...more: string[]) =>
      diff(id, '--dataset=shop', `--table=${table}`, ...more);
    const {code, stdout} = await rows('accounts');
    expect(code).toBe(4);
    // Nothing tells them apart but their one column.
    expect(stdout).toContain(
      'public.accounts, by id: 5189 only on the - side, 1 only on the + side; 6000 on the - side, 812 on the + side.\n',
    );
    expect(stdout).toMatch(/^@@ public\.accounts, by id @@$/m);
    expect(stdout).toContain('\n+ "-1"\n');
    expect(stdout).toContain('\n- "7"\n');
    cluster.sql('ALTER DATABASE shop RESET timezone');
    const [json] = jsonLines((await rows('public.postings', '--json')).stdout).slice(-1);
    expect(json).toMatchObject({
      difference: {
        kind: 'tables',
        as: 'postgres',
        isWhole: true,
        tables: [
          {name: 'public.postings', by: 'id', onlyOne: 0, onlyOther: 1, rows: [{mark: '+', key: '"0"'}]},
        ],
      },
    });
    const none = `public."${odd.replaceAll('"', '""')}"`;
    const even = await rows(none);
    expect(even.code).toBe(0);
    expect(even.stdout).toContain('The same: 1 of 1 (public.');
    expect(even.stdout).not.toContain('As many');
    expect((await rows('public.nothing')).stdout).toContain(
      'Not compared: in the backup the dump holds no table of that name',
    );
    expect((await rows('public.nothing')).code).toBe(3);
    expect((await rows('"to come"')).stdout).toContain('Not compared: in the backup the dump holds no table');
    expect((await rows('accounts', '--read-only')).stdout).toContain(
      'Not compared: its rows are put into private files, and --read-only writes nothing.',
    );
    expect(await diff(id, '--dataset=tenants', '--table=accounts')).toMatchObject({
      code: 2,
      stderr: 'magds: --table is for a database: name it with --dataset.\n',
    });
    // Of both backups, and no server is asked.
    const copy = fs.readFileSync(`${root}/config/base/database.php`, 'utf8');
    fs.writeFileSync(`${root}/config/base/database.php`, copy.replace(String(cluster.port), '1'));
    expect(await rows('accounts', `--with=${id}`)).toMatchObject({code: 0});
    fs.writeFileSync(`${root}/config/base/database.php`, copy);
    expect(fs.globSync(`${root}/storage/runbook/checking/*`)).toEqual([]);
    cluster.sql('UPDATE accounts SET id = 7 WHERE id = -1; DROP TABLE "to come"', 'shop');
  }

  /** As a timer does it: loaded, counted, dropped again, with evidence. */
  async function isDrilled(): Promise<void> {
    const databases = () => cluster.sql('SELECT datname FROM pg_database ORDER BY 1');
    const before = databases();
    const into = `${temporaryDirectory()}/drill`;
    const drill = () =>
      run(
        ...['restore', `--id=${id}`, `--into=${into}`, '--into-database=shop', '--only=shop'],
        ...[`--yes=${id}`, '--purpose=drill', '--evidence'],
      );
    expect(await drill()).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('may not create databases there: ALTER ROLE "magds" CREATEDB'),
    });
    cluster.sql('ALTER ROLE magds CREATEDB');
    const drilled = await drill();
    expect(drilled).toMatchObject({code: 0});
    expect(drilled.stdout).toMatch(
      /^ {2}\+ loaded beside .*, 18345 rows in 3 tables, as the manifest says$/m,
    );
    expect(databases()).toBe(before);
    const evidence = fs.globSync(`${root}/storage/runbook/evidence/*session-1.md`);
    const text = fs.readFileSync(evidence[0] ?? '', 'utf8');
    expect(text).toMatch(/accounts.*6000/);
    const unknown = await run(
      'restore',
      `--id=${id}`,
      `--into=${into}-2`,
      '--into-database=none',
      '--dry-run',
    );
    expect(unknown).toMatchObject({code: 2, stderr: expect.stringContaining('has no connection none')});
  }

  /** What was suggested is taken, and the doctor finds all well but what the role lacks. */
  async function isTaken(): Promise<void> {
    const {stdout} = await run('config');
    expect(stdout).toMatch(/^database shop +database "shop" on 127\.0\.0\.1:\d+, in shop /m);
    const {stdout: told} = await run('doctor', '--json');
    const checks = (jsonLines(told)[0] as {checks: {id: string; state: string; what: string}[]}).checks;
    const of = (wanted: string) =>
      checks.filter((check) => check.id === wanted).map(({state, what}) => [state, what]);
    expect(of('covered')).toEqual([['ok', '1 of 1 database of the PHP configuration in a dataset']]);
    expect(of('server')).toEqual([
      [
        'ok',
        expect.stringMatching(
          /^shop: database "shop" on 127\.0\.0\.1:\d+, PostgreSQL [\d.]+, as magds: 3 tables, /,
        ),
      ],
    ]);
    expect(of('rights')).toEqual([
      ['beware', expect.stringContaining("magds may not make a database, nor end others' sessions")],
    ]);
    expect(`${stdout}${told}`).not.toContain('p:w');
  }

  /** A backup is shown with its database, and its tables, the largest first. */
  async function isShown(): Promise<void> {
    const {stdout} = await run('backup', 'show', id);
    expect(stdout).toMatch(
      /^shop: database "shop" on 127\.0\.0\.1:\d+, PostgreSQL [\d.]+, dumped by pg_dump /m,
    );
    expect(stdout.slice(stdout.indexOf('18,345 rows in 3 tables at'))).toMatch(
      /^.*\n {2}12,345 {2}public\.postings\n {3}6,000 {2}public\.accounts\n {7}0 {2}public\."a""b\\u\{1b\}/,
    );
    expect((await run('backup', 'list')).stdout).toContain('? 18.3k rows');
    const [listed] = jsonLines((await run('backup', 'list', '--json')).stdout) as [
      {backups: {copies: {dataset: string; database: object | null}[]}[]},
    ];
    expect(listed.backups[0]?.copies.map(({dataset, database}) => [dataset, database])).toEqual([
      ['tenants', null],
      ['shop', expect.objectContaining({database: 'shop', tables: 3, rows: 18_345})],
    ]);
  }

  /** As many rows is not "the same", and no bytes differ. */
  async function isAlike(): Promise<void> {
    const {code, stdout} = await diff(id);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^shop .*= as many rows$/m);
    expect(stdout).not.toContain('differs');
    const one = await diff(id, '--dataset=shop');
    expect(one.code).toBe(3);
    expect(one.stdout).toContain('As many rows: 3 of 3');
    expect(one.stdout).toContain('Rows were counted, not compared: - at ');
    expect(one.stdout.replaceAll('\n', '')).not.toMatch(unprintable);
  }

  /** Rows that are gone are counted, by table. */
  async function isLess(): Promise<void> {
    cluster.sql('DELETE FROM accounts WHERE id > 812; INSERT INTO postings VALUES (0)', 'shop');
    const all = await diff(id);
    expect(all.code).toBe(4);
    expect(all.stdout).toContain(
      '! shop: live has 5,188 rows fewer (public.accounts), 1 row more (public.postings)',
    );
    const one = await diff(id, '--dataset=shop');
    expect(one.code).toBe(4);
    expect(one.stdout).toContain(
      'public.accounts: 5188 fewer on the + side; 6000 on the - side, 812 on the + side.\n' +
        'public.postings: 1 more on the + side; 12345 on the - side, 12346 on the + side.\n',
    );
    const json = jsonLines((await diff(id, '--json')).stdout).at(-1);
    expect(json).toMatchObject({
      result: 'differs',
      datasets: [
        {name: 'tenants', relation: 'same'},
        {
          name: 'shop',
          relation: 'differs',
          one: {rows: {rows: {'public.accounts': 6000}}},
          other: {rows: {rows: {'public.accounts': 812}}},
        },
        {},
      ].slice(0, 2),
    });
  }

  /** Two backups are compared by their manifests, whatever their bytes. */
  async function isComparedByManifests(): Promise<void> {
    const again = await run('backup', 'run', '--label=again');
    expect(again.code).toBe(0);
    // Dumps of one second could be the same to the byte.
    cluster.sql('UPDATE accounts SET id = id + 100000', 'shop');
    const twin = await run('backup', 'run', '--label=twin');
    expect(twin.code).toBe(0);
    const [, second = '', third = ''] = fs.readdirSync(`${root}/storage/backups`).toSorted();
    cluster.stop();
    try {
      const differs = await diff(id, `--with=${second}`);
      expect(differs.code).toBe(4);
      expect(differs.stdout).toContain(`! shop: ${second} has 5,188 rows fewer`);
      const alike = await diff(second, `--with=${third}`);
      expect(alike.code).toBe(3);
      expect(alike.stdout).toMatch(/^shop .*= as many rows$/m);
      // A server that is down is one line, and quick.
      const down = await diff(id);
      expect(down.code).toBe(3);
      expect(down.stdout).toMatch(
        /^shop .*\? not compared: database "shop" on 127\.0\.0\.1:\d+: .*: check whether the server runs/m,
      );
      const {stdout} = await run('doctor', '--json');
      expect(stdout).toContain('check whether the server runs');
      expect(stdout).not.toContain('p:w');
    } finally {
      cluster.start();
    }
  }
});
