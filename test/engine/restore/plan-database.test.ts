import {spawn} from 'node:child_process';
import {beforeAll, describe, expect, test, vi} from 'vitest';
import {inSession} from '../../../source/engine/postgres/session.ts';
import {askServer} from '../../../source/engine/restore/plan-database.ts';
import {type Cluster, noServer, startCluster} from '../../support/postgres.ts';

describe.skipIf(noServer !== null)('what a server says of a database that is to be replaced', () => {
  let cluster: Cluster;
  const ask = (name: string, user = 'postgres') =>
    inSession(cluster.connection('postgres', {user}), {}, (session) => askServer(session, name));

  beforeAll(() => {
    cluster = startCluster({settings: {max_prepared_transactions: '2'}});
    cluster.sql('CREATE ROLE keeper LOGIN; CREATE ROLE maker LOGIN CREATEDB; CREATE ROLE guest LOGIN');
    cluster.sql('CREATE DATABASE shop OWNER keeper');
    cluster.sql('CREATE DATABASE held');
    cluster.sql("BEGIN; CREATE TABLE t (); PREPARE TRANSACTION 'open'", 'held');
    cluster.sql('CREATE DATABASE pattern IS_TEMPLATE true');
  });

  test('one that nothing speaks against', async () => {
    const asked = await ask('shop');
    expect(asked).toMatchObject({
      why: [],
      sessions: [],
      live: {name: 'shop', owner: 'keeper', encoding: 'UTF8'},
    });
    expect(asked.live?.bytes).toBeGreaterThan(1_000_000);
    expect(await ask('not there')).toMatchObject({why: [], live: null});
  });

  test.each([
    ['postgres', 'postgres', /^it belongs to the server itself/],
    ['template1', 'postgres', /^it belongs to the server itself/],
    ['pattern', 'postgres', /^it belongs to the server itself/],
    ['held', 'postgres', /^1 prepared transactions are open in it/],
    [
      'shop',
      'keeper',
      /^the role keeper may not create and rename databases; a superuser can have it so: ALTER ROLE "keeper" CREATEDB$/,
    ],
    ['shop', 'maker', /may not rename it; a superuser can have it so: GRANT "keeper" TO "maker"$/],
    ['shop', 'guest', /ALTER ROLE "guest" CREATEDB; GRANT "keeper" TO "guest"$/],
  ])('%s is not replaced by %s', async (name, user, why) => {
    expect((await ask(name, user)).why).toEqual([expect.stringMatching(why)]);
  });

  test('who is connected is told, and who may not be ended', async () => {
    cluster.sql('ALTER ROLE keeper CREATEDB');
    const env = {PGHOST: cluster.socket, PGPORT: String(cluster.port), PGAPPNAME: 'the shop'};
    const args = ['-X', '-U', 'postgres', '-d', 'shop', '-c', 'SELECT pg_sleep(600)'];
    const visitor = spawn(`${cluster.bin}/psql`, args, {env, stdio: 'ignore'});
    try {
      await vi.waitFor(async () => expect((await ask('shop')).sessions).toHaveLength(1), 10_000);
      const {sessions, why} = await ask('shop');
      expect(why).toEqual([]);
      expect(sessions[0]).toMatchObject({user: 'postgres', application: 'the shop', from: null});
      expect(sessions[0]?.since).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect((await ask('shop', 'keeper')).why).toEqual([
        expect.stringMatching(
          /^sessions in it cannot be ended by keeper \(pid \d+, postgres\): end them, or /,
        ),
      ]);
    } finally {
      visitor.kill();
    }
  });
});
