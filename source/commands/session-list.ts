import {escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import type {Story} from '../engine/session/story.ts';
import {answeredOf, whatOf} from '../presenters/story-words.ts';
import {say, writeJson, writeText} from '../terminal/standard-output.ts';
import {type Command, type Invocation, type NoFlags, openProject} from './command.ts';
import {stateText, storyJson} from './session-text.ts';
import {readStories} from './sessions.ts';
import {table} from './table.ts';

export const command: Command<NoFlags> = {
  summary: 'past restores, and how many steps of each checklist are answered',
  task: 'Look',
  flags: {},
  endsAtOnce: true,
  run,
};

async function run(invocation: Invocation): Promise<ExitCode> {
  const {root} = await openProject(invocation);
  const all = readStories(root);
  if (invocation.flags.json) {
    await writeJson({command: 'session:list', root, sessions: all.map(storyJson)});
    return exitCode.done;
  }
  if (all.length === 0) say('No restore was made here yet.');
  else {
    const lines = await sessionTable(all.toReversed(), process.stdout.isTTY === true);
    await writeText(`${lines.join('\n')}\n`);
  }
  return exitCode.done;
}

/** @param isSeen a terminal shows it: times to the minute, and who it was below each, so that 80 columns will do */
export async function sessionTable(all: Story[], isSeen: boolean): Promise<string[]> {
  const by = all.map(({operator, ticket, title}) => [operator, ticket, title].filter(Boolean).join(', '));
  const rows = all.map((story) => [
    String(story.number),
    (isSeen ? story.openedAt?.slice(0, 16).replace('T', ' ') : story.openedAt?.slice(0, 19)) ?? '?',
    whatOf(story),
    stateText(story),
    answeredOf(story),
  ]);
  const heads = ['OPENED (UTC)', 'BACKUP', 'STATE', 'STEPS'];
  if (!isSeen)
    return table(
      ['SESSION', ...heads, 'BY'],
      rows.map((row, index) => [...row, by[index] ?? '']),
    );
  const [head = '', ...lines] = await table(['NO', ...heads], rows);
  return [head, ...lines.flatMap((line, index) => [line, escapeText(`    by ${by[index]}`)])];
}
