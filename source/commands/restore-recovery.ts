import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import type {Direction} from '../engine/restore/recover.ts';
import {recoverStopped} from '../engine/restore/recover-stopped.ts';
import {writeLine} from '../terminal/standard-output.ts';
import type {RestoreCall} from './restore-flags.ts';
import {tellTidied} from './tell.ts';

const names = (text: string | undefined): Set<string> => new Set(text?.split(',') ?? []);

/** Finishes a restore that stopped halfway, or takes it back: `restore --resume` and `--rollback`. */
export async function recoverCommand({flags}: RestoreCall, place: RunPlace): Promise<ExitCode> {
  const direction: Direction = flags.resume ? 'forward' : 'back';
  const {journal, files, beware} = await recoverStopped({
    place,
    pool: sharedPool(),
    direction,
    keep: names(flags.keep),
    take: names(flags.take),
    breakHost: flags.breakLock,
    tidied: tellTidied,
  });
  if (flags.json) {
    const outcome = direction === 'forward' ? 'done' : 'rolled-back';
    const summary = {message_type: 'summary', command: 'restore', id: journal.id, session: journal.session};
    const rest = {outcome, drill: journal.drill, undoes: journal.undoes, datasets: files, reason: null};
    await writeLine(asciiJson({...summary, ...rest, beware, commands: []}));
    return exitCode.done;
  }
  for (const {dataset, target, becomes} of files)
    await writeLine(escapeText(`  ${becomes === 'kept' ? '!' : '+'} ${dataset}  ${becomes}  ${target}`));
  for (const line of beware) await writeLine(escapeText(`! ${line}`));
  const now =
    direction === 'forward' ? 'is finished: all files are new' : 'is taken back: all files are as before';
  const but = files.some(({becomes}) => becomes === 'kept') ? ', but for those kept' : '';
  await writeLine(`+ Session ${journal.session} ${now}${but}.`);
  return exitCode.done;
}
