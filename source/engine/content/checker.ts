import {setTimeout as wait} from 'node:timers/promises';
import {type OwnProcess, startOwn, untilGone} from '../base/own-program.ts';
import {checkerWord} from '../base/own-words.ts';
import {NotStarted, silence, startPatience} from '../base/start.ts';
import {answerSchema, type ContentAnswer, type Job, readyLine} from './answer.ts';

/** Bytes of an answer: a checker that says more has lost its mind. */
const longestAnswer = 64 * 1024;

/**
 * A process that looks into copies. Not a thread: SQLite cannot be stopped in the middle of a check but with its process,
 * and a file that crashes it must not take the screen along.
 */
export class Checker {
  /** Milliseconds in which it has to be up. */
  readonly #patience: number;
  #own: OwnProcess | null = null;
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
  async #start(): Promise<OwnProcess> {
    if (this.#never) throw this.#never;
    try {
      const own = await startOwn(checkerWord, new URL('./run.ts', import.meta.url));
      const {stdout} = own.child;
      this.#own = own;
      this.#text = '';
      const ready = new Promise<void>((resolve) => {
        this.#ready = resolve;
      });
      stdout.setEncoding('utf8');
      stdout.on('data', (text: string) => this.#read(own, text));
      if (this.#stopped) await this.stop();
      await this.#untilReady(own, ready);
      return own;
    } catch (error) {
      if (error instanceof NotStarted) this.#never = error;
      throw error;
    }
  }

  /** A runtime that cannot make its threads waits for them without end. */
  async #untilReady({ended}: OwnProcess, ready: Promise<void>): Promise<void> {
    const impatient = new AbortController();
    const {signal} = impatient;
    const late = wait(this.#patience, 'late' as const, {signal}).catch(() => {});
    const first = await Promise.race([ready, ended, late]);
    impatient.abort();
    if (first !== 'late') return;
    await this.stop();
    throw new NotStarted(process.execPath, silence(this.#patience));
  }

  #read({child}: OwnProcess, text: string): void {
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
    const {child, ended} = this.#own ?? (await this.#start());
    const answered = new Promise<ContentAnswer>((resolve) => {
      this.#told = resolve;
    });
    child.stdin.write(`${JSON.stringify(job)}\n`);
    const first = await Promise.race([answered, ended]);
    this.#told = null;
    if (typeof first !== 'string') return first;
    this.#own = null;
    throw new Error(`the check stopped (${first})`);
  }

  /** Ends it at once, whatever it is doing, and waits until it is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const own = this.#own;
    if (!own) return;
    own.child.kill('SIGKILL');
    await untilGone(own);
    this.#own = null;
  }
}
