import type {Since} from '../engine/checklist/since.ts';
import {planOf} from '../engine/restore/plan-record.ts';
import {serviceStep} from '../engine/session/checklist.ts';
import type {Story} from '../engine/session/story.ts';
import {type Mark, type Sentence, sentence} from './sentence.ts';

/** Whether somebody has said that the service runs again. */
const isServiceBack = ({steps, times}: Story): boolean =>
  times.serviceBack !== null || steps.find(({id}) => id === serviceStep)?.answer?.state === 'done';

/** What became of the live files since a restore; what a running service changes is expected, and said to be. */
export function sinceSentences(story: Story, datasets: Since[]): Sentence[] {
  const volatile = new Set(
    planOf(story.lines)?.actions.flatMap((action) => (action.volatile ? [action.dataset] : [])),
  );
  const told = new Map<string, {mark: Mark; means: string; names: string[]}>();
  const say = (mark: Mark, means: string, name: string): void => {
    const known = told.get(means) ?? {mark, means, names: []};
    known.names.push(name);
    told.set(means, known);
  };
  for (const {dataset, state, reason, by} of datasets) {
    if (state === 'as restored') say('=', 'as restored', dataset);
    else if (state === 'unseen')
      say('?', `cannot be looked at${reason === null ? '' : `: ${reason}`}`, dataset);
    else if (by !== null) say('!', `written over since by session ${by}`, dataset);
    else if (volatile.has(dataset)) say('=', 'changed since the restore, as it always does', dataset);
    else if (isServiceBack(story))
      say('=', 'changed since the restore, as expected: the service runs', dataset);
    else say('!', 'changed since the restore: expected once the service runs', dataset);
  }
  const order = ['=', '!', '?'];
  return [...told.values()]
    .sort((a, b) => order.indexOf(a.mark) - order.indexOf(b.mark))
    .map(({mark, means, names}) => sentence(mark, `${names.join(', ')}: ${means}`));
}
