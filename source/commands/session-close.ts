import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {holdsLastOfOld, signOff} from '../engine/checklist/answer.ts';
import {tellSignOff} from '../engine/checklist/tell-sign-off.ts';
import {restoreSettings} from '../engine/config/own-settings.ts';
import {untold} from '../presenters/untold.ts';
import {writeLine} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openToWrite} from './command.ts';
import {confirmed, session} from './flags.ts';
import {find, readStories, writing, writingFlags} from './sessions.ts';
import {tell} from './tell.ts';

const flags = {session, yes: confirmed, ...writingFlags};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'sign it off: let go of the old files kept beside the live ones',
  task: 'Restore',
  operands: ['[SESSION]'],
  flags,
  run,
};

async function run(invocation: Call): Promise<ExitCode> {
  const {flags} = invocation;
  const place = await openToWrite(invocation);
  const {number} = find(readStories(place.root), flags.session);
  const {
    kept,
    holds,
    undo,
    story: signedOff,
  } = await writing(
    invocation,
    `session close ${number}`,
    place,
    (story, {state, backups}) => {
      if (holdsLastOfOld(state, number) && flags.yes !== String(number))
        throw new Problem(
          exitCode.failed,
          `Session ${number} has no safety backup: what it keeps beside the live files is all that is left of the old ones. If they may go: --yes=${number}. Nothing was changed.`,
        );
      return {...signOff(state, backups.path, story, restoreSettings(place.root).safetyDays), story};
    },
    String(number),
  );
  const problems = signedOff.closed ? [] : await tellSignOff(place, signedOff);
  tell(untold(problems));
  if (flags.json)
    await writeLine(
      asciiJson({message_type: 'summary', command: 'session:close', session: number, kept, untold: problems}),
    );
  else {
    for (const file of kept)
      await writeLine(escapeText(`! kept: ${file}: written to after it was saved; nowhere else`));
    await writeLine(`+ Session ${number} is closed: the old files beside the live ones are released.`);
    for (const line of holds) await writeLine(escapeText(`= ${line}.`));
    if (undo !== null) await writeLine(`= ${undo}.`);
  }
  return exitCode.done;
}
