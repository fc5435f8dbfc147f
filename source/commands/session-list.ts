import {asciiJson} from '../engine/base/escape.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {answeredOf, whatOf} from '../presenters/story-words.ts';
import {say, writeLine, writeText} from '../terminal/standard-output.ts';
import {type Command, type Invocation, type NoFlags, openProject} from './command.ts';
import {stateText, storyJson} from './session-text.ts';
import {readStories} from './sessions.ts';
import {table} from './table.ts';

export const command: Command<NoFlags> = {
  summary: 'the restores there were, and how many steps of each checklist are answered',
  task: 'Look',
  flags: {},
  endsAtOnce: true,
  run,
};

async function run(invocation: Invocation): Promise<ExitCode> {
  const {root} = await openProject(invocation);
  const all = readStories(root);
  if (invocation.flags.json) {
    await writeLine(asciiJson({command: 'session:list', root, sessions: all.map(storyJson)}));
    return exitCode.done;
  }
  if (all.length === 0) say('No restore was made here yet.');
  else {
    const isSeen = process.stdout.isTTY === true;
    const rows = all
      .toReversed()
      .map((story) => [
        String(story.number),
        story.openedAt?.slice(0, isSeen ? 16 : 19) ?? '?',
        whatOf(story),
        stateText(story),
        answeredOf(story),
        [story.operator, story.ticket, story.title].filter(Boolean).join(', '),
      ]);
    const lines = await table(['SESSION', 'OPENED (UTC)', 'BACKUP', 'STATE', 'STEPS', 'BY'], rows);
    await writeText(`${lines.join('\n')}\n`);
  }
  return exitCode.done;
}
