import os from 'node:os';
import path from 'node:path';
import {operatorName} from '../base/owner.ts';
import {exitCode, Problem} from '../base/problem.ts';
import {removeFile} from '../base/remove-file.ts';
import {type Approval, approvalLine, approvalSchemaName, parseApproval} from './approval.ts';
import {writeNew} from './place.ts';
import type {EvidenceRecord} from './schema.ts';
import {type KeyOptions, sign, signerOf} from './ssh-keygen.ts';

export type ApproveOptions = KeyOptions & {
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

export type Approved = {
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
