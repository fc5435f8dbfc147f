import path from 'node:path';
import type {Directory} from '../engine/base/directory.ts';
import {escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {checkAnswered, isToSign, planSignOff} from '../engine/checklist/sign-off.ts';
import {tellSignOff} from '../engine/checklist/tell-sign-off.ts';
import {restoreSettings} from '../engine/config/own-settings.ts';
import {announcerOf} from '../engine/events/announcer.ts';
import {signOffSession} from '../engine/evidence/sign-off.ts';
import {signerOf} from '../engine/evidence/ssh-keygen.ts';
import {journalOf} from '../engine/session/sessions.ts';
import type {Story} from '../engine/session/story.ts';
import {findState} from '../engine/storage/runbook/state-directory.ts';
import {untold} from '../presenters/sentence.ts';
import {isLastOfOld, signOffFacts, signOffHead, worthLines} from '../presenters/sign-off.ts';
import {say, writeEscaped, writeJson, writeLine} from '../terminal/standard-output.ts';
import {askForWord, canAsk, nameOperator} from './ask.ts';
import {type Command, type Invocation, openToWrite, wrongUsage} from './command.ts';
import {aboutFlags, confirmed, session, sign} from './flags.ts';
import {find, isTaken, me, readStories, writing, writingFlags} from './sessions.ts';
import {tell} from './tell.ts';

const {operator} = aboutFlags;
const flags = {session, yes: confirmed, sign, operator, ...writingFlags};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'sign it off: write its final evidence, delete the old files kept beside the live ones',
  task: 'Restore',
  operands: ['[SESSION]'],
  flags,
  examples: ['magds session close --session=1 --yes=1'],
  run,
};

/**
 * What signing off lets go is said, and its number typed, or given as `--yes`.
 * @throws Problem where it was not, or nobody is there to be asked
 */
async function confirm(
  {flags: given, signal}: Call,
  root: string,
  state: Directory,
  story: Story,
): Promise<void> {
  const {number} = story;
  if (given.yes === String(number)) return;
  if (given.yes !== undefined) wrongUsage(`--yes=${given.yes} is not ${number}. Nothing was changed.`);
  const plan = planSignOff(root, state, story, restoreSettings(root), Date.now());
  if (!canAsk(given)) {
    const grave = isLastOfOld(plan)
      ? ` There is no safety backup: what it keeps beside the live files is all that is left of the old ones.`
      : '';
    wrongUsage(
      `There is no terminal to ask on: --yes=${number} signs session ${number} off.${grave} Nothing was changed.`,
    );
  }
  const lines = signOffFacts(plan).map(
    ({word, text, isGrave}) => `  ${isGrave ? '!' : ' '} ${word.padEnd(6)}  ${text}`,
  );
  say([signOffHead(story), ...lines].map(escapeText).join('\n'));
  await askForWord(`Type the session's number (${number}) to sign it off: `, String(number), signal);
}

async function checkFirst(invocation: Call, root: string): Promise<Story> {
  const story = find(readStories(root), invocation.flags.session);
  isTaken(story, invocation.flags);
  using state = findState(root);
  // What is not obeyed is not answered for either.
  if (state && isToSign(story)) journalOf(state, story.number);
  checkAnswered(story);
  if (state && isToSign(story)) await confirm(invocation, root, state, story);
  return story;
}

/** What became of it; of what was over already, that. */
function endingOf(story: Story, kept: string[]): string {
  const {number, drill, undoneBy, closed} = story;
  if (drill) return `= Session ${number} is a drill: there is nothing to sign off.`;
  if (undoneBy !== null)
    return `= Session ${number} was undone by session ${undoneBy}: there is nothing to sign off.`;
  if (closed) return `= Session ${number} is signed off already: nothing is left to do.`;
  return kept.length > 0
    ? `+ Session ${number} is closed. The other old files beside the live ones are deleted.`
    : `+ Session ${number} is closed: the old files beside the live ones are deleted.`;
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags: given, cwd, signal} = invocation;
  const place = await openToWrite(invocation);
  const key = given.sign === undefined ? null : path.resolve(cwd, given.sign);
  // A key that cannot sign is found before anything is let go.
  if (key !== null) await signerOf(key);
  const before = await checkFirst(invocation, place.root);
  const {number} = before;
  await nameOperator({...given, yes: ''}, signal);
  const announcer = announcerOf(place, signal);
  const terminal = process.stdin.isTTY === true;
  const {kept, notes, evidence, signed} = await writing(
    invocation,
    `session close ${number}`,
    place,
    (story, writer) =>
      signOffSession({place, writer, story, me: me(), env: process.env, key, terminal, announcer}),
    String(number),
  );
  const told = await announcer.settle();
  const problems = [...new Set([...told.problems, ...(signed ? await tellSignOff(place, signed) : [])])];
  tell(untold(problems));
  // What was signed off stays signed off; that it was not told must not be missed.
  const exit = problems.length === 0 ? exitCode.done : exitCode.partial;
  if (given.json) {
    const written = evidence && {file: evidence.file, sha256: evidence.sha256, beware: evidence.beware};
    const summary = {message_type: 'summary', command: 'session:close', session: number, kept, notes};
    await writeJson({...summary, evidence: written, untold: problems});
    return exit;
  }
  for (const file of kept)
    await writeEscaped(`! kept: ${file}: written to after it was saved; it exists nowhere else`);
  await writeLine(endingOf(before, kept));
  if (evidence) {
    await writeEscaped(`+ The final evidence, for the ticket: ${evidence.file}`);
    for (const line of evidence.beware) await writeEscaped(`! ${line}`);
    for (const line of worthLines(evidence, number)) await writeEscaped(`= ${line}`);
  }
  for (const line of notes) await writeEscaped(`= ${line}.`);
  return exit;
}
