import fs from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {temporaryDirectory} from './temporary.ts';

/** Bytes of a page of the databases made here. */
export const pageSize = 4096;

/** The bytes of a database of some pages, closed. @param sql what makes it something special */
export function databaseBytes(sql = '', rows = 500): Buffer {
  const file = path.join(temporaryDirectory(), 'made.sqlite');
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA page_size=${pageSize}; ${sql}`);
    database.exec('CREATE TABLE entries (id INTEGER PRIMARY KEY, account TEXT UNIQUE, amount INTEGER)');
    const insert = database.prepare('INSERT INTO entries (account, amount) VALUES (?, ?)');
    database.exec('BEGIN');
    for (let row = 0; row < rows; row++) insert.run(`account ${row}`, row);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
  return fs.readFileSync(file);
}

/** The same with the cell pointers of a b-tree page overwritten: what a bad disk left before the backup was made. */
export function brokenDatabase(sql = ''): Buffer {
  const bytes = databaseBytes(sql);
  return Buffer.from(bytes).fill(0xff, pageSize * 3 + 10, pageSize * 3 + 400);
}

/** A sound database that SQLite takes a minute to check: an index of what is dear to work out, made while it was cheap. */
export function slowDatabase(): Buffer {
  const file = path.join(temporaryDirectory(), 'slow.sqlite');
  const database = new DatabaseSync(file);
  try {
    database.enableDefensive(false);
    database.exec('CREATE TABLE slow (a TEXT); CREATE INDEX dear ON slow (length(a))');
    database.exec('BEGIN');
    for (let row = 0; row < 5000; row++) database.prepare("INSERT INTO slow VALUES ('a')").run();
    database.exec('COMMIT');
    const dear = "length(a) + 0 * length(replace(hex(zeroblob(1000000)), '0', a))";
    database.exec('PRAGMA writable_schema=ON');
    database
      .prepare("UPDATE sqlite_schema SET sql = ? WHERE name = 'dear'")
      .run(`CREATE INDEX dear ON slow (${dear})`);
  } finally {
    database.close();
  }
  return fs.readFileSync(file);
}

const journalMagic = Buffer.from('d9d505f920a163d7', 'hex');

/** A rollback journal that is worth rolling back, holds no page, and names another file as its super-journal. */
export function superJournal(named: string, pages: number): Buffer {
  const head = Buffer.alloc(512);
  journalMagic.copy(head);
  for (const [at, value] of [
    [12, 1],
    [16, pages],
    [20, 512],
    [24, pageSize],
  ] as const)
    head.writeUInt32BE(value, at);
  const name = Buffer.from(named);
  const [page, tail] = [Buffer.alloc(4), Buffer.alloc(8)];
  page.writeUInt32BE(0x40000000 / pageSize + 1);
  tail.writeUInt32BE(name.length);
  tail.writeUInt32BE(
    name.reduce((sum, byte) => sum + byte, 0),
    4,
  );
  return Buffer.concat([head, page, name, tail, journalMagic]);
}
