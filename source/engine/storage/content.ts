import * as z from 'zod/mini';

/** What is known of one copy's content. Its detail quotes hostile files: it is escaped where it is shown. */
export const findingSchema = z.object({
  /** What was checked: that JSON parses, that SQLite finds its own structure sound, that pg_restore reads a dump to its end. Null where nothing told what it is. */
  kind: z.nullable(z.enum(['json', 'sqlite', 'dump'])),
  /** `sound` says that it can be read, not that what stands in it is right. */
  state: z.enum(['sound', 'broken', 'not checked']),
  /** How it was checked; null where it was not. */
  check: z.nullable(z.enum(['parse', 'integrity_check', 'quick_check', 'pg_restore'])),
  /** What is wrong, why it was not checked, or what to beware of although it is sound; null where there is nothing. */
  detail: z.nullable(z.string()),
});
export type Finding = z.infer<typeof findingSchema>;
export type ContentKind = NonNullable<Finding['kind']>;

export type ContentResult = Finding & {dataset: string};

/** Characters of a detail. */
const longestDetail = 300;

/** A text that others wrote, cut to what fits a screen; never in the middle of a character. */
export function shorten(text: string, most = longestDetail): string {
  const characters = [...text.slice(0, most * 2 + 2)];
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 3).join('')}...`;
}

export const notChecked = (kind: ContentKind | null, reason: string): Finding => ({
  kind,
  state: 'not checked',
  check: null,
  detail: shorten(reason),
});

/** What its name says, before anything is read; null where it says nothing. */
export function kindByName(name: string): ContentKind | null {
  if (/\.json$/i.test(name)) return 'json';
  if (/\.dump$/i.test(name)) return 'dump';
  return /\.(sqlite3?|db3)$/i.test(name) ? 'sqlite' : null;
}

/** How a database begins (sqlite.org/fileformat2.html, "The Database Header"). */
export const sqliteHeader = Buffer.from('SQLite format 3\0', 'latin1');

/** How a dump in pg_dump's custom format begins. */
const dumpHeader = Buffer.from('PGDMP', 'latin1');

/** Whether the first bytes of a file are those of such a dump. */
export const isDump = (data: Buffer): boolean => data.subarray(0, dumpHeader.length).equals(dumpHeader);

/** Whether the first bytes of a file are those of an SQLite database. */
export const isSqlite = (data: Buffer): boolean => data.subarray(0, sqliteHeader.length).equals(sqliteHeader);
