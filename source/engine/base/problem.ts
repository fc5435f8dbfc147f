import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {escapeText} from './escape.ts';

/** Exit codes of the command line; DESIGN.md, "Command line". */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  partial: 3,
  /** Copies are not what was recorded, or what was compared differs. */
  verificationFailed: 4,
  /** A restore was refused, or failed and was rolled back. */
  restoreRefused: 5,
  /** A restore stopped halfway and waits for a decision. */
  needsRecovery: 6,
  /** With `--quiet`: a verification failed as the one before it did, which has been told. */
  known: 7,
  notFound: 10,
  locked: 11,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** A new file could not be written: another one there would fare no better. */
export class NewFileError extends Error {}

/**
 * Something the operator has to know: what is wrong, with which file, and what to do about it.
 * The message may quote text from the disk: it is escaped where it is shown.
 */
export class Problem extends Error {
  readonly exit: ExitCode;

  constructor(exit: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Problem';
    this.exit = exit;
  }
}

const words: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'not there',
  ENOTDIR: 'not a directory',
  EISDIR: 'a directory',
  ELOOP: 'a link, which is not followed',
  EIO: 'the disk failed (I/O error)',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would become too large for the file system, or for the limit that was set (ulimit -f)',
  EEXIST: 'something of that name exists already',
  ENOTEMPTY: 'not empty',
  EBUSY: 'in use (something mounted there?)',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files on this machine',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'a device or pipe with nothing behind it',
  ESTALE: 'the network file system lost it',
  ENOMEM: 'there is too little memory',
  ETXTBSY: 'a program that is being run',
  EMLINK: 'it has as many hard links as the file system allows',
  ENODEV: 'the device is gone',
  ENOTCONN: 'the network file system is not connected',
  ETIMEDOUT: 'the network file system does not answer',
};

const advice: Record<string, string> = {
  EIO: 'check "dmesg" and the disk before anything else, and write nothing more to it',
  EROFS: 'mount it for writing, or see in "dmesg" why the kernel made it read-only',
  EMFILE: 'raise "ulimit -n", or LimitNOFILE= of the service',
  ENFILE: 'raise fs.file-max ("sysctl fs.file-max"), or stop what has so many open',
  ENOMEM: 'stop what is not needed, or give this more memory',
  ENAMETOOLONG: 'a name may have 255 bytes, and a path 4095: shorten a directory above it',
  ETXTBSY: 'stop that program first',
  ESTALE: 'mount it again',
  ENOTCONN: 'mount it again',
  ETIMEDOUT: 'check whether its server is up',
};

const nameOf = new Map(
  Object.entries(os.constants.errno)
    .reverse() // EAGAIN, not its later name EWOULDBLOCK.
    .map(([name, errno]) => [errno, name]),
);

/** What went wrong first: where letting go of something failed as well, `using` puts both into one error. */
export function firstError(error: unknown): unknown {
  const isBoth = error instanceof Error && error.name === 'SuppressedError' && 'suppressed' in error;
  return isBoth ? firstError(error.suppressed) : error;
}

/** The error code of a system call's error (`ENOENT`), or '' when it is no such error. */
export function errorCode(thrown: unknown): string {
  const error = firstError(thrown);
  if (!(error instanceof Error)) return '';
  // Node has no code for some, EDQUOT among them, but knows their number.
  const name =
    'errno' in error && typeof error.errno === 'number' ? nameOf.get(Math.abs(error.errno)) : undefined;
  if (name !== undefined) return name;
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether an error, or what caused it, is that nothing more can be written. */
export const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes(errorCode(error)) ||
  (error instanceof Error && error.cause !== undefined && isFull(error.cause));

/** Whether it is this process, or this machine, that has too little of something: that says nothing of a file. */
export const isOurLack = (error: unknown): boolean =>
  ['EMFILE', 'ENFILE', 'ENOMEM'].includes(errorCode(error));

/** Calls that need the directory of a name to be writable, whoever owns what has the name. */
const onNames = ['unlink', 'rename', 'mkdir', 'rmdir', 'link', 'symlink', 'mkdtemp'];

/** Whether what shut us out is our own: then no other user may do more, but its owner may change its mode. */
function isShutByOurMode(thrown: unknown): boolean {
  const error = firstError(thrown) as NodeJS.ErrnoException;
  let file = error.path;
  if (typeof file !== 'string' || errorCode(error) !== 'EACCES') return false;
  if (onNames.includes(error.syscall ?? '')) file = path.dirname(file);
  // What was open may be closed by now, and then there is nothing to be seen of it.
  while (file !== '/proc/self/fd') {
    try {
      const stats = fs.statSync(file);
      const all = stats.isDirectory() ? 0o700 : 0o600;
      return stats.uid === process.geteuid?.() && (stats.mode & all) !== all;
    } catch {
      // What cannot be seen is not there, or lies in what shuts us out.
      if (path.dirname(file) === file) return false;
      file = path.dirname(file);
    }
  }
  return false;
}

/** What to do about a system call that failed; '' where the words for it say all there is to say. */
function adviceOn(error: unknown): string {
  const code = errorCode(error);
  // Nothing but an attribute of the file's, or of a container, keeps root from it.
  if (code === 'EPERM' && process.getuid?.() === 0)
    return 'it may be immutable ("lsattr" shows that, "chattr -i" ends it)';
  if (process.getuid?.() !== 0 && isShutByOurMode(error))
    return 'it is yours, and its mode forbids it ("ls -ld" shows that, "chmod u+rwX" ends it)';
  if (code === 'EACCES' || code === 'EPERM') return 'run as its owner, or as root';
  if (isFull(error))
    return 'make room: "magds backup prune --dry-run" says which backups would be deleted, and one can be deleted by hand';
  return advice[code] ?? '';
}

/** The system's error, wherever it was not foreseen; null where it is none of those. */
export function describeSystemError(error: unknown): string | null {
  if (!(error instanceof Error) || !(errorCode(error) in words)) return null;
  const file = 'path' in error && typeof error.path === 'string' ? `${nameOfFile(error.path)}: ` : '';
  return file + withAdvice(error);
}

/** As the operator knows it: what is opened through a directory that is open has that one's name. */
function nameOfFile(file: string): string {
  const [, open, below = ''] = /^(\/proc\/self\/fd\/\d+)(\/.*)?$/.exec(file) ?? [];
  if (open === undefined) return file;
  try {
    return fs.readlinkSync(open) + below;
  } catch {
    // It has been closed since.
    return below.slice(1);
  }
}

/** The same error, which says its file by name: what it was opened through means nothing once it is closed. */
export function namingFile(error: unknown): unknown {
  if (error instanceof Error && 'path' in error && typeof error.path === 'string')
    error.path = nameOfFile(error.path);
  return error;
}

/** The words for an error, and what to do about it. */
export function withAdvice(error: unknown): string {
  const advice = adviceOn(error);
  return describeError(error) + (advice && `: ${advice}`);
}

/** What a system call's error means, in the operator's words. Unknown errors keep their own text. */
export function describeError(thrown: unknown): string {
  const error = firstError(thrown);
  const word = words[errorCode(error)];
  if (word) return word;
  return escapeText(error instanceof Error ? error.message : String(error));
}

/** Why something failed, for the operator: the words of a problem stand as they are, and are escaped where they are shown. */
export function reasonOf(thrown: unknown): string {
  const error = firstError(thrown);
  return error instanceof Problem ? error.message : describeError(error);
}
