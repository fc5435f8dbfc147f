import child_process from 'node:child_process';
import {EventEmitter} from 'node:events';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import os from 'node:os';
import path from 'node:path';
import {Readable, Writable} from 'node:stream';
import {Script} from 'node:vm';
import worker_threads from 'node:worker_threads';
import {environment, isScript, type Outcome, program, runtime} from './program.ts';

type Module = {exports: unknown};
type Require = (name: string) => unknown;
type Begin = (
  module: Module,
  require: Require,
  filename: string,
  process: NodeJS.Process,
  setTimeout: unknown,
  setInterval: unknown,
) => void;

/** The program's own files, which lie beside what begins it. */
const directory = path.join(path.dirname(program), 'program');
/** An executable holds its files, whatever lies beside it, and needs a process. */
export const canRunInProcess = isScript;
const nodeRequire = createRequire(program);
/** What the program's own files begin with (start.cjs), compiled once for all commands of this process. */
const begins = new Map<string, Begin>();

function beginOf(name: string): Begin {
  const file = path.join(directory, name);
  const known = begins.get(file);
  if (known) return known;
  const text = `(function(module,require,__filename,process,setTimeout,setInterval){${fs.readFileSync(file, 'latin1')}\n})`;
  const begin = new Script(text, {filename: file}).runInThisContext() as Begin;
  begins.set(file, begin);
  return begin;
}

/** What a command has begun, and what the end of its process would have ended. */
class Begun {
  readonly #ends: (() => void)[] = [];

  /** @returns the same function of Node's; what it makes ends with the command */
  ending<Args extends unknown[], Made>(make: (...args: Args) => Made, end: (made: Made) => void) {
    return (...args: Args): Made => {
      const made = make(...args);
      this.#ends.push(() => end(made));
      return made;
    };
  }

  end(): void {
    for (const end of this.#ends) end();
  }
}

/** Pipes to a process go with the one that began it. */
function letGo(child: child_process.ChildProcess): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  child.unref();
}

type Spawn = (...args: unknown[]) => unknown;

/** Node's, with the directory and the environment of the command where nothing else is asked for. */
function childProcessOf(process: NodeJS.Process, begun: Begun): object {
  const inIt =
    (real: Spawn): Spawn =>
    (...args) => {
      const at = args.findIndex((each) => typeof each === 'object' && each !== null && !Array.isArray(each));
      const [given] = at === -1 ? [] : args.splice(at, 1);
      const before = args.findIndex((each) => typeof each === 'function');
      const options = {cwd: process.cwd(), env: process.env};
      for (const [name, value] of Object.entries(given ?? {}))
        if (value !== undefined) Object.assign(options, {[name]: value});
      args.splice(at !== -1 ? at : before !== -1 ? before : args.length, 0, options);
      return real(...args);
    };
  const real = child_process as unknown as Record<string, Spawn>;
  const asynchronous = ['spawn', 'execFile'].map((name) => [
    name,
    begun.ending(inIt(real[name] as Spawn), (child) => letGo(child as child_process.ChildProcess)),
  ]);
  const synchronous = ['spawnSync', 'execFileSync'].map((name) => [name, inIt(real[name] as Spawn)]);
  return {...child_process, ...Object.fromEntries([...asynchronous, ...synchronous])};
}

/** Node's parts that are about the process they are in. */
function partsOf(process: NodeJS.Process, begun: Begun): Record<string, unknown> {
  class Worker extends worker_threads.Worker {
    constructor(...args: ConstructorParameters<typeof worker_threads.Worker>) {
      super(...args);
      begun.ending(
        () => this,
        (worker) => void worker.terminate(),
      )();
    }
  }
  return {
    process,
    child_process: childProcessOf(process, begun),
    worker_threads: {...worker_threads, Worker},
    os: {
      ...os,
      homedir: () => process.env['HOME'] ?? os.homedir(),
      tmpdir: () => process.env['TMPDIR'] ?? '/tmp',
    },
    path: {...path, resolve: (...parts: string[]) => path.resolve(process.cwd(), ...parts)},
  };
}

/** What a command has for itself. `fails`: the error of each write to its standard output. */
type Own = {cwd: string; env: NodeJS.ProcessEnv; fails: 'EPIPE' | 'ENOSPC' | undefined};

/** A process of its own, as far as the program sees it. `ended` is called as soon as it has said with what it ends. */
function processOf(args: string[], {cwd: at, env, fails}: Own, ended: () => void) {
  const emitter = new EventEmitter();
  const written = {stdout: '', stderr: ''};
  const into = (name: keyof typeof written): Writable =>
    new Writable({
      decodeStrings: false,
      autoDestroy: false,
      write(chunk: string | Buffer, _encoding, done) {
        if (fails !== undefined && name === 'stdout')
          return done(Object.assign(new Error(fails), {code: fails}));
        written[name] += chunk.toString();
        done();
      },
    });
  let cwd = at;
  let code: number | undefined;
  const own = {
    env,
    argv: [runtime, program, ...args],
    execPath: fs.realpathSync(runtime),
    title: '',
    stdin: Readable.from([]),
    stdout: into('stdout'),
    stderr: into('stderr'),
    cwd: () => cwd,
    chdir: (to: string) => {
      cwd = to;
    },
    ...Object.fromEntries(
      (['on', 'once', 'off', 'removeListener', 'listenerCount'] as const).map((name) => [
        name,
        (emitter[name] as () => unknown).bind(emitter),
      ]),
    ),
  };
  const process: NodeJS.Process = Object.create(globalThis.process, Object.getOwnPropertyDescriptors(own));
  Object.defineProperty(process, 'exitCode', {
    get: () => code,
    set: (given: number) => {
      if (code === undefined) ended();
      code = given;
    },
  });
  const outcome = (): Outcome => {
    emitter.emit('exit', code);
    return {code: code ?? 0, signal: null, ...written};
  };
  return {process, outcome};
}

/**
 * The program that was built, run inside this process: each command begins with modules, an environment and a directory of its own,
 * as if it had a process, and takes a fifth of the time. What is about processes has to have one (`magdsProcess`).
 */
export async function runInProcess(args: string[], own: Own): Promise<Outcome> {
  const end = Promise.withResolvers<void>();
  const begun = new Begun();
  const {process, outcome} = processOf(args, {...own, env: {...environment, ...own.env}}, () =>
    setImmediate(end.resolve),
  );
  const parts = partsOf(process, begun);
  const timeout = begun.ending(setTimeout, clearTimeout);
  const interval = begun.ending(setInterval, clearInterval);
  const load = (name: string): unknown => {
    const module: Module = {exports: {}};
    const filename = path.join(directory, name);
    beginOf(name)(module, find, filename, process, timeout, interval);
    return module.exports;
  };
  const find: Require = (asked) =>
    asked.startsWith('./')
      ? load(asked.slice(2))
      : (parts[asked.replace(/^node:/, '')] ?? nodeRequire(asked));
  try {
    load('main.js');
    await end.promise;
    return outcome();
  } finally {
    begun.end();
  }
}
