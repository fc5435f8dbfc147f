import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import {unquote} from '../base/acl.ts';
import {Walk} from '../base/open-inside.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {isKept} from './manifest/directories.ts';

/** Directories at once: so many are open. */
const atOnce = 50;

type Attributes = [string, string][];

/** The answers of one getfattr, one for each of the directories that are open. */
function ask(fds: number[]): Attributes[] {
  const args = ['-d', '-m', '^(user\\.|system\\.posix_acl_)', '-e', 'base64', '--absolute-names'];
  const {stdout, error} = spawnSync(
    'getfattr',
    [...args, ...fds.map((_, index) => `/proc/self/fd/${3 + index}`)],
    {
      stdio: ['ignore', 'pipe', 'ignore', ...fds],
      encoding: 'latin1',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (error && errorCode(error) !== 'ENOENT') throw error;
  const answers = fds.map((): Attributes => []);
  for (const block of (stdout ?? '').split('\n\n')) {
    const [head = '', ...lines] = block.trim().split('\n');
    const answer = answers[Number(/^# file: \/proc\/self\/fd\/(\d+)$/.exec(head)?.[1] ?? 0) - 3];
    for (const line of lines) {
      const [, name = '', value] = /^([^=]+)=0s([A-Za-z0-9+/=]*)$/.exec(line) ?? [];
      if (value !== undefined && isKept(unquote(name))) answer?.push([unquote(name), value]);
    }
  }
  return answers;
}

/** A directory, open, with what it is. */
type Looked = {stats: fs.Stats; attributes: Attributes};

/**
 * What directories below a base are, ACLs and extended attributes included where getfattr is there to tell them (Node
 * cannot). They are given to it open, never by name: nothing can lead it elsewhere.
 * @returns one for each, in this order; null where it is not there any more
 */
export function lookAtDirectories(base: string, directories: string[][]): (Looked | null)[] {
  const found: (Looked | null)[] = [];
  for (let first = 0; first < directories.length; first += atOnce) {
    const way = new Walk();
    const opened = directories.slice(first, first + atOnce).map((segments) => {
      const each = way.to(base, segments, 'the source');
      return 'status' in each
        ? null
        : fs.openSync(each.path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    });
    way.close();
    const fds = opened.filter((fd) => fd !== null);
    try {
      const answers = ask(fds).values();
      for (const fd of opened)
        found.push(fd === null ? null : {stats: fs.fstatSync(fd), attributes: answers.next().value ?? []});
    } finally {
      for (const fd of fds) fs.closeSync(fd);
    }
  }
  return found;
}

/** Gives attributes to an open directory. @returns why that could not be done; null where it was */
export function setAttributes(fd: number, attributes: Attributes): string | null {
  for (const [name, value] of attributes) {
    const {status, stderr, error} = spawnSync(
      'setfattr',
      ['-n', name, '-v', `0s${value}`, '/proc/self/fd/3'],
      {
        stdio: ['ignore', 'ignore', 'pipe', fd],
        encoding: 'utf8',
      },
    );
    if (error) return errorCode(error) === 'ENOENT' ? 'there is no setfattr here' : describeError(error);
    if (status !== 0) return stderr.trim().replaceAll('/proc/self/fd/3', name);
  }
  return null;
}
