import fs from 'node:fs';
import {checkRegular, safeRead} from '../base/files.ts';
import {describeError} from '../base/problem.ts';
import {openToRead} from '../events/log/log-files.ts';
import {bytesAt} from '../events/log/log-lines.ts';
import {isLine, said} from '../session/lines.ts';
import {type EvidenceCheck, failed, gap, holds} from './checks.ts';
import {sha256Of} from './place.ts';
import type {EvidenceRecord, EvidenceSession} from './schema.ts';

/** An event's line in an audit log: its number in the file, from 1, and the SHA-256 of it without its line break. */
type AuditEntry = {id: string; line: number; sha256: string};

const block = 1024 * 1024;
const lineBreak = 0x0a;
/** What a line of ours has in it; others are not parsed. */
const mark = Buffer.from('"magdb.');

type Parsed = {id?: unknown; action?: unknown; payload?: {record?: unknown; sha256?: unknown} | null};

function parsed(line: Buffer): Parsed | null {
  if (!line.includes(mark)) return null;
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    // Cut short, or another program's: it is the line of no event.
    return null;
  }
}

/** The whole lines of an open log, with their numbers; one that is longer than a block is counted and not told. */
async function* numberedLines(fd: number, signal: AbortSignal): AsyncGenerator<[number, Buffer]> {
  let number = 1;
  let rest: Buffer = Buffer.alloc(0);
  let isLong = false;
  for (let at = 0; ; ) {
    signal.throwIfAborted();
    const read = await bytesAt(fd, at, block);
    if (read.length === 0) return;
    at += read.length;
    let from = 0;
    for (let end = read.indexOf(lineBreak); end !== -1; end = read.indexOf(lineBreak, from)) {
      const part = read.subarray(from, end);
      if (!isLong) yield [number, rest.length > 0 ? Buffer.concat([rest, part]) : part];
      number++;
      from = end + 1;
      rest = Buffer.alloc(0);
      isLong = false;
    }
    const left = read.subarray(from);
    isLong ||= rest.length + left.length > block;
    rest = isLong ? Buffer.alloc(0) : Buffer.concat([rest, left]);
  }
}

/** Where a log has events, and what digests of an evidence file's record it names. */
async function readAudit(
  fd: number,
  ids: ReadonlySet<string>,
  record: string | null,
  signal: AbortSignal,
): Promise<{entries: Map<string, AuditEntry>; exported: Set<string>}> {
  const entries = new Map<string, AuditEntry>();
  const exported = new Set<string>();
  for await (const [number, bytes] of numberedLines(fd, signal)) {
    const line = parsed(bytes);
    if (!line) continue;
    const {id, action, payload} = line;
    // The first one counts: what was appended later did not happen then.
    if (typeof id === 'string' && ids.has(id) && !entries.has(id))
      entries.set(id, {id, line: number, sha256: sha256Of(bytes)});
    if (record !== null && action === 'magdb.evidence.exported' && payload?.record === record)
      exported.add(String(payload.sha256));
  }
  return {entries, exported};
}

/** Ids of the events of a session, in its order. */
const eventIds = (lines: EvidenceSession['lines']): string[] =>
  lines.filter(isLine('event')).flatMap((line) => said(line, 'id') ?? []);

/** Bytes of a log that is read for the numbers of its lines. */
const largestLog = 1024 ** 3;

/** Where the log that is written now has the events of a session. */
export async function auditFacts(
  root: string,
  file: string,
  {lines}: EvidenceSession,
): Promise<NonNullable<EvidenceRecord['audit']>> {
  const ids = eventIds(lines);
  const none = (reason: string) => ({
    path: file,
    reason,
    events: ids.map((id) => ({id, line: null, sha256: null})),
  });
  let log: ReturnType<typeof openToRead>;
  try {
    log = openToRead(root, file);
  } catch (error) {
    return none(describeError(error));
  }
  if (!log) return none('there is none');
  try {
    const {size} = fs.fstatSync(log.fd);
    if (size > largestLog) return none(`it is ${size} bytes long, and was not read`);
    const {entries} = await readAudit(log.fd, new Set(ids), null, new AbortController().signal);
    const events = ids.map((id) => entries.get(id) ?? {id, line: null, sha256: null});
    return {path: file, reason: null, events};
  } catch (error) {
    return none(describeError(error));
  } finally {
    fs.closeSync(log.fd);
  }
}

/** @throws where it is no file */
function openPlain(log: string): number {
  const fd = fs.openSync(log, safeRead);
  try {
    checkRegular(fs.fstatSync(fd));
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** Follows what a record says of the audit log in a copy of it that was kept elsewhere. */
export async function* checkAudit(
  record: EvidenceRecord,
  sha256: string,
  log: string,
  signal: AbortSignal,
): AsyncGenerator<EvidenceCheck, void, undefined> {
  let fd: number;
  try {
    fd = openPlain(log);
  } catch (error) {
    return yield gap('audit log', `${log}: ${describeError(error)}`);
  }
  try {
    const all = record.audit?.events ?? [];
    const ids = new Set(all.map(({id}) => id));
    const {entries, exported} = await readAudit(fd, ids, record.id, signal);
    const own = 'audit log';
    if (exported.has(sha256)) yield holds(own, `${log} has the digest of this very file`);
    else if (exported.size > 0) yield failed(own, `${log} has another digest of the file with this record`);
    else yield gap(own, `${log} does not say that this file was exported`);
    const name = 'events';
    if (!record.audit) return yield gap(name, 'the file does not say where its events are in the log');
    const due = new Map(all.map((each) => [each.id, each]));
    const other = [...entries.values()].find((each) => {
      const digest = due.get(each.id)?.sha256 ?? null;
      return digest !== null && digest !== each.sha256;
    });
    if (other) return yield failed(name, `line ${other.line} of ${log} was changed: event ${other.id}`);
    const missing = all.filter(({id}) => !entries.has(id));
    if (missing.length > 0)
      return yield gap(name, `${missing.length} of ${all.length} are not in ${log}: ${missing[0]?.id}`);
    const unknown = all.filter((each) => each.sha256 === null).length;
    const rest = unknown === 0 ? '' : `; the file has no digest of ${unknown}`;
    yield holds(name, `${all.length} in ${log}, each as the file has it${rest}`);
  } finally {
    fs.closeSync(fd);
  }
}
