import {escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {checkMayWrite, type RunPlace} from '../engine/config/project.ts';
import {tellOf} from '../engine/events/announcer.ts';
import {release} from '../engine/retention/release.ts';
import {ofRelease} from '../engine/retention/tell-pruning.ts';
import {openWriter} from '../engine/retention/writer.ts';
import {checkBackupId} from '../engine/storage/backup-id.ts';
import {untold} from '../presenters/sentence.ts';
import {writeJson, writeLine} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openToWrite, wrongUsage} from './command.ts';
import {namedId} from './find-backup.ts';
import {breakLock, confirmed, id} from './flags.ts';
import {tell, tellTidied} from './tell.ts';

const flags = {id, yes: confirmed, breakLock};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'release a pinned backup',
  task: 'Every night',
  operands: ['ID'],
  flags,
  endsAtOnce: true,
  run,
};

async function run(invocation: Call): Promise<ExitCode> {
  const {flags} = invocation;
  const id = checkBackupId(namedId(invocation));
  if (flags.yes !== undefined && flags.yes !== id)
    wrongUsage(`--yes=${flags.yes} is not ${id}. Nothing was changed.`);
  const place = await openToWrite(invocation);
  checkMayWrite(place.configuration);
  const released = releaseIn(place, id, flags.yes === id, flags.breakLock);
  const {last, stays} = released;
  // First: what was done is told even where nobody reads on.
  const problems = await tellOf(place, [ofRelease(id, released)]);
  if (flags.json)
    await writeJson({message_type: 'summary', command: 'backup:unpin', id, deleted: last, stays});
  else {
    const now = last
      ? 'deleted: it was the only copy left'
      : stays !== null
        ? `unpinned; it stays held ${stays}`
        : 'unpinned: retention may delete it now';
    await writeLine(`+ ${escapeText(id)} is ${now}.`);
  }
  tell(untold(problems));
  return exitCode.done;
}

function releaseIn(
  place: RunPlace,
  id: string,
  isMeant: boolean,
  breakHost?: string,
): ReturnType<typeof release> {
  using writer = openWriter({...place, doing: 'backup unpin', breakHost});
  tellTidied(writer.tidied);
  return release(writer.state, place.backups, id, isMeant);
}
