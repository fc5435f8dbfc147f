import fs from 'node:fs';
import path from 'node:path';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import {type Ended, lastLine} from '../base/run-tool.ts';
import type {Bytes} from './place.ts';
import {needTool, withTemporaryFile} from './tool.ts';

/** What a signature is for: one that was made for something else is none (PROTOCOL.sshsig of OpenSSH). */
const namespace = 'restore-evidence@magds';

export type Signer = {
  /** `SHA256:…`, as ssh-keygen says it. */
  fingerprint: string;
  /** The key's comment, which mostly is an address; null where it has none. */
  principal: string | null;
};

export type KeyOptions = {
  /** Whether a passphrase may be asked for on our terminal. Not while the app has it. */
  terminal?: boolean;
  signal?: AbortSignal | undefined;
};

/** Seconds without a terminal, and where the operator types a passphrase or touches a key. */
const quick = 20;
const typing = 180;

const fail = (message: string): never => {
  throw new Problem(exitCode.failed, message);
};

const install =
  'install OpenSSH 8.2 or newer ("apt install openssh-client"), or sign elsewhere and lay the .sig beside the file';
const isOld = (stderr: string): boolean =>
  /(unknown|illegal|invalid) option -- '?Y|Unsupported operation|Too many arguments/i.test(stderr);

/** Runs `ssh-keygen`. @throws Problem where there is none, it is too old, or it did not end */
async function keygen(args: string[], options: KeyOptions & {input?: Bytes} = {}): Promise<Ended> {
  const {terminal = false, signal, input} = options;
  const seconds = terminal ? typing : quick;
  const words = {called: 'ssh-keygen', missing: `There is no ssh-keygen here: ${install}.`};
  const ended = await needTool('ssh-keygen', args, words, {seconds, terminal, signal, input});
  return isOld(ended.stderr) ? fail(`This ssh-keygen is too old to sign: ${install}.`) : ended;
}

/** @returns the key's absolute path: a name that begins with "-" is no option then */
function keyFile(key: string): string {
  const file = path.resolve(key);
  try {
    const stats = fs.statSync(file);
    if (!stats.isFile())
      fail(`--sign=${key}: it is no file. Name a private key, or the .pub of an agent's key.`);
    fs.accessSync(file, fs.constants.R_OK);
  } catch (error) {
    if (error instanceof Problem) throw error;
    fail(`--sign=${key}: ${describeError(error)}. Name a private key, or the .pub of an agent's key.`);
  }
  return file;
}

/**
 * Whose key it is.
 * @param key path of a private key, or of the `.pub` of a key that an agent holds
 * @throws Problem where it is none, or ssh-keygen is missing
 */
export async function signerOf(key: string, options: KeyOptions = {}): Promise<Signer> {
  const file = keyFile(key);
  const {code, stdout, stderr} = await keygen(['-l', '-E', 'sha256', '-f', file], {signal: options.signal});
  const lines = stdout.toString('utf8').trimEnd().split('\n');
  const [, fingerprint, comment] =
    /^\d+ (SHA256:[A-Za-z0-9+/]{43}) (.*) \([^()]+\)$/.exec(lines[0] ?? '') ?? [];
  if (code !== 0 || fingerprint === undefined)
    return fail(
      `--sign=${key} is no key that ssh-keygen can read: ${lastLine(stderr) || 'it says nothing'}.`,
    );
  if (lines.length > 1) return fail(`--sign=${key} holds ${lines.length} keys: name a file with the one.`);
  // Where a key has no comment, ssh-keygen says so, or names the file.
  const none = ['', 'no comment', file, `${file}.pub`, key].includes(comment ?? '');
  return {fingerprint, principal: none ? null : (comment as string)};
}

