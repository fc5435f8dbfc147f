import fs from 'node:fs';
import path from 'node:path';
import {escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {checkMayWrite, type RunPlace} from '../engine/config/project.ts';
import {tellOf} from '../engine/events/announcer.ts';
import {type Held, hold} from '../engine/retention/hold.ts';
import {ofHold} from '../engine/retention/tell-pruning.ts';
import {openWriter} from '../engine/retention/writer.ts';
import {checkBackupId} from '../engine/storage/backup-id.ts';
import {withoutText} from '../presenters/held-text.ts';
import {untold} from '../presenters/sentence.ts';
import {writeEscaped, writeJson, writeLine} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openToWrite, wrongUsage} from './command.ts';
import {findBackup, namedId} from './find-backup.ts';
import {breakLock, id, text} from './flags.ts';
import {tell, tellTidied} from './tell.ts';

const flags = {id, reason: text('TEXT', 'why; kept beside the backup'), breakLock};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: "hold a backup where no retention can delete it, not even PHP's",
  task: 'Every night',
  operands: ['ID'],
  flags,
  examples: ['magds backup pin 20261123_020000_nightly --reason="before the migration"'],
  endsAtOnce: true,
  run,
};

async function run(invocation: Call): Promise<ExitCode> {
  const {flags} = invocation;
  const id = checkBackupId(namedId(invocation));
  const {reason} = flags;
  if (reason === undefined || reason.trim() === '')
    return wrongUsage('Why is it pinned? Give --reason=…: someone who finds it in a year has to know.');
  const place = await openToWrite(invocation);
  checkMayWrite(place.configuration);
  findBackup(place, id);
  const held = await holdIn(place, id, reason, flags.breakLock);
  // First: what was done is told even where nobody reads on.
  const problems = await tellOf(place, [ofHold(id, reason, held)]);
  const directory = `${place.root}/storage/runbook/held/${id}`;
  // PHP goes up from where its backups really lie.
  const phpId = path.relative(fs.realpathSync(place.backups), fs.realpathSync(directory));
  if (flags.json) {
    const summary = {message_type: 'summary', command: 'backup:pin', id, reason, path: directory};
    await writeJson({...summary, php_id: phpId, ...held});
  } else {
    const how = held.copied > 0 ? `${held.copied} copied, ` : '';
    const files =
      held.linked + held.copied > 0
        ? ` (${how}${held.linked} linked)`
        : ' (it was pinned already: the reason is new)';
    await writeEscaped(
      `+ ${id} is pinned${files}: no retention can delete it in storage/runbook/held, not even PHP's.`,
    );
    if (held.without.length > 0) await writeLine(`! ${escapeText(withoutText(held.without))}.`);
  }
  tell(untold(problems));
  return held.without.length > 0 ? exitCode.partial : exitCode.done;
}

async function holdIn(place: RunPlace, id: string, reason: string, breakHost?: string): Promise<Held> {
  using writer = openWriter({...place, doing: 'backup pin', breakHost});
  tellTidied(writer.tidied);
  return await hold(writer.state, writer.backups.path, id, reason);
}
