import os from 'node:os';
import path from 'node:path';
import * as z from 'zod/mini';
import {operatorName} from '../base/owner.ts';
import {parseAs} from '../base/parse-as.ts';
import {exitCode, Problem} from '../base/problem.ts';
import {removeFile} from '../base/remove-file.ts';
import {canonicalJson} from './canonical.ts';
import {writeNew} from './place.ts';
import type {EvidenceRecord} from './schema.ts';
import {type KeyOptions, sign, signerOf} from './ssh-keygen.ts';

/**
 * A countersignature: one line of JSON over the digest of an evidence file, beside it, with a signature of its own.
 * Filling in a blank of the file itself would break its own (EVIDENCE.md, "The file").
 */
const approvalSchemaName = 'magds-approval/1';

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

type Approval = z.infer<typeof approvalSchema>;

/** One line, its keys sorted. */
export const approvalLine = (approval: Approval): string => `${canonicalJson(approval)}\n`;

/** What an approval says; null where it is none, or not written as we do. */
export function parseApproval(text: string): Approval | null {
  const approval = parseAs(approvalSchema, text);
  return approval && approvalLine(approval) === text ? approval : null;
}

type ApproveOptions = KeyOptions & {
  /** Path of the evidence file, whose checks hold. */
  file: string;
  /** Its digest when it was checked. */
  sha256: string;
  record: EvidenceRecord;
  key: string;
  note: string | null;
};

/** Makes a file, 0600, never over one that is there. @throws Problem that says what is in the way */
export const writeBeside = (file: string, data: Uint8Array): void =>
  writeNew(path.dirname(file), path.basename(file), data, path.dirname(file));

type Approved = {
  approval: Approval;
  /** Path of it; the signature is `<path>.sig`. */
  path: string;
  /** Approved with the very key that signed the evidence. */
  own: boolean;
};

/**
 * Countersigns an evidence file: `<file>.approval` says who approves it, and `<file>.approval.sig` signs that. Both are new
 * files or none is made.
 * @throws Problem where it cannot be signed or written
 */
export async function approve(options: ApproveOptions): Promise<Approved> {
  const {file, sha256, record, key, note, terminal = false, signal} = options;
  const signer = await signerOf(key, {signal});
  const approval: Approval = {
    at: new Date().toISOString(),
    by: operatorName(process.env),
    file: path.basename(file),
    fingerprint: signer.fingerprint,
    host: os.hostname(),
    note,
    principal: signer.principal,
    schema: approvalSchemaName,
    sha256,
  };
  const line = Buffer.from(approvalLine(approval));
  if (!parseApproval(line.toString('latin1')))
    throw new Problem(
      exitCode.usage,
      'The approval would be too long to be read: a note has at most 4000 characters. Nothing was written.',
    );
  const signature = await sign(key, line, {terminal, signal});
  const target = `${file}.approval`;
  writeBeside(target, line);
  try {
    writeBeside(`${target}.sig`, signature);
  } catch (error) {
    removeFile(target);
    throw error;
  }
  return {approval, path: target, own: record.signer?.fingerprint === signer.fingerprint};
}
