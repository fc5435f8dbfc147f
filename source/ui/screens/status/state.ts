import {formatBytes, formatDuration, listed, two} from '../../../engine/base/format.ts';
import {planOf} from '../../../engine/restore/plan-record.ts';
import {stoppedWhere} from '../../../engine/session/journal.ts';
import {isLine, said} from '../../../engine/session/lines.ts';
import type {RecordLine} from '../../../engine/session/record.ts';
import {type Story, unsigned} from '../../../engine/session/story.ts';
import {backupTime} from '../../../engine/storage/backup-id.ts';
import {followedInto, followedTicket, phaseOf} from '../../../presenters/followed-restore.ts';
import {datasetsOf} from '../../../presenters/story-facts.ts';
import {failedOf} from '../../../presenters/story-words.ts';
import {secondsRemaining} from '../../../presenters/verify-progress.ts';
import type {StoppedRestore} from '../../facts.ts';
import {type AppState, noSlice} from '../../state.ts';
import {isOpen} from '../restore/choice.ts';
import {restoreSlice} from '../restore/state.ts';
import type {RestoreTask} from '../restore/task.ts';
import {runSlice} from '../run/state.ts';
import {openSession} from '../sessions/state.ts';

/** It shows what is known. */
export const statusSlice = noSlice('status');

/** `03:06 (04:06 here)`: UTC, and the server's local time where it differs. */
function clockOf(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return 'an unknown time';
  const utc = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;
  const local = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return date.getTimezoneOffset() === 0 ? utc : `${utc} (${local} local time)`;
}

/** A time that may be of another day. */
function dayOf(at: number, now: number): string {
  if (Number.isNaN(at)) return 'an unknown time';
  const day = new Date(at).toISOString().slice(0, 10);
  return day === new Date(now).toISOString().slice(0, 10) ? clockOf(at) : `${day} ${clockOf(at)}`;
}

const list = (names: string[]): string => listed(names, 4);

const madeAt = (id: string): number => (backupTime(id) ?? Number.NaN) * 1000;

/** What is lost of these by a restore, as one would say it; kept only where a safety backup is made. */
function lossOf(names: string[], from: number, to: number, now: number, isKept: boolean): string {
  const what = names.length === 0 ? 'What was written' : `What was written to ${list(names)}`;
  const kept = isKept ? 'kept in a safety backup' : 'kept nowhere';
  return `${what} between ${dayOf(from, now)} and ${clockOf(to)} is gone from the live data and ${kept}`;
}

const are = (names: string[]): string => (names.length === 1 ? 'is' : 'are');

/** Of what a restore replaced something, so that something is lost; null where its record does not say. */
function replacedIn(lines: RecordLine[]): string[] | null {
  const actions = planOf(lines)?.actions.filter(({role}) => role === 'dataset');
  const lost = actions?.filter(({action}) => action === 'overwrite' || action === 'remove');
  return lost ? [...new Set(lost.map(({dataset}) => dataset))] : null;
}

const isSaved = (lines: RecordLine[]): boolean => said(lines.find(isLine('opened')), 'safety') !== false;

