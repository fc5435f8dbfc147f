import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {formatDuration} from '../engine/base/format.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {type LiveSince, liveSince, type Since, sinceRestore} from '../engine/checklist/since.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {signOffIn} from '../engine/session/lines.ts';
import {whoText} from '../engine/session/owner.ts';
import type {RecordLine} from '../engine/session/record.ts';
import {journalOf} from '../engine/session/sessions.ts';
import {doubtsAbout, type Story, tornNote} from '../engine/session/story.ts';
import {findState} from '../engine/storage/runbook/state-directory.ts';
import {sinceSentences} from '../presenters/since-words.ts';
import {bewareOf, secondsOf} from '../presenters/story-facts.ts';
import {whatOf} from '../presenters/story-words.ts';
import {writeJson, writeText} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openProject, wrongUsage} from './command.ts';
import {session, yes} from './flags.ts';
import {stateText, stepLines, storyJson} from './session-text.ts';
import {find, readStories} from './sessions.ts';

const flags = {
  session,
  live: yes('hash the live files again: did they change (then exit 4)'),
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'one of them: its checklist, what changed since, and its whole record',
  task: 'Look',
  operands: ['[SESSION]'],
  flags,
  endsAtOnce: true,
  run,
};

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const {root} = await openProject(invocation);
  const story = find(readStories(root), flags.session);
  const since = await lookSince(root, story, flags.live === true, signal);
  if (flags.json) {
    const told = {...storyJson(story), ...sinceJson(since), lines: story.lines};
    await writeJson({command: 'session:show', root, ...told});
    return sinceExit(since);
  }
  const {openedAt} = story;
  const owner = story.owners.at(-1);
  const took = secondsOf(story);
  const closed = story.closed ? signOffIn(story.lines) : undefined;
  const facts: [string, string | null][] = [
    ['session', `${story.number}, ${stateText(story)}`],
    ['backup', whatOf(story)],
    ['ticket', story.ticket],
    ['purpose', story.purpose],
    ['title', story.title],
    ['authorised', story.authorisedBy],
    ['bad since', story.badSince],
    ['noticed', story.times.noticed],
    ['declared', story.times.declared],
    ['back', story.times.serviceBack],
    ...doubtsAbout(story).map((doubt): [string, string] => ['! times', doubt]),
    ['by', story.operator],
    ['with', owner ? whoText(owner) : null],
    ['opened', openedAt],
    ['signed off', closed ? `${closed.at}, ${closed.operator}` : null],
    ['took', took === null ? null : formatDuration(took)],
    ['reason', story.reason],
    ...bewareOf({...story, broken: null}).map((text): [string, string] => ['! beware', text]),
    ['x RECORD', story.broken === null ? null : `broken, do not rely on it: ${story.broken}`],
    ['! record', story.torn ? tornNote : null],
  ];
  // The end is what is left on the screen.
  const lines = [
    'Record (--json: all that each line says)',
    ...story.lines.map(lineText),
    '',
    ...facts.flatMap(([name, value]) => (value ? [`${name.padEnd(10)} ${value}`] : [])),
    ...(story.steps.length > 0 ? ['', 'Checklist', ...story.steps.flatMap(stepLines)] : []),
    ...sinceLines(story, since),
  ];
  await writeText(`${lines.map(escapeText).join('\n')}\n`);
  return sinceExit(since);
}

/** Characters of what a line of the record says: of a plan and its metrics that would be pages. */
const longestData = 160;

function lineText({at, operator, type, data}: RecordLine): string {
  const text = asciiJson(data);
  return `  ${at}  ${operator}  ${type}  ${text.length > longestData ? `${text.slice(0, longestData)} …` : text}`;
}

/** What became of the live files since a restore; `live`: null where they were not hashed again. */
type SinceThen = {datasets: Since[]; live: LiveSince[] | null};

/**
 * Looks at the live files of a session that is open, as its checklist does.
 * @param hashed whether they are hashed again, of a session that is signed off as well
 * @throws Problem where they are to be hashed, and it restored nothing or is not obeyed
 */
async function lookSince(
  root: string,
  story: Story,
  hashed: boolean,
  signal: AbortSignal,
): Promise<SinceThen> {
  const {number, closed, drill, lines} = story;
  using state = findState(root);
  try {
    const datasets = state && !closed && !drill ? sinceRestore(state, number) : [];
    if (!hashed || !state) return {datasets, live: null};
    const journal = journalOf(state, number);
    if (journal.phase !== 'done')
      wrongUsage(
        `Session ${number} is not done: there is nothing that could have changed since. Leave out --live.`,
      );
    const live: LiveSince[] = [];
    for await (const each of liveSince(journal, lines, sharedPool(), signal)) live.push(each);
    if (signal.aborted) throw new Problem(exitCode.cancelled, 'Cancelled.');
    return {datasets, live};
  } finally {
    sharedPool().close();
  }
}

const hashText = (algorithm: string, hash: string): string => `${algorithm} ${hash}`;

function liveLine({dataset, target, state, algorithm, before, recorded, now, reason}: LiveSince): string {
  const then = recorded
    ? 'at the switch'
    : 'in the manifest; the record does not say what it was at the switch';
  if (state === 'same') return `= ${dataset}: ${hashText(algorithm, before)}, as ${then}`;
  if (state === 'unseen') return `? ${dataset}: ${target} cannot be read: ${reason}`;
  const is = now === null ? `gone (${target})` : `${hashText(algorithm, now)} now`;
  return `! ${dataset}: ${is}, ${before} ${then}`;
}

/** Not escaped. */
function sinceLines(story: Story, {datasets, live}: SinceThen): string[] {
  const looked = sinceSentences(story, datasets).map(({mark, text}) => `  ${mark} ${text}`);
  const hashed = live?.map((each) => `  ${liveLine(each)}`) ?? [];
  return [
    ...(looked.length > 0 ? ['', 'Since the restore (by inode, size and time)', ...looked] : []),
    ...(live === null ? [] : ['', 'Live files, hashed again', ...hashed]),
    ...(live?.length === 0 ? ['  ? it restored no file there'] : []),
  ];
}

const sinceJson = ({datasets, live}: SinceThen) => ({
  since: datasets,
  live:
    live?.map(({before, recorded, ...each}) => ({
      ...each,
      before,
      before_from: recorded ? 'switch' : 'manifest',
    })) ?? null,
});

/** Where they were hashed, a change is never 0, and neither is that nothing was. */
function sinceExit({live}: SinceThen): ExitCode {
  if (live === null) return exitCode.done;
  if (live.some(({state}) => state === 'changed')) return exitCode.verificationFailed;
  return live.length === 0 || live.some(({state}) => state === 'unseen') ? exitCode.partial : exitCode.done;
}
