import type {RunPlace} from '../engine/backup/plan.ts';
import {asciiJson, escapeText} from '../engine/escape.ts';
import {formatDuration} from '../engine/format.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {operatorName} from '../engine/owner.ts';
import {exitCode, Problem} from '../engine/problem.ts';
import {restoreSettings} from '../engine/restore/settings.ts';
import {findState} from '../engine/runbook/state-directory.ts';
import {
  type Check,
  checkReplaces,
  checkStep,
  holdsLastOfOld,
  recordAnswer,
  signOff,
} from '../engine/session/answer.ts';
import {givenText, isCheckable, openSteps, type Step, serviceStep} from '../engine/session/checklist.ts';
import {cameFrom, type Owner, standingOf, type Who, whoText} from '../engine/session/owner.ts';
import {type Story, stories, tornNote, unsigned} from '../engine/session/story.ts';
import {checkMine, takeOver} from '../engine/session/take-over.ts';
import {openWriter, type Writer} from '../engine/writer.ts';
import {secondsOf} from '../state/story-facts.ts';
import {writeLine, writeOut} from '../terminal/standard-output.ts';
import {type Flags, type Invocation, openPlace, openToWrite, type Run} from './command.ts';
import {lookSince, sinceExit, sinceJson, sinceLines} from './session-since.ts';
import {table} from './table.ts';
import {tellTidied} from './tidied.ts';

export function readStories(root: string): Story[] {
  const state = findState(root);
  try {
    return stories(state);
  } finally {
    state?.close();
  }
}

async function rootOf(invocation: Invocation): Promise<string> {
  const {place} = await openPlace(invocation);
  if (place.root !== null) return place.root;
  throw new Problem(
    exitCode.usage,
    `"magds ${invocation.command.words.join(' ')}" needs the project: --root DIR.`,
  );
}

/** The session that is named, else the only one that is open. */
export function find(all: Story[], given: string | undefined): Story {
  if (given === undefined) {
    const open = unsigned(all);
    const [only] = open;
    if (only && open.length === 1) return only;
    const which =
      open.length === 0 ? 'none is open' : `${open.map(({number}) => number).join(', ')} are open`;
    throw new Problem(exitCode.usage, `Which session? ${which}. "magds session list" shows them all.`);
  }
  if (!/^[1-9]\d{0,8}$/.test(given))
    throw new Problem(
      exitCode.usage,
      `${escapeText(given)} is no session's number: "magds session list" shows them.`,
    );
  const found = all.find(({number}) => String(number) === given);
  if (found) return found;
  throw new Problem(
    exitCode.notFound,
    `There is no session ${escapeText(given)}: "magds session list" shows what there is.`,
  );
}

const answered = ({steps}: Story): string =>
  steps.length === 0 ? '-' : `${steps.length - openSteps(steps).length} of ${steps.length}`;

const whatOf = ({id, undoes, drill}: Story): string =>
  undoes !== null ? `undo of session ${undoes}` : drill ? `${id} (drill)` : id;

const ownerJson = (owners: Owner[]) => {
  const owner = owners.at(-1);
  return owner ? {operator: owner.operator, from: owner.from, at: owner.at} : null;
};

/** `done, not signed off`: what the operator has to know at a glance. */
function stateText({state, closed, drill, broken}: Story): string {
  const text = state === 'done' && !closed && !drill ? 'done, NOT SIGNED OFF' : state;
  return broken === null ? text : `${text}, RECORD BROKEN`;
}

export const storyJson = ({lines: _, owners, badSince, times, ...story}: Story) => ({
  ...story,
  bad_since: badSince,
  times: {noticed: times.noticed, declared: times.declared, service_back: times.serviceBack},
  owner: ownerJson(owners),
  steps: story.steps.map(({id, title, answer, replaced}) => ({id, title, answer, replaced})),
});

