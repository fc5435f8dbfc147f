import {startOwn, untilGone} from '../base/own-program.ts';
import {comparerWord} from '../base/own-words.ts';
import {type ComparisonJob, type ComparisonLine, tellingSchema} from './tables.ts';

/** MB that its own objects may take; SQLite's memory and what is read have bounds of their own. */
const mostObjects = 128;
/** Milliseconds in which it may tidy up what it has begun in other places; what it has not until then is removed later. */
const grace = 300;

/** What a comparison that is late or told to stop was not over with. */
type Stopped = {is: 'late'} | {is: 'gone'; how: string};

/**
 * Compares in a process of its own, and tells what that tells. Not a thread: SQLite cannot be stopped in the middle of a
 * statement but with its process, and a file that crashes it must not take the screen along. Its memory is bounded too, but
 * for the executable, which obeys no NODE_OPTIONS.
 * @param limit milliseconds after which it is ended, whatever it is doing
 * @throws NotStarted, and what the signal is aborted with
 */
export async function* compareInProcess(
  job: ComparisonJob,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<ComparisonLine | Stopped, void, undefined> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), Math.ceil(limit));
  const stop = AbortSignal.any([signal, late.signal]);
  try {
    yield* askIn(job, stop);
  } catch (error) {
    if (!stop.aborted) throw error;
    signal.throwIfAborted();
    yield {is: 'late'};
  } finally {
    clearTimeout(timer);
  }
}

/** @throws NotStarted, and what the signal is aborted with */
async function* askIn(
  job: ComparisonJob,
  signal: AbortSignal,
): AsyncGenerator<ComparisonLine | Stopped, void, undefined> {
  const options = `${process.env['NODE_OPTIONS'] ?? ''} --max-old-space-size=${mostObjects} --max-semi-space-size=4`;
  // What SQLite sorts goes beside the copies, and goes with them.
  const sorting = job.into && {SQLITE_TMPDIR: job.into.path};
  const env = {...process.env, NODE_OPTIONS: options, ...sorting};
  const own = await startOwn(comparerWord, new URL('./run.ts', import.meta.url), {env, signal});
  const {child, lines, ended} = own;
  const stopped = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), {once: true});
  });
  child.stdin.write(`${JSON.stringify(job)}\n`);
  try {
    for (;;) {
      const line = await Promise.race([lines.next(), stopped]);
      signal.throwIfAborted();
      if (line === null || line.done) return yield {is: 'gone', how: await ended};
      const telling = tellingSchema.parse(JSON.parse(line.value));
      if (telling.is === 'end') return;
      yield telling;
    }
  } finally {
    child.stdin.end();
    const kill = setTimeout(() => child.kill('SIGKILL'), grace);
    await untilGone(own);
    clearTimeout(kill);
  }
}
