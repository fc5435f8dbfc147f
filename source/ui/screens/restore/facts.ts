import {isBefore} from '../../../engine/catalog/suggest.ts';
import {changes, type RestorePlan} from '../../../engine/restore/action.ts';
import type {Newer} from '../../../engine/restore/newer.ts';
import {badTimeText} from '../../../presenters/bad-times.ts';
import {elsewhereText, lossSentence, newerText} from '../../../presenters/dataset-losses.ts';
import {type Fact, fact, inCapitals, mostNamed, some} from '../../../presenters/fact.ts';
import {minuteOf} from '../../../presenters/moment.ts';
import {
  besideFacts,
  costFacts,
  databaseFacts,
  insideFacts,
  openSessionFacts,
  ownerFacts,
  partialFacts,
  unseenFacts,
} from '../../../presenters/restore-facts.ts';
import {isOpen, namedElsewhere, whyNothing} from './choice.ts';
import type {RestoreTask} from './task.ts';
import {openFacts, writingFacts} from './writer-facts.ts';

/** What is lost of each dataset that is chosen. */
function losses(task: RestoreTask, plan: RestorePlan, now: number): Fact[] {
  if (plan.into !== null) return [fact(' ', 'YOU LOSE', 'nothing: a drill touches no live file')];
  const kept = plan.safety ? '; the safety backup keeps what is live now' : '';
  const of = (text: string, index: number): Fact => fact('!', index === 0 ? 'YOU LOSE' : '', text);
  if (plan.undoes !== null)
    return changes(plan).some(({loses}) => loses !== null)
      ? [of(`what was written since the restore${kept}`, 0)]
      : [fact(' ', 'YOU LOSE', 'nothing: nobody has written since the restore')];
  const said = [...task.chosen].flatMap((name) => {
    const set = task.sets.get(name);
    const text = set && lossSentence(set, task.losses.get(name), now);
    return text ? [`${name}: ${text}`] : [];
  });
  if (said.length === 0) return [fact(' ', 'YOU LOSE', 'nothing: no live file goes')];
  const more = said.length - mostNamed;
  const shown = more > 0 ? [...said.slice(0, mostNamed), `and of ${more} more, as above`] : said;
  return shown.map((text, index) => of(index === shown.length - 1 ? text + kept : text, index));
}

/** What goes elsewhere than where it was recorded from. */
function moved({actions}: RestorePlan): Fact[] {
  const [first] = actions.filter(({recorded, action}) => recorded !== null && action !== 'refused');
  return first ? [fact(' ', 'MOVED', `recorded from ${first.recorded}; goes to ${first.target}`)] : [];
}

/** Whether the backup is from before things went wrong, where the operator has said when that was. */
function trouble(task: RestoreTask, now: number): Fact[] {
  const {subject, badSince} = task;
  if (badSince === null) return badTimeFacts(task, now);
  const since = `${minuteOf(badSince.at, now)} (${badSince.by})`;
  return [
    isBefore(subject.id, badSince.at)
      ? fact(' ', 'BAD SINCE', `${since}; this backup is from before it`)
      : fact('!', 'BAD SINCE', `${since}; this backup is NOT from before it, and may hold the damage`),
    ...badTimeFacts(task, now),
  ];
}

/** That what is chosen, or what the cursor is on while nothing is, comes from the bad time of an incident. */
export function badTimeFacts({badTimes, chosen, names, cursor}: RestoreTask, now: number): Fact[] {
  const asked = chosen.size > 0 ? [...chosen] : names.slice(cursor, cursor + 1);
  return asked.flatMap((name) => {
    const time = badTimes.get(name);
    return time
      ? [
          fact(
            '!',
            'BAD TIME',
            `${name}: this copy is from it (${badTimeText(time, now)}), and may hold the damage`,
          ),
        ]
      : [];
  });
}

/** Where what is restored cannot be told. */
function unaudited({noAudit, withoutAudit}: RestoreTask): Fact[] {
  if (noAudit === null) return [];
  return withoutAudit === null
    ? [fact('x', 'NO AUDIT', `${noAudit}. A restores without it, r looks again`)]
    : [fact('!', 'NO AUDIT', `${noAudit}. Without it: ${withoutAudit}`)];
}

/** What would be lost of the dataset that the cursor is on. */
function ifChosen({sets, losses: known, names, cursor}: RestoreTask, now: number): Fact[] {
  const set = sets.get(names[cursor] ?? '');
  const text = set && lossSentence(set, known.get(set.dataset), now);
  return text ? [fact(' ', 'IF CHOSEN', `${set.dataset}: ${text}`)] : [];
}