/** How the checks stand; one that failed is said by its name. */
function checksText({steps, number}: Story): string {
  const open = steps.filter(({answer}) => answer === null).length;
  const failed = failedOf({steps});
  const checks =
    open > 0
      ? `${open} of ${steps.length} checks of session ${number} are open`
      : `all checks of session ${number} are answered`;
  return failed.length === 0 ? checks : `${checks}, and ${failed.length} failed: ${list(failed)}`;
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** What a session has put in place, or taken back. */
function changedText(story: Story, now: number): string {
  const {id, undoes, endedAt} = story;
  const at = clockOf(Date.parse(endedAt ?? ''));
  if (undoes !== null) return `the restore of session ${undoes} was taken back at ${at}`;
  const names = datasetsOf(story);
  return `since ${at} ${list(names) || 'the data'} ${are(names)} as of ${dayOf(madeAt(id), now)} again`;
}

/** A plan beside sessions that are open is not the beginning: what they have changed is said first. */
function beforePlan({stories}: AppState['sessions'], now: number): string {
  const open = unsigned(stories ?? []).filter(({state}) => state === 'done');
  const said = open.map((story) => `Session ${story.number} is open: ${changedText(story, now)}. `);
  return `${said.join('')}Nothing ${open.length > 0 ? 'more ' : ''}has changed yet`;
}

function restoredText(story: Story, now: number): string[] {
  const {id, undoes, steps, endedAt, lines} = story;
  const ended = Date.parse(endedAt ?? '');
  const names = datasetsOf(story);
  const {serviceBack} = story.times;
  const backAt = serviceBack === null ? '' : ` since ${clockOf(Date.parse(serviceBack))}`;
  const service = steps.find((step) => step.id === 'service')?.answer;
  const back =
    service?.state === 'done' ? `the service is back${backAt}` : 'the service has not been reported back yet';
  const what = list(names) || 'the data';
  if (undoes !== null)
    return [
      `${capital(changedText(story, now))}; ${back}.`,
      `${capital(what)} ${are(names)} as before it, and nothing else was changed; ${checksText(story)}.`,
    ];
  const replaced = replacedIn(lines);
  const loss =
    replaced?.length === 0
      ? 'Nothing was there that could be lost'
      : lossOf(replaced ?? names, madeAt(id), ended, now, isSaved(lines));
  return [
    `${capital(changedText(story, now))}, and nothing else was changed; ${back}.`,
    `${loss}; ${checksText(story)}.`,
  ];
}

/** What a restore that is at work puts back; none while its record does not say. */
const plannedIn = (lines: RecordLine[]): string[] => [
  ...new Set(
    (planOf(lines)?.actions ?? [])
      .filter(({role, action}) => role === 'dataset' && action !== 'unchanged')
      .map(({dataset}) => dataset),
  ),
];

/** Which live files are new and which are old, of a restore that stopped. */
function standingText(files: StoppedRestore['files']): string {
  const named = (standing: string): string[] => [
    ...new Set(files.filter((each) => each.standing === standing).map(({dataset}) => dataset)),
  ];
  const parts = [
    ['new', 'restored'],
    ['old', 'as before'],
    ['written', 'written to since'],
  ].flatMap(([standing = '', words]) => {
    const names = named(standing);
    return names.length === 0 ? [] : [`${list(names)} ${are(names)} ${words}`];
  });
  return parts.length === 0 ? '' : ` ${parts.join(', ')}.`;
}

/** Milliseconds for which a restore that is signed off is still what there is to say. */
const recent = 24 * 3600 * 1000;

/** The newest restore of live files, if it is signed off and not long ago. */
function lastSignedOff(stories: readonly Story[], now: number): Story | null {
  const last = stories.find(({state, drill}) => state === 'done' && !drill);
  return last?.closed && now - Date.parse(last.endedAt ?? '') < recent ? last : null;
}

const noLiveData = 'It goes into a directory of its own: no live data is touched, and none is lost.';

/** The restore that is being decided on, as long as its screens are there: one that was left is not. */
function decidedOn(state: AppState): RestoreTask | null {
  const isThere = state.screens.includes('restore') || state.screens.includes('purpose');
  return isThere ? restoreSlice.of(state) : null;
}

/** What is going on, for the phone: two plain sentences. Nothing in it is escaped yet. */
export function statusText(state: AppState): string[] {
  const {follow, stopped, verify, sessions, now} = state;
  const restore = decidedOn(state);
  const run = runSlice.of(state);
  const ways =
    stopped?.phase === 'commit'
      ? 'we decide whether to finish it or to go back; either takes about a second'
      : stopped?.phase === 'prepare'
        ? 'we have cleaned up what it left'
        : 'it has gone back; that takes about a second';
  if (stopped?.drill)
    return [
      `The drill of the backup of ${dayOf(madeAt(stopped.id), now)} stopped ${stoppedWhere(stopped.phase)} at ${clockOf(Date.parse(stopped.at ?? ''))}; no live data was touched.`,
      `No other restore or backup can be made until ${ways}.`,
    ];
  if (stopped)
    return [
      `The restore of ${stopped.undoes === null ? dayOf(madeAt(stopped.id), now) : `session ${stopped.undoes}`} stopped ${stoppedWhere(stopped.phase)} at ${clockOf(Date.parse(stopped.at ?? ''))}${stopped.phase === 'prepare' ? '' : ', and the service has to stay stopped'}.${standingText(stopped.files)}`,
      `Nothing more happens until ${ways}.`,
    ];
  if (follow && !follow.finished) {
    const left = follow.estimate === null ? 'soon' : `at about ${clockOf(now + follow.estimate * 1000)}`;
    if (followedInto(follow) !== null)
      return [
        `A drill of the backup of ${dayOf(madeAt(follow.id), now)} is running (${phaseOf(follow)}) and will be done ${left}.`,
        noLiveData,
      ];
    const what = follow.undoes === null ? dayOf(madeAt(follow.id), now) : `before session ${follow.undoes}`;
    const names = list(plannedIn(follow.lines));
    return [
      `A restore ${names === '' ? '' : `of ${names} `}to ${what} is running (${phaseOf(follow)}) and will be done ${left}.`,
      follow.undoes === null
        ? phaseOf(follow) === 'prepare'
          ? `Nothing is lost yet: what was written since ${dayOf(madeAt(follow.id), now)} will be gone from the live data then, and kept in a safety backup.`
          : `${lossOf(replacedIn(follow.lines) ?? [], madeAt(follow.id), now, now, isSaved(follow.lines))}.`
        : 'What was written since that restore goes with it; a safety backup holds it.',
    ];
  }
  if (restore?.plan) {
    const {plan} = restore;
    const names = list([...restore.chosen].filter((name) => restore.sets.get(name)?.changed !== 0));
    const made = Date.parse(plan.createdAt ?? '');
    if (plan.into !== null)
      return [
        `${beforePlan(sessions, now)}: a drill with ${names || 'nothing'} of the backup of ${dayOf(made, now)} is being decided on.`,
        `It would take about ${formatDuration(plan.seconds)}. ${noLiveData}`,
      ];
    if (isOpen(restore))
      return [
        `${beforePlan(sessions, now)}: a restore to ${dayOf(made, now)} is being decided on.`,
        'Which datasets go back is still open.',
      ];
    return [
      `${beforePlan(sessions, now)}: a restore of ${names || 'nothing'} to ${dayOf(made, now)} is being decided on.`,
      `It would take about ${formatDuration(plan.seconds)}; what was written since ${dayOf(made, now)} would be lost from the live data, and a safety backup would hold it.`,
    ];
  }
  const open = openSession(sessions);
  if (open) return restoredText(open, now);
  if (run?.state === 'running')
    return [
      `A backup of ${formatBytes(run.progress.totalBytes)} is being made.`,
      'The live data is only read; nothing of it changes.',
    ];
  if (verify?.state === 'running') {
    const seconds = secondsRemaining(verify.progress);
    const until = seconds === null ? 'soon' : `at about ${clockOf(now + seconds * 1000)}`;
    return [
      `The backup of ${dayOf(madeAt(verify.id), now)} is being verified, done ${until}.`,
      'Nothing has been changed.',
    ];
  }
  const last = lastSignedOff(sessions.stories ?? [], now);
  if (last) return restoredText(last, now);
  return ['Nothing is running: we are looking at the backups.', 'We have changed nothing and lost no data.'];
}

/** The ticket of what it is about; null where none was given. */
function ticketOf(state: AppState): string | null {
  const {stopped, follow, sessions} = state;
  const restore = decidedOn(state);
  if (stopped) return stopped.ticket;
  if (follow && !follow.finished) return followedTicket(follow);
  if (restore) return restore.ticket.trim() || null;
  return openSession(sessions)?.ticket ?? null;
}

/** Who, where and when, and which ticket: said in front of it. */
export function statusHead(state: AppState): string {
  const {host, configuration, now} = state;
  const environment = configuration ? ` (${configuration.environment.value})` : '';
  const ticket = ticketOf(state);
  return `${host}${environment}, ${clockOf(now)}${ticket === null ? '' : `, ${ticket}`}:`;
}
