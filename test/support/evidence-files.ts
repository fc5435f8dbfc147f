import {execFileSync, spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {expect} from 'vitest';
import {asciiJson} from '../../source/engine/base/escape.ts';
import {type CheckOptions, checkEvidence} from '../../source/engine/evidence/check.ts';
import type {EvidenceCheck} from '../../source/engine/evidence/checks.ts';
import {renderEvidence} from '../../source/engine/evidence/render.ts';
import type {EvidenceRecord, EvidenceSession} from '../../source/engine/evidence/schema.ts';
import {evidenceLine} from '../../source/engine/evidence/session-lines.ts';
import {record, session} from './evidence-records.ts';
import {temporaryDirectory} from './temporary.ts';

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

const events: [string, Record<string, unknown>][] = [
  ['opened', {ticket: 'INC-2041', id: '20261123_131821', from: {b: 1, a: 2}}],
  ['switched', {seconds: 0.02}],
  ['finished', {outcome: 'done', bytes: 12}],
];

/** Lines of a session's record as they follow from each other, as an evidence file has them, and their file's digest. */
export function chainedLines(given = events): Pick<EvidenceSession, 'lines' | 'record_sha256'> {
  let previous = '';
  let file = '';
  const lines = given.map(([type, data], index) => {
    const line = {
      sequence: index + 1,
      at: '2026-11-23T15:01:02.000Z',
      operator: 'alice',
      type,
      data,
      previous,
    };
    previous = sha256(asciiJson(line));
    file += `${asciiJson(line)}\n`;
    return evidenceLine(line);
  });
  return {lines, record_sha256: sha256(file)};
}

/** A session whose record holds. */
export const goodSession = (change: Partial<EvidenceSession> = {}): EvidenceSession =>
  session({...chainedLines(), ...change});

/** A record whose file holds in every way, alone in its directory and unsigned. */
export const goodRecord = (change: Partial<EvidenceRecord> = {}): EvidenceRecord =>
  record({
    session: goodSession(),
    sessions: {all: [1, 2], never_exported: []},
    previous: null,
    signer: null,
    ...change,
  });

export type Written = {file: string; directory: string; bytes: Buffer; sha256: string};

/** Writes a record's file and its `.sha256`, as an export does. */
export function writeEvidence(
  given: EvidenceRecord,
  name = 'evidence.md',
  directory = temporaryDirectory(),
): Written {
  const bytes = Buffer.from(renderEvidence(given));
  const file = path.join(directory, name);
  fs.writeFileSync(file, bytes);
  fs.writeFileSync(`${file}.sha256`, `${sha256(bytes)}  ${name}\n`);
  return {file, directory, bytes, sha256: sha256(bytes)};
}

/** All checks of a file. */
export async function checksOf(file: string, options: Partial<CheckOptions> = {}): Promise<EvidenceCheck[]> {
  const checks: EvidenceCheck[] = [];
  for await (const event of checkEvidence({
    file,
    allowedSigners: null,
    identity: null,
    tsaCa: null,
    live: null,
    ...options,
  }))
    if (event.type === 'check') checks.push(event.check);
  return checks;
}

/** `name: text` of the checks that failed. */
export const failuresOf = (checks: EvidenceCheck[]): string[] =>
  checks.filter(({state}) => state === 'failed').map(({name, text}) => `${name}: ${text}`);

/** Of what has this name: its state and text. */
export const checkNamed = (checks: EvidenceCheck[], wanted: string): string[] =>
  checks.filter(({name}) => name === wanted).map(({state, text}) => `${state}: ${text}`);

const isThere = (tool: string, args: string[]): boolean => spawnSync(tool, args).error === undefined;

/** Where they are not installed, what needs them is skipped. */
export const hasSshKeygen = isThere('ssh-keygen', ['-?']);
export const hasJq = isThere('jq', ['--version']);
export const hasOpenssl = isThere('openssl', ['version']);

/** A new key without a passphrase, unless one is given. */
export function makeKey(
  directory: string,
  name: string,
  comment = `${name}@example.org`,
  passphrase = '',
): string {
  const key = path.join(directory, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', comment, '-f', key]);
  return key;
}

/** An allowed_signers file with these keys, each under its comment. */
export function allow(directory: string, ...keys: string[]): string {
  const file = path.join(directory, 'allowed_signers');
  const lines = keys.map((key) => {
    const [type, data, comment] = fs.readFileSync(`${key}.pub`, 'utf8').trim().split(' ');
    return `${comment} namespaces="restore-evidence@magds" ${type} ${data}\n`;
  });
  fs.writeFileSync(file, lines.join(''));
  return file;
}

/** What the commands say that a file prints to check it with; another name than the one they have is put in, as they ask for. */
export function printedChecks(file: string, text = fs.readFileSync(file, 'latin1'), blocks = 1): string[] {
  const [, printed = ''] =
    /^## How to check this file without this program\n([\s\S]*?)^## /m.exec(text) ?? [];
  const commands = [...printed.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .slice(0, blocks)
    .map(([, each]) => each);
  const name = path.basename(file).replaceAll("'", `'\\''`);
  const script = commands.join('').replace("f='evidence.md'", () => `f='${name}'`);
  const {stdout} = spawnSync('sh', ['-c', script], {cwd: path.dirname(file), encoding: 'utf8'});
  return stdout.split('\n').filter((line) => /^(PASS|FAIL): /.test(line));
}

/** A file passes what it prints to check it with. */
export function shellChecks(file: string): void {
  const checks = printedChecks(file, undefined, hasJq ? 2 : 1);
  expect(checks.length).toBeGreaterThanOrEqual(4);
  expect(checks.filter((line) => !line.startsWith('PASS: '))).toEqual([]);
}
