import fs from 'node:fs';
import {beforeAll, describe, expect, test} from 'vitest';
import {dumpDatabase, lookAtDatabase} from '../../../source/engine/postgres/dump.ts';
import {readStanding, whyUnread} from '../../../source/engine/postgres/standing.ts';
import {type Cluster, noServer, startCluster} from '../../support/postgres.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

/** What a database holds, and what keeps the role `reader` from a dump of it; null where pg_dump makes one. */
const cases: [what: string, statements: string, schemas: string[] | null, said: RegExp | null][] = [
  ['a table', 'CREATE TABLE t (a int)', null, /^reader may not read public\.t: give/],
  ['columns of a table', 'CREATE TABLE t (a int); GRANT SELECT (a) ON t TO reader', null, /read public\.t:/],
  ['a table that it may read', 'CREATE TABLE t (a int); GRANT SELECT ON t TO reader', null, null],
  ['another schema', 'CREATE SCHEMA s; CREATE SCHEMA o; CREATE TABLE o.t (a int)', ['s'], null],
  [
    'a schema that is shut',
    'CREATE SCHEMA s; CREATE SEQUENCE s.n; GRANT SELECT ON s.n TO reader',
    ['s'],
    /s\.n/,
  ],
  ['no such schema', 'SELECT', ['public', 'gone'], /^it has no schema gone: check/],
  ['a partitioned table', `CREATE TABLE t (a int) PARTITION BY RANGE (a)`, null, /public\.t/],
  [
    'row security of a partitioned table, which rules no row of its partitions',
    `CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE u PARTITION OF t FOR VALUES FROM (1) TO (9);
     GRANT SELECT ON t, u TO reader; ALTER TABLE t ENABLE ROW LEVEL SECURITY`,
    null,
    null,
  ],
  [
    'row security',
    'CREATE TABLE t (a int); GRANT SELECT ON t TO reader; ALTER TABLE t ENABLE ROW LEVEL SECURITY',
    null,
    /^row security hides rows of public\.t from reader: give/,
  ],
  ['a large object', 'SELECT lo_create(4711)', null, /^reader may not read the large objects 4711: give/],
  ['a large object beside the schemas', 'SELECT lo_create(4711)', ['public'], null],
  ['one that it may read', 'SELECT lo_create(4711); GRANT SELECT ON LARGE OBJECT 4711 TO reader', null, null],
  [
    'tables of an extension, of which pg_dump writes down no row',
    'CREATE TABLE t (a int); ALTER EXTENSION plpgsql ADD TABLE t',
    null,
    null,
  ],
  [
    'settings of an extension',
    `CREATE TABLE t (a int); ALTER EXTENSION plpgsql ADD TABLE t;
     UPDATE pg_extension SET extconfig = ARRAY['t'::regclass::oid], extcondition = '{""}' WHERE extname = 'plpgsql'`,
    null,
    /public\.t/,
  ],
  [
    'many tables',
    Array.from({length: 9}, (_, at) => `CREATE TABLE t${at} (a int)`).join(';'),
    null,
    /read public\.t0, public\.t1, public\.t2, public\.t3 and others:/,
  ],
];

describe.skipIf(noServer !== null)('what a server says of a database and of our role', () => {
  let cluster: Cluster;
  const odd = 'a"b\'c\n\u202e;--é';
  const signal = new AbortController().signal;

  beforeAll(() => {
    cluster = startCluster();
    const name = `"${odd.replaceAll('"', '""')}"`;
    cluster.sql(`CREATE ROLE plain LOGIN; CREATE ROLE keeper LOGIN CREATEDB`);
    cluster.sql('GRANT pg_signal_backend TO keeper');
    cluster.sql(`CREATE DATABASE ${name} OWNER keeper`);
    cluster.sql(
      `CREATE TABLE accounts (id serial PRIMARY KEY); CREATE TABLE ${name} (i int);
      CREATE SCHEMA apart; CREATE TABLE apart.t (i int); CREATE TABLE open (i int); GRANT SELECT ON open TO plain;
      CREATE TABLE guarded (i int); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; GRANT SELECT ON guarded TO plain;`,
      odd,
    );
  });

  test('a superuser may do all', async () => {
    cluster.sql(`COMMENT ON DATABASE template1 IS 'magds: of us'`);
    const standing = await readStanding(cluster.connection(odd), null, 'magds: ', signal);
    expect(standing).toMatchObject({
      role: 'postgres',
      owner: 'keeper',
      isSuperuser: true,
      tables: 5,
      unreadable: [],
      creates: true,
      renames: true,
      signals: true,
      standby: false,
      directory: cluster.data,
      readsPasswords: true,
      marked: [{name: 'template1', comment: 'magds: of us'}],
    });
    expect(standing.bytes).toBeGreaterThan(5e6);
  });

  test('what another may not read or do is named', async () => {
    expect(
      await readStanding(cluster.connection(odd, {user: 'plain'}), null, 'magds: ', signal),
    ).toMatchObject({
      role: 'plain',
      isSuperuser: false,
      creates: false,
      renames: false,
      signals: false,
      directory: null,
      unreadable: ['apart.t', `public.${odd}`, 'public.accounts', 'public.accounts_id_seq'],
      guarded: ['public.guarded'],
    });
  });

  test.each(cases)(
    'what keeps pg_dump from a dump, and only that: %s',
    async (_, statements, schemas, said) => {
      cluster.sql('DROP DATABASE IF EXISTS made; CREATE DATABASE made;');
      cluster.sql('DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$');
      cluster.sql(statements, 'made');
      const connection = cluster.connection('made', {user: 'reader'});
      const look = await lookAtDatabase(connection, schemas, signal);
      const why = whyUnread(look, look.role);
      if (said === null) expect(why).toBeNull();
      else expect(why).toMatch(said);
      const fd = fs.openSync(`${temporaryDirectory()}/dump`, 'w+');
      const dumped = dumpDatabase({connection, schemas, fd, signal, onProgress: () => {}}).then(
        () => 'dumped',
        (error: unknown) => String(error),
      );
      if (said === null) expect(await dumped).toBe('dumped');
      else expect(await dumped).toMatch(/permission denied|row-level security|no matching schemas/);
      fs.closeSync(fd);
    },
  );

  test('only the schemas that are asked for matter', async () => {
    const connection = cluster.connection(odd, {user: 'plain'});
    expect((await readStanding(connection, ['apart'], 'magds: ', signal)).unreadable).toEqual(['apart.t']);
    expect((await readStanding(connection, ["none'such"], 'magds: ', signal)).unreadable).toEqual([]);
  });

  test('the owner who may make databases can put it back, and read it once that is granted', async () => {
    const connection = cluster.connection(odd, {user: 'keeper'});
    expect(await readStanding(connection, null, 'magds: ', signal)).toMatchObject({
      creates: true,
      renames: true,
      signals: true,
      unreadable: expect.arrayContaining(['public.accounts']),
    });
    cluster.sql('GRANT pg_read_all_data TO keeper');
    expect(await readStanding(connection, null, 'magds: ', signal)).toMatchObject({
      unreadable: [],
      guarded: ['public.guarded'],
    });
  });
});
