import os from 'node:os';
import path from 'node:path';
import * as z from 'zod/mini';
import {readSmallFile} from '../base/files.ts';
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
};

/** Bytes of an approval that are read. */
const largestApproval = 64 * 1024;

/** An evidence file has one approval. @throws Problem that says by whom it is; what is none of ours is left to writing */
function refuseSecond(target: string, signer: EvidenceRecord['signer']): void {
  const read = readSmallFile(target, largestApproval);
  const there = 'data' in read ? parseApproval(read.data.toString('latin1')) : null;
  if (!there) return;
  const isOwn = there.fingerprint === signer?.fingerprint;
  const how = isOwn
    ? 'with the key that signed the file itself. Move it and its .sig away, then approve again'
    : `with ${there.fingerprint}. A second approval is not kept`;
  throw new Problem(
    exitCode.failed,
    `${target} is there already, by ${there.by} on ${there.host}, ${there.at}, ${how}. Nothing was written.`,
  );
}

/**
 * Countersigns an evidence file: `<file>.approval` says who approves it, and `<file>.approval.sig` signs that. Both are new
 * files or none is made.
 * @throws Problem where it cannot be signed or written, where it is approved already, and for the key that signed the file
 */
export async function approve(options: ApproveOptions): Promise<Approved> {
  const {file, sha256, record, key, note, terminal = false, signal} = options;
  const target = `${file}.approval`;
  refuseSecond(target, record.signer);
  const signer = await signerOf(key, {signal});
  if (record.signer?.fingerprint === signer.fingerprint)
    throw new Problem(
      exitCode.usage,
      'That key signed the file itself: have a second person approve it, with --sign=KEY of their own. Nothing was written.',
    );
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
  writeBeside(target, line);
  try {
    writeBeside(`${target}.sig`, signature);
  } catch (error) {
    removeFile(target);
    throw error;
  }
  return {approval, path: target};
}
