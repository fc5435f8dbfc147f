import fs from 'node:fs';
import {userNameOf} from '../base/owner.ts';
import {parentOf, processes, processFile} from '../base/process.ts';
import {sqlite} from '../datasets/sqlite.ts';
import {holdersOf} from './writers.ts';

/** Processes that may be the service that writes, those of one unit together. */
export type Holder = {
  /** Ids, as `/proc` names them. */
  pids: string[];
  /** What the first of them calls itself: anything, and to be escaped. */
  name: string;
  user: string;
  /** Why it is named: it has a live file open, works in the root, or is a PHP that serves. */
  why: 'open' | 'root' | 'php';
  /** The systemd service that it belongs to; null where it belongs to none. */
  unit: {name: string /** It is a user's own, not the system's. */; ofUser: boolean} | null;
};

const ends = ['', ...sqlite.sidecars];

/** What may be told of the processes that come first. */
const most = 50;

/** A name of a service as systemd allows it; whatever else a control group is called is not repeated. */
const unitName = /^[A-Za-z0-9:_.@\\-]{1,200}\.service$/;

/**
 * The service that a process belongs to.
 * @param text of `/proc/PID/cgroup`; whoever may make control groups chooses their names
 */
export function unitOf(text: string): Holder['unit'] {
  for (const line of text.split('\n')) {
    const match = /^\d+:(name=systemd)?:(\/.*)$/.exec(line);
    if (!match?.[2]) continue;
    const services = match[2].split('/').filter((part) => unitName.test(part));
    const manager = services.find((part) => part.startsWith('user@'));
    const name = services.findLast((part) => part !== manager);
    if (name !== undefined) return {name, ofUser: manager !== undefined};
  }
  return null;
}

function workDirectory(pid: string): string {
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has just ended, or may not be looked at.
    return '';
  }
}

function userOf(pid: string): string {
  try {
    return userNameOf(fs.statSync(`/proc/${pid}`).uid);
  } catch {
    return '?';
  }
}

/** This process and those that it was started from: the shell in the root is the operator's. */
function ourselves(): Set<string> {
  const own = new Set<string>();
  for (let pid: number | null = process.pid; pid !== null && !own.has(String(pid)); pid = parentOf(pid))
    own.add(String(pid));
  return own;
}

const nameOf = (pid: string): string => processFile(pid, 'comm').trim() || '?';

/** PHP opens a file for each request, so that whoever serves requests is named even if nothing is open just now. */
const serves = /^php(-fpm|-cgi)[\d.]*$/;

function whyNamed(pid: string, open: Set<string>, root: string): Holder['why'] | null {
  if (open.has(pid)) return 'open';
  const directory = workDirectory(pid);
  if (directory === root || directory.startsWith(`${root}/`)) return 'root';
  return serves.test(nameOf(pid)) ? 'php' : null;
}

/**
 * Processes that may be the service that writes to these files; who has one open comes first. Whoever is not root sees
 * only his own.
 * @param targets absolute paths of live files
 */
export function findHolders(targets: string[], root: string): Holder[] {
  const real = targets.flatMap((target) => {
    try {
      return [fs.realpathSync(target)];
    } catch {
      // It is not there: nobody has it open.
      return [];
    }
  });
  const files = real.flatMap((file) => ends.map((end) => file + end));
  const open = new Set(holdersOf(files));
  const own = ourselves();
  const found = new Map<string, Holder>();
  for (const pid of processes()) {
    const why = own.has(pid) ? null : whyNamed(pid, open, fs.realpathSync(root));
    if (why === null) continue;
    const unit = unitOf(processFile(pid, 'cgroup'));
    const key = unit ? `${unit.ofUser} ${unit.name}` : pid;
    const known = found.get(key);
    if (known) {
      known.pids.push(pid);
      if (why === 'open') known.why = 'open';
    } else found.set(key, {pids: [pid], name: nameOf(pid), user: userOf(pid), why, unit});
  }
  const rank = {open: 0, root: 1, php: 2};
  return [...found.values()].toSorted((a, b) => rank[a.why] - rank[b.why]).slice(0, most);
}

/**
 * How it is usually stopped; null where there is no usual way.
 * @returns a command for a shell
 */
export function stopCommand({unit}: Holder): string | null {
  if (!unit) return null;
  // A name may hold the backslashes of systemd's own escapes.
  const name = /\\/.test(unit.name) ? `'${unit.name}'` : unit.name;
  return `systemctl ${unit.ofUser ? '--user ' : ''}stop ${name}`;
}