export const sessionList: Run = async (invocation) => {
  const root = await rootOf(invocation);
  const all = readStories(root);
  if (invocation.flags.json) {
    await writeLine(asciiJson({command: 'session:list', root, sessions: all.map(storyJson)}));
    return exitCode.done;
  }
  if (all.length === 0) process.stderr.write('No restore was made here yet.\n');
  else {
    const rows = all
      .toReversed()
      .map((story) => [
        String(story.number),
        story.openedAt?.slice(0, 19) ?? '?',
        whatOf(story),
        stateText(story),
        answered(story),
        [story.operator, story.ticket].filter(Boolean).join(', '),
      ]);
    const lines = await table(['SESSION', 'OPENED (UTC)', 'BACKUP', 'STATE', 'STEPS', 'BY'], rows);
    await writeOut(`${lines.join('\n')}\n`);
  }
  return exitCode.done;
};

const marks = {done: '+', failed: 'x', skipped: '!'};

function stepLine({id, title, answer}: Step, index: number): string {
  const head = `${answer ? marks[answer.state] : '-'} ${index + 1} ${id}: ${title}`;
  if (!answer) return `${head}: open`;
  return `${head}: ${givenText(answer)}`;
}

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
  const facts: [string, string | null][] = [
    ['session', `${story.number}, ${stateText(story)}`],
    ['backup', whatOf(story)],
    ['ticket', story.ticket],
    ['purpose', story.purpose],
    ['bad since', story.badSince],
    ['noticed', story.times.noticed],
    ['declared', story.times.declared],
    ['back', story.times.serviceBack],
    ['by', story.operator],
    ['with', owner ? whoText(owner) : null],
    ['opened', openedAt],
    ['took', took === null ? null : formatDuration(took)],
    ['reason', story.reason],
    ['x RECORD', story.broken === null ? null : `broken, do not rely on it: ${story.broken}`],
    ['! record', story.torn ? tornNote : null],
  ];
  const lines = [
    ...facts.flatMap(([name, value]) => (value ? [`${name.padEnd(9)} ${value}`] : [])),
    ...(story.steps.length > 0 ? ['', 'Checklist', ...story.steps.flatMap(stepLines)] : []),
    ...sinceLines(since),
    '',
    'Record',
    ...story.lines.map(({at, operator, type, data}) => `  ${at}  ${operator}  ${type}  ${asciiJson(data)}`),
  ];
  await writeOut(`${lines.map(escapeText).join('\n')}\n`);
  return sinceExit(since);
};

/** A step, and below it the answers that its last one replaced. */
const stepLines = (step: Step, index: number): string[] => [
  `  ${stepLine(step, index)}`,
  ...step.replaced.map((answer) => `      = replaced: ${givenText(answer)}`),
];

/** The answer that the flags give; null where a machine is to find it. */
function given(flags: Flags, step: Step): Check | null {
  const states = (['done', 'fail', 'skip'] as const).filter((name) => flags[name] !== undefined);
  const [state] = states;
  if (states.length > 1)
    throw new Problem(exitCode.usage, 'Give one of --done, --fail, --skip. Nothing was answered.');
  if (!state) {
    if (isCheckable(step)) return null;
    throw new Problem(
      exitCode.usage,
      `Step ${step.id} is answered by somebody: --done, --fail or --skip, with --note=…. Nothing was answered.`,
    );
  }
  const note = flags.note?.trim() || null;
  if (state !== 'done' && note === null)
    throw new Problem(exitCode.usage, `--${state} needs a reason: --note=…. Nothing was answered.`);
  const words = {done: 'done', fail: 'failed', skip: 'skipped'} as const;
  return {answer: {step: step.id, state: words[state], machine: false, note}, output: null};
}

const me = (): Who => ({
  operator: operatorName(process.env),
  from: cameFrom(process.env),
  screen: null,
});

/**
 * Whether a session has to be taken over first, as `--take-over` says.
 * @throws Problem where another operator has it and that was not said, or of another session
 */
export function isTaken(story: Story, {takeOver: given}: Flags): boolean {
  const {number, owners} = story;
  if (given !== undefined && given !== String(number))
    throw new Problem(
      exitCode.usage,
      `--take-over=${escapeText(given)} is another session than ${number}. Nothing was changed.`,
    );
  const isOthers = standingOf(owners, me()) === 'watches';
  if (given === undefined) checkMine(story, me(), `--take-over=${number} takes it over`);
  return isOthers;
}

