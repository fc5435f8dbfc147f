import {hasFailed} from '../engine/backup/hooks.ts';
import {isWhole, planRun, type RunPlan} from '../engine/backup/plan.ts';
import {whyNot} from '../engine/backup/run.ts';
import type {RunEvent, RunResult} from '../engine/backup/run-events.ts';
import {runAndTell} from '../engine/backup/tell-run.ts';
import {escapeText} from '../engine/base/escape.ts';
import {formatBytes, formatDuration, formatSpace} from '../engine/base/format.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {checkEnabled, checkMayWrite, type RunPlace} from '../engine/config/project.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {goingIds, whyWaiting} from '../engine/retention/retention.ts';
import {checkLabel} from '../engine/storage/new-id.ts';
import {tablesText} from '../presenters/database-view.ts';
import {fraction, secondsLeft} from '../presenters/rate.ts';
import {changeSentences} from '../presenters/retention-plan.ts';
import {lacking, runEnding, runNotes} from '../presenters/run-outcome.ts';
import {noRun, type RunProgress, reduceRun} from '../presenters/run-progress.ts';
import {say, writeJson, writeLine, writeText} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openToWrite} from './command.ts';
import {breakLock, dryRun, text, yes} from './flags.ts';
import {progressLine, statusEvery, statusJson} from './progress.ts';
import {lineOf, tellTidied} from './tell.ts';
import {phpLines, verdictLines, verdictsJson} from './verdicts.ts';

const flags = {
  label: text('TEXT', 'recorded in the manifest, and in the id as far as a file name allows'),
  dryRun,
  strict: yes('write nothing if any dataset is missing (exit 1)'),
  breakLock,
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'make a backup, whole or not at all, then run retention',
  task: 'Every night',
  flags,
  examples: ['magds backup run --dry-run', 'magds backup run --label=nightly'],
  run,
};

const exits: Record<RunResult['outcome'], ExitCode> = {
  done: exitCode.done,
  partial: exitCode.partial,
  failed: exitCode.failed,
  cancelled: exitCode.cancelled,
};

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const label = checkLabel(flags.label ?? '');
  const pool = sharedPool();
  try {
    const place = await openToWrite(invocation, flags.dryRun);
    if (flags.dryRun) {
      checkMayWrite(place.configuration);
      checkEnabled(place.configuration);
      const plan = await planRun(place, label, {signal, dry: true});
      if (signal.aborted) return exitCode.cancelled;
      const refused = whyNot(place, plan, flags.strict ?? false);
      if (flags.json) await writeJson(planJson(plan, place, refused));
      else await writeText(planText(plan, place, refused));
      return refused ? exitCode.failed : isWhole(plan) ? exitCode.done : exitCode.partial;
    }
    const printer = flags.json ? jsonPrinter() : textPrinter();
    const began = performance.now();
    let progress = noRun;
    const options = {
      ...place,
      label,
      strict: flags.strict ?? false,
      pool,
      signal,
      breakHost: flags.breakLock,
    };
    for await (const event of runAndTell(options)) {
      progress = reduceRun(progress, event, (performance.now() - began) / 1000);
      await printer(event, progress);
    }
    const {result} = progress;
    // Backups that cannot be removed fill the disk, and nobody reads what exits with 0.
    const isAllDone =
      result?.notPruned === null && result.untold.length === 0 && !result.hooks.some(hasFailed);
    if (result?.outcome === 'done' && !isAllDone) return exitCode.partial;
    return exits[result?.outcome ?? 'failed'];
  } finally {
    pool.close();
  }
}

/** One reader of the stream of events; `progress` is the state after the event. */
type Printer = (event: RunEvent, progress: RunProgress) => Promise<void>;

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
    hooks: result.hooks.map(({mayFail, ...each}) => ({...each, may_fail: mayFail})),
    untold: result.untold,
    reason: result.reason,
    seconds: Math.round(result.seconds * 1000) / 1000,
  };
}

/** One JSON object a line: `status`, `error`, and `summary` last (DESIGN.md, "Command line"). */
function jsonPrinter(): Printer {
  const due = statusEvery();
  const error = (name: string, reason: string) => writeJson({message_type: 'error', dataset: name, reason});
  return async (event, progress) => {
    if (event.type === 'planned' || (event.type === 'progress' && due()))
      await writeLine(statusJson(fraction(progress), progress, secondsLeft(progress)));
    if (event.type !== 'finished') return;
    const {result} = event;
    for (const {name, reason} of lacking(result)) await error(name, reason);
    for (const {name, reason, grave} of result.leftOut) if (grave) await error(name, reason);
    if (result.reason !== null) await writeJson({message_type: 'error', reason: result.reason});
    await writeJson(summary(result));
  };
}

/** Lines about a single backup of at most this many left-out files; the manifest has them too. */
const mostLeftOut = 20;

