import fs, {constants, type Stats} from 'node:fs';
import os from 'node:os';
import {notRegular, seenAt} from './files.ts';
import {firstOf, reads, type WayStep, withinWay} from './readers.ts';

/**
 * Gives an open file or directory to whom another one belongs, where we may (as root), and sets its mode.
 * @param mode permission bits, set after the owner, because changing the owner clears set-id bits
 */
export function owns(fd: number, to: Pick<Stats, 'uid' | 'gid'>, mode: number): void {
  giveTo(fd, to);
  fs.fchmodSync(fd, mode);
}

/** @returns the group that it has then: another than was meant where we may not give it away */
function giveTo(fd: number, {uid, gid}: Pick<Stats, 'uid' | 'gid'>): number {
  const stats = fs.fstatSync(fd);
  if (stats.gid === gid && stats.uid === uid) return gid;
  const isRoot = process.getuid?.() === 0;
  if (stats.gid === gid && !isRoot) return gid;
  if (isRoot) fs.fchownSync(fd, uid, gid);
  // A member of the group may give a file of his own to it.
  else if (process.getgroups?.().includes(gid)) fs.fchownSync(fd, process.getuid?.() ?? 0, gid);
  return fs.fstatSync(fd).gid;
}

/**
 * Opens a file of ours to write to it, in a directory that another user may write to as well. What he has put in its place
 * is left as it is: something that is no file, a file that has another name, or that belongs to neither of us.
 * @param flags beside those that keep from following links and from waiting
 * @throws an error that says in a few words what it is; the system call's error
 */
export function openOurs(file: string, flags: number, directory: Pick<Stats, 'uid'>): number {
  const there = seenAt(file);
  // A device may act on being opened.
  const kind = there && notRegular(there);
  if (kind) throw new Error(`it is ${kind}, not a file: move it away`);
  const fd = fs.openSync(file, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  const why = whyNotOurs(fs.fstatSync(fd), directory);
  if (why === null) return fd;
  fs.closeSync(fd);
  throw new Error(`${why}: move it away`);
}

/** The same, made if need be, for what others may know: the umask of the user who begins it must not hide it. */
export function openTold(file: string, flags: number, directory: Pick<Stats, 'uid'>): number {
  const fd = openOurs(file, flags | constants.O_CREAT, directory);
  const {size, uid} = fs.fstatSync(fd);
  if (size === 0 && uid === process.getuid?.()) fs.fchmodSync(fd, 0o644);
  return fd;
}

function whyNotOurs(stats: Stats, {uid}: Pick<Stats, 'uid'>): string | null {
  const kind = notRegular(stats);
  if (kind) return `it is ${kind}, not a file`;
  if (stats.nlink > 1) return 'it has another name';
  if ([0, process.getuid?.() ?? 0, uid].includes(stats.uid)) return null;
  return `it belongs to ${userNameOf(stats.uid)}, not to you or ${userNameOf(uid)}`;
}

/**
 * Gives a copy to whom the backups belong, with a mode that is never wider than the source's. Where they could not read
 * the source the copy keeps its owner and group: who may write a link, or put a file in the place of another, must not
 * get to read by a backup what he could not before. Where the source's owner could not get to it either, it belongs to
 * whose directory it lies in, who could, else to the user who runs this.
 * @param way to the source, but for what leads to the copy as well
 */
export function ownsCopy(
  fd: number,
  source: Pick<Stats, 'uid' | 'gid' | 'mode'>,
  owner: Pick<Stats, 'uid' | 'gid' | 'mode'>,
  way: WayStep[],
): void {
  const whole = [...way, reads(source)];
  const whose = firstOf(whole, [owner, source, ...way]);
  const group = giveTo(fd, whose);
  const mode = (whose === owner ? source.mode & owner.mode : source.mode) & 0o666;
  fs.fchmodSync(fd, withinWay(mode, group, whole) | 0o600);
}

/** Lines of /etc/passwd or a file like it, in their fields; none where it cannot be read, as a container may have none. */
export function accountsIn(file: '/etc/passwd' | '/etc/group'): string[][] {
  try {
    return fs
      .readFileSync(file)
      .toString('utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}

/** The name that a number has there; null where it has none: then the number is all there is to say. */
const nameIn = (file: '/etc/passwd' | '/etc/group', id: number): string | null =>
  accountsIn(file).find((fields) => fields[2] === String(id))?.[0] || null;

/** The login that a uid belongs to, as /etc/passwd says; `uid 33` where it does not. */
export const userNameOf = (uid: number): string => nameIn('/etc/passwd', uid) ?? `uid ${uid}`;

/** A name that every configuration takes as it is. */
const isPlainName = (name: string | null): name is string => name !== null && /^[a-z_][\w.-]*$/i.test(name);

/** Owner and group as a program's configuration names them: by their names, else by their numbers. */
export function accountOf({uid, gid}: Pick<Stats, 'uid' | 'gid'>): {user: string; group: string} {
  const user = nameIn('/etc/passwd', uid);
  const group = nameIn('/etc/group', gid);
  return {user: isPlainName(user) ? user : String(uid), group: isPlainName(group) ? group : String(gid)};
}

/** Who runs this. A uid without an entry in the user database is common in containers. */
export function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

/** Who is at work: the login, and behind sudo the one who called it, no longer than a line of a record may have it. */
export function operatorName(env: NodeJS.ProcessEnv): string {
  const behind = env['SUDO_USER'];
  return behind && behind !== userName() ? `${behind.slice(0, 200)} as ${userName()}` : userName();
}
