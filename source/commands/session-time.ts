import {escapeText} from '../engine/base/escape.ts';
import {formatAge} from '../engine/base/format.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {readTime, writeTime} from '../engine/base/time-text.ts';
import {checkOpen, recordTime} from '../engine/checklist/answer.ts';
import {timeNames} from '../engine/session/lines.ts';
import {doubtsAbout, stories} from '../engine/session/story.ts';
import {type TimeName, timeTexts} from '../engine/session/times.ts';
import {writeJson, writeLine} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openToWrite, wrongUsage} from './command.ts';
import {session} from './flags.ts';
import {storyJson} from './session-text.ts';
import {find, isTaken, readStories, writing, writingFlags} from './sessions.ts';

const flags = {session, ...writingFlags};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'when an incident was noticed, declared or over; recorded',
  task: 'Restore',
  operands: ['noticed|declared|service-back', 'TIME'],
  flags,
  examples: ['magds session time service-back "20m ago"'],
  run,
};

/** @throws Problem (wrong usage) where it is none of them, or no time, or one that is still to come */
function given([what, text]: string[], now: number): {what: TimeName; at: number} {
  const refuse = (why: string): never => {
    wrongUsage(`${why} Nothing was recorded.`);
  };
  const name = timeNames.find((each) => each === what);
  if (name === undefined || text === undefined)
    return refuse(
      `What was when? magds session time ${timeNames.join('|')} TIME, with a time like 01:10 or "20m ago".`,
    );
  const read = readTime(text, now);
  return 'at' in read ? {what: name, at: read.at} : refuse(`${escapeText(text)}: ${read.problem}`);
}

/** Records when an incident was noticed, declared, or over. */
async function run(invocation: Call): Promise<ExitCode> {
  const {flags, rest} = invocation;
  const now = Date.now();
  const {what, at} = given(rest, now);
  const place = await openToWrite(invocation);
  const story = find(readStories(place.root), flags.session);
  checkOpen(story, 'recorded');
  isTaken(story, flags);
  const told = await writing(
    invocation,
    `session time ${what}`,
    place,
    (fresh, {state}) => {
      recordTime(state, fresh, what, at);
      return find(stories(state), String(fresh.number));
    },
    String(story.number),
  );
  const doubts = doubtsAbout(told);
  if (flags.json)
    await writeJson({message_type: 'summary', command: 'session:time', ...storyJson(told), doubts});
  else {
    const ago = now - at < 60_000 ? 'just now' : `${formatAge((now - at) / 1000)} ago`;
    await writeLine(`+ ${timeTexts[what]} ${writeTime(at)}, ${ago}`);
    for (const doubt of doubts)
      await writeLine(`! ${doubt}: is that right? If not, give the right time; the last one counts`);
  }
  return exitCode.done;
}
