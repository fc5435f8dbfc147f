import * as z from 'zod/mini';
import {contextSchema, isoTime, number, sha256, text, time} from '../session/context-schema.ts';
import {isShallow} from '../session/record.ts';

/** One live file that a restore wrote, removed, or left as it was. */
export const restoredSchema = z.strictObject({
  dataset: z.string(),
  role: z.enum(['dataset', 'sidecar']),
  action: z.enum(['create', 'overwrite', 'unchanged', 'remove', 'refused']),
  target: z.string(),
  algorithm: text,
  expected: text,
  /** Before the restore; null where there was no file, or it was not hashed. */
  before: z.nullable(z.strictObject({bytes: number, hash: text, modified: time})),
  /** Hash of the live file right after the switch: the proof. */
  at_switch: text,
  bytes: number,
  /** Octal, as chmod takes it. */
  mode: text,
  owner: text,
  result: z.enum([
    'as the manifest says',
    'put back',
    'written to since',
    'removed',
    'unchanged',
    'not restored',
    'not recorded',
  ]),
  reason: text,
});

/** One database that a restore replaced, made or took away: it was done by names. */
export const replacedDatabaseSchema = z.strictObject({
  dataset: z.string(),
  /** Where it is: `database "shop" on db.example:5432`. */
  path: z.string(),
  name: z.string(),
  /** The server's numbers of the one that was called so, and of the one that is; null where there was, or is, none. */
  oid_before: number,
  oid_after: number,
  /** What the old one is called since; null where there was none. */
  aside: text,
  /** The safety backup has a dump of the old one. */
  saved: z.boolean(),
  /** It was loaded from a dump; else it is one that an earlier restore had put aside. */
  loaded: z.boolean(),
  /** Rows of each table, counted in it before the switch, when they had to be as many as the manifest says; null where that counts none. */
  rows: z.nullable(z.record(z.string(), z.number())),
  /** Who was connected when the plan was made, and was ended by the switch. */
  ended: z.array(z.string()),
});

export const stepSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  command: z.nullable(z.array(z.string())),
  state: z.enum(['done', 'failed', 'skipped', 'open']),
  machine: z.boolean(),
  by: text,
  /** The name that was typed beside it; not there where none was. */
  person: z.optional(text),
  at: time,
  /** Since the answer before it, or the end of the restore; of the wall clock. */
  seconds: number,
  note: text,
  /** Answers that this one took the place of. */
  replaced: z.int(),
});

/** A command of the site's own: a hook, or a check of the application. */
const commandSchema = z.strictObject({
  at: isoTime,
  /** `hook`, `hook on an event` or `check`. */
  what: z.string(),
  command: z.array(z.string()),
  exit: number,
  seconds: number,
  reason: text,
  /** Verbatim, as far as it was kept. */
  output: z.string(),
});

const lineSchema = z.strictObject({
  sequence: z.int(),
  at: isoTime,
  operator: z.string(),
  type: z.string(),
  /** No deeper than the session's own record is read. */
  data: z.record(z.string(), z.unknown()).check(z.refine((data) => isShallow(data))),
  previous: z.string(),
  /** The line as session.jsonl has it, where sorting its keys changes its bytes: the next line's hash is over these. */
  verbatim: z.optional(z.string()),
});

export const sessionSchema = z.strictObject({
  number: z.int(),
  state: z.string(),
  reason: text,
  drill: z.boolean(),
  /** Directory of a drill. */
  into: text,
  undoes: z.nullable(z.int()),
  opened_at: time,
  ended_at: time,
  /** Duration of the restore itself. */
  seconds: number,
  /** Signed off. */
  closed: z.boolean(),
  /** Those who had it one after the other. */
  owners: z.array(z.strictObject({operator: z.string(), person: z.optional(text), from: text, at: isoTime})),
  /** As it was when the session began. */
  context: z.nullable(contextSchema),
  plan: text,
  restored: z.array(restoredSchema),
  /** Earlier records, and those of files alone, have none. */
  databases: z.optional(z.array(replacedDatabaseSchema)),
  /** Configured datasets that it did not touch, each with why. */
  left_out: z.array(z.strictObject({name: z.string(), reason: z.string()})),
  checklist: z.array(stepSchema),
  /** SHA-256 of the checklist's definition as it was recorded; null where there is none. */
  checklist_sha256: z.nullable(sha256),
  commands: z.array(commandSchema),
  times: z.strictObject({
    bad_since: time,
    /** Newest write to a live file that the restore replaced, as seen by the plan. */
    last_write: time,
    noticed: time,
    declared: time,
    /** The switch. */
    restored: time,
    service_back: time,
  }),
  deviations: z.array(z.string()),
  /** What the operator has to know although it was done. */
  beware: z.array(z.string()),
  /** `until`: when it may be removed at the earliest, once the session is signed off; null where it is kept for ever. */
  safety: z.nullable(
    z.strictObject({
      id: z.string(),
      path: z.string(),
      kept: z.boolean(),
      until: time,
      /** What it holds, by its manifest; earlier records did not tell. */
      files: z.optional(z.array(z.strictObject({name: z.string(), algorithm: text, hash: text}))),
      manifest_sha256: z.optional(z.nullable(sha256)),
    }),
  ),
  /** Of session.jsonl's bytes. */
  record_sha256: z.nullable(sha256),
  /** Why its chain cannot be relied on; null where it holds. */
  broken: text,
  torn: z.boolean(),
  /** Every line of it: who, when, what. */
  lines: z.array(lineSchema),
});
