import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {spawn as spawnPty} from '@lydell/node-pty';

export const program = path.resolve('dist/magds.js');
export const minimal = path.resolve('dist/bench-minimal.js');
export const node = process.execPath;

export const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** A directory for one benchmark, on the same disk for both sides, gone when the process ends. */
export function scratch(name: string): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), `magds-bench-${name}-`));
  process.once('exit', () => fs.rmSync(directory, {recursive: true, force: true}));
  return directory;
}

/** Wall time of a command, in seconds; its output is thrown away. A failing command is an error. */
export function seconds(
  command: string,
  args: string[],
  options: {cwd?: string; expect?: number[]} = {},
): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {cwd: options.cwd, stdio: ['ignore', 'ignore', 'inherit']});
    child.on('error', reject);
    child.on('exit', (code) => {
      if (!(options.expect ?? [0]).includes(code ?? -1))
        reject(new Error(`${command} ${args.join(' ')} exited with ${code}`));
      else resolve((performance.now() - began) / 1000);
    });
  });
}

export const shell = (script: string, cwd?: string) =>
  seconds('bash', ['-c', `set -o pipefail; ${script}`], cwd ? {cwd} : {});

/**
 * Shell words that read a file of holes as large as the memory, so that all of it is in use, as on a server that has run
 * for a while. A virtual machine gives back to its host what is free, and has it again page by page: 2 GB of new files
 * then take 4.5 s more, which those do not pay who write over files that are in the cache.
 */
export const useMemory = (directory: string): string =>
  `truncate -s ${os.totalmem()} ${directory}/holes && cat ${directory}/holes >/dev/null`;

/** Medians of several measurements taken in turn, so that a drift of the machine meets each of them. */
export async function inTurn(
  runs: number,
  measurements: Record<string, () => Promise<number>>,
): Promise<Record<string, number>> {
  const samples: Record<string, number[]> = {};
  // The first round warms the caches and is not counted.
  for (let run = 0; run <= runs; run++) {
    for (const [name, measure] of Object.entries(measurements)) {
      const value = await measure();
      if (run > 0) samples[name] = [...(samples[name] ?? []), value];
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]));
}

export const has = (tool: string): boolean => {
  try {
    execFileSync('which', [tool], {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  }
};

export function report(title: string, lines: string[]): void {
  process.stdout.write(`${title}\n${lines.map((line) => `  ${line}`).join('\n')}\n\n`);
}

/** `ok` or `MISSED` beside a figure and what it is to be. */
export const against = (
  what: string,
  value: number,
  limit: number,
  how: 'at most' | 'at least',
  unit = '',
): string => {
  const met = how === 'at most' ? value <= limit : value >= limit;
  const shown = (figure: number) => (Math.abs(figure) >= 100 ? figure.toFixed(0) : figure.toFixed(2));
  return `${met ? 'ok    ' : 'MISSED'} ${what}: ${shown(value)}${unit} (${how} ${shown(limit)}${unit})`;
};

export type Session = {
  pid: number;
  /** Everything written to the terminal so far. */
  output(): string;
  /** Bytes written to the terminal so far. */
  bytes(): number;
  write(keys: string): void;
  /** Waits until the output contains the text; gives milliseconds since the start. */
  until(text: string): Promise<number>;
  /** Waits until nothing has been written for so many milliseconds. */
  quiet(milliseconds: number): Promise<void>;
  end(): Promise<void>;
};

export function openPty(args: string[], size: {cols: number; rows: number}): Session {
  const began = performance.now();
  const pty = spawnPty(node, args, {
    ...size,
    name: 'xterm-256color',
    env: {...process.env, CI: undefined, FORCE_COLOR: '1'} as NodeJS.ProcessEnv,
    encoding: 'utf8',
  });
  let output = '';
  let bytes = 0;
  let last = began;
  let listeners: (() => void)[] = [];
  pty.onData((data) => {
    output += data;
    bytes += Buffer.byteLength(data);
    last = performance.now();
    for (const listener of listeners) listener();
  });
  const ended = new Promise<void>((resolve) => void pty.onExit(() => resolve()));
  return {
    pid: pty.pid,
    output: () => output,
    bytes: () => bytes,
    write(keys) {
      last = performance.now();
      pty.write(keys);
    },
    until: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`"${text}" never came:\n${output.slice(-2000)}`)),
          30_000,
        );
        const check = (): void => {
          if (!output.includes(text)) return;
          clearTimeout(timer);
          listeners = listeners.filter((each) => each !== check);
          resolve(performance.now() - began);
        };
        listeners.push(check);
        check();
      }),
    quiet: (milliseconds) =>
      new Promise((resolve) => {
        const check = (): void => {
          const wait = last + milliseconds - performance.now();
          if (wait <= 0) resolve();
          else setTimeout(check, wait);
        };
        check();
      }),
    async end() {
      pty.kill('SIGKILL');
      await ended;
    },
  };
}

/** Resident memory in MB, from /proc. */
export function residentMb(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}
