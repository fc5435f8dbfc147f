import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {afterEach, beforeAll, beforeEach, describe, expect, test, vi} from 'vitest';
import {takeDatabase} from '../../../source/engine/datasets/take-database.ts';
import {copyFiles} from '../../../source/engine/hashing/copy-files.ts';
import {createHasher} from '../../../source/engine/hashing/wasm-hasher.ts';
import {phpHash} from '../../support/backups.ts';
import {databaseBytes, pageSize, superJournal} from '../../support/databases.ts';
import {backup, rootWith} from '../../support/php-config.ts';
import {environment, node} from '../../support/program.ts';
import {jsonLines, magds, shell} from '../../support/run.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

/** A process that has a database open. */
type Writer = {
  /** The last number that it said. */
  last: () => number;
  kill: () => Promise<void>;
};

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

const preamble = `
const {DatabaseSync} = require('node:sqlite');
const database = new DatabaseSync(process.argv[1], {timeout: 30000});
const sql = (text) => database.exec(text);
const say = (text) => require('node:fs').writeSync(1, text + '\\n');
const rows = (from, to) => {
  const insert = database.prepare('INSERT INTO t (n) VALUES (?)');
  for (let n = from; n <= to; n++) insert.run(n);
};
const stay = () => setInterval(() => {}, 1000);
`;

/** Starts a process that does this with a database, as soon as it says `ready`. */
async function writer(file: string, script: string): Promise<Writer> {
  const child = spawn(node, ['--no-warnings', '-e', preamble + script, file], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
      if (said.includes('ready\n')) resolve();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error('the writer ended before it was ready')));
  });
  return {
    last: () => Number(/.*^(\d+)\n/ms.exec(said)?.[1]),
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

let data: string;
let source: string;
let made: string;
let target: string;

const isRoot = process.getuid?.() === 0;
/** Whose directory the database lies in. Somebody else could lead by its name wherever he likes, so that it is not used. */
const owners = isRoot ? [0, 33] : [process.getuid?.() ?? 0];
let owner = owners[0] as number;

beforeEach(() => {
  data = temporaryDirectory();
  if (isRoot) fs.chownSync(data, owner, owner);
  source = path.join(data, 'ledger.sqlite');
  made = temporaryDirectory();
  target = path.join(made, 'copy.sqlite');
});

const take = (signal: AbortSignal = new AbortController().signal) =>
  takeDatabase(source, target, signal, () => {});

/** What a change of the live files would show, SQLite's index of the WAL included. */
const liveState = (): Record<string, string> =>
  Object.fromEntries(
    fs
      .readdirSync(data)
      .sort()
      .map((name) => {
        const file = path.join(data, name);
        const {ino, mode, mtimeMs} = fs.statSync(file);
        return [name, `${ino} ${mode} ${mtimeMs} ${phpHash('sha256', fs.readFileSync(file))}`];
      }),
  );

/** The numbers in a database, which has to be sound; looked at in a copy of its own. */
function rowsOf(file: string): number[] {
  const looked = path.join(temporaryDirectory(), 'looked.sqlite');
  fs.copyFileSync(file, looked);
  const database = new DatabaseSync(looked);
  try {
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{integrity_check: 'ok'}]);
    return database
      .prepare('SELECT n FROM t ORDER BY n')
      .all()
      .map(({n}) => Number(n));
  } finally {
    database.close();
  }
}

const upTo = (last: number): number[] => Array.from({length: last}, (_, index) => index + 1);

/** A root with one dataset, the database of this name. */
function rootWithLedger(): {root: string; ledger: string} {
  const datasets = [{name: 'ledger', source: 'storage/data/ledger.sqlite'}];
  const root = rootWith({'config/base/magds.php': backup({datasets})});
  fs.mkdirSync(path.join(root, 'storage/data'), {recursive: true});
  fs.mkdirSync(path.join(root, 'storage/backups'));
  if (isRoot)
    for (const each of ['', '/data', '/backups']) fs.chownSync(`${root}/storage${each}`, owner, owner);
  return {root, ledger: path.join(root, 'storage/data/ledger.sqlite')};
}

type Summary = {result: string; path: string; changed: string[]; reason: string | null};

