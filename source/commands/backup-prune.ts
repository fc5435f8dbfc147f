import {escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {restoreSettings} from '../engine/config/own-settings.ts';
import {checkMayWrite} from '../engine/config/project.ts';
import {announcerOf} from '../engine/events/announcer.ts';
import {oldSafety, removeOldSafety} from '../engine/retention/old-safety.ts';
import {phpAfter, planRetention} from '../engine/retention/plan.ts';
import {prune} from '../engine/retention/prune.ts';
import {goingIds} from '../engine/retention/retention.ts';
import {tellPruning} from '../engine/retention/tell-pruning.ts';
import {openWriter} from '../engine/retention/writer.ts';
import {inState} from '../engine/storage/runbook/state-directory.ts';
import {untold} from '../presenters/sentence.ts';
import {say, writeEscaped, writeJson, writeLine, writeText} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openToWrite} from './command.ts';
import {breakLock, dryRun} from './flags.ts';
import {tell, tellTidied} from './tell.ts';
import {phpLines, verdictLines, verdictsJson} from './verdicts.ts';

const flags = {dryRun, breakLock};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'delete what retention does not keep; --dry-run says why each is kept or deleted',
  task: 'Every night',
  flags,
  examples: ['magds backup prune --dry-run'],
  run,
};

const count = (number: number) => `${number} ${number === 1 ? 'backup' : 'backups'}`;

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const place = await openToWrite(invocation, flags.dryRun);
  checkMayWrite(place.configuration);
  const {safetyDays} = restoreSettings(place.root);
  if (flags.dryRun) {
    const verdicts = planRetention(place, null);
    const goes = goingIds(verdicts);
    const safety = inState(place.root, (state) => oldSafety(state, safetyDays, Date.now()));
    const php = phpAfter(place, verdicts);
    if (flags.json) {
      const plan = {
        command: 'backup:prune',
        dry_run: true,
        root: place.root,
        backups: verdictsJson(verdicts),
      };
      await writeJson({
        ...plan,
        pruned: goes,
        safety_removed: safety,
        php_would_delete: php.deletes,
        php_would_empty: php.empties,
      });
    } else {
      const lines = [
        goes.length === 0 ? 'Would delete nothing:' : `Would delete ${count(goes.length)}:`,
        ...verdictLines(verdicts),
        ...safety.map(
          (id) => `- ${id}  safety backup, its restore is signed off for over ${safetyDays} days`,
        ),
        ...phpLines(php),
        'Nothing was changed.',
      ];
      await writeText(`${lines.join('\n')}\n`);
    }
    return exitCode.done;
  }
  const announcer = announcerOf(place, signal);
  const writer = openWriter({...place, doing: 'backup prune', breakHost: flags.breakLock});
  try {
    tellTidied(writer.tidied);
    const verdicts = planRetention({...place, backups: writer.backups.path}, null);
    const pruned: string[] = [];
    const kept: {id: string; reason: string}[] = [];
    const events = prune(writer.state, writer.backups, verdicts, signal);
    for await (const event of tellPruning(events, announcer)) {
      if (event.type === 'pruned') pruned.push(event.id);
      const problem = event.type === 'pruned' ? event.left : event.reason;
      if (problem !== null) kept.push({id: event.id, reason: problem});
      const line = problem === null ? `- ${event.id}  deleted` : `x ${event.id}  ${problem}`;
      if (!flags.json) await writeEscaped(line);
    }
    const old = signal.aborted
      ? {removed: [], problems: []}
      : removeOldSafety(writer.state, safetyDays, Date.now());
    for (const id of old.removed) if (!flags.json) await writeLine(`- ${id}  safety backup, deleted`);
    for (const problem of old.problems) say(`! ${escapeText(problem)}`);
    if (flags.json) {
      const failed = kept.map(({id, reason}) => ({id, reason}));
      const removed = {pruned, safety_removed: old.removed, failed};
      await writeJson({message_type: 'summary', command: 'backup:prune', ...removed});
    } else {
      await writeLine(pruned.length === 0 ? 'Nothing was deleted.' : `${count(pruned.length)} deleted.`);
    }
    if (signal.aborted) return exitCode.cancelled;
    if (kept.length > 0) throw new Problem(exitCode.failed, `${count(kept.length)} could not be deleted.`);
    return exitCode.done;
  } finally {
    writer.close();
    tell(untold((await announcer.settle()).problems));
  }
}
