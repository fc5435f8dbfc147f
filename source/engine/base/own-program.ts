import {type ChildProcessByStdio, spawn} from 'node:child_process';
import fs from 'node:fs';
import {createInterface} from 'node:readline';
import {isSea} from 'node:sea';
import type {Readable, Writable} from 'node:stream';
import {fileURLToPath} from 'node:url';
import {Worker} from 'node:worker_threads';
import {within} from './pause.ts';
import {NotStarted, silence, started, startPatience} from './start.ts';

/** Put here by the build. */
declare const MAGDS_VERSION: string | undefined;

/** The file that this program is: the executable, which holds its runtime, or what a runtime was given. */
export const programFile = (): string => (isSea() ? process.execPath : (process.argv[1] ?? ''));

/** How this program is started once more, by the same runtime. @param word that it is given */
export const onceMore = (word: string): [file: string, args: string[]] => [
  process.execPath,
  isSea() ? [word] : [programFile(), word],
];

/** Milliseconds to wait for the end of a process that was told to. */
const patience = 2000;

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** A process that does one thing for this one: what it says, and how it ended: a signal, or its exit code. */
export type OwnProcess = {child: Child; lines: AsyncIterator<string>; ended: Promise<string>};

/** Bytes that a line of it may have: one that says more has been taken over by what it reads, and is ended. */
const longestLine = 16 * 1024 * 1024;

/** What it says first: its runtime is up. */
const readyLine = 'ready';

/**
 * Starts one, and waits until it is up: a runtime that cannot make its threads waits for them without end.
 * @param file that does it, for a program that is run from the source tree
 * @param patience milliseconds in which it has to be up
 * @throws NotStarted, and what the signal is aborted with
 */
export async function startOwn(
  word: string,
  file: URL,
  {env = process.env, patience = startPatience, signal}: StartOptions,
): Promise<OwnProcess> {
  signal.throwIfAborted();
  const [program, args] =
    typeof MAGDS_VERSION === 'string' ? onceMore(word) : [process.execPath, [fileURLToPath(file)]];
  const child: Child = await started(program, () =>
    spawn(program, args, {stdio: ['pipe', 'pipe', 'ignore'], cwd: '/', env}),
  );
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, sent) => resolve(sent ?? `exit ${code}`));
  });
  let unbroken = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf('\n');
    unbroken = end === -1 ? unbroken + chunk.length : chunk.length - end - 1;
    if (unbroken > longestLine) child.kill('SIGKILL');
  });
  // That it is gone is told by its end.
  child.stdin.on('error', () => {});
  const own = {child, lines: createInterface({input: child.stdout})[Symbol.asyncIterator](), ended};
  if ((await within(patience, own.lines.next(), signal)) !== null) return own;
  child.kill('SIGKILL');
  await untilGone(own);
  signal.throwIfAborted();
  throw new NotStarted(program, silence(patience));
}

type StartOptions = {env?: NodeJS.ProcessEnv; patience?: number; signal: AbortSignal};

/** For such a process: it is up, and ends once the one that started it is gone. */
export function sayReady(): void {
  endWithParent();
  fs.writeSync(1, `${readyLine}\n`);
}

/** Waits until one that was told to end is gone: what it has open is removed then. */
export async function untilGone({child, ended}: OwnProcess): Promise<void> {
  await within(patience, ended);
  // Where a network file system holds it, that is for the kernel to end; nothing here waits for it.
  child.unref();
  child.stdin.destroy();
  child.stdout.destroy();
}

const watchdog = `const {workerData} = require('node:worker_threads');
setInterval(() => process.ppid === workerData || process.kill(process.pid, 'SIGKILL'), 1000)`;

/** Ends this process once the one that started it is gone: a statement of SQLite's hears nothing else. */
function endWithParent(): void {
  const resourceLimits = {maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1};
  new Worker(watchdog, {eval: true, workerData: process.ppid, resourceLimits}).unref();
}
