import path from 'node:path';
import {type ReadResult, readSmallFile} from '../base/files.ts';
import {approvalLine, parseApproval} from './approve.ts';
import {type EvidenceCheck, failed, holds, notChecked} from './checks.ts';
import type {EvidenceRecord} from './schema.ts';
import {madeBy, type Signer, verifySignature} from './ssh-keygen.ts';
import {largestReply, readTimeStamp, verifyTimeStamp} from './time-stamp.ts';

export type BesideOptions = {
  /** Path of an allowed_signers file; null where none is given. */
  allowedSigners: string | null;
  /** Whom the file has to be by; null for anybody in that file. */
  identity: string | null;
  /** Path of the certificates that time stamps are trusted by, PEM; null where none are given. */
  tsaCa: string | null;
  signal?: AbortSignal | undefined;
};

/** An evidence file, of which others lie beside it. */
type EvidenceFile = {
  file: string;
  bytes: Buffer;
  /** Of the bytes. */
  sha256: string;
  /** As its record has it; undefined where there is no record to go by. */
  signer: EvidenceRecord['signer'] | undefined;
};

/** Bytes of what lies beside an evidence file that are read; of a time stamp, with its certificates, more. */
const largest = 64 * 1024;

const readBeside = (file: string, ending: string, limit = largest): {beside: string; read: ReadResult} => ({
  beside: `${path.basename(file)}${ending}`,
  read: readSmallFile(`${file}${ending}`, limit),
});

const digestLine = /^([0-9a-f]{64}) [ *](.+)\n$/;

/** Whether `<file>.sha256` is about this file. */
export function checkDigestFile({file, sha256}: EvidenceFile): EvidenceCheck {
  const name = 'digest';
  const {beside, read} = readBeside(file, '.sha256');
  if ('missing' in read) return notChecked(name, `there is no ${beside}`);
  if ('reason' in read) return failed(name, `${beside} ${read.reason}`);
  const [, said, about] = digestLine.exec(read.data.toString('utf8')) ?? [];
  if (said === undefined || about === undefined)
    return failed(name, `${beside} is not what sha256sum writes: one line, a digest and a name`);
  if (about !== path.basename(file)) return failed(name, `${beside} is about another file: ${about}`);
  if (said === sha256) return holds(name, `the file is the one that ${beside} names`);
  return failed(name, `the file or ${beside} was changed: the file's SHA-256 is ${sha256}`);
}

const howToTell = '--allowed-signers=FILE says whose keys count, and --identity=NAME who it has to be';
export const unsignedText = 'unsigned: this shows corruption only, and nobody vouches for it';

const nameOf = ({principal, fingerprint}: Signer): string =>
  principal === null ? fingerprint : `${principal} (${fingerprint})`;

/** The signature beside a file against the signer that its record names. */
export async function* checkSignature(
  {file, bytes, signer}: EvidenceFile,
  options: BesideOptions,
): AsyncGenerator<EvidenceCheck, void, undefined> {
  const name = 'signature';
  const {beside, read} = readBeside(file, '.sig');
  if ('reason' in read) return yield failed(name, `${beside} ${read.reason}`);
  if ('missing' in read) {
    if (signer) yield failed(name, `it says that ${nameOf(signer)} signed it, and there is no ${beside}`);
    else if (options.allowedSigners !== null)
      yield failed(name, 'it is unsigned, and allowed signers were given');
    else yield notChecked(name, signer === null ? unsignedText : `there is no ${beside}`);
    return;
  }
  const fingerprint = await madeBy(bytes, read.data, options.signal);
  if (fingerprint === null)
    return yield failed(name, `${beside} is not a signature over this file: one of them was changed`);
  if (signer === null)
    return yield failed(
      name,
      `the file says UNSIGNED, and ${beside} is there: one of them was put in the other's place`,
    );
  if (signer && signer.fingerprint !== fingerprint)
    return yield failed(name, `signed with ${fingerprint}, and the file says ${nameOf(signer)}`);
  yield holds(name, `it covers this very file, with the key ${fingerprint}`);
  const check = await checkSigner('signer', bytes, read.data, options);
  // The name that the file gives is its key's comment: anybody may write there what he likes.
  const claimed = signer?.principal ?? null;
  const isOther = check.state === 'ok' && claimed !== null && !check.text.startsWith(`${claimed}, as `);
  yield isOther ? {...check, text: `${check.text}; the file itself says ${claimed}`} : check;
}

