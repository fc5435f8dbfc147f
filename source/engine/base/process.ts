import fs from 'node:fs';
import {errorCode} from './problem.ts';

/** Whether there is a process of this number, of any user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** What a file of a process in `/proc` says; empty where it has just ended, or may not be looked at. */
export function processFile(pid: number | string, name: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${name}`).toString('utf8');
  } catch {
    return '';
  }
}

/** What the kernel says of a process, from its state on, the third field: the name before it may hold anything. */
export function statOf(pid: number | string): string[] {
  const stat = processFile(pid, 'stat');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Null where there is none, or it cannot be told. */
export const parentOf = (pid: number | string): number | null => Number(statOf(pid)[1]) || null;

/** The numbers of all processes; none where there is no /proc. */
export function processes(): string[] {
  try {
    return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
