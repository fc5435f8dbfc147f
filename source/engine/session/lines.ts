import * as z from 'zod/mini';
import {exitCode} from '../base/problem.ts';
import {contextSchema} from './context-schema.ts';
import {databaseFactsSchema} from './database-facts.ts';
import {phases} from './journal.ts';

/** What an incident's report asks for beside when things went wrong, in the order in which it happens. */
export const timeNames = ['noticed', 'declared', 'service-back'] as const;

/** When the metrics were read: as the session began, as its restore ended, and as it was signed off. */
export const metricsMoments = ['start', 'end', 'sign-off'] as const;

const text = z.nullable(z.string());
const texts = z.array(z.string());
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/;

/** What became of a hook, or of a site's own check. */
const command = {
  command: texts,
  reason: text,
  exit: z.catch(z.nullable(z.number()), null),
  output: z.string(),
  seconds: z.number(),
};

/** Who they say they are, where they have said so; earlier records have none. */
const person = z.optional(text);

/** Who had said a word of an incident, by the word: by whom and when (UTC, ISO 8601), and the name that was typed. */
export const saidBefore = z.record(
  z.string(),
  z.object({
    by: z.string(),
    person: z.optional(z.string()),
    at: z.string(),
    typed: z.optional(z.string()),
  }),
);

/** Where the owner of a session came from, and the screen that he has it on (`owner.ts`). */
const by = {from: z.optional(text), screen: z.optional(text), person};

const planSchema = z.object({
  createdAt: text,
  /** The text that the plan's hash is over; older records have none. */
  hashed: z.optional(text),
  actions: z.array(
    z.object({
      dataset: z.string(),
      role: z.enum(['dataset', 'sidecar']),
      action: z.enum(['create', 'overwrite', 'unchanged', 'remove', 'refused']),
      reason: text,
      algorithm: z.string(),
      hash: z.string(),
      copy: z.string(),
      /** Bytes of the copy. */
      bytes: z.number(),
      target: z.string(),
      recorded: text,
      mode: z.int(),
      live: z.nullable(
        z.object({
          bytes: z.number(),
          hash: text,
          modified: z.string(),
          mode: z.int(),
          uid: z.int(),
          gid: z.int(),
        }),
      ),
      loses: text,
      volatile: z.boolean(),
      openBy: texts,
      /** Where it is a database, and no file. */
      database: z.optional(databaseFactsSchema),
    }),
  ),
  leftOut: z.array(z.object({name: z.string(), reason: z.string()})),
  /** Older records have none. */
  notes: z._default(texts, []),
  /** Live files of directory datasets that stay although the backup does not hold them. */
  leaves: z.number(),
  /** Processes whose open files could not be seen. */
  unseen: z.number(),
  php: texts,
  brokenInside: z.array(z.object({name: z.string(), detail: z.string()})),
  partial: z.catch(z.array(z.object({dataset: z.string(), reason: z.string()})), []),
});

/**
 * Every line of a session's record: its type, and what it says. What is written has to be of one of these; what is read
 * may be of any other (an older version, an editor) and then is kept as it is.
 */
