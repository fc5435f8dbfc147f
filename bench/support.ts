import {execFile, execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {spawn as spawnPty} from '@lydell/node-pty';

export const program = path.resolve('dist/magds.js');
/** Beside the bundle all else is CommonJS. */
export const minimal = path.resolve('dist/bench-minimal.mjs');
export const executable = path.resolve('dist/bench-magds');
export const node = process.execPath;

export const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const scratches: string[] = [];
process.once('exit', () => {
  for (const directory of scratches) fs.rmSync(directory, {recursive: true, force: true});
});

/** A directory for one benchmark, on the same disk for both sides, gone when the process ends. */
export function scratch(name: string): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), `magds-bench-${name}-`));
  scratches.push(directory);
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

/** What a process of ours tells last: the most memory that it had, in kB. */
const telling =
  'data:text/javascript,process.on("exit",()=>console.error("\\npeak",process.resourceUsage().maxRSS))';

/** The most memory that the program has at once, in MB; its output is thrown away. A failing one is an error. */
export async function peakMb(args: string[]): Promise<number> {
  const {stderr} = await promisify(execFile)(node, ['--import', telling, program, ...args]);
  return Number(/^peak (\d+)$/m.exec(stderr)?.[1] ?? Number.NaN) / 1024;
}

export const inShell = (script: string): string[] => ['-c', `set -o pipefail; ${script}`];

export const shell = (script: string, cwd?: string) => seconds('bash', inShell(script), cwd ? {cwd} : {});

/** By the clock, and of all processors, in seconds. */
export type Cost = {clock: number; cpu: number};

/** What a whole process takes, with those that it starts. Its output is thrown away; a failing one is an error. */
export async function cost(command: string, args: string[], cwd = '.'): Promise<Cost> {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1';
  const {stderr} = await promisify(execFile)(
    'bash',
    ['-c', `LC_ALL=C; ${script}`, 'bash', command, ...args],
    {
      cwd,
    },
  );
  const [clock = Number.NaN, user = Number.NaN, system = Number.NaN] = stderr.trim().split(' ').map(Number);
  return {clock, cpu: user + system};
}

/**
 * Shell words that read a file of holes as large as the memory, so that all of it is in use, as on a server that has run
 * for a while. A virtual machine gives back to its host what is free, and has it again page by page: 2 GB of new files
 * then take 4.5 s more, which those do not pay who write over files that are in the cache.
 */
export const useMemory = (directory: string): string =>
  `truncate -s ${os.totalmem()} ${directory}/holes && cat ${directory}/holes >/dev/null`;

/** Seconds after which no further round begins: all benchmarks together end within eight minutes. */
const enough = 20;

/**
 * Several measurements, taken in turn, so that a drift of the machine meets each of them.
 * @param runs rounds at most; one is the least
 * @param warmed each measurement has its caches warm by itself; else one round more comes first, and is not counted
 */
async function rounds<T>(
  runs: number,
  measurements: Record<string, () => Promise<T>>,
  warmed = false,
): Promise<Map<string, T[]>> {
  const samples = new Map<string, T[]>(Object.keys(measurements).map((name) => [name, []]));
  const began = performance.now();
  for (let run = warmed ? 1 : 0; run <= runs; run++) {
    if (run > 1 && performance.now() - began > enough * 1000) break;
    for (const [name, measure] of Object.entries(measurements)) {
      const value = await measure();
      if (run > 0) samples.get(name)?.push(value);
    }
  }
  return samples;
}

/** The medians of several measurements. */
export async function inTurn(
  runs: number,
  measurements: Record<string, () => Promise<number>>,
  warmed = false,
): Promise<Record<string, number>> {
  const samples = await rounds(runs, measurements, warmed);
  return Object.fromEntries([...samples].map(([name, values]) => [name, median(values)]));
}

/** The same of what is measured by the clock and by the processors. */
export async function costsInTurn(
  runs: number,
  measurements: Record<string, () => Promise<Cost>>,
): Promise<Record<string, Cost>> {
  const samples = await rounds(runs, measurements);
  const medians = (costs: Cost[]): Cost => ({
    clock: median(costs.map(({clock}) => clock)),
    cpu: median(costs.map(({cpu}) => cpu)),
  });
  return Object.fromEntries([...samples].map(([name, costs]) => [name, medians(costs)]));
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

/** How many times a peer's clock something takes, against what it is to be; and how many times its processors. */
export const times = (
  what: string,
  ours: Cost | undefined,
  peer: Cost | undefined,
  limit: number,
): string => {
  const ratio = (of: keyof Cost) => (ours?.[of] ?? Number.NaN) / (peer?.[of] ?? Number.NaN);
  return `${against(what, ratio('clock'), limit, 'at most', ' times')}, CPU ${ratio('cpu').toFixed(2)}`;
};

/** What is kept between two starts is of this run, as an operator has it who starts it again. */
process.env['XDG_CACHE_HOME'] = scratch('cache');
delete process.env['NODE_COMPILE_CACHE'];

export type Session = {
  pid: number;
  /** Everything written to the terminal so far. */
  output(): string;
  /** Bytes written to the terminal so far. */
  bytes(): number;
  /** Seconds of all processors so far. */
  cpu(): number;
  write(keys: string): void;
  /** Waits until the output contains the text; gives milliseconds since the start. */
  until(text: string): Promise<number>;
  /** Waits until nothing has been written for so many milliseconds. */
  quiet(milliseconds: number): Promise<void>;
  end(): Promise<void>;
};

export function openPty(args: string[], size: {cols: number; rows: number}, file = node): Session {
  const began = performance.now();
  const pty = spawnPty(file, args, {
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
    cpu: () =>
      fs
        .readdirSync(`/proc/${pty.pid}/task`)
        .map((task) => fs.readFileSync(`/proc/${pty.pid}/task/${task}/schedstat`, 'utf8'))
        .reduce((sum, text) => sum + Number.parseInt(text, 10) / 1e9, 0),
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
      // In order: what it has compiled is kept.
      pty.kill('SIGTERM');
      await ended;
    },
  };
}

/** Resident memory in MB, from /proc. */
export function residentMb(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}
