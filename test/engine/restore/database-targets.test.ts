import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {Directory} from '../../../source/engine/base/directory.ts';
import type {Connection} from '../../../source/engine/postgres/connection.ts';
import {commentedDatabases} from '../../../source/engine/postgres/databases.ts';
import {dumpDatabase} from '../../../source/engine/postgres/dump.ts';
import {identifier} from '../../../source/engine/postgres/quote.ts';
import {inSession} from '../../../source/engine/postgres/session.ts';
import {closeSession} from '../../../source/engine/restore/close.ts';
import {leftDatabases} from '../../../source/engine/restore/left-databases.ts';
import {inspect} from '../../../source/engine/restore/recover.ts';
import {checkDumps} from '../../../source/engine/restore/stage-database.ts';
import {abandon, commit, goBack, prepare} from '../../../source/engine/restore/transaction.ts';
import type {Work} from '../../../source/engine/restore/work.ts';
import {byHand} from '../../../source/engine/session/by-hand.ts';
import {
  asideName,
  type DatabaseItem,
  markStart,
  stagedName,
} from '../../../source/engine/session/database-item.ts';
import {JournalFile} from '../../../source/engine/session/journal.ts';
import {requestCancel, Telling} from '../../../source/engine/session/progress.ts';
import {thisProcess} from '../../../source/engine/session/sessions.ts';
import {CancelledRestore} from '../../../source/engine/session/stopped.ts';
import {aJournal} from '../../support/journals.ts';
import {noServer, startCluster} from '../../support/postgres.ts';
import {anAction, aRestorePlan} from '../../support/restore-states.ts';
import {temporaryDirectory} from '../../support/temporary.ts';
import {pool} from '../../support/verifying.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