export const lineTypes = {
  /** It begins: what was asked for, by whom. */
  opened: z.object({
    id: z.string(),
    only: z.nullable(texts),
    into: text,
    allowed: texts,
    map: z.array(z.tuple([z.string(), z.string()])),
    last: text,
    breakLinks: z.boolean(),
    safety: z.boolean(),
    undoes: z.nullable(z.int()),
    /** Hash of the plan that was agreed to. */
    plan: text,
    ticket: text,
    purpose: text,
    title: text,
    authorisedBy: text,
    badSince: text,
    ...by,
    program: z.string(),
    deviations: z.optional(texts),
    /** Who had said a word of it before, and when: it was asked for by another one, or later. */
    said: z.optional(saidBefore),
  }),
  context: contextSchema,
  /** The steps of its checklist, as they were configured then. */
  checklist: z.object({
    steps: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        /** What is meant by it, for the operator who has to answer. */
        help: z.string(),
        /** A command that answers it; null where a machine cannot, or where this program does it itself. */
        command: z.nullable(texts),
      }),
    ),
  }),
  /** What was to be done, and the manifest that it went by. */
  plan: planSchema,
  manifest: z.object({
    path: z.string(),
    sha256: z.string(),
    digest: text,
    /** Why the session has no copy of it; null where it has. */
    notKept: text,
    verified: z.nullable(z.object({at: z.string(), result: z.string(), failed: texts})),
  }),
  held: z.object({id: z.string()}),
  'not held': z.object({id: z.string(), reason: z.string()}),
  /** Backups that are held no longer, and those that had to stay held, with why. */
  'let go': z.object({released: texts, stay: z.array(z.object({id: z.string(), reason: z.string()}))}),
  'hook-begins': z.object({command: texts}),
  hook: z.object(command),
  prepare: z.object({id: z.string(), files: texts}),
  /** The safety backup is made; bytes. */
  saved: z.object({id: z.string(), bytes: z.number()}),
  beware: z.object({dataset: z.string(), message: z.string()}),
  staged: z.object({files: z.number(), bytes: z.number()}),
  /** A dump was loaded beside the live database, or for a drill, and its rows are as many as the manifest says. */
  loaded: z.object({
    dataset: z.string(),
    database: z.string(),
    tables: z.number(),
    /** Of all tables; null where the manifest does not count them. */
    rows: z.nullable(z.number()),
    seconds: z.number(),
  }),
  switched: z.object({
    seconds: z.number(),
    live: z.array(z.object({dataset: z.string(), target: z.string(), hash: text, written: z.boolean()})),
    late: texts,
  }),
  failed: z.object({reason: z.string(), touched: z.boolean()}),
  stuck: z.object({reason: z.string()}),
  finished: z.object({
    outcome: z.enum(['done', 'rolled-back', 'refused', 'cancelled', 'needs-recovery']),
    exit: z.enum(exitCode),
    /** Why it is not done; null where it is. */
    reason: text,
    /** What is to be known although it is done. */
    beware: texts,
    /** Shell commands that finish by hand, where we cannot. */
    commands: texts,
    /** It waits for a decision, and stopped before it changed anything. */
    untouched: z.optional(z.boolean()),
    /** Older records have none. */
    seconds: z.catch(z.nullable(z.number()), null),
  }),
  recovery: z.object({
    direction: z.enum(['forward', 'back']),
    phase: z.enum(phases),
    keep: texts,
    take: texts,
    person,
  }),
  recovered: z.object({
    /** Datasets, and what their live files are now. */
    files: z.array(
      z.object({dataset: z.string(), target: z.string(), becomes: z.enum(['old', 'new', 'kept'])}),
    ),
    /** Files beside live ones in which is kept what was written and has given way. */
    kept: texts,
    /** The same where what he wrote stays: the old file. */
    old: texts,
    outcome: z.enum(['done', 'rolled-back']),
  }),
  'not recovered': z.object({reason: z.string()}),
  /** Its writer has the session from then on. */
  'taken-over': z.object(by),
  /** A site's own check of a step. */
  command: z.object(command),
  /** A step is answered. */
  step: z.object({
    step: z.string(),
    state: z.enum(['done', 'failed', 'skipped']),
    /** The check was made by this program or by a command, not by an operator's word. */
    machine: z.boolean(),
    note: text,
    person,
  }),
  /** When something of the incident was. */
  time: z.object({
    what: z.enum(timeNames),
    at: z.string().check(z.refine((said) => iso.test(said) && !Number.isNaN(Date.parse(said)))),
    /** Who had said so before this was recorded, and when. */
    by: z.optional(z.string()),
    said: z.optional(z.string()),
    person,
  }),
  /** What others were told: a line of the audit log, whole, and whether that has it. */
  event: z.looseObject({id: z.string(), action: z.string(), created_at: z.string(), logged: z.boolean()}),
  /** What a site's hook on an event said. */
  'event-hook': z.object({...command, event: z.catch(z.string(), '')}),
  /** What the root's metrics said; null where there were none that could be read. */
  metrics: z.object({moment: z.enum(metricsMoments), text}),
  /** It is signed off; what stayed of what was kept for the way back. */
  closed: z.object({kept: texts, person}),
  /** It was to be signed off, and was not after all: the line before counts for nothing. */
  'not closed': z.object({reason: z.string()}),
  /** Another session has taken it back. */
  undone: z.object({by: z.int(), kept: texts}),
  /** A kill had left the beginning of a line. */
  repaired: z.object({removed: z.string()}),
};

export type LineType = keyof typeof lineTypes;
export type LineData<T extends LineType> = z.infer<(typeof lineTypes)[T]>;

/** A line to be written: its type, and what it says. */
export type Note<T extends LineType = LineType> = {[K in T]: [type: K, data: LineData<K>]}[T];

type OnDisk = {type: string; data: Record<string, unknown>};

/** Whether a line is of one of these types; what it says may be anything. */
export const isLine =
  <T extends LineType>(...types: T[]) =>
  <L extends OnDisk>(line: L): line is L & {[K in T]: {type: K}}[T] =>
    types.some((type) => type === line.type);

/** The line that signs a session off; undefined where there is none, or the last one counts for nothing. */
export function signOffIn<L extends OnDisk>(lines: L[]): (L & {type: 'closed'}) | undefined {
  const line = lines.findLast(isLine('closed', 'not closed'));
  return line && isLine('closed')(line) ? line : undefined;
}

/** All that a line says; undefined where that is not what we write. */
export function dataOf<T extends LineType>(
  line: {type: T; data: OnDisk['data']} | undefined,
): LineData<T> | undefined {
  return line && (lineTypes[line.type].safeParse(line.data).data as LineData<T> | undefined);
}

/** One thing that a line says, whatever else it says; undefined where that is not what we write. */
export function said<T extends LineType, K extends keyof LineData<T>>(
  line: {type: T; data: OnDisk['data']} | undefined,
  name: K & string,
): LineData<T>[K] | undefined {
  if (!line) return undefined;
  const shape: Record<string, z.ZodMiniType> = lineTypes[line.type].shape;
  return shape[name]?.safeParse(line.data[name]).data as LineData<T>[K] | undefined;
}
