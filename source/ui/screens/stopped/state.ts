import type {StoppedRestore} from '../../facts.ts';
import {type AppState, slice} from '../../state.ts';

/** What the operator decides about a restore that stopped halfway. */
export type Deciding = {
  typed: string;
  /** What was decided is being done. */
  working: boolean;
};

export type StoppedAction =
  | {type: 'stopped opened'}
  | {type: 'decision written'; text: string}
  | {type: 'recovery started'}
  | {type: 'recovery failed'};

export type Decision = 'finish' | 'rollback' | 'look';

/** Datasets whose live file somebody has written to since: what becomes of each is decided on the command line. */
export const writtenIn = ({files}: StoppedRestore): string[] =>
  files.filter(({standing}) => standing === 'written').map(({dataset}) => dataset);

/** What can be typed: forward only where files were being switched, nothing but a look where that takes more than a word. */
export function decisions(task: StoppedRestore): Decision[] {
  const {phase, untrusted} = task;
  if (untrusted !== null || writtenIn(task).length > 0) return ['look'];
  return phase === 'commit' ? ['finish', 'rollback', 'look'] : ['rollback', 'look'];
}

/** What was decided; null where no such word has been typed. */
export const decisionOf = (task: StoppedRestore, {typed}: Deciding): Decision | null =>
  decisions(task).find((each) => each === typed) ?? null;

const longest = 32;

const nothing: Deciding = {typed: '', working: false};

function reduceStopped(deciding: Deciding, action: StoppedAction): Deciding {
  switch (action.type) {
    case 'stopped opened':
    case 'decision written': {
      const text = action.type === 'stopped opened' ? '' : action.text;
      return deciding.working ? deciding : {...deciding, typed: text.slice(0, longest)};
    }
    case 'recovery started':
      return {...deciding, working: true};
    case 'recovery failed':
      return nothing;
  }
}

export const stoppedSlice = slice('stopped', {start: nothing, reduce: reduceStopped});

/** What was typed about one restore is not about another. */
export const followStopped = (deciding: Deciding, {stopped}: AppState, before: AppState | null): Deciding =>
  stopped?.session === before?.stopped?.session ? deciding : nothing;
