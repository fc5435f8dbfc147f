import * as z from 'zod/mini';
import {asciiJson} from '../base/escape.ts';

/**
 * A countersignature: one line of JSON over the digest of an evidence file, beside it, with a signature of its own.
 * Filling in a blank of the file itself would break its own (EVIDENCE.md, "The file").
 */
export const approvalSchemaName = 'magds-approval/1';

const approvalSchema = z.strictObject({
  at: z.string().check(z.maxLength(64)),
  by: z.string().check(z.maxLength(512)),
  /** Base name of the evidence file. */
  file: z.string().check(z.maxLength(255)),
  fingerprint: z.string().check(z.regex(/^SHA256:[A-Za-z0-9+/]{43}$/)),
  host: z.string().check(z.maxLength(256)),
  note: z.nullable(z.string().check(z.maxLength(4000))),
  principal: z.nullable(z.string().check(z.maxLength(512))),
  schema: z.literal(approvalSchemaName),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

export type Approval = z.infer<typeof approvalSchema>;

/** Bytes of an approval, and of a signature, that are read. */
export const largestBeside = 64 * 1024;

/** One line, its keys sorted. */
export function approvalLine(approval: Approval): string {
  const sorted = Object.entries(approval).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${asciiJson(Object.fromEntries(sorted))}\n`;
}

/** What an approval says; null where it is none, or not written as we do. */
export function parseApproval(text: string): Approval | null {
  try {
    const parsed = approvalSchema.safeParse(JSON.parse(text));
    return parsed.success && approvalLine(parsed.data) === text ? parsed.data : null;
  } catch {
    return null;
  }
}
