import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {formatDuration} from '../engine/base/format.ts';
import {isLine} from '../engine/session/lines.ts';
import {whoText} from '../engine/session/owner.ts';
import {doubtsAbout, tornNote} from '../engine/session/story.ts';
import {beware, secondsOf} from '../presenters/story-facts.ts';
import {writeLine, writeOut} from '../terminal/standard-output.ts';
import type {Run} from './command.ts';
import {find, readStories, rootOf} from './session-find.ts';
import {lookSince, sinceExit, sinceJson, sinceLines} from './session-since.ts';
import {stateText, stepLines, storyJson, whatOf} from './session-text.ts';

export const sessionShow: Run = async (invocation) => {
  const {flags, rest, signal} = invocation;
  const root = await rootOf(invocation);
  const story = find(readStories(root), rest[0]);
  const since = await lookSince(root, story, flags.live === true, signal);
  if (flags.json) {
    const told = {...storyJson(story), ...sinceJson(since), lines: story.lines};
    await writeLine(asciiJson({command: 'session:show', root, ...told}));
    return sinceExit(since);
  }
  const {openedAt} = story;
  const owner = story.owners.at(-1);
  const took = secondsOf(story);
  const closed = story.lines.findLast(isLine('closed'));
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
    ...beware({...story, broken: null}).map((text): [string, string] => ['! beware', text]),
    ['x RECORD', story.broken === null ? null : `broken, do not rely on it: ${story.broken}`],
    ['! record', story.torn ? tornNote : null],
  ];
  const lines = [
    ...facts.flatMap(([name, value]) => (value ? [`${name.padEnd(10)} ${value}`] : [])),
    ...(story.steps.length > 0 ? ['', 'Checklist', ...story.steps.flatMap(stepLines)] : []),
    ...sinceLines(since),
    '',
    'Record',
    ...story.lines.map(({at, operator, type, data}) => `  ${at}  ${operator}  ${type}  ${asciiJson(data)}`),
  ];
  await writeOut(`${lines.map(escapeText).join('\n')}\n`);
  return sinceExit(since);
};
