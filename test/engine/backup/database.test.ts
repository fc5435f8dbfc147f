import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {beforeAll, describe, expect, test} from 'vitest';
import {runBackup} from '../../../source/engine/backup/run.ts';
import type {MadeEvent, RunEvent, RunResult} from '../../../source/engine/backup/run-events.ts';
import {type ContentSummary, checkContent} from '../../../source/engine/content/check.ts';
import {
  type DatasetEntry,
  datasetTypes,
  entrySchema,
  readDataset,
} from '../../../source/engine/datasets/all.ts';
import {identifier, literal} from '../../../source/engine/postgres/quote.ts';
import {type Manifest, readManifest} from '../../../source/engine/storage/manifest/read.ts';
import {makeRoot, phpHash} from '../../support/backups.ts';
import {type Cluster, noServer, startCluster} from '../../support/postgres.ts';
import {aConfiguration} from '../../support/run-states.ts';
import {temporaryDirectory} from '../../support/temporary.ts';
import {pool, verifyBackup} from '../../support/verifying.ts';

type Entry = DatasetEntry & Record<string, unknown>;
type Made = {root: string; backups: string; directory: string; result: RunResult; manifest: Manifest | null};

/** Makes a backup of databases. */
async function back(
  entries: Entry[],
  onEvent: (event: RunEvent | MadeEvent) => void = () => {},
  signal = new AbortController().signal,
): Promise<Made> {
  const {root, backups} = makeRoot();
  const datasets = entries.map((entry) =>
    readDataset(entrySchema(datasetTypes).parse({type: 'postgres', ...entry}), root, 'test'),
  );
  const configuration = aConfiguration({
    path: {value: backups, from: 'default', problem: null},
    datasets: {value: datasets, from: 'default', problem: null},
  });
  const options = {root, backups, configuration, label: '', strict: false, pool, interval: 20, signal};
  for await (const event of runBackup(options)) {
    onEvent(event);
    if (event.type !== 'finished') continue;
    const {result} = event;
    const directory = `${backups}/${result.id}`;
    const read = result.id === null ? null : readManifest(directory);
    return {root, backups, directory, result, manifest: read?.state === 'read' ? read.manifest : null};
  }
  throw new Error('it did not end');
}

const rowsIn = ({manifest}: Made, name: string): Map<string, number> =>
  manifest?.datasets.find((each) => each.name === name)?.facts?.rows ?? new Map();

