import * as z from 'zod/mini';
import {contextSchema, isoTime, number, sha256, text, time} from '../session/context-schema.ts';
import {isShallow} from '../session/record.ts';

/**
 * What an evidence file records (EVIDENCE.md, "The record"). Null stands for "not recorded" throughout. Times are UTC,
 * ISO 8601; sizes are bytes; durations are seconds, of the monotonic clock unless said otherwise.
 *
 * The prose of a file is rendered from this and from nothing else, and `evidence check` renders it again to compare: a
 * change of the layout needs another `schema`, and a renderer for each that there was.
 */
export const schemaNames = ['magds-evidence/1', 'magds-evidence/2'] as const;
/** Of what is written now. */
export const schemaName = schemaNames[1];
const verificationSchema = z.strictObject({
  at: isoTime,
  result: z.enum(['passed', 'failed']),
  reason: text,
  /** Names of the datasets that did not match. */
  failed: z.array(z.string()),
  host: text,
  user: text,
  program: text,
  seconds: number,
});

/** One dataset of a backup, or for a directory dataset one file of it. */
const datasetSchema = z.strictObject({
  name: z.string(),
  algorithm: text,
  /** CRC, MD5 and the like find accidents, not tampering. */
  weak: z.boolean(),
  /** Path that the manifest records for the live file, and the copy's path below the backup. */
  source: text,
  copy: text,
  bytes: number,
  expected: text,
  /** Of the copy when it was last hashed for this record: while it was staged, or by the verification. */
  actual: text,
  status: text,
  reason: text,
});

const backupSchema = z.strictObject({
  id: z.string(),
  label: text,
  /** The id's time: `created_at` is the end of the copying (FORMAT.md). */
  time,
  created_at: text,
  state: z.string(),
  reason: text,
  manifest: z.strictObject({
    path: text,
    /** Of the file's bytes. */
    sha256: z.nullable(sha256),
    /** Over its content without what verifying writes into it. */
    digest: z.nullable(sha256),
    /** Whole and verbatim; null where it could not be read, and in a report over all backups. */
    text,
    /** Bytes that are no UTF-8 were replaced in `text`. */
    replaced: z.boolean(),
  }),
  /** Verifications recorded before, newest first. */
  verifications: z.array(verificationSchema),
  /** The last one known when this was recorded. */
  verified: z.nullable(verificationSchema),
  datasets: z.array(datasetSchema),
  /** Configured datasets that it lacks. */
  lacks: z.array(z.string()),
  /** What its manifest says that it does not hold as it should; earlier records did not tell. */
  partial: z.optional(z.array(z.strictObject({dataset: z.string(), reason: z.string()}))),
});

/** One live file that a restore wrote, removed, or left as it was. */
const restoredSchema = z.strictObject({
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
    'written to since',
    'removed',
    'unchanged',
    'not restored',
    'not recorded',
  ]),
  reason: text,
});

const stepSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  command: z.nullable(z.array(z.string())),
  state: z.enum(['done', 'failed', 'skipped', 'open']),
  machine: z.boolean(),
  by: text,
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

const sessionSchema = z.strictObject({
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
  owners: z.array(z.strictObject({operator: z.string(), from: text, at: isoTime})),
  /** As it was when the session began. */
  context: z.nullable(contextSchema),
  plan: text,
  restored: z.array(restoredSchema),
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

/** What a restore could have taken instead, and what was verified while that was decided. */
const choiceSchema = z.strictObject({
  /** Copies from before that are named: bad since, else the opening of the session. */
  until: time,
  /** Newer than the chosen one, newest first. */
  candidates: z.array(
    z.strictObject({
      id: z.string(),
      time,
      /** Null of a backup without a readable manifest. */
      dataset: text,
      /** When this was exported: of a copy, or of a backup without a manifest; `flawed` is unaltered and not whole. */
      state: z.string(),
      reason: text,
      /** It is the same bytes as the chosen one. */
      same: z.boolean(),
      /** What the last verification before the session had said of it; null where there was none. */
      known: z.nullable(z.strictObject({at: isoTime, result: z.enum(['passed', 'failed'])})),
    }),
  ),
  more_candidates: z.int(),
  from: time,
  /** Since then, of any backup; failed ones first, then newest first. */
  verifications: z.array(z.strictObject({id: z.string(), ...verificationSchema.shape})),
  more_verifications: z.int(),
});

const auditSchema = z.strictObject({
  /** Of the log as it was configured. */
  path: z.string(),
  /** Why it could not be read; null where it was. */
  reason: text,
  /** Events of the session in its order; line and digest are null where the log did not have it any more. */
  events: z.array(z.strictObject({id: z.string(), line: z.nullable(z.int()), sha256: z.nullable(sha256)})),
});

export const recordSchema = z.strictObject({
  schema: z.enum(schemaNames),
  /** Random UUID. */
  id: z.string().check(z.regex(/^[0-9a-f-]{36}$/)),
  kind: z.enum(['restore', 'verification', 'catalog']),
  /** Where and by whom this was exported. */
  exported: contextSchema,
  asset: z.strictObject({
    id: z.string(),
    /** It was configured; else it is made up of machine id and root. */
    configured: z.boolean(),
    root: text,
    backups: z.string(),
    environment: text,
    /** SHA-256 over the effective backup settings; no secret is among them. */
    configuration: z.nullable(sha256),
    /** Configured datasets and their live files; null where no configuration says. */
    datasets: z.nullable(z.array(z.strictObject({name: z.string(), source: z.string()}))),
  }),
  purpose: z.nullable(z.enum(['incident', 'drill', 'verification'])),
  ticket: text,
  title: text,
  /** Who authorised it beforehand, or `emergency: …` and why. */
  authorised: text,
  control: text,
  period: text,
  objectives: z.strictObject({rto_seconds: number, rpo_seconds: number}),
  session: z.nullable(sessionSchema),
  backups: z.array(backupSchema),
  /** Of a restore; earlier records did not tell, and an undo has no choice. */
  choice: z.optional(choiceSchema),
  /** Where the session's events are in the audit log; earlier records did not tell. */
  audit: z.optional(auditSchema),
  /** Sessions of the root by number: those that there are, and those that no evidence file is about. */
  sessions: z.strictObject({all: z.array(z.int()), never_exported: z.array(z.int())}),
  /** Earlier sessions for the same ticket. */
  attempts: z.array(z.strictObject({number: z.int(), state: z.string(), opened_at: time})),
  /** As the exporter gave them: what, who, until when. */
  corrective: z.array(z.string()),
  not_checked: z.array(z.string()),
  runbook: z.nullable(z.strictObject({path: z.string(), sha256})),
  /** The evidence file of this root that was written before this one. */
  previous: z.nullable(z.strictObject({file: z.string(), sha256})),
  /** Whose key signs the file; null where it is not signed. */
  signer: z.nullable(z.strictObject({fingerprint: z.string(), principal: text})),
});

export type EvidenceRecord = z.infer<typeof recordSchema>;
export type EvidenceBackup = z.infer<typeof backupSchema>;
export type EvidenceChoice = z.infer<typeof choiceSchema>;
export type EvidenceDataset = z.infer<typeof datasetSchema>;
export type EvidenceSession = z.infer<typeof sessionSchema>;
export type EvidenceStep = z.infer<typeof stepSchema>;
export type EvidenceVerification = z.infer<typeof verificationSchema>;
export type Restored = z.infer<typeof restoredSchema>;
