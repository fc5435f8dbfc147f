import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {Readable} from 'node:stream';
import {describeError, errorCode, exitCode, Problem} from '../base/problem.ts';
import {type NotStarted, started, whyNotStarted} from '../base/start.ts';
import {type Bytes, piecesOf} from './place.ts';

/** Bytes kept of what a tool says. */
const mostOutput = 1024 * 1024;

export type Ended = {state: 'ended'; code: number | null; stdout: Buffer; stderr: string};
type ToolResult =
  | Ended
  /** It is not installed. */
  | {state: 'missing'}
  /** It could not be run, or did not end in time. */
  | {state: 'failed'; reason: string};

type ToolOptions = {
  input?: Bytes | undefined;
  /** That it may take. */
  seconds: number;
  /**
   * It may ask on our terminal. Else it has none: it is a session of its own, and no window is put up for it, so that
   * it can never wait for an answer.
   */
  terminal?: boolean;
  signal?: AbortSignal | undefined;
};

/** The environment of this process, but with nothing that would open a window, and with messages in English. */
function environmentFor(terminal: boolean): NodeJS.ProcessEnv {
  const own: NodeJS.ProcessEnv = {...process.env, LC_ALL: 'C', SSH_ASKPASS_REQUIRE: 'never'};
  if (!terminal) for (const name of ['DISPLAY', 'WAYLAND_DISPLAY', 'SSH_ASKPASS']) delete own[name];
  return own;
}

/** Runs a program of the system with `input` on its standard input, without a shell. Never throws. */
export async function runTool(file: string, args: string[], options: ToolOptions): Promise<ToolResult> {
  const {input = Buffer.alloc(0), seconds, terminal = false, signal} = options;
  const {promise, resolve} = Promise.withResolvers<ToolResult>();
  let child: ChildProcessWithoutNullStreams;
  try {
    const settings = {detached: !terminal, env: environmentFor(terminal), stdio: 'pipe'} as const;
    child = await started(file, () => spawn(file, args, settings));
  } catch (error) {
    const {cause} = error as NotStarted;
    if (errorCode(cause) === 'ENOENT') return {state: 'missing'};
    return {state: 'failed', reason: `it cannot be run: ${whyNotStarted(cause)}`};
  }
  const kept: {stdout: Buffer[]; stderr: Buffer[]} = {stdout: [], stderr: []};
  let size = 0;
  const end = (reason: string): void => {
    child.kill('SIGKILL');
    settle({state: 'failed', reason});
  };
  const timer = setTimeout(() => end(`it did not end within ${seconds} seconds`), seconds * 1000);
  const abort = (): void => end('cancelled');
  const settle = (result: ToolResult): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    resolve(result);
  };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= mostOutput) kept[name].push(chunk);
    });
  child.on('close', (code) => {
    if (size > mostOutput) settle({state: 'failed', reason: `it said more than ${mostOutput} bytes`});
    else
      settle({
        state: 'ended',
        code,
        stdout: Buffer.concat(kept.stdout),
        stderr: Buffer.concat(kept.stderr).toString('utf8'),
      });
  });
  // One that ends without reading all of it says why by its exit code.
  child.stdin.on('error', () => {});
  const source = Readable.from(piecesOf(input));
  source.on('error', (error) => end(`what it is to read cannot be made: ${describeError(error)}`));
  source.pipe(child.stdin);
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, {once: true});
  return promise;
}

/**
 * Runs a program that evidence cannot do without.
 * @param words how it is called, and what is said where there is none
 * @throws Problem where it is missing, or did not end
 */
export async function needTool(
  file: string,
  args: string[],
  words: {called: string; missing: string},
  options: ToolOptions,
): Promise<Ended> {
  const result = await runTool(file, args, options);
  if (result.state === 'ended') return result;
  if (result.state === 'missing') throw new Problem(exitCode.failed, words.missing);
  if (options.signal?.aborted)
    throw new Problem(exitCode.cancelled, 'Cancelled. Nothing was signed or checked.');
  throw new Problem(exitCode.failed, `${words.called}: ${result.reason}.`);
}

/** The last line that says something, without its full stop: tools put the reason there. */
export const lastLine = (text: string): string =>
  text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .findLast((line) => line !== '')
    ?.replace(/\.$/, '') ?? '';

/**
 * Gives a tool that takes no second input a private file with these bytes, which is removed once it is done.
 * @param use is given the file's path
 * @throws the system call's error where it cannot be made
 */
export async function withTemporaryFile<T>(data: Uint8Array, use: (file: string) => Promise<T>): Promise<T> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'magds-evidence-'));
  try {
    const file = `${directory}/data`;
    fs.writeFileSync(file, data, {flag: 'wx', mode: 0o600});
    return await use(file);
  } finally {
    fs.rmSync(directory, {recursive: true, force: true});
  }
}