/** One whole run: its exit code, its last line, where the copy is, and what was wrong. */
async function run(root: string) {
  const {code, stdout, stderr} = await magds(['backup', 'run', '--json', '--root', root]);
  const lines = jsonLines(stdout);
  const summary = lines.at(-1) as Summary;
  const errors = lines.flatMap(({message_type, reason}) => (message_type === 'error' ? [reason] : []));
  return {code, stderr, summary, errors, copy: `${summary.path}/datasets/ledger.sqlite`};
}

const inWal = 'PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t (n INTEGER PRIMARY KEY);';
/** Empties the WAL, as some applications do after each commit. */
const truncate = `database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();`;
const manyInWal = `sql('${inWal}'); sql('BEGIN'); rows(1, 2000); sql('COMMIT');`;

describe.each(owners)('a database in WAL mode, in a directory of uid %i', (uid) => {
  beforeAll(() => {
    owner = uid;
  });

  test('that a writer has open, with commits in the WAL only', async () => {
    await writer(source, `${manyInWal} say('ready'); stay();`);
    const before = liveState();
    expect(Object.keys(before)).toEqual(['ledger.sqlite', 'ledger.sqlite-shm', 'ledger.sqlite-wal']);
    expect(await take()).toMatchObject({how: 'copied'});
    expect(liveState()).toEqual(before);
    expect(fs.readdirSync(made)).toEqual(['copy.sqlite']);
    expect(rowsOf(target)).toEqual(upTo(2000));
  });

  test('in the middle of a transaction that has spilled to the WAL', async () => {
    const script = `${manyInWal} sql('PRAGMA cache_size=1; BEGIN'); rows(2001, 9000); say('ready'); stay();`;
    await writer(source, script);
    const before = liveState();
    expect(await take()).toMatchObject({how: 'copied'});
    expect(liveState()).toEqual(before);
    expect(rowsOf(target)).toEqual(upTo(2000));
  });

  test.each([
    ['has open', false],
    ['had open when it was killed', true],
  ])('that a writer %s, who has emptied the WAL', async (_, killed) => {
    const {kill} = await writer(source, `${manyInWal} ${truncate} say('ready'); stay();`);
    if (killed) await kill();
    const before = liveState();
    expect(fs.statSync(`${source}-wal`).size).toBe(0);
    expect(await take()).toMatchObject({how: 'copied'});
    expect(liveState()).toEqual(before);
    expect(fs.readdirSync(made)).toEqual(['copy.sqlite']);
    expect(rowsOf(target)).toEqual(upTo(2000));
  });

  test('that has commits in a WAL, though its header does not say so: SQLite would read them', async () => {
    const {kill} = await writer(source, `${manyInWal} say('ready'); stay();`);
    await kill();
    const fd = fs.openSync(source, 'r+');
    fs.writeSync(fd, Buffer.from([1, 1]), 0, 2, 18);
    fs.closeSync(fd);
    const before = liveState();
    expect(await take()).toMatchObject({how: 'copied'});
    expect(liveState()).toEqual(before);
    expect(rowsOf(target)).toEqual(upTo(2000));
  });

  test('whose -shm was left without a WAL: nothing is made beside it', async () => {
    const {kill} = await writer(source, `${manyInWal} ${truncate} say('ready'); stay();`);
    await kill();
    fs.rmSync(`${source}-wal`);
    const before = liveState();
    expect(await take()).toMatchObject({how: 'plain'});
    expect(liveState()).toEqual(before);
    expect(rowsOf(source)).toEqual(upTo(2000));
  });

  test.each([
    ['-wal and -shm', []],
    ['-wal without -shm', ['-shm']],
  ])('whose writer was killed and left %s', async (_, lost) => {
    const {kill} = await writer(source, `${manyInWal} say('ready'); stay();`);
    await kill();
    for (const end of lost) fs.rmSync(source + end);
    const before = liveState();
    expect(await take()).toMatchObject({how: 'copied'});
    expect(liveState()).toEqual(before);
    expect(fs.readdirSync(made)).toEqual(['copy.sqlite']);
    expect(rowsOf(target)).toEqual(upTo(2000));
  });

  test('whose WAL is cut off in the middle: what was committed before that', async () => {
    const script = `sql('${inWal}'); for (let n = 1; n <= 100; n++) rows(n, n); say('ready'); stay();`;
    const {kill} = await writer(source, script);
    await kill();
    fs.rmSync(`${source}-shm`);
    const wal = `${source}-wal`;
    fs.truncateSync(wal, Math.floor(fs.statSync(wal).size / 2) + 100);
    const before = liveState();
    expect(await take()).toMatchObject({how: 'copied'});
    expect(liveState()).toEqual(before);
    const rows = rowsOf(target);
    expect(rows).toEqual(upTo(rows.length));
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.length).toBeLessThan(70);
  });

  test('that nobody has open: the file is all there is', async () => {
    const database = new DatabaseSync(source);
    database.exec(`${inWal} INSERT INTO t VALUES (1)`);
    database.close();
    const before = liveState();
    expect(Object.keys(before)).toEqual(['ledger.sqlite']);
    expect(await take()).toMatchObject({how: 'plain'});
    expect(liveState()).toEqual(before);
    expect(fs.readdirSync(made)).toEqual([]);
  });

  test.each([
    ['that a writer has open', []],
    ['whose writer was killed', ['-shm']],
  ])('%s, where something lies at the target already: that stays', async (_, lost) => {
    const {kill} = await writer(source, `${manyInWal} say('ready'); stay();`);
    if (lost.length > 0) await kill();
    for (const end of lost) fs.rmSync(source + end);
    fs.writeFileSync(target, '');
    expect(await take()).toEqual({how: 'unwritable', reason: 'something of that name exists already'});
    expect(fs.readdirSync(made)).toEqual(['copy.sqlite']);
    expect(fs.statSync(target).size).toBe(0);
  });

  test.each([
    ['that a writer has open', []],
    ['whose writer was killed', ['-shm']],
  ])('%s, where the copy cannot be written: the run ends, and says so', async (_, lost) => {
    const {root, ledger} = rootWithLedger();
    const {kill} = await writer(
      ledger,
      `${manyInWal} sql('CREATE TABLE large AS SELECT randomblob(3000000)');
      say('ready'); stay();`,
    );
    if (lost.length > 0) await kill();
    for (const end of lost) fs.rmSync(ledger + end);
    // Files may grow to 2 MiB; who ignores the signal is told EFBIG.
    const {code, stdout, stderr} = await shell(
      'trap "" XFSZ; ulimit -f 2048; magds backup run --root "$ROOT"',
      {
        env: {ROOT: root},
      },
    );
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
    expect(stderr).toMatch(
      /^x the copies could not be written: ledger: .*(disk I\/O error|too large for the file system).*\. Nothing was written/,
    );
    expect(fs.readdirSync(`${root}/storage/backups`)).toEqual([]);
  });

  test('of which the place that it was copied through cannot be tidied: that is what is told', async () => {
    await writer(source, `${manyInWal} say('ready'); stay();`);
    const failing = vi.spyOn(fs, 'rmdirSync').mockImplementation(() => {
      throw Object.assign(new Error('EIO: i/o error, rmdir'), {code: 'EIO'});
    });
    try {
      expect(await take()).toEqual({how: 'unwritable', reason: 'the disk failed (I/O error)'});
    } finally {
      failing.mockRestore();
    }
  });

  test('is not copied once it is cancelled', async () => {
    await writer(source, `${manyInWal} say('ready'); stay();`);
    const before = liveState();
    expect(await take(AbortSignal.abort())).toEqual({how: 'cancelled'});
    expect(liveState()).toEqual(before);
    expect(fs.existsSync(target)).toBe(false);
  });
});

