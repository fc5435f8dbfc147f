import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {Readable} from 'node:stream';
import {describeError, errorCode} from './problem.ts';
import {type NotStarted, started, whyNotStarted} from './start.ts';

/** Bytes kept of what a tool says. */
const mostOutput = 1024 * 1024;

export type Ended = {state: 'ended'; code: number | null; stdout: Buffer; stderr: string};
type ToolResult =
  | Ended
  /** It is not installed. */
  | {state: 'missing'}
  /** It could not be run, or did not end in time. */
  | {state: 'failed'; reason: string};

export type ToolOptions = {
  input?: Iterable<Uint8Array> | undefined;
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
  const {input = [], seconds, terminal = false, signal} = options;
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
  const source = Readable.from(input);
  source.on('error', (error) => end(`what it is to read cannot be made: ${describeError(error)}`));
  source.pipe(child.stdin);
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, {once: true});
  return promise;
}

/** The last line that says something, without its full stop: tools put the reason there. */
export const lastLine = (text: string): string =>
  text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .findLast((line) => line !== '')
    ?.replace(/\.$/, '') ?? '';
