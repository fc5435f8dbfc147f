import type {Directory} from '../base/directory.ts';
import {operatorName} from '../base/owner.ts';
import {exitCode, Problem} from '../base/problem.ts';
import type {HookResult} from '../base/result.ts';
import {runHook} from '../base/run-hook.ts';
import {configuredAlgorithm} from '../config/configuration.ts';
import type {RunPlace} from '../config/project.ts';
import type {ToldEvent} from '../events/log/audit-line.ts';
import {eventNote} from '../events/told-notes.ts';
import type {Pool} from '../hashing/pool.ts';
import {type Answer, givenText, type Step} from '../session/checklist.ts';
import {incidentLines, incidentOf, keepIncident, newOf, readIncident} from '../session/incident.ts';
import type {Journal} from '../session/journal.ts';
import type {Note} from '../session/lines.ts';
import {personName} from '../session/owner.ts';
import {writeNotes} from '../session/progress.ts';
import {safetyName} from '../session/safety-place.ts';
import {journalOf, sessionGone} from '../session/sessions.ts';
import type {Story} from '../session/story.ts';
import {type TimeName, timeNote} from '../session/times.ts';
import {heldDirectory} from '../storage/held.ts';
import {inState, stateName} from '../storage/runbook/state-directory.ts';
import {tellVerification} from '../verify/tell-verification.ts';
import {verify} from '../verify/verify.ts';
import {chosenIn, verifiedAnswer} from './verified.ts';

export type CheckedStep = {
  answer: Answer;
  /** What a command said; null where none was run. */
  output: HookResult | null;
  /** Events that were told while it was found. */
  told?: ToldEvent[];
};

type Checking = {
  place: RunPlace;
  story: Story;
  step: Step;
  pool: Pool;
  signal: AbortSignal;
  /** Seconds that a command may take. */
  seconds: number;
  /** Is told how far it is, in bytes. */
  progress?: (done: number, total: number) => void;
};

/** @throws Problem where others may have written what a record names to be run (RESTORE.md, "Whom it obeys") */
const checkObeyed = (root: string, number: number): Journal =>
  inState(root, (state) => {
    if (!state) throw sessionGone(number);
    return journalOf(state, number);
  });

/** Answers a step by machine: hashes the backup again, or runs the site's own command. Writes nothing to the session. */
export async function checkStep(checking: Checking): Promise<CheckedStep> {
  const {step, story, place, seconds} = checking;
  const {root, backups} = place;
  const answer = (passed: boolean, note: string): Answer => ({
    step: step.id,
    state: passed ? 'done' : 'failed',
    machine: true,
    note,
  });
  if (step.command) {
    checkObeyed(root, story.number);
    if (story.broken !== null)
      throw new Problem(
        exitCode.failed,
        `The record of session ${story.number} cannot be relied on: ${story.broken}. What it names is not run: answer the step yourself, --done, --fail or --skip with --note=….`,
      );
    const about = {MAGDS_ROOT: root, MAGDS_SESSION: String(story.number), MAGDS_BACKUP: story.id};
    const output = await runHook(step.command, root, seconds, about);
    return {answer: answer(output.reason === null, output.reason ?? 'its command ended with 0'), output};
  }
  if (step.id !== 'verified')
    throw new Problem(
      exitCode.usage,
      `Step ${step.id} cannot be answered by a machine: --done, --fail or --skip, with --note=….`,
    );
  const {pool, signal} = checking;
  // What an undo restores lies apart from the catalog, where verifications are not looked for.
  const undo = story.undoes !== null;
  const held = undo ? `${root}/${stateName}/${safetyName}` : heldDirectory(root);
  const algorithm = configuredAlgorithm(place.configuration);
  const options = {root, backups, held, ids: [story.id], algorithm, pool, signal, record: !undo};
  let total = 0;
  for await (const event of tellVerification(verify(options), undo ? null : place, signal)) {
    if (event.type === 'started') total = event.totalBytes;
    if (event.type === 'progress') checking.progress?.(event.bytesDone, total);
    if (event.type !== 'finished') continue;
    const [result] = event.results;
    if (!result || result.result === 'cancelled')
      throw new Problem(exitCode.cancelled, 'Cancelled. Nothing was answered.');
    if (['gone', 'running', 'not checked'].includes(result.result))
      throw new Problem(exitCode.failed, `${story.id}: ${result.reason}. Nothing was answered.`);
    const found = verifiedAnswer(result, chosenIn(story.lines));
    const note = [found.note, ...(event.untold ?? []).map((each) => `not reported: ${each}`)].join('; ');
    return {answer: {...found, note}, output: null, told: event.told ?? []};
  }
  throw new Problem(exitCode.failed, 'The verification ended without a result. Nothing was answered.');
}

/**
 * What was signed off stays as it was, and an incident that has ended gets no more times.
 * @param what is not done then: `answered`
 * @throws Problem where the session is over
 */
export function checkOpen({number, state, closed, drill, undoneBy}: Story, what: string): void {
  const why = drill
    ? 'is a drill, which has no checklist and no incident'
    : undoneBy !== null
      ? `was undone by session ${undoneBy}`
      : !closed
        ? null
        : state === 'done'
          ? 'is signed off'
          : 'has restored nothing';
  if (why !== null) throw new Problem(exitCode.failed, `Session ${number} ${why}. Nothing was ${what}.`);
}

/**
 * An answer is not replaced without a word.
 * @param seen when the answer was given that is to be replaced; null where the step was open
 * @param how what replaces it, for the operator
 * @throws Problem where another answer has been given
 */
export function checkReplaces({steps}: Story, step: string, seen: string | null, how: string): void {
  const now = steps.find(({id}) => id === step)?.answer ?? null;
  if (now === null || now.at === seen) return;
  throw new Problem(
    exitCode.failed,
    `Step ${step} is answered already: ${givenText(now)}. ${how}; the record keeps both. Nothing was answered.`,
  );
}

/**
 * Writes an answer to a session's record; the caller holds the lock.
 * @param beside what is recorded with it
 * @throws Problem where that cannot be recorded
 */
export function recordAnswer(
  state: Directory,
  story: Story,
  {answer, output, told = []}: CheckedStep,
  beside: Note[] = [],
): void {
  const {number} = story;
  checkOpen(story, 'answered');
  const command: Note[] = output ? [['command', output]] : [];
  writeNotes(state, number, 'The answer', [...command, ...told.map(eventNote), ['step', answer], ...beside]);
}

/**
 * Records when something of the incident was; what is not of this session alone is known to the next one too. The caller
 * holds the lock.
 * @param at milliseconds since the epoch
 * @throws Problem where that cannot be recorded
 */
export function recordTime(state: Directory, story: Story, what: TimeName, at: number): void {
  const {number} = story;
  checkOpen(story, 'recorded');
  writeNotes(state, number, 'The time', [timeNote(what, at)]);
  if (what === 'service-back') return;
  const saying = newOf(incidentOf(readIncident(state)), {[what]: new Date(at).toISOString()});
  const me = {operator: operatorName(process.env), person: personName(process.env)};
  const lines = incidentLines(saying, me, new Date());
  if (lines.length > 0) keepIncident(state, lines);
}