function resultText(result: RunResult, progress: RunProgress): string {
  const {path, copies, leftOut, pruned} = result;
  const {mark, word, text} = runEnding(result);
  const notes = runNotes(result).map(lineOf);
  if (result.outcome === 'cancelled') return [`${mark} ${word}: ${text}.`, ...notes].join('\n');
  if (result.outcome === 'failed') return [`${lineOf({mark, text})}.`, ...notes].join('\n');
  const bytes = copies.reduce((sum, each) => sum + each.bytes, 0);
  const left = leftOut.slice(0, mostLeftOut);
  const made = `${copies.length} ${copies.length === 1 ? 'file' : 'files'}, ${formatBytes(bytes)} in ${formatDuration(result.seconds)}`;
  return [
    ...progress.datasets
      .filter(({state}) => state !== 'missing' && state !== 'failed')
      .map(({name, done, state, holds}) => {
        const rows = holds === undefined ? '' : `  ${tablesText(holds.rows, holds.tables)}`;
        return `  ${state === 'partly' ? '!' : '+'} ${escapeText(name)}  ${formatBytes(done)}${rows}`;
      }),
    ...lacking(result).map(({name, reason}) => `  x ${escapeText(name)}  ${escapeText(reason)}`),
    ...left.map(leftOutLine),
    ...(leftOut.length > left.length ? [`  ! and ${leftOut.length - left.length} more were left out`] : []),
    ...pruned.map((each) => `  - ${escapeText(each)}  pruned`),
    ...result.safetyRemoved.map(
      (each) => `  - ${each}  safety backup of a restore signed off long ago, deleted`,
    ),
    ...notes,
    ...changeSentences(progress.plan?.changes ?? []).map(lineOf),
    `${mark} ${escapeText(path ?? '')}`,
    `${word}: ${escapeText(text)}; ${made}`,
  ].join('\n');
}

const leftOutLine = ({name, reason, grave}: RunResult['leftOut'][number]): string =>
  `  ${grave ? 'x' : '!'} ${escapeText(name)}  left out: ${escapeText(reason)}`;

/** Text for people and logs. */
function textPrinter(): Printer {
  const live = process.stderr.isTTY === true;
  return async (event, progress) => {
    if (event.type === 'tidied') tellTidied(event.tidied);
    if (event.type === 'hook' && event.command && live) say(`Waiting ${escapeText(progress.waiting ?? '')}.`);
    if (event.type === 'waiting') say(`Waiting ${event.reason}.`);
    if (event.type === 'progress' && live)
      process.stderr.write(progressLine(fraction(progress), progress, secondsLeft(progress)));
    if (event.type === 'finished') {
      if (live) process.stderr.write('\r\u001b[K');
      const text = resultText(event.result, progress);
      if (event.result.outcome === 'failed') say(text);
      else await writeLine(text);
    }
  };
}

/** A plan for scripts. */
function planJson(plan: RunPlan, {root}: RunPlace, refused: string | null) {
  return {
    command: 'backup:plan',
    root,
    id: plan.id,
    datasets: plan.datasets.map(({dataset, files, missing}) => ({
      name: dataset.name,
      type: dataset.type.name,
      source: dataset.source,
      files: files.length,
      bytes: files.reduce((sum, {bytes}) => sum + bytes, 0),
      reason: missing,
    })),
    bytes: plan.bytes,
    needed: plan.needed,
    free: plan.free,
    missing: plan.missing.map(({name}) => name),
    left_out: plan.leftOut,
    retention: verdictsJson(plan.retention),
    pruned: refused !== null || !isWhole(plan) ? [] : goingIds(plan.retention),
    php_would_delete: plan.php,
    php_would_empty: plan.phpEmpties,
    notes: plan.notes,
    changes: plan.changes,
    hooks: plan.hooks,
    reason: refused,
  };
}

/** The site's commands that are run around it. */
const hookLines = ({before, after}: RunPlan['hooks']): string[] => [
  ...before.map((command) => `Before it, a hook: ${escapeText(command.join(' '))}`),
  ...after.map((command) => `After it, a hook: ${escapeText(command.join(' '))}`),
];

/** A plan for people. */
export function planText(plan: RunPlan, {backups}: RunPlace, refused: string | null): string {
  const {datasets, bytes, needed, free, leftOut, retention} = plan;
  const lines = datasets.map(({dataset, files, missing: reason}) => {
    const size = formatBytes(files.reduce((sum, each) => sum + each.bytes, 0));
    const counted = dataset.type.counted(files.length);
    const count = counted === null ? '' : `${counted}, `;
    const name = escapeText(dataset.name);
    const place = escapeText(dataset.type.describe(dataset));
    return reason === null
      ? `  + ${name}  ${count}${size}  ${place}`
      : `  x ${name}  ${escapeText(reason)}  ${place}`;
  });
  const space = free === null ? '' : `, ${formatSpace(needed, free)}`;
  const goes = retention.filter(({stays}) => !stays);
  const waits = !isWhole(plan) && goes.length > 0;
  const waiting = whyWaiting(retention);
  return `${[
    `Would make ${escapeText(plan.id)} in ${escapeText(backups)}: ${formatBytes(bytes)}${space}`,
    ...lines,
    ...hookLines(plan.hooks),
    ...leftOut.map(leftOutLine),
    ...plan.notes.map((note) => `  ! ${escapeText(note)}`),
    goes.length === 0
      ? `Retention would then delete nothing${waiting === null ? '' : `: ${waiting}`}.`
      : waits
        ? `Retention would wait, because something is missing; otherwise it would delete:`
        : 'Retention would then delete:',
    ...verdictLines(goes),
    ...phpLines({deletes: plan.php, empties: plan.phpEmpties}),
    ...changeSentences(plan.changes).map(lineOf),
    refused ? `x This run would be refused: ${escapeText(refused)}.` : 'Nothing was written.',
  ].join('\n')}\n`;
}
