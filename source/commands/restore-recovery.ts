import type {RunPlace} from '../engine/backup/plan.ts';
import {asciiJson, escapeText} from '../engine/escape.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {type ExitCode, exitCode, Problem} from '../engine/problem.ts';
import {runHook} from '../engine/restore/hooks.ts';
import {type Direction, recover} from '../engine/restore/recover.ts';
import {journalOf, stoppedSession} from '../engine/restore/sessions.ts';
import {restoreSettings} from '../engine/restore/settings.ts';
import {openWriter} from '../engine/writer.ts';
import {writeLine} from '../terminal/standard-output.ts';
import type {Invocation} from './command.ts';
import {tellTidied} from './tidied.ts';

const names = (text: string | undefined): Set<string> => new Set(text?.split(',') ?? []);

/** Finishes a restore that stopped halfway, or takes it back: `restore --resume` and `--rollback`. */
export async function recoverCommand({flags}: Invocation, place: RunPlace): Promise<ExitCode> {
  const direction: Direction = flags.resume ? 'forward' : 'back';
  const settings = restoreSettings(place.root);
  const writer = openWriter({
    ...place,
    doing: `restore ${flags.resume ? '--resume' : '--rollback'}`,
    breakHost: flags.breakLock,
    recovering: true,
  });
  try {
    tellTidied(writer.tidied);
    const stopped = stoppedSession(writer.state, true);
    if (!stopped)
      throw new Problem(
        exitCode.usage,
        'No restore stopped halfway: there is nothing to finish or to take back.',
      );
    const journal = journalOf(writer.state, stopped.number);
    const {files, kept, old, unrecorded} = await recover({
      state: writer.state,
      journal,
      pool: sharedPool(),
      direction,
      keep: names(flags.keep),
      take: names(flags.take),
    });
    const outcome = direction === 'forward' ? 'done' : 'rolled-back';
    const beware = [
      ...kept.map((file) => `what was written meanwhile is kept: ${file}`),
      ...old.map((file) => `the old file is kept: ${file}`),
      ...unrecorded.map((line) => `not recorded: ${line}`),
    ];
    const due = journal.hooked || (direction === 'forward' && !journal.drill);
    for (const command of due ? settings.after : []) {
      const about = {
        MAGDS_ROOT: place.root,
        MAGDS_SESSION: String(journal.session),
        MAGDS_BACKUP: journal.id,
      };
      const {reason} = await runHook(command, place.root, settings.seconds, {
        ...about,
        MAGDS_OUTCOME: outcome,
      });
      if (reason !== null) beware.push(`the hook ${command.join(' ')} after it: ${reason}`);
    }
    if (flags.json) {
      const summary = {message_type: 'summary', command: 'restore', id: journal.id, session: journal.session};
      const rest = {outcome, drill: journal.drill, undoes: journal.undoes, datasets: files, reason: null};
      await writeLine(asciiJson({...summary, ...rest, beware, commands: []}));
    } else {
      for (const {dataset, target, becomes} of files)
        await writeLine(escapeText(`  ${becomes === 'kept' ? '!' : '+'} ${dataset}  ${becomes}  ${target}`));
      for (const line of beware) await writeLine(escapeText(`! ${line}`));
      const now =
        direction === 'forward' ? 'is finished: all files are new' : 'is taken back: all files are as before';
      const but = files.some(({becomes}) => becomes === 'kept') ? ', but for those kept' : '';
      await writeLine(`+ Session ${journal.session} ${now}${but}.`);
    }
    return exitCode.done;
  } finally {
    writer.close();
  }
}
