import {describe, expect, test, vi} from 'vitest';
import {
  connectedTo,
  dropDatabase,
  findDatabases,
  renameDatabase,
} from '../../../source/engine/postgres/databases.ts';
import {inSession} from '../../../source/engine/postgres/session.ts';
import {noServer, startCluster} from '../../support/postgres.ts';

describe.skipIf(noServer !== null)('a database of a role that is no superuser', () => {
  // What cleans up there takes its time.
  const cluster =
    noServer === null
      ? startCluster({
          settings: {
            autovacuum: 'on',
            autovacuum_naptime: '1s',
            autovacuum_vacuum_cost_delay: '100ms',
            autovacuum_vacuum_cost_limit: '1',
            autovacuum_vacuum_threshold: '10',
          },
        })
      : null;

  test("is renamed and dropped while the server cleans up in it, which is nobody's session", async () => {
    if (!cluster) throw new Error('there is no server');
    // What an earlier try has left.
    for (const name of ['one', 'two', 'other']) cluster.sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    cluster.sql('DROP ROLE IF EXISTS plain');
    cluster.sql('CREATE ROLE plain LOGIN CREATEDB');
    for (const name of ['one', 'two']) {
      cluster.sql(`CREATE DATABASE ${name} OWNER plain`);
      cluster.sql(
        'CREATE TABLE much AS SELECT i, 1 AS j FROM generate_series(1, 200000) i; UPDATE much SET j = 2',
        name,
      );
    }
    const cleaners = (name: string): string =>
      cluster.sql(
        `SELECT count(*) FROM pg_stat_activity WHERE datname = '${name}' AND backend_type = 'autovacuum worker'`,
      );
    const cleaned = (name: string): Promise<void> => {
      let tries = 0;
      return vi.waitFor(
        () => {
          // It may have been done before anyone looked: there is something to do again.
          if (++tries % 100 === 0) cluster.sql('UPDATE much SET j = j + 1', name);
          expect(cleaners(name)).not.toBe('0');
        },
        {timeout: 60_000, interval: 100},
      );
    };
    const plain = cluster.connection('postgres', {user: 'plain'});
    await inSession(plain, {}, (session) =>
      inSession(plain, {}, async (ending) => {
        const [one, two] = await findDatabases(session, {names: ['one', 'two']});
        if (!one || !two) throw new Error('they were made');
        await cleaned('one');
        expect(await connectedTo(session, one.oid)).toEqual([]);
        await session.run('BEGIN');
        await renameDatabase(session, ending, one, 'other');
        await session.run('COMMIT');
        await cleaned('two');
        await dropDatabase(session, two);
        expect(
          (await findDatabases(session, {names: ['one', 'two', 'other']})).map(({name}) => name),
        ).toEqual(['other']);
      }),
    );
  }, 150_000);
});
