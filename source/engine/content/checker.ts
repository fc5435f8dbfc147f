import {type OwnProcess, startOwn, untilGone} from '../base/own-program.ts';
import {checkerWord} from '../base/own-words.ts';
import {NotStarted} from '../base/start.ts';
import {answerSchema, type ContentAnswer, type ContentJob} from './answer.ts';

/**
 * A process that looks into copies. Not a thread: SQLite cannot be stopped in the middle of a check but with its process,
 * and a file that crashes it must not take the screen along.
 */
export class Checker {
  readonly #patience: number | undefined;
  readonly #stop = new AbortController();
  #own: OwnProcess | null = null;
  /** Why there is none: who asks about a thousand copies waits for that once. */
  #never: NotStarted | null = null;

  /** @param patience milliseconds in which it has to be up */
  constructor(patience?: number) {
    this.#patience = patience;
  }

  /** @throws NotStarted, and again whenever it is asked for */
  async #start(): Promise<OwnProcess> {
    if (this.#never) throw this.#never;
    try {
      const {signal} = this.#stop;
      const file = new URL('./run.ts', import.meta.url);
      this.#own = await startOwn(checkerWord, file, {
        signal,
        ...(this.#patience !== undefined && {patience: this.#patience}),
      });
      return this.#own;
    } catch (error) {
      if (error instanceof NotStarted) this.#never = error;
      throw error;
    }
  }

  /** Asks about one copy. @throws Error where the process ended instead of answering, or never began */
  async ask(job: ContentJob): Promise<ContentAnswer> {
    const {child, lines, ended} = this.#own ?? (await this.#start());
    child.stdin.write(`${JSON.stringify(job)}\n`);
    // The output of a process that the kernel cannot end is never over.
    const line = await Promise.race([lines.next(), ended.then(() => null)]);
    try {
      if (line !== null && !line.done) return answerSchema.parse(JSON.parse(line.value));
    } catch {
      // It has lost its mind: it is told as stopped, which it then is.
      child.kill('SIGKILL');
    }
    this.#own = null;
    throw new Error(`the check stopped (${await ended})`);
  }

  /** Ends it at once, whatever it is doing, and waits until it is gone. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const own = this.#own;
    if (!own) return;
    own.child.kill('SIGKILL');
    await untilGone(own);
    this.#own = null;
  }
}
