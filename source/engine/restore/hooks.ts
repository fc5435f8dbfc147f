import {spawn} from 'node:child_process';
import {describeError} from '../problem.ts';

/** Bytes kept of what a hook says. */
const mostOutput = 32 * 1024;
/** Milliseconds between asking a hook to end and ending it. */
const grace = 2000;

export type HookResult = {
  command: string[];
  /** Why it did not succeed; null where it did. */
  reason: string | null;
  /** What it ended with; null where it did not end by itself. */
  exit: number | null;
  /** Standard output and error, as they came. */
  output: string;
  seconds: number;
};

/**
 * Runs a command that the configuration names: no shell, no input, its own process group, ended with all its children
 * when its time is up. Never throws.
 * @param limit seconds
 * @param extra variables that tell it what it is about
 */
export async function runHook(
  command: string[],
  cwd: string,
  limit: number,
  extra: Record<string, string>,
): Promise<HookResult> {
  const [file = '', ...args] = command;
  const began = performance.now();
  const chunks: Buffer[] = [];
  let size = 0;
  const keep = (chunk: Buffer): void => {
    if (size < mostOutput) chunks.push(chunk.subarray(0, mostOutput - size));
    size += chunk.length;
  };
  let exit: number | null = null;
  const reason = await new Promise<string | null>((resolve) => {
    const child = spawn(file, args, {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, ...extra},
    });
    const end = (signal: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // All of them have just ended.
      }
    };
    let late = false;
    const timers = [
      setTimeout(() => {
        late = true;
        end('SIGTERM');
        timers.push(
          setTimeout(() => {
            end('SIGKILL');
            settle(`it did not end within ${limit} seconds, and was killed`);
          }, grace),
        );
      }, limit * 1000),
    ];
    const settle = (why: string | null): void => {
      for (const timer of timers) clearTimeout(timer);
      // What came before the end has been read by the next turn; a service that it started may keep them open.
      setImmediate(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(why);
      });
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => settle(`it cannot be run: ${describeError(error)}`));
    child.on('exit', (code, signal) => {
      exit = code;
      if (late) settle(`it did not end within ${limit} seconds, and was stopped`);
      else settle(code === 0 ? null : `it ended with ${code ?? signal}`);
    });
  });
  const output = Buffer.concat(chunks).toString('utf8') + (size > mostOutput ? '\n… cut' : '');
  return {command, reason, exit, output, seconds: (performance.now() - began) / 1000};
}
