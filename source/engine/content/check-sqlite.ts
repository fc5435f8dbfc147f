import {describeError} from '../base/problem.ts';
import {isOneOf, openDatabase} from '../datasets/node-sqlite.ts';
import {type Finding, notChecked, shorten} from '../storage/content.ts';

/** Above it the quick check: what the other one adds, each index against its table, takes minutes. Bytes. */
export const largestWhole = 500_000_000;
/** Complaints that are asked for; the first ones tell. */
const mostComplaints = 3;
/** Bytes that SQLite may take of memory, whatever a file makes it do. */
const mostMemory = 256 * 1024 * 1024;
/** Corrupt, not a database: what SQLite says of a file that it cannot go through at all. */
const corrupt = new Set([11, 26]);

/** SQLite's lines, without the one that only names the database. */
const complaintsOf = (rows: Record<string, unknown>[]): string[] =>
  rows
    .flatMap((row) => String(Object.values(row)[0] ?? '').split('\n'))
    .filter((line) => line !== '' && line !== '*** in database main ***');

/**
 * What SQLite says of a database's structure. Opened as immutable, so that nothing is made beside it, a header
 * in WAL mode is no matter, and CHECK constraints, which are foreign expressions, are not evaluated. May take minutes,
 * and cannot be stopped but with its process.
 * @param file a private copy
 */
export async function checkSqlite(file: string, size: number): Promise<Finding> {
  const check = size > largestWhole ? 'quick_check' : 'integrity_check';
  const finding = {kind: 'sqlite', check} as const;
  const broken = (said: string): Finding => ({...finding, state: 'broken', detail: shorten(said)});
  try {
    using database = await openDatabase(file, {readOnly: true, immutable: '1'});
    database.exec(`PRAGMA cell_size_check=ON; PRAGMA hard_heap_limit=${mostMemory}`);
    const complaints = complaintsOf(database.prepare(`PRAGMA ${check}(${mostComplaints})`).all());
    if (complaints.length === 1 && complaints[0] === 'ok') return {...finding, state: 'sound', detail: null};
    if (complaints.length === 0) return notChecked('sqlite', 'SQLite gave no answer');
    return broken(complaints.slice(0, mostComplaints).join('; '));
  } catch (error) {
    if (isOneOf(corrupt, error)) return broken(describeError(error));
    return notChecked('sqlite', `SQLite cannot check it: ${describeError(error)}`);
  }
}
