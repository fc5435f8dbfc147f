import {failureText} from '../engine/backup/hooks.ts';
import type {RunEvent, RunResult} from '../engine/backup/run-events.ts';
import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {formatBytes, formatDuration} from '../engine/base/format.ts';
import {fraction, secondsLeft} from '../presenters/rate.ts';
import type {RunProgress} from '../presenters/run-progress.ts';
import {writeLine} from '../terminal/standard-output.ts';
import {progressLine, statusEvery, statusJson} from './progress.ts';
import {changeLines} from './run-plan.ts';
import {tellTidied} from './tidied.ts';

/** One reader of the stream of events; `progress` is the state after the event. */
export type RunPrinter = (event: RunEvent, progress: RunProgress) => Promise<void>;

function summary(result: RunResult) {
  const {id, path, algorithm, copies, missing, changed, doubtful, leftOut, pruned} = result;
  return {
    message_type: 'summary',
    command: 'backup:run',
    result: result.outcome,
    id,
    path,
    datasets: copies.map(({name, source, at, hash, bytes}) => ({
      name,
      algorithm,
      hash,
      bytes,
      source,
      backup: `${path}/${at.join('/')}`,
    })),
    missing: missing.map(({name}) => name),
    changed: [...changed, ...doubtful.map(({name}) => name)],
    left_out: leftOut,
    pruned,
    safety_removed: result.safetyRemoved,
    not_pruned: result.notPruned,
    not_remembered: result.notRemembered,
    hooks: result.hooks,
    untold: result.untold,
    reason: result.reason,
    seconds: Math.round(result.seconds * 1000) / 1000,
  };
}

/** One JSON object a line: `status`, `error`, and `summary` last (DESIGN.md, "Command line"). */
export function jsonRunPrinter(): RunPrinter {
  const due = statusEvery();
  const error = (name: string, reason: string) =>
    writeLine(asciiJson({message_type: 'error', dataset: name, reason}));
  return async (event, progress) => {
    if (event.type === 'planned' || (event.type === 'progress' && due()))
      await writeLine(statusJson(fraction(progress), progress, secondsLeft(progress)));
    if (event.type !== 'finished') return;
    const {result} = event;
    for (const {name, reason} of [...result.missing, ...result.doubtful]) await error(name, reason);
    for (const name of result.changed) await error(name, 'written to each time that it was read');
    for (const {name, reason, grave} of result.leftOut) if (grave) await error(name, reason);
    if (result.reason !== null) await writeLine(asciiJson({message_type: 'error', reason: result.reason}));
    await writeLine(asciiJson(summary(result)));
  };
}

/** Lines about a single backup of at most this many left-out files; the manifest has them too. */
const mostLeftOut = 20;

/** Hooks that failed, but for the one that is the reason of it all; and what could not be told. */
const besideLines = ({hooks, untold, reason}: RunResult): string[] => [
  ...hooks.flatMap((hook) => {
    const failure = failureText(hook);
    return failure === null || reason?.startsWith(failure) ? [] : [`! Failed: ${escapeText(failure)}`];
  }),
  ...untold.map((problem) => `! Not told: ${escapeText(problem)}`),
];

function resultText(result: RunResult, progress: RunProgress): string {
  const {path, copies, missing, changed, doubtful, leftOut, pruned} = result;
  if (result.outcome === 'cancelled')
    return ['Cancelled. Nothing was written.', ...besideLines(result)].join('\n');
  if (result.outcome === 'failed')
    return [`x ${escapeText(result.reason ?? 'failed')}.`, ...besideLines(result)].join('\n');
  const bytes = copies.reduce((sum, each) => sum + each.bytes, 0);
  const bad = (name: string, why: string) => `  x ${escapeText(name)}  ${escapeText(why)}`;
  const left = leftOut.slice(0, mostLeftOut);
  return [
    ...progress.datasets
      .filter(({state}) => state !== 'missing' && state !== 'failed')
      .map(({name, done}) => `  + ${escapeText(name)}  ${formatBytes(done)}`),
    ...missing.map(({name, reason}) => bad(name, reason)),
    ...doubtful.map(({name, reason}) => bad(name, reason)),
    ...changed.map((name) =>
      bad(name, 'was written to each time that it was read: the copy may be half old, half new'),
    ),
    ...left.map(
      ({name, reason, grave}) =>
        `  ${grave ? 'x' : '!'} ${escapeText(name)}  left out: ${escapeText(reason)}`,
    ),
    ...(leftOut.length > left.length ? [`  ! and ${leftOut.length - left.length} more were left out`] : []),
    ...pruned.map((each) => `  - ${escapeText(each)}  pruned`),
    ...result.safetyRemoved.map((each) => `  - ${each}  safety backup of a restore long signed off, removed`),
    ...(result.notPruned === null ? [] : [`! Not pruned: ${escapeText(result.notPruned)}`]),
    ...(result.notRemembered === null
      ? []
      : [`! Not remembered what this run did: ${escapeText(result.notRemembered)}`]),
    ...besideLines(result),
    ...changeLines(progress.plan?.changes ?? []),
    `${result.outcome === 'done' ? '+' : 'x'} ${escapeText(path ?? '')}`,
    `${result.outcome === 'done' ? 'Done' : 'Done in part: something is missing'}; ${copies.length} ${copies.length === 1 ? 'file' : 'files'}, ${formatBytes(bytes)} in ${formatDuration(result.seconds)}`,
  ].join('\n');
}

/** Text for people and logs. */
export function textRunPrinter(): RunPrinter {
  const live = process.stderr.isTTY === true;
  return async (event, progress) => {
    if (event.type === 'tidied') tellTidied(event.tidied);
    if (event.type === 'hook' && event.command && live)
      process.stderr.write(`Waiting ${escapeText(progress.waiting ?? '')}.\n`);
    if (event.type === 'waiting') process.stderr.write(`Waiting ${event.reason}.\n`);
    if (event.type === 'progress' && live)
      process.stderr.write(progressLine(fraction(progress), progress, secondsLeft(progress)));
    if (event.type === 'finished') {
      if (live) process.stderr.write('\r\u001b[K');
      const text = resultText(event.result, progress);
      if (event.result.outcome === 'failed') process.stderr.write(`${text}\n`);
      else await writeLine(text);
    }
  };
}
