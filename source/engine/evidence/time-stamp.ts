import {exitCode, Problem} from '../base/problem.ts';
import {type Ended, lastLine} from '../base/run-tool.ts';
import {needTool, withTemporaryFile} from './tool.ts';

/** Time stamps after RFC 3161, by the system's openssl. Nothing here talks to a network: the operator carries them. */

/** Bytes of a reply that are read; certificates are in it. */
export const largestReply = 1024 * 1024;

const words = {
  called: 'openssl ts',
  missing:
    'There is no openssl here, which time stamps are made and checked with: install it ("apt install openssl").',
};

/** @throws Problem where there is no openssl, or it does not end */
const opensslTs = (args: string[], signal?: AbortSignal): Promise<Ended> =>
  needTool('openssl', ['ts', ...args], words, {seconds: 20, signal});

/**
 * A request for a time stamp over a file, for a time stamp authority.
 * @param sha256 of the file, hexadecimal
 * @returns DER
 */
export async function timeStampRequest(sha256: string): Promise<Buffer> {
  const {code, stdout, stderr} = await opensslTs(['-query', '-digest', sha256, '-sha256', '-cert']);
  if (code === 0 && stdout.length > 0) return stdout;
  throw new Problem(exitCode.failed, `openssl made no request: ${lastLine(stderr)}.`);
}

type TimeStamp = {
  /** As openssl writes it: `Nov 24 03:11:39 2026 GMT`. */
  at: string;
  /** Hexadecimal. */
  imprint: string;
};

/** What a reply says; else why it is none. @param reply DER */
export async function readTimeStamp(reply: Uint8Array): Promise<TimeStamp | {reason: string}> {
  const {code, stdout} = await withTemporaryFile(reply, (file) =>
    opensslTs(['-reply', '-in', file, '-text']),
  );
  const text = stdout.toString('latin1');
  if (code !== 0) return {reason: 'it is no time stamp reply that openssl can read (RFC 3161, DER)'};
  const status = /^Status: (.*?)\.?$/m.exec(text)?.[1] ?? 'unknown';
  if (!/^Granted/i.test(status)) return {reason: `no time stamp was granted: its status is "${status}"`};
  const [, algorithm = 'an unknown algorithm'] = /^Hash Algorithm: (.*)$/m.exec(text) ?? [];
  if (algorithm !== 'sha256') return {reason: `it is over ${algorithm}, not SHA-256`};
  const dump = text.split(/^Message data:\n/m)[1]?.split(/^\S/m)[0] ?? '';
  const imprint = [...dump.matchAll(/^ +[0-9a-f]{4} - ([0-9a-f -]{47})/gm)]
    .map(([, bytes]) => (bytes as string).replace(/[^0-9a-f]/g, ''))
    .join('');
  const at = /^Time stamp: (.*)$/m.exec(text)?.[1];
  if (imprint.length !== 64 || at === undefined)
    return {reason: 'openssl does not say what it is over, or when it was given'};
  return {at, imprint};
}

/**
 * Whether a reply is over this file and by an authority that a certificate vouches for.
 * @param sha256 of the file
 * @param ca path of the certificates that are trusted, PEM
 * @returns why not; null where it is
 */
export async function verifyTimeStamp(
  sha256: string,
  reply: Uint8Array,
  ca: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const {code, stderr} = await withTemporaryFile(reply, (file) =>
    opensslTs(['-verify', '-digest', sha256, '-in', file, '-CAfile', ca], signal),
  );
  if (code === 0) return null;
  const [line = ''] = stderr.split('\n').filter((each) => /error|Error/.test(each));
  return `openssl does not accept it with ${ca}: ${
    line
      .split(':')
      .slice(5)
      .join(':')
      .replace(/\.\.\/\S*/, '')
      .trim() || lastLine(stderr)
  }`;
}
