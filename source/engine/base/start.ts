import type {ChildProcess} from 'node:child_process';
import type {Worker} from 'node:worker_threads';
import {errorCode, exitCode, Problem, withAdvice} from './problem.ts';

/** Milliseconds in which a process of ours says something, or is taken for one whose runtime cannot start. */
export const startPatience = 30_000;

/** What it is told as then. @param patience milliseconds */
export const silence = (patience: number): Error =>
  new Error(
    `it said nothing for ${patience / 1000} seconds: there may be too many processes, or too little memory`,
  );

const limits =
  'no more processes or threads may be made: "ulimit -u" shows the limit of the user, TasksMax or pids.max that of the service or container; raise it, or end what is not needed';

const words: Record<string, string> = {
  EAGAIN: limits,
};

/** Why a thread or a process could not be made, and what to do about it. */
export function whyNotStarted(error: unknown): string {
  // A thread's error has its own code; the system's is the last word of its message.
  const code = errorCode(error) === 'ERR_WORKER_INIT_FAILED' ? (error as Error).message : errorCode(error);
  const name = /\bE[A-Z]+$/.exec(code)?.[0] ?? '';
  return words[name] ?? withAdvice(name === '' ? error : Object.assign(new Error(name), {code: name}));
}

/** A thread or a process that could not be made: nothing is known about what it was to look at. */
export class NotStarted extends Problem {
  constructor(what: string, cause: unknown) {
    const missing = errorCode(cause) === 'ENOENT';
    const why = missing ? 'is not installed' : `cannot be started: ${whyNotStarted(cause)}`;
    super(exitCode.failed, `${what} ${why}`, {cause});
    this.name = 'NotStarted';
  }
}

/** Makes a thread. @throws NotStarted; it may also be told by the thread's own `error`, before it is `online` */
export function startThread(make: () => Worker): Worker {
  try {
    return make();
  } catch (error) {
    throw new NotStarted('A thread', error);
  }
}

/**
 * Waits until a program runs: that it does not is thrown by spawn(), or told later, with its pipes or without.
 * @param what it is, for the message
 * @throws NotStarted
 */
export function started<Child extends ChildProcess>(what: string, make: () => Child): Promise<Child> {
  return new Promise((resolve, reject) => {
    try {
      const child = make();
      child.on('error', (error) => reject(new NotStarted(what, error)));
      child.once('spawn', () => resolve(child));
    } catch (error) {
      reject(new NotStarted(what, error));
    }
  });
}
