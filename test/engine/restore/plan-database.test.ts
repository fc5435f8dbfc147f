import {execFileSync, spawn} from 'node:child_process';
import path from 'node:path';
import {beforeAll, describe, expect, test, vi} from 'vitest';
import {postgres} from '../../../source/engine/datasets/postgres.ts';
import {inSession} from '../../../source/engine/postgres/session.ts';
import {type Planning, unknownAction} from '../../../source/engine/restore/action.ts';
import {askServer} from '../../../source/engine/restore/ask-server.ts';
import {planDatabase, planDump} from '../../../source/engine/restore/plan-database.ts';
import type {Dataset} from '../../../source/engine/storage/manifest/schema.ts';
import {type Cluster, noServer, startCluster} from '../../support/postgres.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

describe.skipIf(noServer !== null)('what a server says of a database that is to be replaced', () => {
  let cluster: Cluster;
  const ask = (name: string, user = 'postgres') =>
    inSession(cluster.connection('postgres', {user}), {}, (session) => askServer(session, name));

  beforeAll(() => {
    cluster = startCluster({settings: {max_prepared_transactions: '2'}});
    cluster.sql('CREATE ROLE keeper LOGIN; CREATE ROLE maker LOGIN CREATEDB; CREATE ROLE guest LOGIN');
    cluster.sql('CREATE ROLE aside LOGIN CREATEDB NOINHERIT IN ROLE keeper');
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
    ['shop', 'aside', /may not rename it; a superuser can have it so: ALTER ROLE "aside" INHERIT$/],
    ['shop', 'guest', /ALTER ROLE "guest" CREATEDB; GRANT "keeper" TO "guest"$/],
  ])('%s is not replaced by %s', async (name, user, why) => {
    expect((await ask(name, user)).why).toEqual([expect.stringMatching(why)]);
  });

  test.each([
    ['postgres', 'a superuser has to end them'],
    ['guest', 'end them, or GRANT pg_signal_backend TO "keeper"'],
  ])('who is connected is told, and who may not be ended: %s', async (user, advice) => {
    cluster.sql('ALTER ROLE keeper CREATEDB');
    const env = {PGHOST: cluster.socket, PGPORT: String(cluster.port), PGAPPNAME: 'the shop'};
    const args = ['-X', '-U', user, '-d', 'shop', '-c', 'SELECT pg_sleep(600)'];
    const visitor = spawn(`${cluster.bin}/psql`, args, {env, stdio: 'ignore'});
    try {
      await vi.waitFor(async () => expect((await ask('shop')).sessions).toHaveLength(1), 10_000);
      const {sessions, why} = await ask('shop');
      expect(why).toEqual([]);
      expect(sessions[0]).toMatchObject({user, application: 'the shop', from: null});
      expect(sessions[0]?.since).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect((await ask('shop', 'keeper')).why).toEqual([
        `sessions in it cannot be ended by keeper (pid ${sessions[0]?.pid}, ${user}): ${advice}`,
      ]);
    } finally {
      visitor.kill();
      // A server that sleeps does not notice.
      cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop'");
    }
  });

  /** A plan's own part, with one dataset that is configured. */
  const planning = (database: string, options = {}): Planning => {
    const {host = '', port = 0, user = ''} = cluster.connection();
    const dataset = postgres.read({name: 'shop', socket: host, port, user, database}, '/srv', 'config.json');
    const configuration = {environment: {value: 'production'}, datasets: {value: [dataset]}};
    return {place: {root: '/srv', configuration}, options: {allowed: [], ...options}} as unknown as Planning;
  };
  const withFacts = (facts: object): Dataset =>
    ({name: 'shop', facts: {type: 'postgres', format: 'custom', ...facts}}) as Dataset;
  const planFor = (database: string, facts: object, copy: string) =>
    planDatabase({
      planning: planning(database),
      dataset: withFacts(facts),
      base: {...unknownAction('shop', 'sha256', false), target: '?'},
      copy,
      createdAt: null,
    });

  test('a dump of some schemas takes no others away, also where its manifest counts no rows', async () => {
    cluster.sql('CREATE DATABASE parts');
    cluster.sql('CREATE TABLE held (); CREATE SCHEMA other; CREATE TABLE other.live_only ()', 'parts');
    const copy = path.join(temporaryDirectory(), 'parts.dump');
    const where = ['-h', cluster.socket, '-p', String(cluster.port), '-U', 'postgres', 'parts'];
    execFileSync(`${cluster.bin}/pg_dump`, ['-Fc', '-n', 'public', '-f', copy, ...where]);
    expect((await planFor('parts', {database: 'parts'}, copy)).reason).toMatch(
      /no table of other, and a restore/,
    );
    cluster.sql('DROP SCHEMA other CASCADE', 'parts');
    expect(await planFor('parts', {database: 'parts'}, copy)).toMatchObject({
      action: 'overwrite',
      reason: null,
    });
  });

  test('a server is told apart by its address and by its data', async () => {
    cluster.sql('CREATE DATABASE whose');
    const copy = path.join(temporaryDirectory(), 'whose.dump');
    const where = ['-h', cluster.socket, '-p', String(cluster.port), '-U', 'postgres', 'whose'];
    execFileSync(`${cluster.bin}/pg_dump`, ['-Fc', '-f', copy, ...where]);
    const server = `${cluster.socket}:${cluster.port}`;
    const server_id = cluster.sql('SELECT system_identifier FROM pg_control_system()');
    const reasonOf = async (facts: object) =>
      (await planFor('whose', {database: 'whose', ...facts}, copy)).reason;
    expect(await reasonOf({server, server_id})).toBeNull();
    // A standby that was promoted, or the copy of a machine.
    expect(await reasonOf({server: 'db.example:5432', server_id})).toMatch(
      'from database "whose" on db.example:5432, and',
    );
    expect(await reasonOf({server, server_id: '71'})).toMatch(
      `from database "whose" on ${server} (system 71), and database "whose" on ${server} (system ${server_id}) is`,
    );
    expect(await reasonOf({server: 'db.example:5432'})).toMatch(
      'from database "whose" on db.example:5432, and',
    );
  });

  test('a name that no server can have is refused before it stands in a journal', async () => {
    const long = 'n'.repeat(64);
    expect((await planFor(long, {database: long}, '/none')).reason).toMatch('longer than a server keeps');
    for (const database of [long, '', 'a\0b'])
      expect(await drillOf({database}, '/none')).toEqual({
        flaw: 'the manifest names a database for it that no server can have',
      });
  });

  const drillOf = (facts: object, copy: string, intoDatabase = cluster.socket) =>
    planDump(
      planning('shop', {intoDatabase}),
      withFacts(facts),
      {...unknownAction('shop', 'sha256', false), target: '?'},
      copy,
    );

  test('a scratch server that cannot load a dump is told before a drill begins', async () => {
    // The directory of a socket leads to it as whoever runs this.
    const why = await drillOf({database: 'shop'}, '/none', '/nonexistent');
    expect(why).toEqual({
      why: expect.stringMatching(
        /^it cannot be loaded on \/nonexistent: database "postgres" on \/nonexistent: /,
      ),
    });
  });
});
