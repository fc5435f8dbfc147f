import {changes, type RestorePlan} from '../../../engine/restore/action.ts';
import {quietTime} from '../../../engine/restore/target-writes.ts';
import {type Fact, fact, some} from '../../../presenters/fact.ts';
import {present} from '../../../presenters/present.ts';
import type {RestoreTask} from './task.ts';
import {countText, mostWatched, quietFor, staleNames, unwatched, writingNow} from './writes.ts';

/** Seconds until `Enter` counts, if nobody writes meanwhile. */
export const toGo = (task: RestoreTask): number => quietTime - quietFor(task);

/** Who writes to what would be changed (RESTORE.md, "Who writes"). What holds a restore up comes first. */
export function writingFacts(task: RestoreTask): Fact[] {
  const {holding, hooked, although, volatile, elsewhere} = writingNow(task);
  const stop = holding.every(({quiet}) => quiet === 0)
    ? 'Stop the service first: s'
    : `${toGo(task)}s to go, if nobody writes. How to stop the service: s`;
  const kept = task.plan?.safety ? '; the safety backup keeps what was there when it was made' : '';
  // Where somebody is seen writing that is said already.
  const stale = holding.length + hooked.length > 0 ? [] : staleNames(task);
  const many = unwatched(task);
  const others = some(elsewhere.map(({dataset}) => dataset));
  return present([
    holding.length > 0 && fact('x', 'WRITING', `${countText(holding)}. ${stop}`),
    although.length > 0 &&
      fact('x', 'WRITING', `${countText(although)}: what is written until the switch is lost${kept}`),
    hooked.length > 0 &&
      fact('!', 'WRITING', `${countText(hooked)}; hooks.before_restore runs first, to stop it`),
    volatile.length > 0 && fact('!', 'WRITING', `${countText(volatile)}; always changes, holds nothing up`),
    elsewhere.length > 0 && fact('!', 'ELSEWHERE', `the service writes ${others}: not chosen, stays`),
    stale.length > 0 &&
      fact('!', 'CHANGED', `${some(stale)}: written to since this plan was made. Look again: r`),
    many > 0 &&
      fact('?', 'UNWATCHED', `${many} files: only the first ${mostWatched} are looked at for writes`),
  ]);
}

/** Who has files open, and what lies beside them. */
export function openFacts(plan: RestorePlan): Fact[] {
  const open = changes(plan).flatMap(({dataset, role, writers: {openBy}}) =>
    role !== 'dataset' || openBy.length === 0 ? [] : [`${dataset}, ${some(openBy)}`],
  );
  const beside = plan.actions
    .filter(({role, action}) => role === 'sidecar' && action === 'remove')
    .map(({target}) => target.slice(target.lastIndexOf('/') + 1));
  return present([
    open.length > 0 && fact('!', 'OPEN', `${some(open)}: sees the old file until restarted`),
    beside.length > 0 && fact('!', 'BESIDE', `${some(beside)}: moved aside with it`),
  ]);
}
