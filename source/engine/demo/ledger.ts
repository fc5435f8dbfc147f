import fs from 'node:fs';
import path from 'node:path';
import {openDatabase} from '../datasets/node-sqlite.ts';

/** Seconds before now at which balances were overwritten. */
const badFor = 3600;

const accounts = 6000;
/** Postings between two states of it. */
const booked = 630;

const schema = `
CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, balance INTEGER NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE postings (id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts, amount INTEGER NOT NULL, booked_at TEXT NOT NULL);
CREATE INDEX postings_of ON postings (account)`;

const time = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;

/** Adds so many rows, counted from 1 on by `n`. */
const numbered = (count: number, insert: string): string =>
  `WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < ${count}) ${insert} FROM count`;

function book(step: number, count: number, at: string): string {
  const first = step * booked;
  return `${numbered(count, `INSERT INTO postings SELECT ${first} + n, (${first} + n) * 7919 % ${accounts} + 1, (${first} + n) * 104729 % 20011 - 4000, '${at}'`)};
UPDATE accounts SET updated_at = '${at}', balance = balance + (SELECT sum(amount) FROM postings WHERE account = accounts.id AND id > ${first})
WHERE id IN (SELECT account FROM postings WHERE id > ${first})`;
}

/** What the ledger held at one time or another; `live` is what it holds now. */
export type Ledger = {
  /** Three states of the days before, the oldest first, and the last one that was right. */
  good: [Buffer, Buffer, Buffer, Buffer];
  /** After balances were overwritten. */
  bad: Buffer;
};

/**
 * Makes the demonstration's live ledger, a database of accounts and what was booked to them, and keeps what it held on the
 * way. Since an hour many balances are 0, which no hash can tell.
 * @param now seconds since the epoch
 */
export async function makeLedger(file: string, now: number): Promise<Ledger> {
  fs.mkdirSync(path.dirname(file), {recursive: true});
  using database = await openDatabase(file, {readOnly: false});
  const state = (...statements: string[]): Buffer => {
    database.exec(['BEGIN', ...statements, 'COMMIT'].join(';\n'));
    return fs.readFileSync(file);
  };
  const hoursAgo = (hours: number): string => time(now - hours * 3600);
  database.exec('PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF');
  const open = numbered(
    accounts,
    `INSERT INTO accounts SELECT n, 'tenant-' || (n % 400 + 1), n * 6101 % 90000, '${hoursAgo(200)}'`,
  );
  const good: Ledger['good'] = [
    state(schema, open, book(0, booked, hoursAgo(150))),
    state(book(1, booked, hoursAgo(100))),
    state(book(2, booked, hoursAgo(30))),
    state(book(3, booked, hoursAgo(3))),
  ];
  const overwritten = `UPDATE accounts SET balance = 0, updated_at = '${time(now - badFor)}' WHERE id % 7 = 3`;
  const bad = state(overwritten, book(4, 41, time(now - badFor / 2)));
  state(book(5, 13, time(now - 900)));
  return {good, bad};
}
