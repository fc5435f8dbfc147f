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
