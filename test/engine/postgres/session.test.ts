import fs from 'node:fs';
import fc from 'fast-check';
import {beforeAll, describe, expect, test, vi} from 'vitest';
import {environmentOf} from '../../../source/engine/postgres/connection.ts';
import {identifier, literal} from '../../../source/engine/postgres/quote.ts';
import {inSession, Session, StatementError} from '../../../source/engine/postgres/session.ts';
import {type Cluster, noServer, startCluster} from '../../support/postgres.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const openFiles = (): string[] =>
  fs.readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [fs.readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // It was the one that read the directory.
      return [];
    }
  });

describe.skipIf(noServer !== null)('a session on a server', () => {
  let cluster: Cluster;

  beforeAll(() => {
    cluster = startCluster({tcp: true});
  });

  test('answers with rows, goes on after an error, and says what the server is', async () => {
    await inSession(cluster.connection(), {}, async (session) => {
      expect(session.server).toMatchObject({standby: false});
      expect(session.server.version).toMatch(new RegExp(`^${session.server.major}\\.`));
      expect(await session.query("SELECT 1 AS one, E'a\\nb' AS two, NULL AS three")).toEqual([
        {one: 1, two: 'a\nb', three: null},
      ]);
      const failure = await session.query('SELECT * FROM none_such').catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(StatementError);
      expect(failure).toMatchObject({
        state: '42P01',
        message: `database "postgres" on ${cluster.socket}:${cluster.port}: relation "none_such" does not exist`,
      });
      expect(await session.query('SELECT i FROM generate_series(1, 3) i')).toEqual([{i: 1}, {i: 2}, {i: 3}]);
      const [one, two] = await Promise.all([session.query('SELECT 1 AS a'), session.query('SELECT 2 AS a')]);
      expect([one, two]).toEqual([[{a: 1}], [{a: 2}]]);
    });
  });

  test('what is said beside a service goes before what that says, as it does for PHP', async () => {
    const file = `${temporaryDirectory()}/pg_service.conf`;
    fs.writeFileSync(file, '[site]\nhost=127.0.0.2\nport=1\nuser=other\ndbname=none\nsslmode=require\n');
    vi.stubEnv('PGSERVICEFILE', file);
    const {host, port, user} = cluster.connection();
    const connection = {service: 'site', host, port, user, sslmode: 'disable', database: 'postgres'};
    const who = await inSession(connection, {}, (session) =>
      session.query('SELECT current_user AS who, current_database() AS where'),
    ).finally(() => vi.unstubAllEnvs());
    expect(who).toEqual([{who: 'postgres', where: 'postgres'}]);
  });

  test('so does a password, whatever password file the service names', async () => {
    cluster.sql("CREATE ROLE served LOGIN PASSWORD 'right'");
    const directory = temporaryDirectory();
    const wrong = `${directory}/pgpass`;
    fs.writeFileSync(wrong, '*:*:*:*:wrong\n', {mode: 0o600});
    fs.writeFileSync(
      `${directory}/services`,
      `[site]\nhost=127.0.0.1\nport=${cluster.port}\npassfile=${wrong}\n`,
    );
    vi.stubEnv('PGSERVICEFILE', `${directory}/services`);
    const right = `${directory}/right`;
    fs.writeFileSync(right, '*:*:*:*:right\n', {mode: 0o600});
    const site = {service: 'site', user: 'served', database: 'postgres'};
    try {
      for (const secret of [{password: 'right'}, {passfile: right}])
        expect(
          await inSession({...site, ...secret}, {}, (session) => session.query('SELECT current_user AS me')),
        ).toEqual([{me: 'served'}]);
      await expect(Session.open(site)).rejects.toThrow('password authentication failed');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('has any text as a value and as a name, and nothing of it is run', async () => {
    await inSession(cluster.connection(), {}, async (session) => {
      const text = fc
        .oneof(
          fc.string({unit: 'grapheme'}),
          fc.string({
            unit: fc.constantFrom(
              "'",
              '"',
              '\\',
              '\n',
              '\r',
              ';',
              ':',
              '`',
              '$',
              '\\q',
              '\\!',
              "'; ",
              '--',
              '/*',
              'é',
            ),
          }),
        )
        .filter((each) => !each.includes('\0') && each.isWellFormed());
      await fc.assert(
        fc.asyncProperty(text, async (value) => {
          const name = `n${value}`;
          const rows = await session.query(
            `SELECT ${literal(value)}::text AS value, 1 AS ${identifier(name)}`,
          );
          // The server cuts a name at 63 bytes.
          const cut = Buffer.byteLength(name) <= 63 ? {[name]: 1} : {};
          expect(rows).toEqual([expect.objectContaining({value, ...cut})]);
        }),
        {numRuns: 300},
      );
    });
    for (const bad of ['a\0b', '\ud800']) {
      expect(() => literal(bad)).toThrow('holds what is no text');
      expect(() => identifier(bad)).toThrow('holds what is no text');
    }
  });

  test('sees pg_catalog only, whatever the database has in its place', async () => {
    cluster.sql(`CREATE DATABASE trap`);
    cluster.sql(
      `CREATE FUNCTION public.count(*) RETURNS bigint LANGUAGE sql AS 'SELECT 0'`.replace('(*)', '(text)') +
        `; CREATE FUNCTION public.to_jsonb(record) RETURNS jsonb LANGUAGE plpgsql AS $$BEGIN CREATE TABLE public.sprung(); RETURN '{}'; END$$;
         CREATE TABLE public.pg_settings(name text);
         ALTER DATABASE trap SET search_path = public, pg_catalog;`,
      'trap',
    );
    await inSession(cluster.connection('trap'), {}, async (session) => {
      expect(await session.query("SELECT current_setting('search_path') AS path, ROW(1) AS r")).toEqual([
        {path: 'pg_catalog', r: {f1: 1}},
      ]);
    });
    expect(cluster.sql(`SELECT count(*) FROM pg_class WHERE relname = 'sprung'`, 'trap')).toBe('0');
  });

  test('reaches a database of any name', async () => {
    for (const name of [`o'ne "t\\wo" = 日`, 'postgresql://x', 'é'.repeat(31)]) {
      cluster.sql(`CREATE DATABASE ${identifier(name)}`);
      await inSession(cluster.connection(name), {}, async (session) => {
        expect(await session.query('SELECT current_database() AS name')).toEqual([{name}]);
      });
    }
  });

  test('gives a password of any characters in a file that nobody finds, and says in one line that it is wrong', async () => {
    const password = `a:b\\c'd"e *é`;
    cluster.sql(`CREATE ROLE guarded LOGIN PASSWORD ${literal(password)}`);
    const connection = cluster.connection('postgres', {host: '127.0.0.1', user: 'guarded', password});
    await inSession(connection, {}, async (session) => {
      expect(await session.query('SELECT current_user AS me')).toEqual([{me: 'guarded'}]);
    });
    const access = environmentOf(connection);
    expect(JSON.stringify(access.environment)).not.toContain('a:b');
    expect(fs.statSync(access.environment['PGPASSFILE'] as string)).toMatchObject({mode: 0o100600, nlink: 0});
    access.close();
    access.close();
    const wrong = Session.open({...connection, password: 'not:it'});
    await expect(wrong).rejects.toThrow(
      /^database "postgres" on 127\.0\.0\.1:\d+: password authentication failed for user "guarded": check the password of the connection$/,
    );
    expect(openFiles().filter((name) => name.includes('magds-pass'))).toEqual([]);
    expect(() => environmentOf({...connection, password: 'a\nb'})).toThrow('holds a line break');
    vi.stubEnv('TMPDIR', '/nonexistent');
    expect(() => environmentOf(connection)).toThrow(
      'no file for the password of the connection can be made in /nonexistent: not there: set TMPDIR',
    );
    vi.unstubAllEnvs();
  });

  test.each([
    [
      'no such database',
      {database: 'nowhere'},
      'database "nowhere" does not exist: check the name of the database',
    ],
    [
      'no such role',
      {user: 'nobody-here'},
      'role "nobody-here" does not exist: check the user of the connection',
    ],
    [
      'no server',
      {host: '/nonexistent'},
      'No such file or directory: check whether the server runs, and the host and port of the connection',
    ],
    [
      'nothing listening',
      {host: '127.0.0.1', port: 1},
      'Connection refused: check whether the server runs, and the host and port of the connection',
    ],
    [
      'no such service',
      {service: 'none', host: undefined, port: undefined},
      'definition of service "none" not found: check pg_service.conf',
    ],
  ])('says in one line: %s', async (_, more, message) => {
    const failure = await Session.open(cluster.connection('postgres', more)).catch((error: Error) => error);
    expect((failure as Error).message).toMatch(/^database ".*"/);
    expect((failure as Error).message.endsWith(`: ${message}`)).toBe(true);
  });

  test('is over when the server is gone, and when it is cancelled, whatever the server is doing', async () => {
    const own = startCluster();
    const session = await Session.open(own.connection());
    const waiting = session.query('SELECT pg_sleep(600)').catch((error: Error) => error.message);
    own.stop('immediate');
    expect(await waiting).toMatch(
      /^database "postgres" on .*: connection to server was lost: check whether the server runs/,
    );
    await expect(session.query('SELECT 1')).rejects.toThrow(/^database "postgres"/);
    await session.close();

    const stop = new AbortController();
    const other = await Session.open(cluster.connection(), {signal: stop.signal});
    const [row] = await other.query('SELECT pg_backend_pid() AS pid');
    const sleeping = other.query('SELECT pg_sleep(600)').catch((error: Error) => error.message);
    stop.abort();
    expect(await sleeping).toBe('Cancelled.');
    await other.close();
    const {pid} = row as {pid: number};
    await expect
      .poll(() => cluster.sql(`SELECT count(*) FROM pg_stat_activity WHERE pid = ${pid}`))
      .toBe('0');
  });

  test('takes nothing of the caller that would lead it to another server', async () => {
    process.env['PGHOST'] = '/nonexistent';
    process.env['PGOPTIONS'] = '-c search_path=public';
    process.env['PGSERVICE'] = 'other';
    try {
      await inSession(cluster.connection(), {}, async (session) => {
        expect(await session.query("SELECT current_setting('application_name') AS me")).toEqual([
          {me: 'magds'},
        ]);
      });
    } finally {
      for (const name of ['PGHOST', 'PGOPTIONS', 'PGSERVICE']) delete process.env[name];
    }
  });
});
