import {formatDuration} from '../../../engine/base/format.ts';
import {isBefore} from '../../../engine/catalog/suggest.ts';
import {changes, type RestorePlan} from '../../../engine/restore/action.ts';
import {type Fact, fact, inCapitals} from '../../../presenters/fact.ts';
import {minuteOf, momentOf} from '../../../presenters/moment.ts';
import {
  besideFacts,
  costFacts,
  insideFacts,
  partialFacts,
  unseenFacts,
} from '../../../presenters/restore-facts.ts';
import type {RestoreTask} from './task.ts';
import {openFacts, writingFacts} from './writer-facts.ts';

function loss(plan: RestorePlan, now: number): Fact {
  const lost = changes(plan).filter(({loses}) => loses !== null);
  if (plan.into !== null) return fact(' ', 'YOU LOSE', 'nothing: a drill touches no live file');
  const kept = plan.safety ? '; the safety backup keeps them' : '';
  if (lost.length === 0)
    return fact(
      ' ',
      'YOU LOSE',
      plan.undoes === null ? 'nothing: no live file goes' : 'nothing: nobody has written since the restore',
    );
  if (plan.undoes !== null) return fact('!', 'YOU LOSE', `what was written since the restore${kept}`);
  const made = Date.parse(plan.createdAt ?? '');
  const since = lost.some(({live}) => live?.kind === 'file' && live.mtimeMs > made);
  if (!since) return fact('!', 'YOU LOSE', `what the live files hold instead${kept}`);
  const ago = formatDuration(Math.max(0, now - made) / 1000);
  return fact('!', 'YOU LOSE', `writes since ${momentOf(plan.createdAt, now)} (${ago})${kept}`);
}

/** What goes elsewhere than where it was recorded from. */
function moved({actions}: RestorePlan): Fact[] {
  const [first] = actions.filter(({recorded, action}) => recorded !== null && action !== 'refused');
  return first ? [fact(' ', 'MOVED', `recorded from ${first.recorded}; goes to ${first.target}`)] : [];
}

/** Whether the backup is from before things went wrong, where the operator has said when that was. */
function trouble({subject, badSince}: RestoreTask, now: number): Fact[] {
  if (badSince === null) return [];
  const since = `${minuteOf(badSince.at, now)} (${badSince.by})`;
  return isBefore(subject.id, badSince.at)
    ? [fact(' ', 'BAD SINCE', `${since}; this backup is from before it`)]
    : [fact('!', 'BAD SINCE', `${since}; this backup is NOT from before it, and may hold what is bad`)];
}

/** Where what is restored cannot be told. */
function unaudited({noAudit, withoutAudit}: RestoreTask): Fact[] {
  if (noAudit === null) return [];
  return withoutAudit === null
    ? [fact('x', 'NO AUDIT', `${noAudit}. A restores without it, r looks again`)]
    : [fact('!', 'NO AUDIT', `${noAudit}. Without it: ${withoutAudit}`)];
}

/** What the operator has to know of a plan, what stops it first. */
export function restoreFacts(task: RestoreTask, now: number): Fact[] {
  const {plan, reasons, problem} = task;
  if (problem !== null) return [fact('x', 'REFUSED', problem)];
  if (!plan) return [];
  const refused = reasons.map((reason) => fact('x', 'REFUSED', reason));
  const beside = [...besideFacts(plan).map(inCapitals), ...moved(plan)];
  if (changes(plan).length === 0) return [...refused, ...partialFacts(plan).map(inCapitals), ...beside];
  return [
    ...refused,
    ...(plan.into === null ? [] : [fact(' ', 'INTO', `${plan.into}, readable by you alone`)]),
    ...trouble(task, now),
    ...[...insideFacts(plan), ...partialFacts(plan)].map(inCapitals),
    ...unaudited(task),
    loss(plan, now),
    ...writingFacts(task),
    ...openFacts(plan),
    ...unseenFacts(plan).map(inCapitals),
    ...beside,
    ...costFacts(plan).map(inCapitals),
  ];
}
