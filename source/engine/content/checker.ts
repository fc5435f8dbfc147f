import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import {setTimeout as wait} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {describeError} from '../problem.ts';
import {type Answer, answerSchema, type Job} from './answer.ts';
import {checkerWord} from './checker-word.ts';

/** Put here by the build; when run from the source tree, the file itself is used. */
declare const MAGDS_VERSION: string | undefined;

const program = (): string[] =>
  typeof MAGDS_VERSION === 'string'
    ? [process.argv[1] as string, checkerWord]
    : [fileURLToPath(new URL('./run.ts', import.meta.url))];

/** Bytes of an answer: a checker that says more has lost its mind. */
const longestAnswer = 64 * 1024;

/** Milliseconds to wait for the end of a process that was killed. */
const patience = 2000;

type Child = ChildProcessByStdio<Writable, Readable, null>;

/**
 * A process that looks into copies. Not a thread: SQLite cannot be stopped in the middle of a check but with its process,
 * and a file that crashes it must not take the screen along.
 */
export class Checker {
  #child: Child | null = null;
  #ended: Promise<string> = Promise.resolve('');
  #text = '';
  #told: ((answer: Answer) => void) | null = null;

  #start(): Child {
    const child: Child = spawn(process.execPath, program(), {stdio: ['pipe', 'pipe', 'ignore'], cwd: '/'});
    this.#text = '';
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(describeError(error)));
      child.once('close', (code, signal) => resolve(signal ?? `exit ${code}`));
    });
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => this.#read(child, text));
    // That it is gone is told by its end.
    child.stdin.on('error', () => {});
    return child;
  }

  #read(child: Child, text: string): void {
    this.#text += text;
    const end = this.#text.indexOf('\n');
    if (end === -1 && this.#text.length <= longestAnswer) return;
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    try {
      this.#told?.(answerSchema.parse(JSON.parse(line)));
    } catch {
      // It is told as stopped, which it then is.
      child.kill('SIGKILL');
    }
  }

  /** Asks about one copy. @throws Error where the process ended instead of answering */
  async ask(job: Job): Promise<Answer> {
    this.#child ??= this.#start();
    const child = this.#child;
    const answered = new Promise<Answer>((resolve) => {
      this.#told = resolve;
    });
    child.stdin.write(`${JSON.stringify(job)}\n`);
    const first = await Promise.race([answered, this.#ended]);
    this.#told = null;
    if (typeof first !== 'string') return first;
    this.#child = null;
    throw new Error(`the check stopped (${first})`);
  }

  /** Ends it at once, whatever it is doing, and waits until it is gone: what it has open is removed then. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.kill('SIGKILL');
    const impatient = new AbortController();
    const {signal} = impatient;
    await Promise.race([this.#ended, wait(patience, undefined, {signal}).catch(() => {})]);
    impatient.abort();
    // Where a network file system holds it, that is for the kernel to end; nobody here waits for it.
    child.unref();
    child.stdin.destroy();
    child.stdout.destroy();
    this.#child = null;
  }
}