/** Where else there is what this backup cannot give. */
function elsewhereFacts(task: RestoreTask): Fact[] {
  const said = namedElsewhere(task);
  const first = said.find(({id}) => id !== null);
  return said.map((copy) => {
    const then = copy === first ? '; o goes there' : '';
    return fact('!', 'GOOD COPY', `${copy.dataset}: ${elsewhereText(copy, task.badSince !== null)}${then}`);
  });
}

/** Newer copies of what is chosen, or of what the cursor is on while nothing is. */
function newerFacts({newer, elsewhere, chosen, names, cursor}: RestoreTask): Fact[] {
  const isSaid = (copy: Newer): boolean =>
    elsewhere?.copies.some(({dataset, id}) => dataset === copy.dataset && id === copy.id) === true;
  const said = newer?.copies.filter(
    (copy) => !isSaid(copy) && (chosen.size > 0 ? chosen.has(copy.dataset) : copy.dataset === names[cursor]),
  );
  // One backup mostly holds the newer copies of all of them.
  const alike = Map.groupBy(said ?? [], ({id, cutOff, says}) => `${id} ${cutOff} ${says}`);
  return [...alike.values()].slice(0, mostNamed).flatMap(([copy, ...others]) => {
    if (copy === undefined) return [];
    const then = copy.cutOff ? '; Enter on it in the list, then m, makes it a backup to restore from' : '';
    const versions = [copy, ...others].map(({dataset, version}) =>
      version === null ? dataset : `${dataset} ${version}`,
    );
    const what =
      others.length === 0
        ? `${copy.dataset}: ${newerText(copy)}`
        : `${some(versions, mostNamed)}: ${newerText({...copy, version: null})}`;
    return fact('!', 'NEWER', what + then);
  });
}

const marks: Fact['mark'][] = ['x', '!', '?', '+'];

/** What stops it and what is dangerous stands above, where it is seen without scrolling. */
const dangersFirst = (facts: Fact[]): Fact[] => {
  const rank = ({mark}: Fact): number => (marks.indexOf(mark) + marks.length + 1) % (marks.length + 1);
  return facts.toSorted((a, b) => rank(a) - rank(b));
};

/** What the operator has to know of a plan, what stops it first. */
export function restoreFacts(task: RestoreTask, now: number): Fact[] {
  const {plan, reasons, problem} = task;
  if (problem !== null) return [fact('x', 'REFUSED', problem)];
  if (!plan) return [];
  const beside = [...besideFacts(plan).map(inCapitals), ...moved(plan)];
  // Of what nobody has chosen there is nothing to say yet but what stands in its line.
  if (isOpen(task))
    return dangersFirst([
      fact(' ', 'YOU LOSE', 'nothing yet: Space chooses one, a all'),
      ...ifChosen(task, now),
      ...elsewhereFacts(task),
      ...newerFacts(task),
      ...trouble(task, now),
      ...openSessionFacts(plan).map(inCapitals),
      ...[...insideFacts(plan), ...partialFacts(plan)].map(inCapitals),
      ...writingFacts(task),
      ...beside,
    ]);
  const refused = reasons.map((reason) => fact('x', 'REFUSED', reason));
  if (changes(plan).length === 0)
    return dangersFirst([
      ...refused,
      ...trouble(task, now),
      ...(reasons.length > 0 ? [] : [fact(' ', 'YOU LOSE', `nothing: ${whyNothing(task)}`)]),
      ...elsewhereFacts(task),
      ...newerFacts(task),
      ...partialFacts(plan).map(inCapitals),
      ...beside,
    ]);
  return dangersFirst([
    ...refused,
    ...(plan.into === null ? [] : [fact(' ', 'INTO', `${plan.into}, readable by you alone`)]),
    ...trouble(task, now),
    ...losses(task, plan, now),
    ...openSessionFacts(plan).map(inCapitals),
    ...elsewhereFacts(task),
    ...newerFacts(task),
    ...[...insideFacts(plan), ...partialFacts(plan)].map(inCapitals),
    ...unaudited(task),
    ...writingFacts(task),
    ...openFacts(plan),
    ...[...ownerFacts(plan), ...unseenFacts(plan)].map(inCapitals),
    ...databaseFacts(plan, now).map(inCapitals),
    ...beside,
    ...costFacts(plan).map(inCapitals),
  ]);
}