describe.skipIf(noServer !== null)('a database', () => {
  let cluster: Cluster;
  const entry = (database: string, more: Record<string, unknown> = {}): Entry => ({
    name: database,
    socket: cluster.socket,
    port: cluster.port,
    user: 'postgres',
    database,
    ...more,
  });

  /** Loads a dump into a new database by hand, and counts its tables. */
  function loaded({directory}: Made, dump: string, database = 'scratch'): (table: string) => number {
    cluster.sql(`DROP DATABASE IF EXISTS ${database}`);
    cluster.sql(`CREATE DATABASE ${database}`);
    const file = `${directory}/datasets/${dump}`;
    const where = ['-h', cluster.socket, '-p', String(cluster.port), '-U', 'postgres', '-d', database];
    execFileSync(`${cluster.bin}/pg_restore`, ['--exit-on-error', ...where, file]);
    return (table) => Number(cluster.sql(`SELECT count(*) FROM ${table}`, database));
  }

  beforeAll(() => {
    cluster = startCluster({settings: {max_connections: '40'}});
    cluster.sql(
      'CREATE DATABASE magds; CREATE ROLE tenant_reader; CREATE ROLE app LOGIN PASSWORD $$secret$$',
    );
    const tables = Array.from(
      {length: 20},
      (_, index) => `CREATE TABLE t${index} (id serial PRIMARY KEY, said text);
        INSERT INTO t${index} (said) SELECT repeat('x', 50) || i FROM generate_series(1, ${(index + 1) * 50}) i;`,
    );
    cluster.sql(
      `${tables.join('\n')}
      CREATE SCHEMA "we""ird .%"; CREATE TABLE "we""ird .%"."ta'ble é" (a int); INSERT INTO "we""ird .%"."ta'ble é" VALUES (1), (2);
      CREATE TABLE events (id int, at date) PARTITION BY RANGE (at);
      CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
      CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
      INSERT INTO events SELECT i, date '2026-01-01' + i FROM generate_series(0, 299) i;
      CREATE TABLE parent (a int); CREATE TABLE child () INHERITS (parent); INSERT INTO child VALUES (1); INSERT INTO parent VALUES (2), (3);
      CREATE UNLOGGED TABLE cache (a int); INSERT INTO cache VALUES (1);
      CREATE VIEW both_of AS SELECT count(*) FROM t1;
      CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one;
      CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2';
      GRANT SELECT ON t1 TO tenant_reader;
      SELECT lo_from_bytea(0, repeat('large', 1000)::bytea);`,
      'magds',
    );
  });

  test('is in the backup, with what is known of it, and can be loaded', async () => {
    const made = await back([entry('magds', {name: 'main store', globals: true})]);
    expect(made.result).toMatchObject({outcome: 'done', missing: [], leftOut: [], doubtful: []});
    const [dump, roles] = made.manifest?.datasets ?? [];
    expect(dump).toMatchObject({
      name: 'main store',
      source: `${made.root}/storage/restore/main-store.dump`,
      backup: `${made.directory}/datasets/main-store/main-store.dump`,
      facts: {
        type: 'postgres',
        format: 'custom',
        database: 'magds',
        server: `${cluster.socket}:${cluster.port}`,
      },
    });
    expect(dump?.facts?.snapshot_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    expect(dump?.facts?.server_version).toMatch(/^\d+\.\d+/);
    expect(dump?.facts?.tool_version).toMatch(/^\d+\.\d+/);
    expect(roles).toMatchObject({name: 'main store/globals.sql', source: null, facts: {format: 'globals'}});
    const file = `${made.directory}/datasets/main-store/main-store.dump`;
    expect(phpHash('sha256', fs.readFileSync(file))).toBe(dump?.hash);
    for (const each of [file, `${made.directory}/datasets/main-store/globals.sql`])
      expect(fs.statSync(each).mode & 0o777).toBe(0o600);
    const sql = fs.readFileSync(`${made.directory}/datasets/main-store/globals.sql`, 'utf8');
    expect(sql).toContain('CREATE ROLE tenant_reader');
    expect(sql).toContain('SCRAM-SHA-256');

    const rows = rowsIn(made, 'main store');
    expect(rows.size).toBe(25);
    expect(rows.get('public.events')).toBe(300);
    expect(rows.get('public.parent')).toBe(2);
    expect(rows.get('public.child')).toBe(1);
    expect(rows.get('public.cache')).toBe(1);
    expect(rows.get(`"we""ird .%"."ta'ble é"`)).toBe(2);
    const count = loaded(made, 'main-store/main-store.dump');
    for (const [table, number] of rows)
      expect([table, count(table.includes('parent') ? `ONLY ${table}` : table)]).toEqual([table, number]);
    expect(cluster.sql('SELECT count(*) FROM pg_largeobject_metadata', 'scratch')).toBe('1');
  });

  /** What a content check says of the dump of a backup, once that verified. */
  async function inside({root, backups, result}: Made): Promise<ContentSummary['results']> {
    const id = result.id as string;
    const {datasets} = await verifyBackup({backups, id}, {pool});
    let summary: ContentSummary | null = null;
    const options = {backups, held: null, root, id, datasets, readOnly: false};
    for await (const event of checkContent(options))
      if (event.type === 'content finished') summary = event.summary;
    return (summary as ContentSummary | null)?.results ?? [];
  }

  test('is looked into: a byte that is wrong is found, whatever its hash says', async () => {
    const made = await back([entry('magds')]);
    const sound = {dataset: 'magds', kind: 'dump', state: 'sound', check: 'pg_restore', detail: null};
    expect(await inside(made)).toEqual([sound]);
    const file = `${made.directory}/datasets/magds/magds.dump`;
    const bytes = fs.readFileSync(file);
    const at = Math.floor(bytes.length * 0.9);
    bytes.writeUInt8((bytes[at] as number) ^ 0x40, at);
    fs.writeFileSync(file, bytes);
    // As one whose maker wrote it so: the table of contents is whole, and so is the hash.
    const manifest = fs.readFileSync(`${made.directory}/manifest.json`, 'utf8');
    const before = made.manifest?.datasets[0]?.hash as string;
    fs.writeFileSync(`${made.directory}/manifest.json`, manifest.replace(before, phpHash('sha256', bytes)));
    expect(execFileSync(`${cluster.bin}/pg_restore`, ['-l', file], {encoding: 'utf8'})).toContain(
      'TABLE DATA',
    );
    expect(await inside(made)).toMatchObject([
      {...sound, state: 'broken', detail: expect.stringMatching(/uncompress|archive|file/)},
    ]);
  });

  test('is one snapshot, whatever is written meanwhile', async () => {
    cluster.sql('CREATE DATABASE busy');
    cluster.sql(
      `CREATE TABLE a (i int); CREATE TABLE z (i int); CREATE TABLE filler AS SELECT i, md5(i::text) FROM generate_series(1, 200000) i;`,
      'busy',
    );
    // Each adds one row to both tables, or to none: what is no snapshot has more in the second.
    const writer = `DO $$ BEGIN FOR i IN 1..100000 LOOP INSERT INTO a VALUES (i); INSERT INTO z VALUES (i); COMMIT; PERFORM pg_sleep(0.0005); END LOOP; END $$`;
    const {spawn} = await import('node:child_process');
    const where = ['-X', '-h', cluster.socket, '-p', String(cluster.port), '-U', 'postgres', '-d', 'busy'];
    const writers = [1, 2].map(() =>
      spawn(`${cluster.bin}/psql`, [...where, '-c', writer], {stdio: 'ignore'}),
    );
    try {
      await expect.poll(() => Number(cluster.sql('SELECT count(*) FROM z', 'busy'))).toBeGreaterThan(10);
      const made = await back([entry('busy')]);
      const after = Number(cluster.sql('SELECT count(*) FROM z', 'busy'));
      const rows = rowsIn(made, 'busy');
      expect(rows.get('public.a')).toBeGreaterThan(10);
      expect(rows.get('public.a')).toBe(rows.get('public.z'));
      expect(after).toBeGreaterThan(rows.get('public.z') ?? 0);
      const count = loaded(made, 'busy/busy.dump');
      expect([count('a'), count('z')]).toEqual([rows.get('public.a'), rows.get('public.z')]);
    } finally {
      for (const each of writers) each.kill('SIGKILL');
      cluster.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'busy' AND pid <> pg_backend_pid()`,
      );
    }
  });

  test('of any name is dumped, and only the schemas that are named', async () => {
    const name = `it's "the" \\ ${'é'.repeat(20)}`;
    cluster.sql(`CREATE DATABASE ${identifier(name)}`);
    cluster.sql(
      `CREATE SCHEMA "A*"; CREATE TABLE "A*".x AS SELECT 1; CREATE SCHEMA "Ab"; CREATE TABLE "Ab".x AS SELECT 1; CREATE TABLE y AS SELECT 1;`,
      name,
    );
    const made = await back([entry(name, {name: 'odd', schemas: ['A*']}), entry('magds', {name: 'magds'})]);
    expect(made.result.outcome).toBe('done');
    expect([...rowsIn(made, 'odd')]).toEqual([['"A*".x', 1]]);
    expect(rowsIn(made, 'magds').size).toBe(25);
    expect(loaded(made, 'odd/odd.dump')('"A*".x')).toBe(1);
    const none = await back([entry(name, {name: 'odd', schemas: ['A*', 'none']})]);
    expect(none.result.reason).toMatch(/it has no schema none: check the "schemas"/);
  });

  test('runs nothing of the database that is dumped', async () => {
    cluster.sql('CREATE DATABASE trap');
    cluster.sql(
      `CREATE TABLE sprung (who text);
       CREATE FUNCTION public.count() RETURNS bigint LANGUAGE sql AS $$INSERT INTO public.sprung VALUES ('count') RETURNING 1::bigint$$;
       CREATE FUNCTION public.format(text, name, name) RETURNS text LANGUAGE sql AS $$INSERT INTO public.sprung VALUES ('format') RETURNING 'x'::text$$;
       CREATE FUNCTION public.pg_partition_root(oid) RETURNS oid LANGUAGE sql AS $$INSERT INTO public.sprung VALUES ('root') RETURNING 1::oid$$;
       CREATE FUNCTION public.matches(name, text) RETURNS bool LANGUAGE sql AS $$INSERT INTO public.sprung VALUES ('op') RETURNING true$$;
       CREATE OPERATOR public.!~ (LEFTARG = name, RIGHTARG = text, FUNCTION = public.matches);
       CREATE OPERATOR public.<> (LEFTARG = name, RIGHTARG = text, FUNCTION = public.matches);
       CREATE TABLE public.pg_class (relname text); CREATE TABLE public.pg_namespace (a int);
       ALTER DATABASE trap SET search_path = public, pg_catalog; ALTER ROLE postgres IN DATABASE trap SET row_security = on;`,
      'trap',
    );
    const made = await back([entry('trap')]);
    expect([...rowsIn(made, 'trap')].map(([table]) => table)).toEqual([
      'public.pg_class',
      'public.pg_namespace',
      'public.sprung',
    ]);
    expect(rowsIn(made, 'trap').get('public.sprung')).toBe(0);
    expect(cluster.sql('SELECT pg_catalog.count(*) FROM public.sprung', 'trap')).toBe('0');
  });

  test.each([
    [
      'no such database',
      {database: 'gone'},
      /^gone: database "gone" on .*: database "gone" does not exist: check the name of the database/,
    ],
    ['no server', {socket: '/nonexistent'}, /No such file or directory: check whether the server runs/],
    ['no such user', {user: 'stranger'}, /role "stranger" does not exist: check the user/],
  ])('%s: it is missing, in one line, and nothing is written', async (_, more, message) => {
    const {root, result} = await back([entry('gone', more)]);
    expect(result).toMatchObject({outcome: 'failed', id: null});
    expect(result.missing).toHaveLength(1);
    const [{name, reason}] = result.missing as [{name: string; reason: string}];
    expect(`${name}: ${reason}`).toMatch(message);
    expect(reason).not.toContain('\n');
    expect(fs.readdirSync(`${root}/storage/backups`)).toEqual([]);
  });

  test('that a role may not read is missing, and the other dataset is backed up', async () => {
    cluster.sql('CREATE DATABASE shut; CREATE ROLE weak LOGIN');
    cluster.sql(
      'CREATE TABLE open (a int); GRANT SELECT ON open TO weak; CREATE TABLE hidden (a int)',
      'shut',
    );
    const events: (RunEvent | MadeEvent)[] = [];
    const made = await back([entry('shut', {user: 'weak', globals: true}), entry('magds')], (event) =>
      events.push(event),
    );
    // As a dry run says it.
    expect(events.find(({type}) => type === 'planned')).toMatchObject({
      plan: {
        missing: made.result.missing,
        datasets: [{files: [{name: 'shut/globals.sql'}]}, {missing: null}],
      },
    });
    expect(made.result).toMatchObject({
      outcome: 'partial',
      missing: [
        {
          name: 'shut',
          reason: `database "shut" on ${cluster.socket}:${cluster.port}: weak may not read public.hidden: give the user of the connection that right`,
        },
      ],
      // A word of it, and no more: the rest of the roles is there.
      leftOut: [{name: 'shut/passwords of roles', grave: false}],
    });
    expect(made.manifest?.datasets.map(({name}) => name)).toEqual(['shut/globals.sql', 'magds']);
    expect(fs.readdirSync(`${made.directory}/datasets`, {recursive: true}).toSorted()).toEqual([
      'magds',
      'magds/magds.dump',
      'shut',
      'shut/globals.sql',
    ]);
    const sql = fs.readFileSync(`${made.directory}/datasets/shut/globals.sql`, 'utf8');
    expect(sql).toContain('CREATE ROLE weak');
    expect(sql).not.toContain('SCRAM');
  });

  /** Clients of which one is something else. */
  function withFake(script: string): string {
    const directory = temporaryDirectory();
    for (const tool of ['psql', 'pg_dump', 'pg_dumpall', 'pg_restore'])
      fs.symlinkSync(`${cluster.bin}/${tool}`, `${directory}/${tool}`);
    fs.rmSync(`${directory}/pg_dump`);
    const real = `${cluster.bin}/pg_dump`;
    const text = `#!/bin/sh\n[ "$1" = --version ] && exec ${real} --version\n${script.replaceAll('REAL', real)}\n`;
    fs.writeFileSync(`${directory}/pg_dump`, text, {mode: 0o755});
    return directory;
  }

  test.each([
    [
      'half a file, and all is well',
      'REAL "$@" > "$0.all"; size=$(stat -c %s "$0.all"); head -c $((size / 2)) "$0.all"',
      /pg_dump said that all was written, and the end is not there/,
    ],
    [
      'nothing, and all is well',
      'exit 0',
      /could not read from input file: end of file|input file is too short/,
    ],
    ['killed', 'kill -9 $$', /pg_dump was killed \(SIGKILL\)/],
    [
      'an error',
      'echo "pg_dump: error: out of memory" >&2; exit 1',
      /magds" on .*: out of memory\. Nothing was written$/,
    ],
    [
      'a full disk',
      'echo "pg_dump: error: could not write to output file: No space left on device" >&2; exit 1',
      /^the copies could not be written: magds: the disk is full\. Nothing was written$/,
    ],
  ])('pg_dump: %s: it is no dump, and nothing is left', async (_, script, message) => {
    const before = process.env['PATH'];
    process.env['PATH'] = `${withFake(script)}:${before}`;
    try {
      const {root, result} = await back([entry('magds')]);
      expect(result.outcome).toBe('failed');
      expect(result.reason).toMatch(message);
      expect(result.reason).not.toContain('\n');
      expect(fs.readdirSync(`${root}/storage/backups`)).toEqual([]);
      expect(fs.readdirSync(`${root}/storage/runbook/building`)).toEqual([]);
    } finally {
      process.env['PATH'] = before;
    }
  });

  test('is cancelled in the middle: the server is left alone, and nothing is left', async () => {
    const before = process.env['PATH'];
    process.env['PATH'] = `${withFake('REAL "$@" > /dev/null; sleep 600 & wait')}:${before}`;
    const stop = new AbortController();
    try {
      const {root, result} = await back(
        [entry('magds')],
        (event) => {
          if (event.type === 'progress' && event.bytesDone > 0) stop.abort();
        },
        stop.signal,
      );
      expect(result.outcome).toBe('cancelled');
      expect(fs.readdirSync(`${root}/storage/backups`)).toEqual([]);
      expect(fs.readdirSync(`${root}/storage/runbook/building`)).toEqual([]);
    } finally {
      process.env['PATH'] = before;
    }
    const mine = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'magds'`;
    await expect.poll(() => cluster.sql(mine)).toBe('0');
  });

  test('whose server goes away in the middle is missing', async () => {
    const own = startCluster();
    own.sql('CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 300000) i');
    const made = await back(
      [entry('postgres', {name: 'lost', socket: own.socket, port: own.port}), entry('magds')],
      (event) => {
        if (event.type === 'progress' && (event.bytes[0] ?? 0) > 0) own.stop('immediate');
      },
    );
    expect(made.result).toMatchObject({outcome: 'partial', missing: [{name: 'lost'}]});
    expect(fs.readdirSync(`${made.directory}/datasets`)).toEqual(['magds']);
    expect(made.result.missing[0]?.reason).toMatch(/^database "postgres" on .*(?:lost|closed|terminat|shut)/);
    expect(made.manifest?.datasets.map(({name}) => name)).toEqual(['magds']);
  });

  test('asks for a password by a file', async () => {
    const secure = startCluster({tcp: true});
    const password = 'p:a\\ss"w\'ö rd';
    secure.sql(`CREATE ROLE owner LOGIN SUPERUSER PASSWORD ${literal(password)}; CREATE TABLE t AS SELECT 1`);
    const passfile = `${temporaryDirectory()}/pass`;
    fs.writeFileSync(passfile, `*:*:*:*:${password.replace(/[\\:]/g, '\\$&')}\n`, {mode: 0o600});
    const made = await back([
      {name: 'tcp', host: '127.0.0.1', port: secure.port, user: 'owner', database: 'postgres', passfile},
    ]);
    expect(made.result.outcome).toBe('done');
    expect([...rowsIn(made, 'tcp')]).toEqual([['public.t', 1]]);
    const text = fs.readFileSync(`${made.directory}/manifest.json`, 'utf8');
    expect(text).not.toContain('p:a');
  });
});
