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
