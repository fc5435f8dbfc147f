import fs from 'node:fs';
import path from 'node:path';
import {type ReadResult, readSmallFile} from '../base/files.ts';
import {counted, listed} from '../base/format.ts';
import {describeError} from '../base/problem.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {type EvidenceCheck, failed, gap, holds, notChecked} from './checks.ts';
import {largestFile, parseFileLink} from './parse-file.ts';
import {evidenceName, isSafeName, isUnreadable, sha256Of} from './place.ts';
import type {EvidenceRecord} from './schema.ts';

/**
 * Where a file that another one names may lie: beside the one that is checked, or the other one; where it was written;
 * where the root has its evidence.
 */
function placesOf(named: string, beside: string[], root: string | null): string[] {
  const name = path.basename(named);
  const own = root !== null && path.isAbsolute(root) ? [path.join(root, stateName, evidenceName)] : [];
  const places = [...beside, ...own].map((directory) => path.resolve(directory, name));
  return [...new Set([...places, ...(path.isAbsolute(named) ? [path.resolve(named)] : [])])];
}

type Found = {place: string; data: Buffer};

/** The file with this digest at the first place that has it; else what was found instead at the first that has any. */
function findNamed(places: string[], sha256: string): {found?: Found; other?: ReadResult} {
  let other: ReadResult | undefined;
  // One after the other: each may be large.
  for (const place of places) {
    const read = readSmallFile(place, largestFile);
    if ('missing' in read) continue;
    if ('data' in read && sha256Of(read.data) === sha256) return {found: {place, data: read.data}};
    other ??= 'data' in read ? {...read, data: Buffer.alloc(0)} : read;
  }
  return other ? {other} : {};
}

/**
 * The evidence files that were written before this one, each of which the one after it names with its digest. They are
 * looked for beside it first.
 */
export function checkChain(file: string, record: EvidenceRecord): EvidenceCheck {
  const name = 'chain';
  const seen = new Set<string>();
  let {previous} = record;
  let after = path.basename(file);
  let at = path.dirname(file);
  if (!previous) return holds(name, 'it is the first evidence file of its root');
  while (previous) {
    const {file: named, sha256}: {file: string; sha256: string} = previous;
    if (!isSafeName(named))
      return failed(name, `${after} names as the one before it what is no file's name: ${named}`);
    if (seen.has(sha256))
      return failed(name, `${after} names ${named} as the one before it, which comes after it`);
    const places = placesOf(named, [path.dirname(file), at], record.asset.root);
    const {found, other} = findNamed(places, sha256);
    if (!found && !other) {
      const held = seen.size === 0 ? '' : ` (${counted(seen.size, 'file')} between hold)`;
      return gap(
        name,
        `${named} is not here: ${after} was written after it${held}. Was it deleted, or not handed over?`,
      );
    }
    // Root's evidence is for root only: that says nothing against it.
    if (!found && other && 'reason' in other)
      return (isUnreadable(other) ? gap : failed)(name, `${named} ${other.reason}`);
    if (!found)
      return failed(name, `${named} was changed after ${after} was written: its digest is another one`);
    const link = parseFileLink(found.data);
    if ('reason' in link) return failed(name, `${named}: ${link.reason}`);
    if (link.asset !== record.asset.id) return failed(name, `${named} is about another asset: ${link.asset}`);
    seen.add(sha256);
    after = path.basename(named);
    at = path.dirname(found.place);
    ({previous} = link);
  }
  return holds(name, `${counted(seen.size, 'evidence file')} before it, each as the next one names it`);
}

/** Numbers of sessions of this asset that the files of a directory are about. */
function exportedIn(directory: string, asset: string): Set<number> {
  const numbers = new Set<number>();
  for (const name of fs.readdirSync(directory).filter((each) => each.endsWith('.md'))) {
    const read = readSmallFile(path.join(directory, name), largestFile);
    // What is no evidence file is none of ours, and says nothing about a session.
    const link = 'data' in read ? parseFileLink(read.data) : null;
    if (link && 'asset' in link && link.asset === asset && link.session !== null) numbers.add(link.session);
  }
  return numbers;
}

/** The sessions of the root, which are numbered: those that are gone, and those that no file is about. */
export function checkNumbers(file: string, record: EvidenceRecord): EvidenceCheck {
  const name = 'sessions';
  const {all, never_exported: never} = record.sessions;
  const there = new Set(all);
  const highest = all.reduce((most, each) => Math.max(most, each), 0);
  const gone: number[] = [];
  for (let number = 1; number < highest && gone.length <= 1000; number++)
    if (!there.has(number)) gone.push(number);
  if (gone.length > 0)
    return gap(
      name,
      `they are numbered, and ${listed(gone.map(String), 5)} were not there: somebody moved them away`,
    );
  if (never.length === 0)
    return holds(
      name,
      all.length === 0
        ? 'there was none when it was exported'
        : `${counted(all.length, 'session')}, each with evidence`,
    );
  let since: Set<number>;
  try {
    since = exportedIn(path.dirname(file), record.asset.id);
  } catch (error) {
    return gap(name, `the directory cannot be looked into: ${describeError(error)}`);
  }
  const left = never.filter((number) => !since.has(number));
  if (left.length === 0)
    return holds(name, `${counted(all.length, 'session')}, each with evidence, some of it made later`);
  return notChecked(name, `no evidence file is about ${listed(left.map(String), 20)}`);
}
