import {readSmallFile} from '../base/files.ts';
import {exitCode, Problem} from '../base/problem.ts';
import type {Pool} from '../hashing/pool.ts';
import {checkDigestFile} from './check-beside.ts';
import {checkChain, checkSessions} from './check-chain.ts';
import {checkLive} from './check-live.ts';
import {checkProse} from './check-prose.ts';
import {checkApproval, checkSignature, type SignatureOptions} from './check-signature.ts';
import {checkTimeStamp} from './check-time-stamp.ts';
import {type Check, count, failed, gap, notChecked, ok} from './checks.ts';
import {type FilePart, fileParts, largestFile, parseEvidenceFile} from './parse-file.ts';
import {sha256Of} from './place.ts';
import type {EvidenceRecord} from './schema.ts';
import {checkLines} from './session-lines.ts';

export type CheckOptions = SignatureOptions & {
  /** Path of an evidence file. */
  file: string;
  /** Path of the certificates that time stamps are trusted by, PEM; null where none are given. */
  tsaCa: string | null;
  /** Look at the backup and the live files too; null where that is not asked for. */
  live: {
    root: string | null;
    backups: string | null;
    pool: Pool;
    volatile(root: string | null): string[];
  } | null;
};

export type CheckEvent =
  | {type: 'check'; file: string; check: Check}
  | {
      type: 'checked';
      file: string;
      verdict: Verdict;
      checks: Check[];
      sha256: string;
      record: EvidenceRecord | null;
    };

/** `incomplete`: what could be checked holds, and something that belongs to it is not here. */
export type Verdict = 'holds' | 'incomplete' | 'failed';

export function verdictOf(checks: Check[]): Verdict {
  if (checks.some(({state}) => state === 'failed')) return 'failed';
  return checks.some((check) => check.gap) ? 'incomplete' : 'holds';
}

const partTexts: Record<FilePart, string> = {
  text: 'plain ASCII, with the line ends that were written',
  markers: 'one record, between its markers; the end is there',
  'record digest': 'the record is the one that the file names by its SHA-256',
  record: 'whole and of a kind that is known',
};

/** The file's own bytes: text, markers, record and prose. */
function* checkBytes(bytes: Buffer): Generator<Check, EvidenceRecord | undefined, undefined> {
  const parsed = parseEvidenceFile(bytes);
  for (const part of fileParts) {
    if ('part' in parsed && parsed.part === part) {
      yield failed(part, parsed.reason);
      const later = [
        ...fileParts.slice(fileParts.indexOf(part) + 1),
        'prose',
        'chain',
        'sessions',
        'session record',
      ];
      yield gap('the rest', `there is no record to go by: ${later.join(', ')}`);
      return undefined;
    }
    yield ok(part, partTexts[part]);
  }
  if (!('record' in parsed)) return undefined;
  yield checkProse(parsed.record, parsed.json, parsed.text);
  return parsed.record;
}

function checkSessionRecord({session}: EvidenceRecord): Check {
  const name = 'session record';
  if (!session) return ok(name, 'the file is about no session');
  const result = checkLines(session);
  if (result.state === 'broken') return failed(name, result.reason);
  if (result.state === 'unknown') return gap(name, result.reason);
  const end = result.whole ? '' : '; nothing follows from the last one';
  return ok(name, `${count(result.count, 'line')}, each following from the one before it${end}`);
}

async function* checksOf(
  bytes: Buffer,
  sha256: string,
  options: CheckOptions,
  keep: (record: EvidenceRecord) => void,
): AsyncGenerator<Check, void, undefined> {
  const {file, tsaCa, live, signal} = options;
  yield checkDigestFile(file, sha256);
  const record = yield* checkBytes(bytes);
  if (record) keep(record);
  const signer = record?.signer;
  yield* orGap('signature', checkSignature(file, bytes, signer, options));
  yield* orGap('approval', checkApproval(file, sha256, signer, options));
  yield* orGap('time stamp', [checkTimeStamp(file, sha256, tsaCa, signal)]);
  if (!record) return;
  yield checkChain(file, record);
  yield checkSessions(file, record);
  yield checkSessionRecord(record);
  if (!live) yield notChecked('live', 'the backup and the live files: --live');
  else yield* checkLive(record, sha256, live.volatile(live.root ?? record.asset.root), {...live, signal});
}

/** A tool that is missing keeps one thing from being checked, and is named. */
async function* orGap(
  name: string,
  checks: AsyncIterable<Check> | Iterable<Promise<Check>>,
): AsyncGenerator<Check, void, undefined> {
  try {
    for await (const check of checks) yield check;
  } catch (error) {
    if (!(error instanceof Problem) || error.exit === exitCode.cancelled) throw error;
    yield gap(name, error.message);
  }
}

/**
 * Checks an evidence file, a line for each check; nothing is written beside it.
 * @throws Problem where there is no such file (exit 10), or it cannot be read
 */
export async function* checkEvidence(options: CheckOptions): AsyncGenerator<CheckEvent, void, undefined> {
  const {file} = options;
  const read = readSmallFile(file, largestFile);
  if ('missing' in read) throw new Problem(exitCode.notFound, `${file}: there is no such file.`);
  if ('reason' in read) throw new Problem(exitCode.failed, `${file} ${read.reason}.`);
  const checks: Check[] = [];
  let record: EvidenceRecord | null = null;
  const sha256 = sha256Of(read.data);
  for await (const check of checksOf(read.data, sha256, options, (found) => {
    record = found;
  })) {
    checks.push(check);
    yield {type: 'check', file, check};
  }
  yield {type: 'checked', file, verdict: verdictOf(checks), checks, sha256, record};
}
