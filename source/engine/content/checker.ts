import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import {setTimeout as wait} from 'node:timers/promises';
import {ownProcess} from '../base/own-program.ts';
import {NotStarted, silence, started, startPatience} from '../base/start.ts';
import {answerSchema, type ContentAnswer, type Job, readyLine} from './answer.ts';
import {checkerWord} from './checker-word.ts';

const program = () => ownProcess(checkerWord, new URL('./run.ts', import.meta.url));

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
  /** Milliseconds in which it has to be up. */
  readonly #patience: number;
  #child: Child | null = null;
  #ended: Promise<string> = Promise.resolve('');
  #text = '';
  #told: ((answer: ContentAnswer) => void) | null = null;
  #ready = (): void => {};
  #stopped = false;
  /** Why there is none: who asks about a thousand copies waits for that once. */
  #never: NotStarted | null = null;

  constructor(patience = startPatience) {
    this.#patience = patience;
  }

  /** @throws NotStarted, and again whenever it is asked for */
  async #start(): Promise<Child> {
    if (this.#never) throw this.#never;
    try {
      const child: Child = await started(process.execPath, () =>
        spawn(...program(), {stdio: ['pipe', 'pipe', 'ignore'], cwd: '/'}),
      );
      this.#child = child;
      this.#text = '';
      this.#ended = new Promise((resolve) => {
        child.once('close', (code, signal) => resolve(signal ?? `exit ${code}`));
      });
      const ready = new Promise<void>((resolve) => {
        this.#ready = resolve;
      });
      child.stdout.setEncoding('utf8');
      child.stdout.on('data', (text: string) => this.#read(child, text));
      // That it is gone is told by its end.
      child.stdin.on('error', () => {});
      if (this.#stopped) await this.stop();
      await this.#untilReady(ready);
      return child;
    } catch (error) {
      if (error instanceof NotStarted) this.#never = error;
      throw error;
    }
  }

  /** A runtime that cannot make its threads waits for them without end. */
  async #untilReady(ready: Promise<void>): Promise<void> {
    const impatient = new AbortController();
    const {signal} = impatient;
    const late = wait(this.#patience, 'late' as const, {signal}).catch(() => {});
    const first = await Promise.race([ready, this.#ended, late]);
    impatient.abort();
    if (first !== 'late') return;
    await this.stop();
    throw new NotStarted(process.execPath, silence(this.#patience));
  }

  #read(child: Child, text: string): void {
    this.#text += text;
    const end = this.#text.indexOf('\n');
    if (end === -1 && this.#text.length <= longestAnswer) return;
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    if (line === readyLine) {
      this.#ready();
      return;
    }
    try {
      this.#told?.(answerSchema.parse(JSON.parse(line)));
    } catch {
      // It is told as stopped, which it then is.
      child.kill('SIGKILL');
    }
  }

  /** Asks about one copy. @throws Error where the process ended instead of answering, or never began */
  async ask(job: Job): Promise<ContentAnswer> {
    const child = this.#child ?? (await this.#start());
    const answered = new Promise<ContentAnswer>((resolve) => {
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
    this.#stopped = true;
    const child = this.#child;
    if (!child) return;
    child.kill('SIGKILL');
    const impatient = new AbortController();
    const {signal} = impatient;
    await Promise.race([this.#ended, wait(patience, undefined, {signal}).catch(() => {})]);
    impatient.abort();
    // Where a network file system holds it, that is for the kernel to end; nothing here waits for it.
    child.unref();
    child.stdin.destroy();
    child.stdout.destroy();
    this.#child = null;
  }
}
