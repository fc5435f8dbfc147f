import type {Directory} from '../base/directory.ts';
import {operatorName} from '../base/owner.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import {sum} from '../base/sum.ts';
import {dayOf} from '../base/time-text.ts';
import type {RestoreSettings} from '../config/own-settings.ts';
import {targetsOf} from '../restore/all-targets.ts';
import {closeSession} from '../restore/close.ts';
import {nameAt} from '../restore/switch-database.ts';
import {safetyUntil} from '../retention/old-safety.ts';
import {holdOn, releaseHolds} from '../retention/session-hold.ts';
import {isCheckable, openSteps, stillOpen} from '../session/checklist.ts';
import {endIncident, timesSaid} from '../session/incident.ts';
import {writeNotes} from '../session/progress.ts';
import {journalOf, openSessions} from '../session/sessions.ts';
import type {Story} from '../session/story.ts';
import {timeOf} from '../session/times.ts';
import {heldDirectory, listHeld} from '../storage/held.ts';

const day = 24 * 3600 * 1000;

/** Whether it lets go of something: what restored nothing, or is closed already, does not. */
export const isToSign = ({state, closed, drill}: Story): boolean => state === 'done' && !closed && !drill;

/** What signing off lets go, keeps and writes; nothing is done yet. Times are milliseconds since the epoch. */
export type SignOffPlan = {
  session: number;
  /** Live files whose old ones lie beside them under a second name, that goes; and old databases, as they are called. */
  goes: {files: string[]; bytes: number; databases: string[]};
  /** The way back; null where there is none: then the second names are all that is left of the old files. */
  safety: {id: string; until: number | null} | null;
  /** The backup that was restored, where it is held for the session, and until when it stays so. */
  held: {id: string; until: number} | null;
};

/** @throws Problem where there is no such session that may be believed */
export function planSignOff(
  root: string,
  state: Directory,
  {number, id}: Story,
  {safetyDays, holdDays}: Pick<RestoreSettings, 'safetyDays' | 'holdDays'>,
  now: number,
): SignOffPlan {
  const {items, safety, databases = []} = journalOf(state, number);
  const old = items.flatMap(({place, old}) =>
    old.kind === 'file' ? [{name: place.segments.at(-1) ?? '', bytes: old.stamp.size}] : [],
  );
  const hold = listHeld(heldDirectory(root)).find(
    (each) => each.id === id && each.sessions?.includes(number),
  );
  return {
    session: number,
    goes: {
      files: old.map(({name}) => name),
      bytes: sum(old.map(({bytes}) => bytes)),
      databases: databases.flatMap((item) => (item.old === null ? [] : [nameAt(item, item.aside)])),
    },
    safety: safety === null ? null : {id: safety, until: safetyUntil(safety, safetyDays)},
    held: hold && holdDays > 0 ? {id, until: now + holdDays * day} : null,
  };
}

/** @throws Problem where a step of its checklist has no answer yet */
export function checkAnswered({number, steps, state}: Story): void {
  const open = state === 'done' ? stillOpen(steps) : [];
  if (open.length === 0) return;
  const names = open.map(({id, title}) => `${id} (${title})`).join(', ');
  const checked = open.filter(isCheckable).map(({id}) => `magds session step ${id}`);
  const others = open.some((step) => !isCheckable(step))
    ? ['magds session step STEP --done, --fail or --skip --note=…']
    : [];
  const evidence = openSteps(steps).length > open.length ? ' Signing off itself writes the evidence.' : '';
  throw new Problem(
    exitCode.failed,
    `Session ${number} is not signed off: ${openSteps(steps).length} of ${steps.length} steps ${openSteps(steps).length === 1 ? 'is' : 'are'} open. Answer ${names}: ${[...checked, ...others].join('; ')}.${evidence} Nothing was changed.`,
  );
}

/**
 * Records that a session is signed off, before anything is let go: the evidence is to say it. What was said of the
 * incident, and not told there yet, comes before that.
 */
export async function tellClosing(state: Directory, {number, times, undoes}: Story): Promise<void> {
  const said = undoes === null ? timesSaid(state).filter(({what}) => timeOf(times, what) === null) : [];
  const kept: string[] = [];
  for (const each of targetsOf({journal: journalOf(state, number)})) kept.push(...(await each.late()));
  writeNotes(state, number, 'The sign-off', [
    ...said.map((time): ['time', typeof time] => ['time', time]),
    ['closed', {kept}],
  ]);
}

/** Records that it was not signed off after all. */
export function tellNotClosed(state: Directory, number: number, reason: string): void {
  writeNotes(state, number, 'That it is not signed off', [['not closed', {reason}]]);
}

/** What became of it: files that stay beside live ones, and what there is to say, a sentence each without its end. */
export type LetGo = {kept: string[]; notes: string[]};

/**
 * Lets go what was kept for the way back, and ends the incident. The backup stays held for some days. The caller holds
 * the lock.
 * @param backups the backups directory
 * @param isTold its record says already that it is signed off
 */
export async function letGo(
  state: Directory,
  backups: string,
  story: Story,
  {safetyDays, holdDays}: Pick<RestoreSettings, 'safetyDays' | 'holdDays'>,
  isTold: boolean,
): Promise<LetGo> {
  const {number, id} = story;
  const isFirst = isToSign(story);
  const until = Date.now() + holdDays * day;
  const isHeld = isFirst && holdDays > 0 && holdOn(state, id, number, until);
  const {kept} = await closeSession(state, number, null, isTold);
  const {released, stay} = releaseHolds(state, backups);
  return {
    kept,
    notes: [
      ...(isHeld ? [`${id} stays held until ${dayOf(until)}, should it be needed again`] : []),
      ...released.map((each) => `${each} is held no longer`),
      ...stay.map((each) => `${each.id} stays held: ${each.reason}`),
      ...(isFirst && story.undoes === null ? endOfIncident(state) : []),
      ...undoNote(state, number, safetyDays),
    ],
  };
}

/** Until when a restore that is signed off can be taken back. */
function undoNote(state: Directory, number: number, days: number | null): string[] {
  const {safety} = journalOf(state, number);
  if (safety === null) return [];
  const until = safetyUntil(safety, days);
  const how = `"magds restore --undo=${number}" stays possible`;
  return [
    until === null
      ? `${how}: its safety backup is kept`
      : `${how} until ${dayOf(until)}: its safety backup is kept until then`,
  ];
}

/** The incident ends with its last session. */
function endOfIncident(state: Directory): string[] {
  const [other] = openSessions(state);
  if (other) return [`what was said of the incident goes on for session ${other.number}`];
  try {
    const isEnded = endIncident(state, operatorName(process.env), new Date());
    return isEnded ? ['the incident is closed: bad since, ticket and title are cleared'] : [];
  } catch (error) {
    return [`what was said of the incident still counts ("magds incident --clear"): ${describeError(error)}`];
  }
}
