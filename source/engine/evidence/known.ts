import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import type {Directory} from '../base/directory.ts';
import {readSmallFile} from '../base/files.ts';
import {listed} from '../base/format.ts';
import {AuditLog} from '../events/log/read-log.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {largestFile} from './parse-file.ts';
import {evidenceName, type IndexEntry, isUnreadable, readEntry, readIndex, sha256Of} from './place.ts';

const loggedSchema = z.object({
  action: z.literal('magdb.evidence.exported'),
  payload: z.looseObject({root: z.string(), timestamp: z.number(), file: z.string()}),
});

/** Lines of ours that are read at once, and how often that is done at most: a log may be of any size. */
const page = 5000;
const mostPages = 20;

/** Several roots may share a log, and each deploy may have a root of its own before the same storage/. */
function isOfRoot(named: string, root: string): boolean {
  if (named === root) return true;
  try {
    return (
      path.isAbsolute(named) && fs.realpathSync(`${named}/storage`) === fs.realpathSync(`${root}/storage`)
    );
  } catch {
    // What is not there any more, or never was, is none of this root's for certain.
    return false;
  }
}

/** What a line says of an evidence file, as the list would have it; null where it says nothing of one. */
function entryOf(text: string, root: string): IndexEntry | null {
  try {
    const {payload} = loggedSchema.parse(JSON.parse(text));
    if (!isOfRoot(payload.root, root)) return null;
    const isOwn = path.dirname(payload.file).endsWith(`/${stateName}/${evidenceName}`);
    const file = isOwn ? path.basename(payload.file) : payload.file;
    return readEntry({...payload, file, at: new Date(payload.timestamp * 1000).toISOString()});
  } catch {
    // Another event, or a line that others have changed.
    return null;
  }
}

/** The evidence files that the audit log names, newest first. */
async function inLog(root: string, auditLog: string, signal: AbortSignal): Promise<IndexEntry[]> {
  const log = await AuditLog.open({root, file: auditLog, onlyOurs: true});
  const entries: IndexEntry[] = [];
  try {
    for (let pages = 0; pages < mostPages && !signal.aborted; pages++) {
      const {lines, end} = await log.older(page, signal);
      entries.push(...lines.flatMap(({text}) => entryOf(text, root) ?? []));
      if (end !== null) break;
    }
    return entries;
  } finally {
    log.close();
  }
}

export type KnownEvidence = {
  /** Of the root's list, oldest first. */
  inList: IndexEntry[];
  /** That the audit log names and the list does not have, newest first. */
  unlisted: IndexEntry[];
  /** The one that was written last. */
  last: IndexEntry | null;
};

/**
 * All evidence files that a root knows of: who deletes one, and its line in the list, does not reach the audit log.
 * @throws Problem where there is a list that cannot be read
 */
export async function knownEvidence(
  state: Directory | null,
  root: string,
  auditLog: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<KnownEvidence> {
  const all = readIndex(state);
  const digests = new Set(all.map(({sha256}) => sha256));
  const unlisted = (await inLog(root, auditLog, signal)).filter(({sha256}) => !digests.has(sha256));
  const [newest] = unlisted;
  const end = all.at(-1) ?? null;
  const isNewer = newest && (!end || Date.parse(newest.at) >= Date.parse(end.at));
  return {inList: all, unlisted, last: isNewer ? newest : end};
}

type EvidenceState = Record<'missing' | 'changed' | 'unread', string[]>;

/** What became of those that lie with the root; what was written elsewhere may have been carried away. */
export function stateOfEvidence(root: string, known: KnownEvidence): EvidenceState {
  const found: EvidenceState = {missing: [], changed: [], unread: []};
  for (const {file, sha256: due} of [...known.inList, ...known.unlisted]) {
    if (path.basename(file) !== file) continue;
    const read = readSmallFile(path.join(root, stateName, evidenceName, file), largestFile);
    if ('missing' in read) found.missing.push(file);
    else if (isUnreadable(read)) found.unread.push(file);
    else if (!('data' in read) || sha256Of(read.data) !== due) found.changed.push(file);
  }
  return found;
}

/** What is to be known of evidence that was written before; none where all of it is there. */
export function whatIsLost(root: string, known: KnownEvidence): string[] {
  const {missing, changed} = stateOfEvidence(root, known);
  return [
    ...(changed.length > 0 ? [`evidence of this root was changed: ${listed(changed, 5)}`] : []),
    ...(missing.length > 0 ? [`evidence of this root is gone: ${listed(missing, 5)}`] : []),
  ];
}
