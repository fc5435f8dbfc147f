import {formatDuration} from '../../../engine/base/format.ts';
import {isBefore} from '../../../engine/catalog/suggest.ts';
import {changes, type RestorePlan} from '../../../engine/restore/action.ts';
import {quietTime} from '../../../engine/restore/target-writes.ts';
import {type Fact, fact, inCapitals, some} from '../../../presenters/fact.ts';
import {minuteOf} from '../../../presenters/moment.ts';
import {present} from '../../../presenters/present.ts';
import {openSessionFacts, unseenFacts} from '../../../presenters/restore-facts.ts';
import type {RestoreTask} from './task.ts';
import {writingFacts} from './writer-facts.ts';
import {quietFor, staleNames, writingNow} from './writes.ts';

/** One thing that was looked at before files change, in a few words. */
export type Check = Pick<Fact, 'mark' | 'text' | 'tone'>;

const check = (mark: Fact['mark'], text: string): Check => {
  const {tone} = fact(mark, '', text);
  return {mark, text, tone};
};

/** Seconds below which something has just been. */
const just = 60;

function verified({plannedAt}: RestoreTask, now: number): Check {
  const seconds = plannedAt === null ? 0 : (now - plannedAt) / 1000;
  return check('+', `verified ${seconds < just ? 'just now' : `${formatDuration(seconds)} ago`}`);
}

function quiet(task: RestoreTask): Check {
  const {holding, hooked, although} = writingNow(task);
  const seconds = quietFor(task);
  if (hooked.length > 0) return check('!', 'written until the hook');
  if (holding.length + although.length > 0)
    return check('x', seconds === 0 ? 'being written' : `no writes for only ${seconds}s`);
  // What lies there for a few seconds may have been copied; nobody was seen writing.
  return seconds < quietTime
    ? check('!', `no writes for ${seconds}s`)
    : check('+', `no writes for at least ${quietTime}s`);
}

function space({space: spaces}: RestorePlan): Check {
  const unknown = spaces.some(({free}) => free === null);
  return unknown ? check('?', 'space: not known') : check('+', 'space');
}

function unchanged(task: RestoreTask): Check {
  return staleNames(task).length > 0 ? check('x', 'changed since the plan') : check('+', 'plan unchanged');
}

/** Who sees the old files until it is restarted. */
function restarts(plan: RestorePlan): Check[] {
  const open = new Set(changes(plan).flatMap(({writers}) => writers.openBy));
  return open.size === 0 ? [] : [check('!', `restart ${some([...open], 2)} after`)];
}

const audit = ({noAudit}: RestoreTask): Check =>
  noAudit === null ? check('+', 'audit log writable') : check('!', 'no audit log');

/** What was checked, for the last look before files change (SCREENS.md, "Typed confirmation"). */
export function confirmChecks(task: RestoreTask, plan: RestorePlan, now: number): Check[] {
  // No live file is touched by a drill.
  if (plan.into !== null) return [verified(task, now), space(plan), audit(task)];
  return [verified(task, now), quiet(task), space(plan), audit(task), unchanged(task), ...restarts(plan)];
}

/** Since when things are bad, where the backup is not from before that. */
export const badSinceFacts = ({subject, badSince}: RestoreTask, now: number): Fact[] =>
  badSince === null || isBefore(subject.id, badSince.at)
    ? []
    : [fact('!', 'BAD SINCE', `${minuteOf(badSince.at, now)} (${badSince.by}): NOT from before it`)];

/** What needs more than a few words. */
export function confirmFacts(task: RestoreTask, plan: RestorePlan): Fact[] {
  const broken = plan.brokenInside.map(({name}) => name);
  const partial = plan.partial.map(({dataset}) => dataset);
  return present([
    ...writingFacts(task),
    ...openSessionFacts(plan)
      .filter(({mark}) => mark === '!')
      .map(inCapitals),
    broken.length > 0 && fact('!', 'INSIDE', `${some(broken)}: broken in this backup`),
    partial.length > 0 && fact('!', 'PARTIAL', `${some(partial)}: not whole in this backup`),
    ...unseenFacts(plan).map(inCapitals),
  ]);
}
