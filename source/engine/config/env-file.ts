import fs, {type Stats} from 'node:fs';
import path from 'node:path';
import {type ReadResult, readSmallFile} from '../files.ts';
import {userNameOf} from '../owner.ts';
import {describeError} from '../problem.ts';

/**
 * The `KEY=value` lines of a `.env` file. Empty lines and comments are passed over, `export` and matching quotes taken
 * off; a comment may follow an unquoted value after a space.
 */
export function parseEnvFile(text: string): Map<string, string> {
  const result = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (!match) continue;
    const [, key, raw] = match as unknown as [string, string, string];
    const quoted = /^(["'])(.*?)\1(?:\s+#.*)?$/.exec(raw);
    result.set(key, quoted ? (quoted[2] ?? '') : raw.replace(/(?:^|\s+)#.*$/, ''));
  }
  return result;
}

/** @param leadsTo the file, where `.env` is a link to it */
export type EnvFile = {values: Map<string, string>; leadsTo: string | null; fault: string | null};

/**
 * Reads a root's `.env`. Deploy layouts link it to one that all releases share, and PHP follows that. So do we, where
 * the link and the file are of somebody who decides here anyway: of root, of the root directory's owner, or ours.
 */
export function readEnvFile(root: string, limit: number): EnvFile {
  const file = path.join(root, '.env');
  const nothing = {values: new Map<string, string>(), leadsTo: null};
  const parse = (read: ReadResult, leadsTo: string | null): EnvFile => {
    if ('data' in read) return {values: parseEnvFile(read.data.toString('utf8')), leadsTo, fault: null};
    return {...nothing, fault: 'reason' in read ? read.reason : null};
  };
  let link: Stats | undefined;
  let leadsTo: string;
  try {
    link = fs.lstatSync(file, {throwIfNoEntry: false});
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
