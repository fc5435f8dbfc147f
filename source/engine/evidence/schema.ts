import * as z from 'zod/mini';
import {contextSchema, isoTime, number, sha256, text, time} from '../session/context-schema.ts';
import {
  type replacedDatabaseSchema,
  type restoredSchema,
  sessionSchema,
  type stepSchema,
} from './session-schema.ts';

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

export const backupSchema = z.strictObject({
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
    /** Of the file's bytes when this was exported; null where it could not be read. Earlier records did not tell. */
    later: z.optional(z.nullable(sha256)),
    /** Over its content then, where its bytes were other ones; null where it was no manifest. Earlier records did not tell. */
    later_digest: z.optional(z.nullable(sha256)),
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
  /** As its manifest says: when it was written, after the backup had been cut off. Of no other backup. */
  finished: z.optional(z.string()),
});

const candidateSchema = z.strictObject({
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
});

/** What a restore could have taken instead, and what was verified while that was decided. */
const choiceSchema = z.strictObject({
  /** Copies from before that are named: bad since, else the opening of the session. */
  until: time,
  /** Newer than the chosen one, newest first. */
  candidates: z.array(candidateSchema),
  more_candidates: z.int(),
  /** The same of backups that are not from before that; earlier records did not tell. */
  later: z.optional(z.array(candidateSchema)),
  more_later: z.optional(z.int()),
  from: time,
  /** Since then, of any backup; failed ones first, then newest first. */
  verifications: z.array(
    z.strictObject({
      id: z.string(),
      ...verificationSchema.shape,
      /** Restored datasets of that backup that were known to be broken inside when this was exported; none: not known. */
      broken: z.optional(z.array(z.strictObject({dataset: z.string(), detail: z.string()}))),
    }),
  ),
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

/** What was inside a file that gave way, against the copy that took its place. */
const contentSchema = z.strictObject({
  dataset: z.string(),
  of: z.nullable(z.enum(['rows', 'entries', 'lines'])),
  /** Tables, lists or maps; of text one without a name. None where nothing differs. */
  tables: z.array(
    z.strictObject({
      name: z.string(),
      /** How many there were; null where that was not counted. */
      before: number,
      after: number,
      only_before: number,
      only_after: number,
      differ: number,
    }),
  ),
  /** False where not all of it was compared. */
  whole: z.boolean(),
  /** Why nothing was counted; null where it was. */
  reason: text,
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
  /** Of files that a restore overwrote, as far as they could be counted; earlier records did not tell. */
  content: z.optional(z.array(contentSchema)),
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
export type EvidenceContent = z.infer<typeof contentSchema>;
export type EvidenceDataset = z.infer<typeof datasetSchema>;
export type EvidenceSession = z.infer<typeof sessionSchema>;
export type EvidenceStep = z.infer<typeof stepSchema>;
export type EvidenceVerification = z.infer<typeof verificationSchema>;
export type EvidenceDatabase = z.infer<typeof replacedDatabaseSchema>;
export type Restored = z.infer<typeof restoredSchema>;
