import path from 'node:path';
import {readSmallFile} from '../base/files.ts';
import {approvalLine, largestBeside, parseApproval} from './approval.ts';
import {type Check, failed, notChecked, ok} from './checks.ts';
import type {EvidenceRecord} from './schema.ts';
import {madeBy, type Signer, verifySignature} from './ssh-keygen.ts';

export type SignatureOptions = {
  /** Path of an allowed_signers file; null where none is given. */
  allowedSigners: string | null;
  /** Whom the file has to be by; null for anybody in that file. */
  identity: string | null;
  signal?: AbortSignal | undefined;
};

const howToTell = '--allowed-signers=FILE says whose keys count, and --identity=NAME who it has to be';
export const unsignedText = 'unsigned: this shows corruption only, and nobody stands for it';

const nameOf = ({principal, fingerprint}: Signer): string =>
  principal === null ? fingerprint : `${principal} (${fingerprint})`;

/**
 * The signature beside a file against the signer that its record names.
 * @param signer as the record has it; undefined where there is no record to go by
 */
export async function* checkSignature(
  file: string,
  bytes: Buffer,
  signer: EvidenceRecord['signer'] | undefined,
  options: SignatureOptions,
): AsyncGenerator<Check, void, undefined> {
  const name = 'signature';
  const beside = `${path.basename(file)}.sig`;
  const {allowedSigners, identity, signal} = options;
  const read = readSmallFile(`${file}.sig`, largestBeside);
  if ('reason' in read) return yield failed(name, `${beside} ${read.reason}`);
  if ('missing' in read) {
    if (signer) yield failed(name, `it says that ${nameOf(signer)} signed it, and there is no ${beside}`);
    else if (allowedSigners !== null) yield failed(name, 'it is unsigned, and allowed signers were given');
    else if (signer === null) yield notChecked(name, unsignedText);
    else yield notChecked(name, `there is no ${beside}`);
    return;
  }
  const fingerprint = await madeBy(bytes, read.data, signal);
  if (fingerprint === null)
    return yield failed(name, `${beside} is no signature over this file: one of them was changed`);
  if (signer === null)
    return yield failed(
      name,
      `the file says UNSIGNED, and ${beside} is there: one of them was put in the other's place`,
    );
  if (signer && signer.fingerprint !== fingerprint)
    return yield failed(name, `signed with ${fingerprint}, and the file says ${nameOf(signer)}`);
  yield ok(name, `over this very file, with the key ${fingerprint}`);
  const check = await checkSigner('signer', bytes, read.data, allowedSigners, identity, signal);
  // The name that the file gives is its key's comment: anybody may write there what he likes.
  const claimed = signer?.principal ?? null;
  const isOther = check.state === 'ok' && claimed !== null && !check.text.startsWith(`${claimed}, as `);
  yield isOther ? {...check, text: `${check.text}; the file itself says ${claimed}`} : check;
}

async function checkSigner(
  name: string,
  bytes: Buffer,
  signature: Buffer,
  allowedSigners: string | null,
  identity: string | null,
  signal?: AbortSignal,
): Promise<Check> {
  if (allowedSigners === null) return notChecked(name, `whose key that is: ${howToTell}`);
  const found = await verifySignature(bytes, signature, allowedSigners, identity, signal);
  if ('reason' in found) return failed(name, found.reason);
  return ok(name, `${found.principal}, as ${allowedSigners} says`);
}

/** The countersignature beside a file. @param sha256 of the file */
export async function* checkApproval(
  file: string,
  sha256: string,
  signer: EvidenceRecord['signer'] | undefined,
  {allowedSigners, signal}: SignatureOptions,
): AsyncGenerator<Check, void, undefined> {
  const name = 'approval';
  const beside = `${path.basename(file)}.approval`;
  const read = readSmallFile(`${file}.approval`, largestBeside);
  if ('missing' in read) return yield notChecked(name, 'there is none');
  if ('reason' in read) return yield failed(name, `${beside} ${read.reason}`);
  const approval = parseApproval(read.data.toString('latin1'));
  if (!approval) return yield failed(name, `${beside} is not as it was written: it was changed, or is none`);
  if (approval.sha256 !== sha256)
    return yield failed(
      name,
      `${beside} is about another file, or this one was changed after it was approved`,
    );
  const signature = readSmallFile(`${file}.approval.sig`, largestBeside);
  if (!('data' in signature)) {
    const why = 'missing' in signature ? 'is missing' : signature.reason;
    return yield failed(name, `${beside}.sig ${why}: anybody could have written ${beside}`);
  }
  const bytes = Buffer.from(approvalLine(approval));
  const fingerprint = await madeBy(bytes, signature.data, signal);
  if (fingerprint === null)
    return yield failed(name, `${beside}.sig is no signature over it: one of them was changed`);
  if (fingerprint !== approval.fingerprint)
    return yield failed(name, `signed with ${fingerprint}, and it says ${approval.fingerprint}`);
  const own =
    signer?.fingerprint === fingerprint
      ? '; beware: with the very key that signed the file, so by nobody else'
      : '';
  const note = approval.note === null ? '' : `; note: ${approval.note}`;
  yield ok(
    name,
    `by ${approval.by} on ${approval.host}, ${approval.at}, with the key ${fingerprint}${own}${note}`,
  );
  yield await checkSigner('approver', bytes, signature.data, allowedSigners, null, signal);
}
