import * as z from 'zod/mini';
import {reachedSchema} from './database-item.ts';

const text = z.nullable(z.string());

/** Who was connected to a database; records keep that as it is here, whatever else a server is asked. */
const clientSchema = z.object({pid: z.int(), user: text, application: text, from: text, since: text});

/** `php-fpm as web from 10.0.0.5 since 2026-11-28T21:00:00Z`. */
export function connectedText(
  {application, user, from, since}: z.infer<typeof clientSchema>,
  sinceText: (since: string | null) => string = (said) => said ?? '?',
): string {
  const program = application === null || application === '' ? '' : `${application} as `;
  return `${program}${user ?? '?'}${from === null ? '' : ` from ${from}`} since ${sinceText(since)}`;
}

/** What a plan says of a database, beside what it says of every dataset. */
export const databaseFactsSchema = z.object({
  reached: reachedSchema,
  /** Its name on the server, and where that is, for the operator: `database "magds" on db.example:5432`. */
  name: z.string(),
  path: z.string(),
  /** Of the server, as it says it; the role that we are there. */
  serverVersion: z.string(),
  role: z.string(),
  /** What goes; null where there is no such database. */
  live: z.nullable(
    z.object({
      oid: z.int(),
      owner: z.string(),
      encoding: z.string(),
      collate: text,
      ctype: text,
      allows: z.boolean(),
      limit: z.int(),
      comment: text,
      /** Null where the server does not say. */
      bytes: z.nullable(z.number()),
    }),
  ),
  /** What comes: the dump is loaded, or the database comes back that an earlier restore has put aside; null where nothing does. */
  comes: z.nullable(
    z.union([
      z.object({
        how: z.literal('load'),
        /** As the manifest says. */
        database: text,
        connection: text,
        serverVersion: text,
        /** When the snapshot was taken, UTC. */
        snapshotAt: text,
        /** That it took to write the dump; null where the manifest does not say. */
        seconds: z.optional(z.nullable(z.number())),
        rows: z.nullable(z.record(z.string(), z.number())),
      }),
      z.object({how: z.literal('rename'), oid: z.int(), database: z.string()}),
    ]),
  ),
  /** Sessions that the switch ends, the oldest first. */
  sessions: z.array(clientSchema),
  /** Bytes that it takes beside the live one, as far as that tells, and free there; only where its disk can be seen from here. */
  room: z.optional(z.object({needed: z.number(), free: z.number()})),
});

export type DatabaseFacts = z.infer<typeof databaseFactsSchema>;
