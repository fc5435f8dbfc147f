import {openSteps} from '../engine/session/checklist.ts';
import type {Story} from '../engine/session/story.ts';

/** `2 of 4`, of its steps; `-` where it has none. */
export const answeredOf = ({steps}: Story): string =>
  steps.length === 0 ? '-' : `${steps.length - openSteps(steps).length} of ${steps.length}`;

/** What it restored, or took back; not escaped. */
export const whatOf = ({id, undoes, drill}: Story): string =>
  undoes !== null ? `undo of session ${undoes}` : drill ? `drill ${id}` : id;

/** Titles of its steps that failed. */
export const failedOf = ({steps}: Pick<Story, 'steps'>): string[] =>
  steps.flatMap(({answer, title}) => (answer?.state === 'failed' ? [title] : []));
