import {spawn} from 'node:child_process';
import {describeError} from './problem.ts';
import type {HookResult} from './result.ts';
import {NotStarted, started, whyNotStarted} from './start.ts';

/** Bytes kept of what a hook says. */
const mostOutput = 32 * 1024;
/** Milliseconds between asking a hook to end and ending it. */
const grace = 2000;

/** Names the event that a hook is run for. It is handed down, so that what a hook runs knows it. */
export const eventVariable = 'MAGDS_EVENT';
/** The other variables that tell a hook what it is about. What is not known is unset, whatever it is where we are run. */
const variables = ['MAGDS_ROOT', 'MAGDS_BACKUP', 'MAGDS_SESSION', 'MAGDS_OUTCOME'] as const;
export type About = Partial<Record<(typeof variables)[number] | typeof eventVariable, string>>;

export type HookOptions = {
  /** What it can read on its standard input; by default there is nothing. */
  input?: string;
  /** Ends it early. */
  signal?: AbortSignal | undefined;
};

/**
 * Runs a command that the configuration names: no shell, its own process group, ended with all its children when its time
 * is up. A service that it leaves behind when it ends in time lives on. Never throws.
 * @param limit seconds
 * @param about what it is about, for its environment
 */
export async function runHook(
  command: string[],
  cwd: string,
  limit: number,
  about: About,
  options: HookOptions = {},
): Promise<HookResult> {
  const began = performance.now();
  const output = new Output();
  let ended: Pick<HookResult, 'reason' | 'exit'>;
  try {
    ended = await runToEnd(command, cwd, limit, about, options, output);
  } catch (error) {
    // What no command can be, such as one with a NUL in it, or what there is no process for.
    const why = error instanceof NotStarted ? whyNotStarted(error.cause) : describeError(error);
    ended = {reason: `it cannot be run: ${why}`, exit: null};
  }
  return {command, ...ended, output: output.text, seconds: (performance.now() - began) / 1000};
}

/** The beginning of what a hook says; the rest is read, so that it can go on, and let go. */
class Output {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  keep = (chunk: Buffer): void => {
    if (this.#size < mostOutput) this.#chunks.push(chunk.subarray(0, mostOutput - this.#size));
    this.#size += chunk.length;
  };

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8') + (this.#size > mostOutput ? '\n… cut' : '');
  }
}

async function runToEnd(
  [file = '', ...args]: string[],
  cwd: string,
  limit: number,
  about: About,
  {input, signal}: HookOptions,
  output: Output,
): Promise<Pick<HookResult, 'reason' | 'exit'>> {
  if (signal?.aborted) return {reason: 'it was not run: cancelled', exit: null};
  const unset = Object.fromEntries(variables.map((name) => [name, undefined]));
  const child = await started(file, () =>
    spawn(file, args, {
      cwd,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {...process.env, ...unset, ...about},
    }),
  );
  const end = (sent: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid as number), sent);
    } catch {
      // All of them have just ended.
    }
  };
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    /** Why it was asked to end. */
    let stopped: string | null = null;
    const settle = (reason: string | null, exit: number | null = null): void => {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      // What came before the end has been read by the next turn; a service that it started may keep them open.
      setImmediate(() => {
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
        resolve({reason, exit});
      });
    };
    const stop = (why: string): void => {
      if (stopped !== null) return;
      stopped = why;
      end('SIGTERM');
      const kill = (): void => {
        end('SIGKILL');
        settle(`${why}, and was killed`);
      };
      timers.push(setTimeout(kill, grace));
    };
    const cancel = (): void => stop('it had not finished when this was cancelled');
    timers.push(setTimeout(() => stop(`it did not end within ${limit} seconds`), limit * 1000));
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel);
    child.stdout.on('data', output.keep);
    child.stderr.on('data', output.keep);
    // A hook need not read what it is told.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    child.on('exit', (code, sent) => {
      if (stopped === null) return settle(code === 0 ? null : `it ended with ${code ?? sent}`, code);
      // Those of its children that do not listen.
      end('SIGKILL');
      settle(`${stopped}, and was stopped`, code);
    });
  });
}