export async function writing<T>(
  invocation: Invocation,
  doing: string,
  place: RunPlace,
  action: (story: Story, writer: Writer) => T,
  number: string,
): Promise<T> {
  const writer = openWriter({...place, doing, breakHost: invocation.flags.breakLock});
  try {
    tellTidied(writer.tidied);
    const story = find(stories(writer.state), number);
    if (isTaken(story, invocation.flags)) takeOver(writer.state, story, me());
    return action(find(stories(writer.state), number), writer);
  } finally {
    writer.close();
  }
}

export const sessionStep: Run = async (invocation) => {
  const {flags, rest, signal} = invocation;
  const place = await openToWrite(invocation);
  try {
    const story = find(readStories(place.root), flags.session);
    const [wanted = ''] = rest;
    const step = story.steps.find(({id}, index) => id === wanted || String(index + 1) === wanted);
    if (!step)
      throw new Problem(
        exitCode.usage,
        story.steps.length === 0
          ? `Session ${story.number} has no checklist: it restored nothing that would have to be checked.`
          : `Which step? ${story.steps.map(({id}, index) => `${index + 1} ${id}`).join(', ')}.`,
      );
    isTaken(story, flags);
    const checkSeen = (current: Story, seen: Step['answer']): void =>
      checkReplaces(current, step.id, seen?.at ?? null, '--replace replaces that');
    checkSeen(story, flags.replace ? step.answer : null);
    const {seconds} = restoreSettings(place.root);
    const {root, backups} = place;
    const check =
      given(flags, step) ??
      (await checkStep({root, backups, story, step, pool: sharedPool(), signal, seconds}));
    const now = await writing(
      invocation,
      `session step ${step.id}`,
      place,
      (fresh, {state}) => {
        checkSeen(fresh, step.answer);
        recordAnswer(state, fresh, check);
        return find(stories(state), String(fresh.number));
      },
      String(story.number),
    );
    const {answer} = check;
    if (flags.json)
      await writeLine(asciiJson({message_type: 'summary', command: 'session:step', ...storyJson(now)}));
    else {
      if (check.output)
        await writeOut(`${check.output.output.split('\n').map(escapeText).join('\n').trimEnd()}\n`);
      await writeLine(
        escapeText(
          `${marks[answer.state]} ${step.id}: ${answer.state}${answer.note ? `: ${answer.note}` : ''}`,
        ),
      );
      const open = openSteps(now.steps);
      const next =
        open.length === 0
          ? `All are answered: magds session close ${now.number}`
          : `Open: ${open.map(({id}) => id).join(', ')}`;
      await writeLine(next);
      if (step.id === serviceStep && answer.state === 'done' && now.times.serviceBack === null)
        await writeLine('When was it back? magds session time service-back TIME');
    }
    return answer.state === 'failed' && answer.machine ? exitCode.verificationFailed : exitCode.done;
  } finally {
    sharedPool().close();
  }
};

export const sessionClose: Run = async (invocation) => {
  const {flags, rest} = invocation;
  const place = await openToWrite(invocation);
  const {number} = find(readStories(place.root), rest[0]);
  const {kept, holds} = await writing(
    invocation,
    `session close ${number}`,
    place,
    (story, {state, backups}) => {
      if (holdsLastOfOld(state, number) && flags.yes !== String(number))
        throw new Problem(
          exitCode.failed,
          `Session ${number} has no safety backup: what it keeps beside the live files is all that is left of the old ones. If they may go: --yes=${number}. Nothing was changed.`,
        );
      return signOff(state, backups.path, story);
    },
    String(number),
  );
  if (flags.json)
    await writeLine(asciiJson({message_type: 'summary', command: 'session:close', session: number, kept}));
  else {
    for (const file of kept)
      await writeLine(escapeText(`! kept: ${file}: written to after it was saved; nowhere else`));
    await writeLine(`+ Session ${number} is closed: the old files beside the live ones are released.`);
    for (const line of holds) await writeLine(escapeText(`= ${line}.`));
  }
  return exitCode.done;
};
