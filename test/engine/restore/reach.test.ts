import fs from 'node:fs';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {beside} from '../../../source/engine/restore/reach.ts';
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

  test('says what the first one said where none lets it in', async () => {
    without('postgres', 'template1');
    await expect(where()).rejects.toThrow('Datenbank »postgres« existiert nicht');
  });
});