/** Why a key signs nothing, for the operator. */
async function whyUnsigned(file: string, key: string, stderr: string): Promise<string> {
  const said = lastLine(stderr);
  if (/No private key found|agent|Couldn't (sign|find)/i.test(said))
    return `the agent has no such key, and no private key lies beside it: "ssh-add" puts one in, "ssh-add -l" shows them`;
  if (/passphrase/i.test(stderr)) {
    const {code} = await keygen(['-y', '-P', '', '-f', file]);
    if (code !== 0)
      return `the key needs its passphrase, which was not given: put it into an agent ("ssh-add ${key}") and name the .pub`;
  }
  return said === '' ? 'ssh-keygen says nothing' : `ssh-keygen says: ${said}`;
}

const armour = /^-----BEGIN SSH SIGNATURE-----\n[A-Za-z0-9+/=\n]+\n-----END SSH SIGNATURE-----\n$/;

/**
 * A signature over the bytes by `key`, checked before it is given out. Fed on stdin: in file mode, with a stale `.sig`
 * and no terminal, ssh-keygen signs nothing and exits with 0 (EVIDENCE.md).
 * @returns the bytes of a `.sig`
 * @throws Problem that says why there is none
 */
export async function sign(key: string, bytes: Bytes, options: KeyOptions = {}): Promise<Buffer> {
  const file = keyFile(key);
  const signer = await signerOf(key, options);
  const {code, stdout, stderr} = await keygen(['-Y', 'sign', '-n', namespace, '-f', file], {
    ...options,
    input: bytes,
  });
  if (code !== 0 || !armour.test(stdout.toString('latin1')))
    return fail(`--sign=${key}: nothing was signed: ${await whyUnsigned(file, key, stderr)}.`);
  const made = await madeBy(bytes, stdout, options.signal);
  if (made !== signer.fingerprint)
    return fail(
      `--sign=${key}: what ssh-keygen gave is no signature by ${signer.fingerprint} over these bytes. Nothing was kept of it.`,
    );
  return stdout;
}

/** The fingerprint at the end of what `ssh-keygen -Y` says of a good signature. */
const keyIn = (stdout: Buffer): string | null =>
  / key (SHA256:[A-Za-z0-9+/]{43})$/m.exec(stdout.toString('utf8'))?.[1] ?? null;

/**
 * The key that a signature over these bytes was made with, of any owner.
 * @returns its fingerprint; null where the signature does not hold
 */
export async function madeBy(
  bytes: Bytes,
  signature: Uint8Array,
  signal?: AbortSignal,
): Promise<string | null> {
  const {code, stdout} = await withTemporaryFile(signature, (file) =>
    keygen(['-Y', 'check-novalidate', '-n', namespace, '-s', file], {input: bytes, signal}),
  );
  return code === 0 ? keyIn(stdout) : null;
}

/**
 * Whether a signature is by one of the allowed signers (ssh-keygen(1), ALLOWED SIGNERS).
 * @param allowedSigners path of the file
 * @param principal whom it has to be by; null for anybody who is in the file
 * @returns whom it is by, and with which key; else why it does not count
 */
export async function verifySignature(
  bytes: Uint8Array,
  signature: Uint8Array,
  allowedSigners: string,
  principal: string | null,
  signal?: AbortSignal,
): Promise<Signer | {reason: string}> {
  const allowed = path.resolve(allowedSigners);
  return withTemporaryFile(signature, async (file) => {
    const found =
      principal === null
        ? await keygen(['-Y', 'find-principals', '-f', allowed, '-s', file], {signal})
        : null;
    // A line of the file may name several at once.
    const [first = ''] = found?.stdout.toString('utf8').split('\n') ?? [];
    const who = principal ?? (first.includes(',') ? first.slice(0, first.indexOf(',')) : first);
    if (found && (found.code !== 0 || who === ''))
      return {reason: `its key is none of those in ${allowedSigners}`};
    const {code, stdout, stderr} = await keygen(
      ['-Y', 'verify', '-f', allowed, '-I', who, '-n', namespace, '-s', file],
      {input: bytes, signal},
    );
    const fingerprint = keyIn(stdout);
    if (code === 0 && fingerprint !== null) return {fingerprint, principal: who};
    return {
      reason: `it is not by ${who} as ${allowedSigners} allows it (ssh-keygen: ${lastLine(stderr) || lastLine(stdout.toString('utf8'))})`,
    };
  });
}
