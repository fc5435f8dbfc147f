import {escapeText} from '../engine/base/escape.ts';
import {operatorName} from '../engine/base/owner.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {isRelative, readTime} from '../engine/base/time-text.ts';
import {longestOf, oneLineOf} from '../engine/session/about.ts';
import {
  endIncident,
  type Incident,
  incidentDoubts,
  incidentLines,
  incidentOf,
  isSaid,
  keepIncident,
  knownIncident,
  newOf,
  readIncident,
  type Saying,
  type Typed,
} from '../engine/session/incident.ts';
import {personName} from '../engine/session/owner.ts';
import {openState} from '../engine/storage/runbook/state-directory.ts';
import {incidentFacts} from '../presenters/incident.ts';
import {sentence} from '../presenters/sentence.ts';
import {writeEscaped, writeJson} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openProject, openToWrite, wrongUsage} from './command.ts';
import {spellFlag, text, yes} from './flags.ts';
import {tell} from './tell.ts';

const flags = {
  since: text('TIME', 'when things went wrong: 01:10, 2h ago; - clears it, here and below'),
  noticed: text('TIME', 'when that was noticed'),
  declared: text('TIME', 'when it was declared an incident'),
  ticket: text('TEXT', 'its ticket'),
  title: text('TEXT', 'what happened, in a line'),
  authorisedBy: text('TEXT', 'who approved a restore beforehand, or "emergency" and why'),
  clear: yes('it is over: all of this is cleared'),
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'what is known of the incident, and from whom; lists and restores use it until sign-off',
  task: 'Restore',
  flags,
  examples: ['magds incident --since=01:10 --ticket=INC-4711'],
  run,
};

const nothingSaid =
  'Nothing is recorded of an incident. To say when things went wrong: magds incident --since=01:10';

/** In the place of a time or a text: nobody has said. */
const takenBack = '-';

/** What the flags say. @throws Problem (wrong usage) where one is no time, or too long to be told in a line */
function sayingOf(given: Call['flags'], now: number): Saying {
  const timeOf = (name: 'since' | 'noticed' | 'declared'): string | null => {
    const typed = given[name] ?? '';
    if (typed === takenBack) return null;
    const read = readTime(typed, now);
    if ('at' in read) return new Date(read.at).toISOString();
    return wrongUsage(`${spellFlag(name)}=${escapeText(typed)}: ${read.problem} Nothing was changed.`);
  };
  const textOf = (name: 'ticket' | 'title' | 'authorisedBy'): string | null =>
    given[name] === takenBack ? null : oneLineOf(given[name]?.trim(), longestOf[name], spellFlag(name));
  return {
    ...(given.since !== undefined && {badSince: timeOf('since')}),
    ...(given.noticed !== undefined && {noticed: timeOf('noticed')}),
    ...(given.declared !== undefined && {declared: timeOf('declared')}),
    ...(given.ticket !== undefined && {ticket: textOf('ticket')}),
    ...(given.title !== undefined && {title: textOf('title')}),
    ...(given.authorisedBy !== undefined && {authorisedBy: textOf('authorisedBy')}),
  };
}

/** As times were typed that are counted back from now: what is kept is to say so. */
const typedOf = ({since, noticed, declared}: Call['flags']): Typed => ({
  ...(since !== undefined && isRelative(since) && {badSince: since}),
  ...(noticed !== undefined && isRelative(noticed) && {noticed}),
  ...(declared !== undefined && isRelative(declared) && {declared}),
});

/** Writes what was said; its state directory is made if need be. */
function keep(root: string, saying: Saying, typed: Typed, isOver: boolean): void {
  using state = openState(root);
  const me = {operator: operatorName(process.env), person: personName(process.env)};
  if (isOver) endIncident(state, me.operator, new Date());
  const lines = incidentLines(newOf(incidentOf(readIncident(state)), saying), me, new Date(), typed);
  if (lines.length > 0) keepIncident(state, lines);
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags: given} = invocation;
  const saying = sayingOf(given, Date.now());
  const isOver = given.clear === true;
  if (isOver && Object.keys(saying).length > 0)
    wrongUsage(
      'Give --clear alone: anything beside it would belong to the next incident. Nothing was changed.',
    );
  const isWritten = isOver || Object.keys(saying).length > 0;
  const {root} = await (isWritten ? openToWrite(invocation) : openProject(invocation));
  if (isWritten) keep(root, saying, typedOf(given), isOver);
  const incident = knownIncident(root);
  const doubts = incidentDoubts(incident);
  if (given.json) {
    await writeJson({command: 'incident', root, ...incidentJson(incident), doubts});
    return exitCode.done;
  }
  for (const {word, value, said} of incidentFacts(incident))
    await writeEscaped(`${word.padEnd(13)}  ${value}  (${said})`);
  if (!isSaid(incident)) tell([sentence('=', nothingSaid)]);
  tell(
    doubts.map((doubt) =>
      sentence('!', `${doubt}: is that right? If not, give the right time; the last one counts`),
    ),
  );
  return exitCode.done;
}

const incidentJson = ({badSince, authorisedBy, ...others}: Incident) => ({
  bad_since: badSince,
  authorised_by: authorisedBy,
  ...others,
});
