import {givenText, type Step} from '../engine/session/checklist.ts';
import {stoppedWhere} from '../engine/session/journal.ts';
import type {Owner} from '../engine/session/owner.ts';
import type {Story} from '../engine/session/story.ts';
import {stateWord} from '../presenters/restore-outcome.ts';
import {failedOf} from '../presenters/story-words.ts';

/** `done, not signed off`: what the operator has to know at a glance. */
export function stateText({state, phase, closed, drill, broken, undoneBy, steps}: Story): string {
  const failed = failedOf({steps}).length;
  const text =
    undoneBy !== null
      ? `undone by session ${undoneBy}`
      : state === 'done' && !closed && !drill
        ? 'done, NOT SIGNED OFF'
        : state === 'stopped' && phase !== null
          ? `stopped ${stoppedWhere(phase)}`
          : `${stateWord(state)}${state === 'done' && failed > 0 ? `, ${failed} FAILED` : ''}`;
  return broken === null ? text : `${text}, RECORD BROKEN`;
}

/** Of an answer. */
export const marks = {done: '+', failed: 'x', skipped: '!'};

function stepLine({id, title, answer}: Step, index: number): string {
  const head = `${answer ? marks[answer.state] : '-'} ${index + 1} ${id}: ${title}`;
  if (!answer) return `${head}: open`;
  return `${head}: ${givenText(answer)}`;
}

/** A step, and below it the answers that its last one replaced. */
export const stepLines = (step: Step, index: number): string[] => [
  `  ${stepLine(step, index)}`,
  ...step.replaced.map((answer) => `      = replaced: ${givenText(answer)}`),
];

/** Who has it. */
const ownerJson = (owners: Owner[]) => {
  const owner = owners.at(-1);
  return owner
    ? {operator: owner.operator, person: owner.person ?? null, from: owner.from, at: owner.at}
    : null;
};

/** A session as scripts are told of it. */
export const storyJson = ({lines: _, owners, badSince, authorisedBy, times, undoneBy, ...story}: Story) => ({
  ...story,
  undone_by: undoneBy,
  authorised_by: authorisedBy,
  bad_since: badSince,
  times: {noticed: times.noticed, declared: times.declared, service_back: times.serviceBack},
  owner: ownerJson(owners),
  steps: story.steps.map(({id, title, answer, replaced}) => ({id, title, answer, replaced})),
});
