import {failureText} from '../engine/backup/hooks.ts';
import type {RunResult} from '../engine/backup/run-events.ts';
import {type Fact, fact} from './fact.ts';
import {present} from './present.ts';
import {type Sentence, sentence, untold} from './sentence.ts';

/** Why a copy may be half old, half new. */
export const changing = 'written to each time that it was read';

/** What is missing from a backup that was made, or cannot be relied on: name and reason. */
export const lacking = ({missing, doubtful, changed}: RunResult): {name: string; reason: string}[] => [
  ...missing.map(({name, reason}) => ({name, reason})),
  ...doubtful.map(({name, reason}) => ({name, reason})),
  ...changed.map((name) => ({name, reason: changing})),
];

/** How a run ended. */
export function runEnding(result: RunResult): Fact {
  switch (result.outcome) {
    case 'done':
      return fact('+', 'Done', 'the backup is whole and on the disk');
    case 'partial': {
      const [first, ...others] = lacking(result);
      if (!first) return fact('x', 'Done in part', 'something was left out');
      const more = others.length > 0 ? `, and ${others.length} more` : '';
      return fact('x', 'Done in part', `${first.name}: ${first.reason}${more}`);
    }
    case 'cancelled':
      return fact('!', 'Cancelled', 'nothing of it stays');
    case 'failed':
      return fact('x', 'Failed', result.reason ?? 'why is not known');
  }
}

/** What else is to be known of it; a hook that failed is left out where it is the reason of it all. */
export const runNotes = ({
  hooks,
  untold: problems,
  reason,
  notPruned,
  notRemembered,
}: RunResult): Sentence[] =>
  present([
    notPruned !== null && sentence('!', `Not pruned: ${notPruned}`),
    notRemembered !== null && sentence('!', `What this run did could not be recorded: ${notRemembered}`),
    ...hooks.map((hook) => {
      const failure = failureText(hook);
      return failure !== null && !reason?.startsWith(failure) && sentence('!', `Failed: ${failure}`);
    }),
    ...untold(problems),
  ]);
