import {formatBytes, formatDuration} from '../../../engine/base/format.ts';
import {isBefore} from '../../../engine/catalog/suggest.ts';
import {changes, type RestorePlan, type Space} from '../../../engine/restore/action.ts';
import {partialTexts} from '../../../engine/storage/manifest/partial.ts';
import {type Fact, fact, mostNamed, some} from '../../../presenters/fact.ts';
import {minuteOf, momentOf} from '../../../presenters/moment.ts';
import type {RestoreTask} from './task.ts';
import {openFacts, unseenFacts, writingFacts} from './writer-facts.ts';

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

/** What else the backup and the configuration do not agree on. */
function beside({actions, leftOut, leaves, notes}: RestorePlan): Fact[] {
  const absent = leftOut.filter(({reason}) => reason === 'not in the backup').map(({name}) => name);
  const moved = actions.filter(({recorded, action}) => recorded !== null && action !== 'refused');
  return [
    ...(absent.length > 0
      ? [fact('!', 'NOT IN IT', `${some(absent)}: configured now, not in this backup; stays as it is`)]
      : []),
    ...(leaves.length > 0
      ? [fact('!', 'STAYS', `${leaves.length} live files that the backup does not hold`)]
      : []),
    ...leftOut.flatMap(({name, reason}) =>
      reason.startsWith('not ') ? [] : [fact('!', 'STAYS', `${name}: ${reason}`)],
    ),
    ...notes.slice(0, mostNamed).map((note) => fact('!', 'DATASETS', note)),
    ...(notes.length > mostNamed ? [fact('!', '', `and ${notes.length - mostNamed} more notes`)] : []),
    ...(moved.length > 0
      ? [fact(' ', 'MOVED', `recorded from ${moved[0]?.recorded}; goes to ${moved[0]?.target}`)]
      : []),
  ];
}

/** What a content check found: the operator decides. */
const inside = ({brokenInside}: RestorePlan): Fact[] => {
  const more = brokenInside.length - mostNamed;
  return [
    ...brokenInside
      .slice(0, mostNamed)
      .map(({name, detail}) => fact('!', 'INSIDE', `${name} is broken in this backup: ${detail}`)),
    ...(more > 0 ? [fact('!', 'INSIDE', `and ${more} more`)] : []),
  ];
};

/** What the backup itself says that it does not hold. */
const inPart = ({partial}: RestorePlan): Fact[] =>
  partialTexts(partial, mostNamed).map((text) => fact('!', 'PARTIAL', `in this backup: ${text}`));

const spaceText = ({needed, free, where}: Space): string =>
  `${formatBytes(needed)}${free === null ? '' : ` of ${formatBytes(free)} free`} on the disk of ${where}`;

function wayBack({into, safety, undoes}: RestorePlan): Fact {
  if (into !== null) return fact(' ', 'WAY BACK', 'delete the directory');
  return safety
    ? fact(' ', 'WAY BACK', undoes === null ? 'undo (u on its checklist)' : 'undo of the undo')
    : fact('!', 'WAY BACK', 'NONE once the session is closed: no safety backup');
}

function costs(plan: RestorePlan): Fact[] {
  const {seconds, space} = plan;
  const disks = space.map((each, index) => fact(' ', index === 0 ? 'SPACE' : '', spaceText(each)));
  return [
    fact(' ', 'TIME', `about ${formatDuration(seconds)}; the switch itself under a second`),
    ...disks,
    wayBack(plan),
  ];
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
  if (changes(plan).length === 0) return [...refused, ...inPart(plan), ...beside(plan)];
  return [
    ...refused,
    ...(plan.into === null ? [] : [fact(' ', 'INTO', `${plan.into}, readable by you alone`)]),
    ...trouble(task, now),
    ...inside(plan),
    ...inPart(plan),
    ...unaudited(task),
    loss(plan, now),
    ...writingFacts(task),
    ...openFacts(plan),
    ...unseenFacts(plan),
    ...beside(plan),
    ...costs(plan),
  ];
}
