import {beforeAll, describe, expect, test} from 'vitest';
import {readStanding} from '../../../source/engine/postgres/standing.ts';
import {type Cluster, noServer, startCluster} from '../../support/postgres.ts';

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