describe.skipIf(noServer !== null)('on a server', () => {
  const cluster = noServer === null ? startCluster() : null;
  const sql = (statements: string, database = 'postgres'): string => cluster?.sql(statements, database) ?? '';
  let number = 0;
  type Restore = Awaited<ReturnType<typeof aRestore>>;

  /** A database of its own, its dump, and a restore of that, which has not begun. */
  async function aRestore(changes: Partial<DatabaseItem> = {}) {
    if (!cluster) throw new Error('there is no server');
    const session = ++number;
    const name = `shop "${session}" ä`;
    sql(`CREATE ROLE "owner ${session}"; CREATE ROLE "keeper ${session}"; CREATE ROLE "guest's ${session}"`);
    sql(`CREATE DATABASE "${name.replaceAll('"', '""')}" OWNER "keeper ${session}"`);
    sql(
      `CREATE EXTENSION pgcrypto; CREATE TABLE accounts (id int PRIMARY KEY, name text); INSERT INTO accounts SELECT i, 'n' || i FROM generate_series(1, 500) i; CREATE SCHEMA "My.Own"; CREATE TABLE "My.Own"."Odd "" Table" (x int); ALTER TABLE "My.Own"."Odd "" Table" OWNER TO "owner ${session}"`,
      name,
    );
    const quoted = `"${name.replaceAll('"', '""')}"`;
    sql(`REVOKE ALL ON DATABASE ${quoted} FROM PUBLIC; GRANT CONNECT, TEMP ON DATABASE ${quoted} TO "guest's ${session}" WITH GRANT OPTION;
      ALTER DATABASE ${quoted} SET search_path = "$user", "My.Own", public; ALTER DATABASE ${quoted} SET work_mem = '8MB';
      ALTER ROLE "guest's ${session}" IN DATABASE ${quoted} SET statement_timeout = '5s'; COMMENT ON DATABASE ${quoted} IS 'the "shop''s"'; ALTER DATABASE ${quoted} CONNECTION LIMIT 17`);
    const copies = temporaryDirectory();
    const file = path.join(copies, 'shop.dump');
    const fd = fs.openSync(file, 'wx+');
    const dumped = await dumpDatabase({
      connection: cluster.connection(name),
      schemas: null,
      fd,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    fs.closeSync(fd);
    const read = await pool.hash({directory: copies, segments: ['shop.dump'], algorithm: 'sha256'}).result;
    if (read.status !== 'read') throw new Error(read.reason);
    sql(
      "DELETE FROM accounts WHERE id > 100; UPDATE accounts SET name = 'broken'; CREATE TABLE later ()",
      name,
    );
    const oid = Number(sql(`SELECT oid FROM pg_database WHERE datname = '${name}'`));
    const {host = '', port = 0, user = ''} = cluster.connection();
    const item: DatabaseItem = {
      dataset: 'shop',
      reached: {named: null, environment: null, host, port, user},
      path: `database "${name}" here`,
      name,
      old: {oid, allows: true, limit: 17, comment: 'the "shop\'s"', bytes: 9_000_000, writes: null},
      new: {
        oid: null,
        mark: 1_000_000 + session,
        allows: true,
        limit: 17,
        comment: 'the "shop\'s"',
        writes: null,
        load: {
          copy: ['shop.dump'],
          algorithm: 'sha256',
          hash: read.hash,
          bytes: read.bytes,
          rows: Object.fromEntries(dumped.rows),
        },
      },
      staged: stagedName(name, session),
      aside: asideName(name, session),
      safety: 'shop',
      ...changes,
    };
    const directory = Directory.open(temporaryDirectory());
    fs.mkdirSync(`${directory.path}/sessions/${session}`, {recursive: true});
    const at = `${directory.path}/sessions/${session}`;
    const file2 = new JournalFile(
      at,
      aJournal({
        session,
        process: thisProcess(),
        state: directory.real,
        root: directory.real,
        safety: '20261123_140000_before-restore-1',
        items: [],
        databases: [item],
      }),
    );
    const own = Directory.open(at);
    const telling = new Telling(own, {});
    closing.push(() => {
      telling.close();
      own.close();
      directory.close();
    });
    const work: Work = {state: directory, file: file2, telling, pool, copies, connection: null, beware: []};
    return {work, name, item, oid, file, own};
  }

  const oidOf = (name: string): string =>
    sql(`SELECT oid FROM pg_database WHERE datname = '${name.replaceAll("'", "''")}'`);
  /** What a database is beside its data. */
  const dressOf = (name: string): string =>
    sql(`SELECT jsonb_build_array(pg_get_userbyid(datdba), datallowconn, datconnlimit, pg_encoding_to_char(encoding), datcollate, datctype,
      (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a), shobj_description(d.oid, 'pg_database'),
      (SELECT jsonb_agg(jsonb_build_array(setrole::regrole, setconfig) ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid))
      FROM pg_database d WHERE datname = '${name}'`);
  const rows = (name: string): string =>
    sql("SELECT count(*) || ' ' || count(*) FILTER (WHERE name = 'broken') FROM public.accounts", name);
  const litter = (session: number): string =>
    sql(`SELECT datname FROM pg_database WHERE datname LIKE '%\\_${session}'`);

  test('a database is put back, with all that belongs to it, and the old one stays until it is signed off', async () => {
    const {work, name, oid, item} = await aRestore();
    const dress = dressOf(name);
    const progress = vi.spyOn(work.telling, 'progress');
    const note = vi.spyOn(work.telling, 'note');
    await prepare(work);
    const saving = progress.mock.calls.filter(([stage]) => stage === 'saving');
    expect(new Set(saving.map(([, , total]) => total))).toEqual(new Set([9_000_000]));
    expect(saving.at(-1)?.[1]).toBe(9_000_000);
    const saved = note.mock.calls.find(([type]) => type === 'saved')?.[1] as {bytes: number};
    expect(saved.bytes).toBeGreaterThan(1000);
    expect(oidOf(name)).toBe(String(oid));
    expect(rows(name)).toBe('100 100');
    const {live, late} = await commit(work);
    expect(late).toEqual([]);
    expect(live).toMatchObject([{dataset: 'shop', hash: item.new?.load?.hash, written: false}]);
    expect(rows(name)).toBe('500 0');
    expect(oidOf(name)).not.toBe(String(oid));
    expect(dressOf(name)).toBe(dress);
    expect(oidOf(item.aside)).toBe(String(oid));
    expect(() => sql('SELECT 1', item.aside)).toThrow('not currently accepting connections');
    const left = async (root = work.file.journal.root) => {
      const connection = cluster?.connection() as Connection;
      const marked = await inSession(connection, {}, (session) => commentedDatabases(session, markStart));
      return leftDatabases(root, work.state, connection, marked);
    };
    expect(await left()).toMatchObject([
      {name: item.aside, isNeeded: true, mark: {is: 'before', of: name, session: work.file.journal.session}},
    ]);
    const journal = `${work.state.path}/sessions/${work.file.journal.session}/journal.json`;
    const text = fs.readFileSync(journal);
    fs.writeFileSync(journal, 'damaged');
    expect(await left()).toMatchObject([{name: item.aside, isNeeded: true}]);
    fs.writeFileSync(journal, text);
    expect((await closeSession(work.state, work.file.journal.session)).kept).toEqual([]);
    expect(await left()).toEqual([]);
    expect(litter(work.file.journal.session)).toBe('');
  });

  test('what is not wanted any more leaves no trace, and what is live was not touched', async () => {
    const {work, name, oid} = await aRestore();
    await prepare(work);
    await abandon(work);
    expect(oidOf(name)).toBe(String(oid));
    expect(rows(name)).toBe('100 100');
    expect(litter(work.file.journal.session)).toBe('');
  });

  test('what was switched goes back, with all that belonged to it', async () => {
    const {work, name, oid} = await aRestore();
    const dress = dressOf(name);
    await prepare(work);
    await commit(work);
    await goBack(work);
    expect(oidOf(name)).toBe(String(oid));
    expect(dressOf(name)).toBe(dress);
    expect(rows(name)).toBe('100 100');
    expect(litter(work.file.journal.session)).toBe('');
  });

  test('what someone has written to what was restored is not taken back without a word', async () => {
    const {work, name} = await aRestore();
    await prepare(work);
    await commit(work);
    sql("UPDATE public.accounts SET name = 'new' WHERE id = 1", name);
    await expect(goBack(work)).rejects.toThrow(/^shop: database .* was written to since it was restored$/);
    expect(rows(name)).toBe('500 0');
    const [judged] = await inspect(work.file.journal, pool);
    expect(judged?.standing).toBe('written');
    expect(await judged?.target.whyNotForward(pool)).toMatch('someone has written to it since');
    const kept = await judged?.target.force('back');
    expect(kept).toContain('_written_');
    expect(rows(name)).toBe('100 100');
    expect(litter(work.file.journal.session)).toMatch(/_written_\d+$/);
  });

  test('writes between the safety backup and the switch are kept with the old database, and told', async () => {
    const {work, name, item} = await aRestore();
    await prepare(work);
    sql("INSERT INTO public.accounts VALUES (7777, 'late')", name);
    const {late} = await commit(work);
    expect(late).toEqual([expect.stringContaining(`${item.aside}"`)]);
    const {kept} = await closeSession(work.state, work.file.journal.session);
    expect(kept).toEqual([expect.stringContaining(`${item.aside}"`)]);
    expect(oidOf(item.aside)).toBe(String(item.old?.oid));
  });

  test('sessions that come again and again do not keep it from being switched', async () => {
    const {work, name} = await aRestore();
    await prepare(work);
    const clients = [1, 2, 3].map(() => cluster?.visitor(name));
    closing.push(() => {
      for (const client of clients) client?.kill();
    });
    await vi.waitFor(
      () => expect(Number(sql(`SELECT count(*) FROM pg_stat_activity WHERE datname = '${name}'`))).toBe(3),
      20_000,
    );
    await commit(work);
    expect(rows(name)).toBe('500 0');
  });

  test.each([
    [
      'a byte that flipped',
      async ({file}: Restore) => {
        const fd = fs.openSync(file, 'r+');
        fs.writeSync(fd, Buffer.from([0xff]), 0, 1, 2000);
        fs.closeSync(fd);
      },
      'shop: its dump is not what the manifest says: its hash is another one',
    ],
    [
      'rows that are not as many as the manifest says',
      async ({work}: Restore) => {
        const [item] = work.file.journal.databases ?? [];
        if (item?.new?.load?.rows) item.new.load.rows['public.accounts'] = 499;
      },
      'shop: public.accounts has 500 rows once it is loaded, and the manifest says 499',
    ],
    [
      'a role that is not there',
      async ({name, work}: Restore) => {
        const {session} = work.file.journal;
        sql(`REASSIGN OWNED BY "owner ${session}" TO postgres; DROP OWNED BY "owner ${session}"`, name);
        sql(`DROP ROLE "owner ${session}"`);
      },
      /^shop: database .*role "owner \d+" does not exist/,
    ],
    [
      'another database of the name that what is loaded has until then',
      async ({item}: Restore) => sql(`CREATE DATABASE "${item.staged.replaceAll('"', '""')}"`),
      /is there already, of another restore/,
    ],
  ])('%s is refused, and nothing was changed', async (_, damage, why) => {
    const restore = await aRestore();
    const {work, name, oid, item} = restore;
    await damage(restore);
    await expect(prepare(work)).rejects.toThrow(why);
    await abandon(work);
    expect(oidOf(name)).toBe(String(oid));
    expect(rows(name)).toBe('100 100');
    expect(litter(work.file.journal.session)).toBe(`${why}`.includes('another restore') ? item.staged : '');
  });

  test('a database that is not there is made, and taken away on the way back', async () => {
    const {work, name, oid, item} = await aRestore();
    sql(`DROP DATABASE "${name.replaceAll('"', '""')}"`);
    expect(oidOf(name)).toBe('');
    work.file.journal = {...work.file.journal, databases: [{...item, old: null, safety: null}]};
    await prepare(work);
    await commit(work);
    expect(rows(name)).toBe('500 0');
    expect(oidOf(name)).not.toBe(String(oid));
    await goBack(work);
    expect(oidOf(name)).toBe('');
    expect(litter(work.file.journal.session)).toBe('');
  });

  test('an undo gives the old one its name back, and its undo does so again', async () => {
    const {work, name, oid, item} = await aRestore();
    await prepare(work);
    await commit(work);
    const restored = Number(oidOf(name));
    const before = work.file.journal;
    const again = (from: number, to: number, staged: string, session: number): void => {
      const put = {mark: 1, allows: true, limit: 17, comment: null, writes: null};
      const old = {oid: from, allows: true, limit: 17, comment: null, writes: null};
      const undo = {
        ...item,
        old,
        new: {...put, oid: to, load: null},
        staged,
        aside: asideName(name, session),
      };
      work.file.journal = {...before, phase: 'prepare', session, safety: null, databases: [undo]};
    };
    again(restored, oid, item.aside, 9001);
    await prepare(work);
    await commit(work);
    expect(rows(name)).toBe('100 100');
    expect(oidOf(asideName(name, 9001))).toBe(String(restored));
    again(oid, restored, asideName(name, 9001), 9002);
    await prepare(work);
    await commit(work);
    expect(rows(name)).toBe('500 0');
    await goBack(work);
    expect(rows(name)).toBe('100 100');
    expect(oidOf(asideName(name, 9001))).toBe(String(restored));
    expect(() => sql('SELECT 1', asideName(name, 9001))).toThrow('not currently accepting');
  });

  /** A client of a database that stays connected. @returns what it answers to some statements, once it has run them */
  function client(database: string): (statements: string) => Promise<string> {
    const args = ['-X', '-q', '-A', '-t', '-h', cluster?.socket ?? '', '-U', 'postgres', database];
    const psql = spawn(`${cluster?.bin}/psql`, args, {stdio: ['pipe', 'pipe', 'ignore']});
    closing.push(() => psql.kill());
    let said = '';
    psql.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    return async (statements) => {
      said = '';
      psql.stdin.write(`${statements}\n\\echo over\n`);
      await vi.waitFor(() => expect(said).toMatch(/over\n$/), {timeout: 10_000});
      return said.slice(0, -5);
    };
  }

  test('what a client wrote that its server has not counted yet is not dropped on the way back', async () => {
    const {work, name} = await aRestore();
    await prepare(work);
    await commit(work);
    const ask = client(name);
    await ask('SELECT count(*) FROM public.accounts;');
    await ask("INSERT INTO public.accounts VALUES (8888, 'acknowledged');");
    await goBack(work);
    expect(rows(name)).toBe('100 100');
    const kept = litter(work.file.journal.session);
    expect(kept).toMatch(/_written_\d+$/);
    expect(work.beware).toEqual([expect.stringContaining(kept)]);
    sql(`ALTER DATABASE "${kept.replaceAll('"', '""')}" ALLOW_CONNECTIONS true`);
    expect(sql('SELECT name FROM public.accounts WHERE id = 8888', kept)).toBe('acknowledged');
  });

  test.each([
    ['a large object', "SELECT lo_from_bytea(0, 'kept nowhere else')"],
    ['a function', "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
  ])('%s is a write like another', async (_, statement) => {
    const {work, name, item} = await aRestore();
    await prepare(work);
    sql(statement, name);
    expect((await commit(work)).late).toEqual([expect.stringContaining(`${item.aside}"`)]);
    sql(statement, name);
    await expect(goBack(work)).rejects.toThrow('was written to since it was restored');
  });

  test('a name that somebody has locked is not waited for without end', async () => {
    const {work, name, oid} = await aRestore();
    await prepare(work);
    await client('postgres')(`BEGIN; COMMENT ON DATABASE "${name.replaceAll('"', '""')}" IS 'mine';`);
    await expect(commit(work)).rejects.toThrow('lock timeout');
    await goBack(work);
    expect(oidOf(name)).toBe(String(oid));
    expect(rows(name)).toBe('100 100');
  }, 60_000);

  test('a session is signed off although a kill has left a database half dropped', async () => {
    const {work, item} = await aRestore();
    await prepare(work);
    await commit(work);
    sql(`UPDATE pg_database SET datconnlimit = -2 WHERE datname = '${item.aside}'`);
    expect((await closeSession(work.state, work.file.journal.session)).kept).toEqual([]);
    expect(litter(work.file.journal.session)).toBe('');
  });

  test('a database that may only be read by default is put back all the same', async () => {
    const {work, name} = await aRestore();
    sql(`ALTER DATABASE "${name.replaceAll('"', '""')}" SET default_transaction_read_only = on`);
    const dress = dressOf(name);
    await prepare(work);
    await commit(work);
    expect(rows(name)).toBe('500 0');
    expect(dressOf(name)).toBe(dress);
  });

  test('the commands by hand switch it, and switch it back, as often as they are run', async () => {
    const {work, name, oid, item} = await aRestore();
    const dress = dressOf(name);
    await prepare(work);
    const run = (direction: 'forward' | 'back'): void => {
      for (const command of byHand(work.file.journal, direction))
        if (command !== 'sync')
          execFileSync('sh', ['-c', command], {
            stdio: 'pipe',
            env: {PATH: `${cluster?.bin}:${process.env['PATH']}`},
          });
    };
    for (const _ of [1, 2]) {
      run('forward');
      expect(rows(name)).toBe('500 0');
      expect(dressOf(name)).toBe(dress);
      expect(() => sql('SELECT 1', item.aside)).toThrow('not currently accepting connections');
    }
    for (const _ of [1, 2]) {
      run('back');
      expect(oidOf(name)).toBe(String(oid));
      expect(rows(name)).toBe('100 100');
      expect(dressOf(name)).toBe(dress);
    }
  });

  test('the commands by hand drop what a drill has made, and what another one has made under its name stays', async () => {
    const {work, item} = await aRestore();
    await prepare(work);
    const exists = () => sql(`SELECT count(*) FROM pg_database WHERE datname = '${item.staged}'`);
    const run = (oid: number | null): void => {
      const [made] = work.file.journal.databases ?? [];
      const databases = [{...(made as DatabaseItem), new: {...made?.new, oid}} as DatabaseItem];
      const [command = ''] = byHand({...work.file.journal, drill: true, databases}, 'back');
      const env = {PATH: `${cluster?.bin}:${process.env['PATH']}`};
      execFileSync('sh', ['-c', command], {stdio: 'pipe', env});
    };
    run(1);
    expect(exists()).toBe('1');
    const mark = item.new?.mark;
    sql(`ALTER DATABASE ${identifier(item.staged)} CONNECTION LIMIT ${mark}`);
    run(null);
    expect(exists()).toBe('0');
    run(null);
    sql(`CREATE DATABASE ${identifier(item.staged)}`);
    run(null);
    expect(exists()).toBe('1');
    run(Number(sql(`SELECT oid FROM pg_database WHERE datname = '${item.staged}'`)));
    expect(exists()).toBe('0');
  });

  test('a dump that is read for a drill is given up when the operator wants that', async () => {
    const {work, item, own} = await aRestore();
    const directory = temporaryDirectory();
    for (const tool of ['psql', 'pg_dump', 'pg_dumpall'])
      fs.symlinkSync(`${cluster?.bin}/${tool}`, `${directory}/${tool}`);
    fs.writeFileSync(`${directory}/pg_restore`, '#!/bin/sh\nexec sleep 600\n', {mode: 0o755});
    vi.stubEnv('PATH', `${directory}:${process.env['PATH']}`);
    closing.push(() => vi.unstubAllEnvs());
    const {copy = [], hash = ''} = item.new?.load ?? {};
    const dump = {database: 'shop', rows: null, scratch: null, seconds: null};
    const plan = aRestorePlan('id', [anAction('shop', {action: 'create', copy, hash, dump})]);
    const checking = checkDumps(work, plan);
    requestCancel(own);
    await expect(checking).rejects.toThrow(CancelledRestore);
  });
});
