import fs from 'node:fs';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {beside} from '../../../source/engine/restore/reach.ts';
import {rootWith} from '../../support/php-config.ts';
import {noServer, startCluster} from '../../support/postgres.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.skipIf(noServer !== null)('a session beside the databases', () => {
  const cluster = noServer === null ? startCluster() : null;

  /** A psql whose server speaks German, and has none of these databases. */
  function without(...databases: string[]): void {
    const directory = temporaryDirectory();
    for (const tool of ['pg_dump', 'pg_dumpall', 'pg_restore'])
      fs.symlinkSync(`${cluster?.bin}/${tool}`, `${directory}/${tool}`);
    const cases = databases.map(
      (name) =>
        `*"dbname='${name}'"*) echo 'psql: error: connection to server failed: FATAL:  Datenbank »${name}« existiert nicht' >&2; exit 2;;`,
    );
    const script = `#!/bin/sh\ncase "$*" in ${cases.join(' ')} esac\nexec "${cluster?.bin}/psql" "$@"\n`;
    fs.writeFileSync(`${directory}/psql`, script, {mode: 0o755});
    vi.stubEnv('PATH', `${directory}:${process.env['PATH']}`);
  }

  const where = async (): Promise<unknown> => {
    const {host = '', port = 0, user = ''} = cluster?.connection() ?? {};
    const reached = {named: null, environment: null, host, port, user};
    return beside(
      {root: '/srv', state: '/srv/state', session: 1, host: 'db', found: new Map()},
      reached,
      async (session) => {
        const [row] = await session.query('SELECT current_database() AS name');
        return row;
      },
    );
  };

  test('is in another one where a server without "postgres" says that in its own language', async () => {
    without('postgres');
    expect(await where()).toEqual({name: 'template1'});
  });

  test('is begun with the password that is configured by now, where the one that was read lets nobody in', async () => {
    const [directory, {host = '', port = 0, user = ''}] = [temporaryDirectory(), cluster?.connection() ?? {}];
    const entry = {driver: 'pgsql', host, port, username: user, database: 'shop', password: 'new'};
    const root = rootWith({'config/base/database.php': {database: {connections: {magdsdb: entry}}}});
    fs.symlinkSync(`${cluster?.bin}/pg_dump`, `${directory}/pg_dump`);
    fs.symlinkSync(`${cluster?.bin}/pg_dumpall`, `${directory}/pg_dumpall`);
    fs.symlinkSync(`${cluster?.bin}/pg_restore`, `${directory}/pg_restore`);
    const script = `#!/bin/sh
[ "$1" = --version ] || [ -e ${directory}/asked ] || { : >${directory}/asked; echo 'psql: error: FATAL:  password authentication failed' >&2; exit 2; }
exec "${cluster?.bin}/psql" "$@"
`;
    fs.writeFileSync(`${directory}/psql`, script, {mode: 0o755});
    vi.stubEnv('PATH', `${directory}:${process.env['PATH']}`);
    const asked: string[] = [];
    const old = async (name: string) => {
      asked.push(name);
      return {connection: {host, port, user, database: 'shop', password: 'old'}};
    };
    const reached = {named: 'magdsdb', environment: 'development', host, port, user};
    const found = new Map([['development', old]]);
    const at = {root, state: '/srv/state', session: 1, host: 'db', found};
    expect(await beside(at, reached, (session) => session.query('SELECT 1 AS one'))).toEqual([{one: 1}]);
    expect(asked).toEqual(['magdsdb']);
    expect(fs.existsSync(`${directory}/asked`)).toBe(true);
  });

  test('says what the first one said where none lets it in', async () => {
    without('postgres', 'template1');
    await expect(where()).rejects.toThrow('Datenbank »postgres« existiert nicht');
  });
});
