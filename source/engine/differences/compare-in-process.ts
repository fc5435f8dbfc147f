import {createInterface} from 'node:readline';
import {setTimeout as wait} from 'node:timers/promises';
import {startOwn, untilGone} from '../base/own-program.ts';
import {comparerWord} from '../base/own-words.ts';
import {NotStarted, silence, startPatience} from '../base/start.ts';
import type {Job} from './job.ts';
import {type Telling, tellingSchema} from './tables.ts';

/** MB that its own objects may take; SQLite's memory and what is read have bounds of their own. */
const mostObjects = 128;
/** Milliseconds in which it may tidy up what it has begun in other places; what it has not until then is removed later. */
const grace = 300;

/** What a comparison that is late or told to stop was not over with. */
type Stopped = {is: 'late'} | {is: 'gone'; how: string};

/**
 * Compares in a process of its own, and tells what that tells. Not a thread: SQLite cannot be stopped in the middle of a
 * statement but with its process, whose memory is bounded too, and a file that crashes it must not take the screen along.
 * @param limit milliseconds after which it is ended, whatever it is doing
 * @throws NotStarted, and what the signal is aborted with
 */
export async function* compareInProcess(
  job: Job,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<Telling | Stopped, void, undefined> {
  signal.throwIfAborted();
  const until = performance.now() + limit;
  const options = `${process.env['NODE_OPTIONS'] ?? ''} --max-old-space-size=${mostObjects} --max-semi-space-size=4`;
  const own = await startOwn(comparerWord, new URL('./run.ts', import.meta.url), {
    ...process.env,
    NODE_OPTIONS: options,
    // What SQLite sorts goes beside the copies, and goes with them.
    ...(job.into && {SQLITE_TMPDIR: job.into.path}),
  });
  const {child} = own;
  const impatient = new AbortController();
  const stopped = new Promise<'stop'>((resolve) => {
    if (signal.aborted) resolve('stop');
    signal.addEventListener('abort', () => resolve('stop'), {once: true, signal: impatient.signal});
  });
  const after = (milliseconds: number): Promise<'late'> =>
    wait(Math.max(0, milliseconds), 'late' as const, {signal: impatient.signal}).catch(() => 'late');
  child.stdin.write(`${JSON.stringify(job)}\n`);
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  const late = after(limit);
  const silent = after(startPatience);
  try {
    for (let isReady = false; ; ) {
      const first = await Promise.race([lines.next(), stopped, late, ...(isReady ? [] : [silent])]);
      if (first === 'stop') throw signal.reason;
      if (first === 'late') {
        if (!isReady && performance.now() < until)
          throw new NotStarted(process.execPath, silence(startPatience));
        yield {is: 'late'};
        return;
      }
      if (first.done) {
        yield {is: 'gone', how: await own.ended};
        return;
      }
      const telling = tellingSchema.parse(JSON.parse(first.value));
      if (telling.is === 'end') return;
      if (telling.is === 'ready') isReady = true;
      else yield telling;
    }
  } finally {
    impatient.abort();
    child.stdin.end();
    const kill = setTimeout(() => child.kill('SIGKILL'), grace);
    await untilGone(own);
    clearTimeout(kill);
  }
}