describe.each(owners)('a database with a rollback journal, in a directory of uid %i', (uid) => {
  beforeAll(() => {
    owner = uid;
  });

  const spill = `sql('PRAGMA cache_size=1; BEGIN; UPDATE t SET n = n + 100000; UPDATE t SET n = n + 100000');`;
  const filled = (mode: string) =>
    `sql('PRAGMA journal_mode=${mode}; CREATE TABLE t (n INTEGER PRIMARY KEY); BEGIN'); rows(1, 9000); sql('COMMIT');`;

  test('that nobody writes to: no writer can commit until it is released', async () => {
    await (await writer(source, `${filled('DELETE')} say('ready'); stay();`)).kill();
    const before = liveState();
    const taken = await take();
    if (taken.how !== 'locked') throw new Error(taken.how);
    // In a process of its own: one that closes a file gives up all its locks on it.
    const attempt = async (): Promise<number> => {
      const script = `sql('PRAGMA busy_timeout=0; BEGIN IMMEDIATE; DELETE FROM t WHERE n > 5');
        try { sql('COMMIT'); say(1); } catch { say(0); }
        say('ready'); stay();`;
      const {last, kill} = await writer(source, script);
      await kill();
      return last();
    };
    expect(await attempt()).toBe(0);
    fs.copyFileSync(source, target);
    expect(rowsOf(target)).toEqual(upTo(9000));
    taken.release();
    expect(liveState()['ledger.sqlite']).toEqual(before['ledger.sqlite']);
    fs.rmSync(`${source}-journal`);
    expect(await attempt()).toBe(1);
  });

  test('no writer can commit while the workers copy its file', async () => {
    await (await writer(source, `${filled('DELETE')} say('ready'); stay();`)).kill();
    const taken = await take();
    if (taken.how !== 'locked') throw new Error(taken.how);
    const script = `${preamble} sql('PRAGMA busy_timeout=0; BEGIN IMMEDIATE; DELETE FROM t; COMMIT');`;
    const attempts: (number | null)[] = [];
    const owner = {uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o40755};
    const files = [{name: 'ledger.sqlite', as: 'copy.sqlite'}];
    const job = {kind: 'copy' as const, directory: data, segments: [], files, to: made, algorithm: 'sha256'};
    const results = await copyFiles(
      {...job, owner, common: [], sync: false, ahead: false},
      createHasher,
      () => {
        attempts.push(spawnSync(node, ['-e', script, source], {stdio: 'ignore'}).status);
        return true;
      },
    );
    expect(results).toMatchObject([{status: 'copied', changed: false}]);
    expect(attempts).toEqual([1]);
    taken.release();
    expect(rowsOf(target)).toEqual(upTo(9000));
  });

  test('whose writer was killed in the middle of a transaction: as it was before that', async () => {
    const {kill} = await writer(source, `${filled('DELETE')} ${spill} say('ready'); stay();`);
    await kill();
    const before = liveState();
    expect(Object.keys(before)).toEqual(['ledger.sqlite', 'ledger.sqlite-journal']);
    expect(await take()).toMatchObject({how: 'copied'});
    expect(liveState()).toEqual(before);
    expect(fs.readdirSync(made)).toEqual(['copy.sqlite']);
    expect(rowsOf(target)).toEqual(upTo(9000));
    // It was worth looking at the journal: the file alone is not what was committed.
    expect(fs.readFileSync(source).equals(fs.readFileSync(target))).toBe(false);
  });

  test('whose writer is in the middle of a transaction: as it was before that', async () => {
    await writer(source, `${filled('DELETE')} ${spill} say('ready'); stay();`);
    const before = liveState();
    expect(await take()).toMatchObject({how: 'copied'});
    expect(liveState()).toEqual(before);
    expect(rowsOf(target)).toEqual(upTo(9000));
  });

  test('whose journal stays, as journal_mode=PERSIST has it', async () => {
    await writer(source, `${filled('PERSIST')} sql('DELETE FROM t WHERE n > 5'); say('ready'); stay();`);
    const before = liveState();
    expect(Object.keys(before)).toEqual(['ledger.sqlite', 'ledger.sqlite-journal']);
    expect(await take()).toMatchObject({how: 'copied'});
    expect(liveState()).toEqual(before);
    expect(fs.readdirSync(made)).toEqual(['copy.sqlite']);
    expect(rowsOf(target)).toEqual(upTo(5));
  });

  test('that names another file, which SQLite would remove: SQLite does not see it', async () => {
    const {root, ledger} = rootWithLedger();
    fs.writeFileSync(ledger, databaseBytes());
    const named = path.join(data, 'not-the-operators');
    fs.writeFileSync(named, 'precious');
    const pages = fs.statSync(ledger).size / pageSize;
    fs.writeFileSync(`${ledger}-journal`, superJournal(named, pages));
    const {code, summary, errors, copy} = await run(root);
    expect(fs.readFileSync(named, 'utf8')).toBe('precious');
    expect({code, changed: summary.changed}).toEqual({code: 3, changed: ['ledger']});
    expect(errors).toEqual([
      expect.stringMatching(/^copied as it lies there, because the journal beside it names another file/),
    ]);
    expect(fs.readFileSync(copy)).toEqual(fs.readFileSync(ledger));
  });

  test('is given up at once when it is cancelled while a writer has it', async () => {
    await writer(source, `${filled('DELETE')} sql('BEGIN EXCLUSIVE'); say('ready'); stay();`);
    const stop = new AbortController();
    const taking = take(stop.signal);
    stop.abort();
    expect(await taking).toEqual({how: 'cancelled'});
  });
});

