import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import {readSmallFile} from '../files.ts';
import type {Fault} from './layers.ts';

/** Our own settings of a root, over the PHP configuration. */
export const ownFileName = 'storage/runbook/config.json';

const dataset = z.strictObject({
  name: z.string().check(z.minLength(1)),
  source: z.string().check(z.minLength(1)),
  type: z.optional(z.enum(['file', 'directory'])),
});

/** A command and its arguments, never a line for a shell. */
const command = z.array(z.string()).check(z.minLength(1));

const ownSchema = z.strictObject({
  version: z.literal(1),
  backup: z.optional(
    z.strictObject({
      enabled: z.optional(z.boolean()),
      path: z.optional(z.string().check(z.minLength(1))),
      datasets: z.optional(z.array(dataset)),
      algorithm: z.optional(z.string().check(z.minLength(1))),
      max_count: z.optional(z.nullable(z.int())),
    }),
  ),
  /** Run around a restore, to stop and start what writes to the live files. */
  hooks: z.optional(
    z.strictObject({
      before_restore: z.optional(z.array(command)),
      after_restore: z.optional(z.array(command)),
      /** Seconds that each may take. */
      seconds: z.optional(z.int().check(z.minimum(1), z.maximum(3600))),
    }),
  ),
  /** Days that the safety backup of a restore stays once its session is signed off; null keeps all. */
  safety_days: z.optional(z.nullable(z.int().check(z.minimum(1), z.maximum(36500)))),
  /** Steps of a site's own after the runbook's, to be answered after a restore. */
  checklist: z.optional(
    z.array(
      z.strictObject({
        id: z.string().check(z.regex(/^[a-z0-9-]{1,40}$/)),
        title: z.string().check(z.minLength(1)),
        help: z.optional(z.string()),
        command: z.optional(command),
      }),
    ),
  ),
  /** What evidence files say beside what is recorded, and against which they judge. */
  evidence: z.optional(
    z.strictObject({
      /** What the root is called in the inventory; else machine id and root. */
      asset: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
      /** The control that such a file is evidence for. */
      control: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
      /** Objectives, in seconds. */
      rto_seconds: z.optional(z.number().check(z.positive())),
      rpo_seconds: z.optional(z.number().check(z.positive())),
      /** The runbook's own file, of which the digest is recorded; a path below the root, or absolute. */
      runbook: z.optional(z.string().check(z.minLength(1))),
    }),
  ),
  /** Names of datasets that change all the time, so that a change of them stops no restore. */
  volatile: z.optional(z.array(z.string())),
});

export type OwnFile = z.infer<typeof ownSchema>;

/** The published JSON schema of the file. */
export const ownJsonSchema = (): unknown => z.toJSONSchema(ownSchema);

/**
 * Whoever may write what we obey decides what we do. As ssh does with its files, one that somebody else may write is
 * not obeyed (RESTORE.md, "Where a restore may write, and whom it obeys").
 * @returns why not, or null
 */
export function whyNotObeyed(file: string): string | null {
  const me = process.getuid?.() ?? 0;
  for (const each of [file, path.dirname(file)]) {
    const stats = fs.statSync(each);
    const what = each === file ? 'it' : 'its directory';
    if (stats.uid !== 0 && stats.uid !== me)
      return `${what} belongs to uid ${stats.uid}, not to you or root: run as uid ${stats.uid}, or give it to root`;
    if ((stats.mode & 0o022) !== 0)
      return `others may write ${each === file ? 'it' : 'its directory'}: chmod go-w ${each}`;
  }
  return null;
}

/** Reads `storage/runbook/config.json`; null where there is none, or where it must not or cannot be used. */
export function readOwnFile(root: string, faults: Fault[]): OwnFile | null {
  const file = path.join(root, ownFileName);
  const fault = (message: string): null => {
    faults.push({file, line: 1, message});
    return null;
  };
  const read = readSmallFile(file, 1024 * 1024);
  if ('missing' in read) return null;
  if ('reason' in read) return fault(read.reason);
  const untrusted = whyNotObeyed(file);
  if (untrusted) return fault(`is not obeyed: ${untrusted}`);
  let value: unknown;
  try {
    value = JSON.parse(read.data.toString('utf8'));
  } catch {
    return fault('is not valid JSON');
  }
  const parsed = ownSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the top';
  return fault(
    `is not what it should be at ${where}: ${issue?.code === 'unrecognized_keys' ? `unknown key ${issue.keys.join(', ')}` : 'see "magds config --schema"'}`,
  );
}
