import fs from 'node:fs';
import {userName, userNameOf} from '../base/owner.ts';
import {errorCode} from '../base/problem.ts';
import {processes, processFile, statOf} from '../base/process.ts';
import type {TargetPlace, TargetState} from './target.ts';

/** Who writes to a target, as far as that can be seen. */
export type Writers = {
  /** `php-fpm 2211`, as many as hold it open. */
  openBy: string[];
  /** Seconds since it was last written, if that was within the last minute; else null. */
  writing: number | null;
  /** Processes whose open files could not be seen. */
  unseen: number;
};

/** Seconds within which a file counts as being written to. */
const recently = 60;
/** How long a look at all processes is good for: a plan asks for each dataset. Milliseconds. */
const fresh = 2000;

type Seen = {at: number; open: Map<string, Set<string>>; unseen: number; php: string[]};
let seen: Seen | null = null;

const nameOf = (pid: string): string => `${processFile(pid, 'comm').trim()} ${pid}`.trim();

/** Whether a process is the PHP CLI of a project, as an operator or cron starts it: `php mag magds:…`. */
function isPhpCli(pid: string): boolean {
  const words = processFile(pid, 'cmdline').split('\0');
  return /(^|\/)php[\d.]*$/.test(words[0] ?? '') && words.some((word) => /(^|\/)mag$/.test(word));
}

/** It shows what it had open to nobody any more. */
const isEnding = (pid: string): boolean =>
  ['Z', 'X'].includes(statOf(pid)[0] ?? '') || !fs.existsSync(`/proc/${pid}`);

/** Every file that any process has open, by path. Whoever is not root sees only his own processes. */
function lookAround(): Seen {
  const open = new Map<string, Set<string>>();
  const all = processes();
  const pids = all.filter((name) => name !== String(process.pid));
  // No /proc: nothing can be said.
  let unseen = all.length === 0 ? 1 : 0;
  const php = pids.filter(isPhpCli).map(nameOf);
  for (const pid of pids) {
    let fds: string[];
    try {
      fds = fs.readdirSync(`/proc/${pid}/fd`);
    } catch (error) {
      if (['EACCES', 'EPERM'].includes(errorCode(error)) && !isEnding(pid)) unseen++;
      continue;
    }
    for (const fd of fds) {
      try {
        const target = fs.readlinkSync(`/proc/${pid}/fd/${fd}`);
        if (!target.startsWith('/')) continue;
        const holders = open.get(target) ?? new Set();
        open.set(target, holders.add(pid));
      } catch {
        // Closed meanwhile.
      }
    }
  }
  return {at: performance.now(), open, unseen, php};
}

const look = (): Seen => {
  if (!seen || performance.now() - seen.at > fresh) seen = lookAround();
  return seen;
};

/** Processes that have one of these files open, by their ids. */
export const holdersOf = (files: string[]): string[] => {
  const {open} = look();
  return [...new Set(files.flatMap((file) => [...(open.get(file) ?? [])]))];
};

/** PHP CLIs at work on this machine, each of which may write a backup, or restore one: `php 4711`. */
export const phpAtWork = (): string[] => look().php;

/**
 * PHP opens a file for each request, so that nobody has it open proves little (RESTORE.md).
 * @param restored when a restore of ours wrote to it last, in milliseconds since the epoch: that is no service
 */
export function findWriters(
  {base, segments}: TargetPlace,
  live: TargetState,
  restored: () => number | undefined = () => undefined,
): Writers {
  const {open, unseen} = look();
  const holders = open.get([base, ...segments].join('/')) ?? new Set();
  const age = live.kind === 'file' ? (Date.now() - live.mtimeMs) / 1000 : Number.POSITIVE_INFINITY;
  const isRecent = age >= 0 && age < recently;
  const isOurs = isRecent && live.kind === 'file' && live.mtimeMs <= (restored() ?? Number.NEGATIVE_INFINITY);
  return {
    openBy: [...holders].map(nameOf),
    writing: isRecent && !isOurs ? Math.round(age) : null,
    unseen,
  };
}

/** Who restores, and to whom the tree belongs; null where that is the same, or the tree's owner cannot be told. */
export function otherOwner(root: string): {me: string; tree: string} | null {
  const storage = fs.statSync(`${root}/storage`, {throwIfNoEntry: false});
  return !storage || storage.uid === process.getuid?.()
    ? null
    : {me: userName(), tree: userNameOf(storage.uid)};
}
