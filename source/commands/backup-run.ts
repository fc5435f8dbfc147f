import {isWhole, planRun} from '../engine/backup/plan.ts';
import {whyNot} from '../engine/backup/run.ts';
import type {RunResult} from '../engine/backup/run-events.ts';
import {runAndTell} from '../engine/backup/tell-run.ts';
import {asciiJson} from '../engine/base/escape.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {checkEnabled, checkMayWrite} from '../engine/config/project.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {checkLabel} from '../engine/storage/new-id.ts';
import {noRun, reduceRun} from '../presenters/run-progress.ts';
import {writeLine, writeOut} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openToWrite} from './command.ts';
import {breakLock, dryRun, text, yes} from './flags.ts';
import {planJson, planText} from './run-plan.ts';
import {jsonRunPrinter, textRunPrinter} from './run-printers.ts';

const flags = {
  label: text('TEXT', 'said in the manifest and, as far as file names go, in the id'),
  dryRun,
  strict: yes('write nothing if any dataset is missing (exit 1)'),
  breakLock,
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'make a backup, whole or not at all, then let retention do its work',
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
      const plan = planRun(place, label);
      const refused = whyNot(place, plan, flags.strict ?? false);
      if (flags.json) await writeLine(asciiJson(planJson(plan, place, refused)));
      else await writeOut(planText(plan, place, refused));
      return refused ? exitCode.failed : isWhole(plan) ? exitCode.done : exitCode.partial;
    }
    const printer = flags.json ? jsonRunPrinter() : textRunPrinter();
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
      result?.notPruned === null &&
      result.untold.length === 0 &&
      result.hooks.every(({reason}) => reason === null);
    if (result?.outcome === 'done' && !isAllDone) return exitCode.partial;
    return exits[result?.outcome ?? 'failed'];
  } finally {
    pool.close();
  }
}
