import {escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {restoreSettings} from '../engine/config/own-settings.ts';
import {checkMayWrite, type RunPlace} from '../engine/config/project.ts';
import {announcerOf} from '../engine/events/announcer.ts';
import {oldSafety, removeOldSafety} from '../engine/retention/old-safety.ts';
import {phpAfter, planRetention} from '../engine/retention/plan.ts';
import {prune} from '../engine/retention/prune.ts';
import {goingIds, type Verdict, whyWaiting} from '../engine/retention/retention.ts';
import {ofOldSafety, tellPruning} from '../engine/retention/tell-pruning.ts';
import {openWriter} from '../engine/retention/writer.ts';
import {inState} from '../engine/storage/runbook/state-directory.ts';
import {untold} from '../presenters/sentence.ts';
import {say, writeEscaped, writeJson, writeLine, writeText} from '../terminal/standard-output.ts';
import {askForWord, canAsk} from './ask.ts';
import {type Command, type Invocation, openToWrite, wrongUsage} from './command.ts';
import {breakLock, dryRun, text} from './flags.ts';
import {tell, tellTidied} from './tell.ts';
import {phpLines, verdictLines, verdictsJson} from './verdicts.ts';

const flags = {
  dryRun,
  yes: text('COUNT', 'how many are deleted: what a terminal asks for; without a terminal nothing is asked'),
  breakLock,
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'delete what retention does not keep; --dry-run says why each is kept or deleted',
  task: 'Every night',
  flags,
  examples: ['magds backup prune --dry-run', 'magds backup prune --yes=10'],
  run,
};

const count = (number: number) => `${number} ${number === 1 ? 'backup' : 'backups'}`;

/** What is deleted, and why each stays or goes. */
function planLines(place: RunPlace, verdicts: Verdict[], safetyDays: number | null): string[] {
  const goes = goingIds(verdicts);
  const safety = inState(place.root, (state) => oldSafety(state, safetyDays, Date.now()));
  return [
    goes.length === 0 ? 'Would delete nothing:' : `Would delete ${count(goes.length)}:`,
    ...verdictLines(verdicts),
    ...safety.map((id) => `- ${id}  safety backup, its restore is signed off for over ${safetyDays} days`),
    ...phpLines(phpAfter(place, verdicts)),
  ];
}

/**
 * What goes is shown, and their number typed, or given as `--yes`.
 * @returns the ids that were agreed to; null where nobody is there to be asked, as under cron
 * @throws Problem where it is another number
 */
async function confirm(
  {flags, signal}: Call,
  place: RunPlace,
  safetyDays: number | null,
): Promise<string[] | null> {
  if (flags.yes === undefined && !canAsk(flags)) return null;
  const verdicts = planRetention(place, null);
  const goes = goingIds(verdicts);
  const word = String(goes.length);
  if (flags.yes === word) return goes;
  if (flags.yes !== undefined)
    wrongUsage(`--yes=${flags.yes} is not ${word}: ${count(goes.length)} would go. Nothing was changed.`);
  if (goes.length === 0) return goes;
  say(planLines(place, verdicts, safetyDays).join('\n'));
  await askForWord(`Type how many backups are deleted for good (${word}) to go on: `, word, signal);
  return goes;
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const place = await openToWrite(invocation, flags.dryRun);
  checkMayWrite(place.configuration);
  const {safetyDays} = restoreSettings(place.root);
  if (flags.dryRun) {
    const verdicts = planRetention(place, null);
    if (flags.json) {
      const php = phpAfter(place, verdicts);
      await writeJson({
        command: 'backup:prune',
        dry_run: true,
        root: place.root,
        backups: verdictsJson(verdicts),
        pruned: goingIds(verdicts),
        safety_removed: inState(place.root, (state) => oldSafety(state, safetyDays, Date.now())),
        not_pruned: whyWaiting(verdicts),
        php_would_delete: php.deletes,
        php_would_empty: php.empties,
      });
    } else
      await writeText(`${[...planLines(place, verdicts, safetyDays), 'Nothing was changed.'].join('\n')}\n`);
    return exitCode.done;
  }
  const agreed = await confirm(invocation, place, safetyDays);
  const announcer = announcerOf(place, signal);
  const writer = openWriter({...place, doing: 'backup prune', breakHost: flags.breakLock});
  try {
    tellTidied(writer.tidied);
    const verdicts = planRetention({...place, backups: writer.backups.path}, null);
    // Another one may have been at work while the question stood there.
    if (agreed !== null && agreed.join('/') !== goingIds(verdicts).join('/'))
      throw new Problem(
        exitCode.failed,
        'Something has changed since this was counted: nothing was deleted. Look again: magds backup prune --dry-run',
      );
    const pruned: string[] = [];
    const kept: {id: string; reason: string}[] = [];
    const left: typeof kept = [];
    const events = prune(writer.state, writer.backups, verdicts, signal);
    for await (const event of tellPruning(events, announcer)) {
      if (event.type === 'pruned') pruned.push(event.id);
      const problem = event.type === 'pruned' ? event.left : event.reason;
      if (problem !== null) (event.type === 'pruned' ? left : kept).push({id: event.id, reason: problem});
      const line = problem === null ? `- ${event.id}  deleted` : `x ${event.id}  ${problem}`;
      if (!flags.json) await writeEscaped(line);
    }
    const old = signal.aborted
      ? {removed: [], problems: []}
      : removeOldSafety(writer.state, safetyDays, Date.now());
    void announcer.announce(old.removed.map(ofOldSafety));
    for (const id of old.removed) if (!flags.json) await writeLine(`- ${id}  safety backup, deleted`);
    for (const problem of old.problems) say(`! ${escapeText(problem)}`);
    const waiting = whyWaiting(verdicts);
    if (flags.json) {
      const removed = {pruned, left, safety_removed: old.removed, safety_failed: old.problems};
      const summary = {message_type: 'summary', command: 'backup:prune', ...removed};
      await writeJson({...summary, not_pruned: waiting, failed: kept});
    } else {
      if (waiting !== null) say(`! Not pruned: ${waiting}`);
      await writeLine(pruned.length === 0 ? 'Nothing was deleted.' : `${count(pruned.length)} deleted.`);
    }
    if (signal.aborted) return exitCode.cancelled;
    const problems = [
      ...(kept.length > 0 ? [`${count(kept.length)} could not be deleted.`] : []),
      ...(left.length > 0 ? [`Files of ${count(left.length)} stay.`] : []),
    ];
    if (problems.length > 0) throw new Problem(exitCode.failed, problems.join(' '));
    // As a run has it that could not remove them.
    return waiting === null && old.problems.length === 0 ? exitCode.done : exitCode.partial;
  } finally {
    writer.close();
    tell(untold((await announcer.settle()).problems));
  }
}
