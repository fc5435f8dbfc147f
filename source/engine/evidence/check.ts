import {readSmallFile} from '../base/files.ts';
import {counted} from '../base/format.ts';
import {exitCode, Problem} from '../base/problem.ts';
import {spareMemory} from '../base/spare-memory.ts';
import type {Pool} from '../hashing/pool.ts';
import {checkAudit} from './audit-lines.ts';
import {
  type BesideOptions,
  checkApproval,
  checkDigestFile,
  checkSignature,
  checkTimeStamp,
} from './check-beside.ts';
import {checkChain, checkNumbers} from './check-chain.ts';
import {checkOnDisk} from './check-live.ts';
import {checkProse} from './check-prose.ts';
import {type EvidenceCheck, failed, gap, holds, notChecked} from './checks.ts';
import {type FilePart, fileParts, largestFile, type ParsedFile, parseEvidenceFile} from './parse-file.ts';
import {sha256Of} from './place.ts';
import type {EvidenceRecord} from './schema.ts';
import {checkLines} from './session-lines.ts';

export type CheckOptions = BesideOptions & {
  /** Path of an evidence file. */
  file: string;
  /** A copy of the audit log, to follow the events in. */
  log?: string | null;
  /** Look at the backup and the live files too; null where that is not asked for. */
  live: {
    root: string | null;
    backups: string | null;
    pool: Pool;
    volatile(root: string | null): string[];
  } | null;
};

export type CheckEvent =
  | {type: 'check'; file: string; check: EvidenceCheck}
  | {
      type: 'checked';
      file: string;
      verdict: Verdict;
      checks: EvidenceCheck[];
      sha256: string;
      record: EvidenceRecord | null;
    };

/** `incomplete`: what could be checked holds, and something that belongs to it is not here. */
type Verdict = 'holds' | 'incomplete' | 'failed';

export function verdictOf(checks: EvidenceCheck[]): Verdict {
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
function* checkBytes(bytes: Buffer, parsed: ParsedFile): Generator<EvidenceCheck, void, undefined> {
  for (const [index, part] of fileParts.entries()) {
    if ('part' in parsed && parsed.part === part) {
      yield failed(part, parsed.reason);
      const later = [...fileParts.slice(index + 1), 'prose', 'chain', 'sessions', 'session record'];
      return yield gap('the rest', `there is no record to go by: ${later.join(', ')}`);
    }
    yield holds(part, partTexts[part]);
  }
  if ('record' in parsed) yield checkProse(parsed.record, parsed.json, bytes);
}

function checkSessionRecord({session}: EvidenceRecord): EvidenceCheck {
  const name = 'session record';
  if (!session) return holds(name, 'the file is about no session');
  const result = checkLines(session);
  if (result.state === 'broken') return failed(name, result.reason);
  if (result.state === 'unknown') return gap(name, result.reason);
  const end = result.whole ? '' : '; nothing follows from the last one';
  return holds(name, `${counted(result.count, 'line')}, each following from the one before it${end}`);
}

/** What is looked at once the bytes of a file are not needed any more: a large one is not held for that. */
type Read = {sha256: string; record: EvidenceRecord | null};

/**
 * What the bytes of a file show, and what lies beside it.
 * @param into is given what it holds
 * @throws Problem where there is no such file (exit 10), or it cannot be read
 */
async function* checksOfBytes(
  options: CheckOptions,
  into: Read,
): AsyncGenerator<EvidenceCheck, void, undefined> {
  const {file} = options;
  const read = readSmallFile(file, largestFile);
  if ('missing' in read) throw new Problem(exitCode.notFound, `${file}: there is no such file.`);
  if ('reason' in read) throw new Problem(exitCode.failed, `${file} ${read.reason}.`);
  const bytes = read.data;
  const sha256 = sha256Of(bytes);
  const parsed = parseEvidenceFile(bytes);
  const record = 'record' in parsed ? parsed.record : null;
  const known = {file, bytes, sha256, signer: record?.signer};
  yield checkDigestFile(known);
  yield* checkBytes(bytes, parsed);
  yield* orGap('signature', checkSignature(known, options));
  yield* orGap('approval', checkApproval(known, options));
  yield* orGap('time stamp', checkTimeStamp(known, options));
  Object.assign(into, {sha256, record});
}

/** What the record leads to. */
async function* checksOfRecord(
  record: EvidenceRecord,
  sha256: string,
  {file, live, signal, log = null}: CheckOptions,
): AsyncGenerator<EvidenceCheck, void, undefined> {
  yield checkChain(file, record);
  yield checkNumbers(file, record);
  yield checkSessionRecord(record);
  if (log !== null)
    yield* orGap('audit log', checkAudit(record, sha256, log, signal ?? new AbortController().signal));
  if (!live) yield notChecked('live', 'the backup and the live files: --live');
  else yield* checkOnDisk(record, sha256, live.volatile(live.root ?? record.asset.root), {...live, signal});
}

async function* checksOf(options: CheckOptions, read: Read): AsyncGenerator<EvidenceCheck, void, undefined> {
  yield* checksOfBytes(options, read);
  if (read.record) yield* checksOfRecord(read.record, read.sha256, options);
}

/** A tool that is missing keeps one thing from being checked, and is named. */
async function* orGap(
  name: string,
  checks: AsyncIterable<EvidenceCheck>,
): AsyncGenerator<EvidenceCheck, void, undefined> {
  try {
    yield* checks;
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
  const checks: EvidenceCheck[] = [];
  const read: Read = {sha256: '', record: null};
  using _ = spareMemory();
  for await (const check of checksOf(options, read)) {
    checks.push(check);
    yield {type: 'check', file, check};
  }
  yield {type: 'checked', file, verdict: verdictOf(checks), checks, ...read};
}
