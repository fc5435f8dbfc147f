import type {Directory} from '../base/directory.ts';
import {stampOf} from '../base/files.ts';
import {pauseFor} from '../base/pause.ts';
import {exitCode} from '../base/problem.ts';
import {readJournal, stoppedWhere} from '../session/journal.ts';
import {dataOf, isLine} from '../session/lines.ts';
import {progressName, type RestoreProgress, readProgress} from '../session/progress.ts';
import {type RecordLine, readRecord, recordFile} from '../session/record.ts';
import {endedEarly} from '../session/story.ts';
import {type Finished, finished} from './request.ts';

export type RestoreEvent =
  /** A line of the session's record. */
  | {type: 'record'; line: RecordLine}
  | {type: 'progress'; progress: RestoreProgress}
  /** It is over, or its process is gone: the journal says how it ended. */
  | {type: 'finished'; finished: Finished};

/** Milliseconds between two looks. */
const interval = 50;
/** Of so many looks one opens them even so. */
const lookAnyway = 20;

/** How a restore ended, as its record says it; null where what it says is nothing that we write. */
function finishedOf(line: RecordLine): Finished | null {
  const data = isLine('finished')(line) ? dataOf(line) : undefined;
  if (!data) return null;
  const {seconds: _, ...finished} = data;
  return finished;
}

/** How a restore ended whose process did not say so. */
function judge(session: Directory, number: number): Finished {
  const read = readJournal(session.path, number);
  const log = `${session.name}/restore.log`;
  if (read.state === 'unreadable') return finished('needs-recovery', exitCode.needsRecovery, read.reason);
  if (read.state === 'none') {
    const hooked = readRecord(session.path).lines.some(isLine('hook-begins'));
    const stopped = hooked
      ? ' But hooks before it have been run: start again what they stopped, as after_restore would.'
      : '';
    return finished(
      'refused',
      exitCode.failed,
      `it ended before it began; nothing was changed.${stopped} ${log} may say why`,
    );
  }
  const {phase} = read.journal;
  const beware = [endedEarly(read.journal)];
  if (phase === 'done') return {...finished('done', exitCode.partial, null), beware};
  if (phase === 'rolled-back') {
    const reason = `its process is gone; ${log} may say why`;
    return {...finished('rolled-back', exitCode.restoreRefused, reason), beware};
  }
  const reason = `its process is gone, and it stopped ${stoppedWhere(phase)}`;
  return {
    ...finished('needs-recovery', exitCode.needsRecovery, reason),
    untouched: phase === 'prepare',
  };
}

/**
 * What a restore does, from its record, as any terminal sees it. Ends with `finished`, or when the signal says so: the
 * restore goes on.
 * @param isGone whether its process has ended
 */
export async function* followSession(
  session: Directory,
  number: number,
  isGone: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<RestoreEvent, void, undefined> {
  let next = 0;
  let shown = '';
  let looks = 0;
  const seen = new Map<string, string>();
  /** Most looks find what the one before has found: then nothing is opened. */
  const isOther = (file: string): boolean => {
    const [stamp, before] = [stampOf(`${session.path}/${file}`), seen.get(file)];
    seen.set(file, stamp);
    // A clock that ticks slowly gives two writes one time.
    return stamp !== before || looks % lookAnyway === 0;
  };
  for (; !signal.aborted; looks++) {
    // Before the record is read, so that its last lines are not missed.
    const gone = isGone();
    const read = isOther(recordFile) || gone ? readRecord(session.path, next) : {lines: [], next};
    next = read.next;
    for (const line of read.lines) {
      const finished = finishedOf(line);
      if (finished) {
        yield {type: 'finished', finished};
        return;
      }
      yield {type: 'record', line};
    }
    if (gone) {
      yield {type: 'finished', finished: judge(session, number)};
      return;
    }
    const progress = isOther(progressName) ? readProgress(session) : null;
    const text = progress ? JSON.stringify(progress) : shown;
    if (progress && text !== shown) yield {type: 'progress', progress};
    shown = text;
    await pauseFor(interval, signal);
  }
}
