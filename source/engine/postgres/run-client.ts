import {type ChildProcess, type SpawnOptions, spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {started} from '../base/start.ts';
import type {Access} from './connection.ts';
import {type Clients, type Tool, toolPath} from './tools.ts';

/** Bytes kept of what a client says, at its end. */
const mostKept = 64 * 1024;
/** Bytes of its standard output that are taken where it has no file. */
const mostOutput = 64 * 1024 * 1024;
/** Milliseconds between asking a client to end and ending it. */
const grace = 5000;

/** Has the kernel end a client when this process is gone, however that ended. */
const findGuard = (): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((directory) => `${directory}/setpriv`)
    .find((file) => path.isAbsolute(file) && fs.existsSync(file));

/**
 * Starts a client outside our process group: a key at the terminal is ours to hear.
 * @param farewell the signal on which it ends its query on the server, and itself
 * @throws NotStarted
 */
export function startClient(
  clients: Clients,
  tool: Tool,
  args: string[],
  farewell: 'SIGINT' | 'SIGTERM',
  options: SpawnOptions,
): Promise<ChildProcess> {
  const guard = findGuard();
  const command = [toolPath(clients, tool), ...args];
  const [file = '', ...rest] =
    guard === undefined ? command : [guard, '--pdeathsig', farewell.slice(3), '--', ...command];
  return started(tool, () => spawn(file, rest, {...options, cwd: '/', detached: true}));
}

export type ClientOptions = {
  signal?: AbortSignal | undefined;
  /** An open file for its standard output, which is else kept. */
  stdout?: number | undefined;
  /** Is told its standard output, as it comes, in the place of keeping it; it is ended once that says false. */
  onOutput?: ((block: Buffer) => boolean) | undefined;
  /** Is told each line of its standard error. */
  onLine?: ((line: string) => void) | undefined;
};

/** @property said the end of its standard error */
export type ClientEnd = {code: number | null; killed: NodeJS.Signals | null; output: string; said: string};

/**
 * Runs a client to its end, and no longer than the signal lasts: then it is asked to end its query, and itself.
 * @param args what it is asked for; it never asks back
 * @throws NotStarted
 */
export async function runClient(
  clients: Clients,
  tool: Tool,
  args: string[],
  access: Access,
  {signal, stdout, onOutput, onLine}: ClientOptions = {},
): Promise<ClientEnd> {
  const child = await startClient(clients, tool, args, 'SIGTERM', {
    env: access.environment,
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
  });
  let timer: NodeJS.Timeout | undefined;
  /** What it has started may have its standard error, and so is ended with it. */
  const kill = (sent: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid as number), sent);
    } catch {
      // All of them have just ended.
    }
  };
  const stop = (): void => {
    kill('SIGTERM');
    timer ??= setTimeout(() => kill('SIGKILL'), grace);
  };
  let said = '';
  let line = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-mostKept);
    if (!onLine) return;
    const lines = (line + text).split('\n');
    line = (lines.pop() ?? '').slice(-mostKept);
    for (const each of lines) onLine(each);
  });
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    if (onOutput) {
      if (!onOutput(chunk)) kill('SIGKILL');
      return;
    }
    size += chunk.length;
    if (size <= mostOutput) chunks.push(chunk);
    else kill('SIGKILL');
  });
  if (signal?.aborted) stop();
  else signal?.addEventListener('abort', stop, {once: true});
  try {
    return await new Promise<ClientEnd>((resolve) => {
      child.once('close', (code, killed) =>
        resolve({code, killed, output: Buffer.concat(chunks).toString('utf8'), said}),
      );
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
