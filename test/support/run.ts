import {type ChildProcess, type ChildProcessByStdio, spawn} from 'node:child_process';
import fs from 'node:fs';
import type {Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {canRunInProcess, runInProcess} from './in-process.ts';
import {environment, node, type Outcome, program} from './program.ts';
import {tidyAfterEach} from './tidy.ts';

export type {Outcome};

const running = new Set<ChildProcess>();
tidyAfterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

export type RunOptions = {
  cwd?: string;
  env?: Record<string, string>;
  /** File that is its standard input, which else is at its end. */
  stdin?: string;
  /** Its standard output cannot be written: nobody reads it any more, or the disk is full. */
  stdout?: 'gone' | 'full';
  /** Is given all of stdout so far, whenever there is more. */
  onStdout?: (text: string, child: ChildProcess) => void;
};

/** Runs a command without a terminal, until it is over. */
export async function execute(file: string, args: string[], options: RunOptions = {}): Promise<Outcome> {
  const {cwd = '/', env = {}, stdin = '/dev/null', stdout: to, onStdout} = options;
  const input = fs.openSync(stdin, 'r');
  const output = to === 'full' ? fs.openSync('/dev/full', 'w') : 'pipe';
  const child = spawn(file, args, {
    cwd,
    env: {...environment, ...env},
    stdio: [input, output, 'pipe'],
  }) as ChildProcessByStdio<null, Readable | null, Readable>;
  for (const fd of [input, output]) if (typeof fd === 'number') fs.closeSync(fd);
  if (to === 'gone') child.stdout?.destroy();
  running.add(child);
  const ended = new Promise<Pick<Outcome, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({code, signal}));
  });
  let seen = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk.toString('latin1');
    onStdout?.(seen, child);
  });
  const [stdout, stderr, end] = await Promise.all([
    to === undefined && child.stdout ? text(child.stdout) : '',
    text(child.stderr),
    ended,
  ]);
  running.delete(child);
  return {...end, stdout, stderr};
}

/** `magds` with these arguments, in a process of its own. */
export const magdsProcess = (args: string[], options: RunOptions = {}): Promise<Outcome> =>
  execute(node, [program, ...args], options);

/** `magds` with these arguments: what is built, in this process wherever nothing is asked of its own one. */
export const magds = (args: string[], options: RunOptions = {}): Promise<Outcome> => {
  const {cwd = '/', env = {}, stdin, stdout, onStdout} = options;
  if (!canRunInProcess || stdin !== undefined || onStdout) return magdsProcess(args, options);
  return runInProcess(args, {cwd, env, fails: stdout && (stdout === 'gone' ? 'EPIPE' : 'ENOSPC')});
};

/** A line of bash in which `magds` stands for the program. */
export const shell = (script: string, options: RunOptions = {}): Promise<Outcome> =>
  execute('bash', ['-c', `magds() { "${node}" "${program}" "$@"; }; ${script}`], options);

export const jsonLines = (output: string): Record<string, unknown>[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
