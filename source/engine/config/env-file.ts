import fs, {type Stats} from 'node:fs';
import path from 'node:path';
import {type ReadResult, readSmallFile, seenAt} from '../base/files.ts';
import {userNameOf} from '../base/owner.ts';
import {describeError} from '../base/problem.ts';

/** Variables by name; null for one whose value is no UTF-8 text, or holds a NUL: what PHP makes of it is not told here. */
export type Variables = ReadonlyMap<string, string | null>;

/** What PHP's `trim` takes off, where it is not told what: no other white space. */
const blanks = ' \t\n\r\0\v';

/** PHP's `trim`. */
export function trim(text: string, signs = blanks, where: 'both' | 'start' | 'end' = 'both'): string {
  let [start, end] = [0, text.length];
  while (where !== 'end' && start < end && signs.includes(text[start] as string)) start++;
  while (where !== 'start' && end > start && signs.includes(text[end - 1] as string)) end--;
  return text.slice(start, end);
}

/** The text of bytes that were read as latin1; null where it is none. */
export function decode(bytes: string): string | null {
  const buffer = Buffer.from(bytes, 'latin1');
  const text = buffer.toString('utf8');
  return Buffer.from(text, 'utf8').equals(buffer) ? text : null;
}

/**
 * The `KEY=value` lines of a `.env` file, as PHP reads them (FORMAT.md, "Configuration"): the first of two equal names
 * counts, quotes of both kinds go from both ends whatever their number, and nothing else is special in a value.
 */
export function parseEnvFile(data: Buffer): Map<string, string | null> {
  const result = new Map<string, string | null>();
  for (const raw of data.toString('latin1').split('\n')) {
    const line = trim(raw);
    const end = line.indexOf('=');
    if (line.startsWith('#') || end === -1) continue;
    const name = decode(trim(line.slice(0, end)));
    if (!name || result.has(name)) continue;
    const value = decode(trim(trim(line.slice(end + 1)), '"\''));
    result.set(name, value?.includes('\0') ? null : value);
  }
  return result;
}

/** @param leadsTo the file, where `.env` is a link to it */
type EnvFile = {values: Variables; leadsTo: string | null; fault: string | null};

/**
 * Reads a root's `.env`. Deploy layouts link it to one that all releases share, and PHP follows that. So do we, where
 * the link and the file are of a user who decides here anyway: of root, of the root directory's owner, or ours.
 */
export function readEnvFile(root: string, limit: number): EnvFile {
  const file = path.join(root, '.env');
  const nothing = {values: new Map<string, string | null>(), leadsTo: null};
  const parse = (read: ReadResult, leadsTo: string | null): EnvFile => {
    if ('data' in read) return {values: parseEnvFile(read.data), leadsTo, fault: null};
    return {...nothing, fault: 'reason' in read ? read.reason : null};
  };
  let link: Stats | undefined;
  let leadsTo: string;
  try {
    link = seenAt(file);
    if (!link?.isSymbolicLink()) return parse(readSmallFile(file, limit), null);
    leadsTo = fs.realpathSync(file);
  } catch (error) {
    if (!link) return parse(readSmallFile(file, limit), null);
    const fault = `is a link that leads nowhere (${describeError(error)}): PHP reads no .env either`;
    return {...nothing, fault};
  }
  const refuse = (why: string): EnvFile => ({...nothing, fault: `is a link to ${leadsTo}, which ${why}`});
  const trusted = [0, process.getuid?.() ?? 0, fs.statSync(root).uid];
  const whose = (uid: number) =>
    `${userNameOf(uid)}, not to root, you or the owner of the project: give it to one of them`;
  if (!trusted.includes(link.uid)) return refuse(`is not followed: the link belongs to ${whose(link.uid)}`);
  const read = readSmallFile(leadsTo, limit);
  if ('reason' in read) return refuse(read.reason);
  // Of what was opened: what lies there may have been swapped since.
  if ('stats' in read && !trusted.includes(read.stats.uid))
    return refuse(`belongs to ${whose(read.stats.uid)}`);
  return parse(read, leadsTo);
}