describe.each(owners)('a whole run, in a tree of uid %i', (uid) => {
  beforeAll(() => {
    owner = uid;
  });

  const always = (mode: string) => `
    sql('PRAGMA journal_mode=${mode}; CREATE TABLE t (n INTEGER PRIMARY KEY)');
    rows(1, 100);
    say(100);
    say('ready');
    let n = 101;
    const step = () => {
      rows(n, n);
      say(n++);
      setImmediate(step);
    };
    step();`;

  /** Commits and empties the WAL, for ever. */
  const emptied = `${always('WAL').replace('rows(n, n);', `rows(n, n); ${truncate}`)}`;
  /** Opens it for each commit, as PHP does for each request: the last to close it tidies up. */
  const reopened = `
    sql('PRAGMA journal_mode=WAL; CREATE TABLE t (n INTEGER PRIMARY KEY)');
    rows(1, 100);
    database.close();
    say(100);
    say('ready');
    let n = 101;
    const step = () => {
      const again = new DatabaseSync(process.argv[1], {timeout: 30000});
      again.prepare('INSERT INTO t (n) VALUES (?)').run(n);
      again.close();
      say(n++);
      setImmediate(step);
    };
    step();`;

  test.each([
    ['to the WAL', 2, always('WAL')],
    ['to a WAL that is emptied after each', 2, emptied],
    ['by one who opens and closes it for each', 2, reopened],
    ['with journal_mode=DELETE', 1, always('DELETE')],
    ['with journal_mode=TRUNCATE', 1, always('TRUNCATE')],
    ['with journal_mode=PERSIST', 1, always('PERSIST')],
  ])(
    'while rows are committed all the time, %s: %i in a row',
    {timeout: 60_000},
    async (_, times, script) => {
      const {root, ledger} = rootWithLedger();
      const {last} = await writer(ledger, script);
      for (let time = 1; time <= times; time++) {
        const committed = last();
        const {code, summary, errors, copy} = await run(root);
        expect({code, result: summary.result, errors}).toEqual({code: 0, result: 'done', errors: []});
        const rows = rowsOf(copy);
        expect(rows).toEqual(upTo(rows.length));
        expect(rows.length).toBeGreaterThanOrEqual(committed);
      }
    },
  );

  test('while a writer keeps it locked: told, and copied as it lies there', {timeout: 40_000}, async () => {
    const {root, ledger} = rootWithLedger();
    await writer(ledger, `${always('DELETE').split('let n')[0]} sql('BEGIN EXCLUSIVE'); stay();`);
    const {code, summary, errors, copy} = await run(root);
    expect({code, result: summary.result, changed: summary.changed}).toEqual({
      code: 3,
      result: 'partial',
      changed: ['ledger'],
    });
    expect(errors).toEqual(['copied as it lies there, because a writer has kept it locked for 10 seconds']);
    expect(fs.readFileSync(copy)).toEqual(fs.readFileSync(ledger));
    expect(rowsOf(copy)).toEqual(upTo(100));
  });

  test('of what only begins like a database: told, and copied as it is', async () => {
    const {root, ledger} = rootWithLedger();
    const garbage = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(10_000, 'no pages, ')]);
    fs.writeFileSync(ledger, garbage);
    const {code, summary, errors, copy} = await run(root);
    expect({code, result: summary.result, changed: summary.changed}).toEqual({
      code: 3,
      result: 'partial',
      changed: ['ledger'],
    });
    expect(errors).toEqual([
      expect.stringMatching(/^copied as it lies there, because SQLite cannot read it: ./),
    ]);
    expect(fs.readFileSync(copy)).toEqual(garbage);
    expect(fs.readFileSync(ledger)).toEqual(garbage);
    expect(fs.readdirSync(path.dirname(ledger))).toEqual(['ledger.sqlite']);
  });
});