async function checkSigner(
  name: string,
  bytes: Buffer,
  signature: Buffer,
  {allowedSigners, identity, signal}: BesideOptions,
): Promise<EvidenceCheck> {
  if (allowedSigners === null) return notChecked(name, `whose key that is: ${howToTell}`);
  const found = await verifySignature(bytes, signature, allowedSigners, identity, signal);
  if ('reason' in found) return failed(name, found.reason);
  return holds(name, `${found.principal}, as ${allowedSigners} says`);
}

/** Whose key made a signature, as the allowed signers say; null where that is not known. */
async function ownerOf(
  bytes: Buffer,
  read: ReadResult,
  {allowedSigners, signal}: BesideOptions,
): Promise<string | null> {
  if (allowedSigners === null || !('data' in read)) return null;
  const found = await verifySignature(bytes, read.data, allowedSigners, null, signal);
  return 'reason' in found ? null : found.principal;
}

/** The countersignature beside a file. */
export async function* checkApproval(
  {file, bytes: evidence, sha256, signer}: EvidenceFile,
  options: BesideOptions,
): AsyncGenerator<EvidenceCheck, void, undefined> {
  const name = 'approval';
  const {beside, read} = readBeside(file, '.approval');
  if ('missing' in read) return yield notChecked(name, 'there is none');
  if ('reason' in read) return yield failed(name, `${beside} ${read.reason}`);
  const approval = parseApproval(read.data.toString('latin1'));
  if (!approval) return yield failed(name, `${beside} was changed after it was written, or is not one`);
  if (approval.sha256 !== sha256)
    return yield failed(
      name,
      `${beside} is about another file, or this one was changed after it was approved`,
    );
  const {read: signature} = readBeside(file, '.approval.sig');
  if (!('data' in signature)) {
    const why = 'missing' in signature ? 'is missing' : signature.reason;
    return yield failed(name, `${beside}.sig ${why}: anybody could have written ${beside}`);
  }
  const bytes = Buffer.from(approvalLine(approval));
  const fingerprint = await madeBy(bytes, signature.data, options.signal);
  if (fingerprint === null)
    return yield failed(name, `${beside}.sig is not a signature over it: one of them was changed`);
  if (fingerprint !== approval.fingerprint)
    return yield failed(name, `signed with ${fingerprint}, and it says ${approval.fingerprint}`);
  const note = approval.note === null ? '' : `; note: ${approval.note}`;
  const by = `by ${approval.by} on ${approval.host}, ${approval.at}, with the key ${fingerprint}`;
  if (signer?.fingerprint === fingerprint)
    return yield notChecked(name, `it counts for nothing: ${by}, which signed the file itself${note}`);
  const approver = await ownerOf(bytes, signature, options);
  const isSame =
    approver !== null && approver === (await ownerOf(evidence, readBeside(file, '.sig').read, options));
  if (isSame)
    return yield notChecked(name, `it counts for nothing: ${by}, of ${approver}, who signed the file${note}`);
  yield holds(name, `${by}${note}`);
  yield await checkSigner('approver', bytes, signature.data, {...options, identity: null});
}

/** The RFC 3161 time stamp beside a file. */
export async function* checkTimeStamp(
  {file, sha256}: EvidenceFile,
  {tsaCa, signal}: BesideOptions,
): AsyncGenerator<EvidenceCheck, void, undefined> {
  const name = 'time stamp';
  const {beside, read} = readBeside(file, '.tsr', largestReply);
  if ('missing' in read)
    return yield tsaCa === null
      ? notChecked(name, 'there is none')
      : failed(name, `there is no ${beside}, and --tsa-ca was given`);
  if ('reason' in read) return yield failed(name, `${beside} ${read.reason}`);
  const stamp = await readTimeStamp(read.data);
  if ('reason' in stamp) return yield failed(name, `${beside}: ${stamp.reason}`);
  if (stamp.imprint !== sha256)
    return yield failed(
      name,
      `${beside} covers other bytes: it is another file's, or one of them was changed`,
    );
  if (tsaCa === null)
    return yield notChecked(
      name,
      `${beside} covers this very file and says ${stamp.at}; whose clock that is: --tsa-ca=FILE`,
    );
  const why = await verifyTimeStamp(sha256, read.data, tsaCa, signal);
  yield why === null ? holds(name, `the file was there at ${stamp.at}`) : failed(name, `${beside}: ${why}`);
}
