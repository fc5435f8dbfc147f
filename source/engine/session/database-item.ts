import {createHash} from 'node:crypto';
import * as z from 'zod/mini';
import type {Dress} from '../postgres/dress.ts';

const text = z.nullable(z.string());
/** A name of the server's has at most this many bytes. */
const longest = 63;
const name = z.string().check(
  z.minLength(1),
  z.refine((said) => Buffer.byteLength(said) <= longest && !said.includes('\0')),
);
const oid = z.int().check(z.positive());

/** How a server is reached again; a password is never in it. */
export const reachedSchema = z.object({
  /** Of `database.connections` of the PHP configuration, which is read again; null where the dataset says it itself. */
  named: text,
  /** The environment of that configuration, as the operator named it. */
  environment: text,
  service: z.optional(z.string()),
  host: z.optional(z.string()),
  port: z.optional(z.int()),
  user: z.optional(z.string()),
  sslmode: z.optional(z.string()),
  passfile: z.optional(z.string()),
});

/** What goes over to the database that takes the place of another. */
const keptSchema = z.object({
  /** Whether it lets anyone in; how many at once, -1 for any number. */
  allows: z.boolean(),
  limit: z.int(),
  comment: text,
});

export const databaseSchema = z.object({
  dataset: z.string(),
  reached: reachedSchema,
  /** How it is called, for the operator and the record: `database "magds" on db.example:5432`. */
  path: z.string(),
  /** The name that is switched. */
  name,
  /** As it was when the transaction began; null where there was none. */
  old: z.nullable(
    z.object({
      oid,
      ...keptSchema.shape,
      /** That it took on its server; null where that did not say, and in older journals. */
      bytes: z.optional(z.nullable(z.number())),
      /** Rows that had been written when it was saved (`writesIn`); null where it was not saved. */
      writes: text,
    }),
  ),
  /** What it becomes; null where it is taken away. */
  new: z.nullable(
    z.object({
      /** Null until it is made. */
      oid: z.nullable(oid),
      /** Connection limit that it is made with: until its number is known here, that tells that it is ours. */
      mark: z.int(),
      ...keptSchema.shape,
      /** Rows that had been written once it was loaded; null until then, and where it is a database that was there. */
      writes: text,
      /** The dump that is loaded into it; null where it is a database that an earlier restore has put aside. */
      load: z.nullable(
        z.object({
          copy: z.array(z.string().check(z.regex(/^(?!\.{1,2}$)[^/\0]+$/))).check(z.minLength(1)),
          algorithm: z.string(),
          hash: z.string(),
          bytes: z.number(),
          /** Rows of each table, as they were counted in the snapshot of the dump; null where they were not. */
          rows: z.nullable(z.record(z.string(), z.number())),
        }),
      ),
    }),
  ),
  /** Names of what is loaded until it is switched, and of the old one from then on. */
  staged: name,
  aside: name,
  /** Name in the safety backup's manifest; null where it is not in it. */
  safety: text,
});

/** One database of a restore, as the journal knows it. */
export type DatabaseItem = z.infer<typeof databaseSchema>;
export type ServerAddress = z.infer<typeof reachedSchema>;
export type DatabaseLoad = NonNullable<NonNullable<DatabaseItem['new']>['load']>;

/** Whether a server can have a database of that name. */
export const isDatabaseName = (said: string): boolean => name.safeParse(said).success;

/** Whether the name would be too long, it is cut between two characters, and a digest keeps it apart from others. */
function besideName(database: string, end: string): string {
  if (Buffer.byteLength(database + end) <= longest) return database + end;
  const digest = createHash('sha256').update(database).digest('hex').slice(0, 8);
  let cut = '';
  for (const character of database) {
    if (Buffer.byteLength(`${cut}${character}~${digest}${end}`) > longest) break;
    cut += character;
  }
  return `${cut}~${digest}${end}`;
}

/** The name of what is loaded, until it is switched. */
export const stagedName = (database: string, session: number): string =>
  besideName(database, `_magds_${session}`);
/** The name of the old one, from the switch until the session is signed off. */
export const asideName = (database: string, session: number): string =>
  besideName(database, `_before_${session}`);
/** The name of a new one that somebody has written to, and that gave way all the same. */
export const writtenName = (database: string, session: number): string =>
  besideName(database, `_written_${session}`);

const markSchema = z.object({
  is: z.enum(['staged', 'before', 'written']),
  of: z.string(),
  session: z.int(),
  root: z.string(),
  /** The machine that root is on; older ones do not say. */
  host: z.optional(z.string()),
});

/** What a comment on a database says that is there for a restore of ours. */
export type Mark = z.infer<typeof markSchema>;
/** How such a comment begins. */
export const markStart = 'magds: ';

export const markText = (mark: Mark): string => markStart + JSON.stringify(mark);

/** What has such a comment lets nobody in. */
export const marked = (mark: Mark): Dress => ({allows: false, limit: -1, comment: markText(mark)});

/**
 * How what a restore takes out of the place of another is marked; `forward`: the old one. What an earlier restore has put
 * aside is that one's again.
 */
export function markAside(
  {name, staged, new: put}: DatabaseItem,
  whose: Pick<Mark, 'root' | 'host' | 'session'>,
  direction: 'forward' | 'back',
): Mark {
  if (direction === 'forward') return {is: 'before', of: name, ...whose};
  if (put?.load) return {is: 'staged', of: name, ...whose};
  return {is: 'before', of: name, ...whose, session: Number(/_(\d+)$/.exec(staged)?.[1])};
}

/** Null where the comment is none of ours. */
export function readMark(comment: string | null): Mark | null {
  if (!comment?.startsWith(markStart)) return null;
  try {
    return markSchema.safeParse(JSON.parse(comment.slice(markStart.length))).data ?? null;
  } catch {
    // Somebody has written to it.
    return null;
  }
}

/** What the sessions of a restore are called on the server: those that a kill has left are known by it. */
export const applicationName = ({
  state,
  session,
  host,
}: {
  state: string;
  session: number;
  host: string;
}): string =>
  `magds ${createHash('sha256').update(`${host}\0${state}`).digest('hex').slice(0, 16)} session ${session}`;
