import fs, {type Stats} from 'node:fs';
import {userNameOf} from '../../base/owner.ts';
import {parentOf, processes, processFile} from '../../base/process.ts';

/** A process that holds the kernel's lock on a file. Its name is its own word. */
export type LockHolder = {pid: number; uid: number; groups: number[]; name: string};

/** Devices as /proc/locks has them, `fd:01`. */
function deviceText(dev: number): string {
  const device = BigInt(dev);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return [major, minor].map((each) => each.toString(16).padStart(2, '0')).join(':');
}

/** What /proc says of a process; null where it is gone, or hidden. */
function lookAt(pid: number): LockHolder | null {
  const status = processFile(pid, 'status');
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  const numbers = (name: string): number[] => field(name).split(/\s+/).filter(Boolean).map(Number);
  const [uid] = numbers('Uid');
  const groups = [...numbers('Gid'), ...numbers('Groups')];
  return uid === undefined ? null : {pid, uid, groups, name: field('Name')};
}

/**
 * The other processes that have a file open, as far as they may be looked at.
 * @param waiting processes that wait for its lock: neither they nor who has started them for that have it
 */
function openers(dev: number, ino: number, waiting: number[]): (LockHolder | null)[] {
  const others = new Set([process.pid, ...waiting, ...waiting.map(parentOf)]);
  const pids = processes().filter((name) => !others.has(Number(name)));
  return pids.flatMap((pid) => (hasOpen(pid, dev, ino) ? lookAt(Number(pid)) : []));
}

function hasOpen(pid: string, dev: number, ino: number): boolean {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const stats = fs.statSync(`/proc/${pid}/fd/${fd}`, {throwIfNoEntry: false});
      return stats?.dev === dev && stats.ino === ino;
    });
  } catch {
    // It has just ended, or may not be looked at.
    return false;
  }
}

/**
 * Who holds the kernel's lock (flock) on an open file, as far as that can be seen.
 * @returns null where a holder cannot be seen, or there is none
 */
export function lockHolders(fd: number): LockHolder[] | null {
  try {
    const {dev, ino} = fs.fstatSync(fd);
    const locks = fs.readFileSync('/proc/locks').toString('latin1').split('\n');
    // Who only waits for it has an arrow before the kind.
    const pattern = /^\d+: (-> )?FLOCK +\S+ +\S+ (\d+) ([\da-f]+:[\da-f]+:\d+) /;
    const file = `${deviceText(dev)}:${ino}`;
    const [pids, waiting]: [number[], number[]] = [[], []];
    for (const line of locks) {
      const [, arrow, pid, which] = pattern.exec(line) ?? [];
      if (which === file) (arrow ? waiting : pids).push(Number(pid));
    }
    const seen = pids.map(lookAt);
    // Who has taken it may be gone, and have left it to others that have the file open.
    const holders = seen.includes(null) ? openers(dev, ino, waiting) : seen;
    return holders.length > 0 && holders.every((each) => each !== null) ? holders : null;
  } catch {
    // No /proc: then no process can be named.
    return null;
  }
}

/** Whether one of them may write the file: who may only read it has no business keeping others from writing. */
const mayWrite = ({uid, groups}: LockHolder, {uid: owner, gid, mode}: Stats): boolean =>
  uid === 0 ||
  (uid === owner && (mode & 0o200) !== 0) ||
  (groups.includes(gid) && (mode & 0o020) !== 0) ||
  (mode & 0o002) !== 0;

/** Who holds the lock of a file that none of them may write; null where there is none, or it is not seen who. */
export function readersHolding(fd: number): LockHolder[] | null {
  const stats = fs.fstatSync(fd);
  const holders = lockHolders(fd);
  return holders?.every((each) => !mayWrite(each, stats)) ? holders : null;
}

/** Who they are; for the operator, not escaped. */
export function describeHolders(holders: LockHolder[]): string {
  const all = holders.map(({pid, uid, name}) => `process ${pid} (${name}) of ${userNameOf(uid)}`);
  return all.join(', ');
}
