import os from 'node:os';
import {counted, formatAge, listed} from '../base/format.ts';
import {shellWord} from '../base/shell-word.ts';
import {badSinceIn, incidentHoldsBack, knownIncident} from '../session/incident.ts';
import {stoppedWhere} from '../session/journal.ts';
import {isLine} from '../session/lines.ts';
import {stoppedSession, whyRecover} from '../session/sessions.ts';
import {type Story, unsigned} from '../session/story.ts';
import {heldDirectory, listHeld} from '../storage/held.ts';
import {lockState} from '../storage/runbook/lock.ts';
import {describeOwner} from '../storage/runbook/lock-record.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {findLeftovers} from '../storage/runbook/unfinished.ts';
import {beware, type Findings, type Found, type InRoot, ok, unknown, wrong} from './check.ts';
import type {Subject} from './subject.ts';

const openFor = ({openedAt}: Story, now: number): string => {
  const seconds = (now - Date.parse(openedAt ?? '')) / 1000;
  return Number.isNaN(seconds) ? 'since an unknown time' : `for ${formatAge(Math.max(60, seconds))}`;
};

/** One whose restore is done, until it is signed off. */
function* openSession(subject: Subject, story: Story, held: ReadonlySet<string>): Iterable<Found> {
  const {number, id, steps, state} = story;
  const since = openFor(story, subject.now);
  if (state === 'at work') return yield ok(`session ${number} has been running ${since}: a restore of ${id}`);
  const answered = steps.filter(({answer}) => answer !== null).length;
  const all = steps.length > 0 && answered === steps.length;
  yield beware(
    `session ${number} has been open ${since}: ${id} was restored, ${answered} of ${steps.length} steps are answered; until it is signed off nothing is pruned`,
    all ? 'Sign it off:' : 'Answer its checklist, then sign it off:',
    [subject.command(`session show ${number}`), subject.command(`session close ${number}`)],
  );
  if (story.undoes === null && !held.has(id))
    yield beware(`session ${number}: its backup ${id} is not held, so PHP may delete it`, 'Hold it:', [
      subject.command(`backup pin ${shellWord(id)} --reason='session ${number}'`),
    ]);
}

/** A restore that stopped halfway: what to type. */
function* stopped(subject: Subject): Iterable<Found> {
  const why = whyRecover(subject.state);
  const session = stoppedSession(subject.state);
  if (why === null || session?.read.state !== 'read') return;
  const {journal, untrusted} = session.read;
  const where = stoppedWhere(journal.phase).toUpperCase();
  const status = subject.command('restore status');
  if (untrusted !== null) return yield wrong(why, 'Look at it:', [status]);
  const forward = journal.phase === 'commit' ? [subject.command('restore --resume')] : [];
  const what = journal.drill ? 'a drill: no live file was touched' : `of ${journal.id}`;
  yield wrong(
    `THE RESTORE OF SESSION ${session.number} STOPPED ${where} (${what}). Nothing happens, and nothing else is written, until you choose`,
    forward.length > 0 ? 'Look; then either finish it, or go back:' : 'Look; then clean up:',
    [status, ...forward, subject.command('restore --rollback')],
  );
}

export function* checkSessions(subject: InRoot): Findings {
  const {stories} = subject;
  yield* stopped(subject);
  const last = stories.at(-1);
  // It ended before anything was changed, and without a word: what its hooks stopped may stand still.
  if (last?.endedAt === null && last.state === 'refused' && last.lines.some(isLine('hook-begins')))
    yield wrong(
      `session ${last.number} was killed before it changed a file; hooks before it had been run, and those after it were not`,
      'See that what they stopped runs again; then restore again, or leave it.',
    );
  const held = new Set(listHeld(heldDirectory(subject.root)).map(({id}) => id));
  for (const story of unsigned(stories))
    if (story.state !== 'stopped') yield* openSession(subject, story, held);
  for (const {number, state, broken, reason} of stories)
    if (state === 'unreadable') yield beware(`session ${number} cannot be read: ${reason}`);
    else if (broken !== null)
      yield beware(
        `the record of session ${number} is broken: ${broken}`,
        'Do not rely on it as evidence. Look:',
        [subject.command(`session show ${number}`)],
      );
  return stories.length === 0
    ? 'no restore was made here yet'
    : `none is open; ${counted(stories.length, 'restore')} in all`;
}

/** Milliseconds that an incident may hold retention back before one should look: meanwhile the disk fills. */
const longBad = 30 * 24 * 3_600_000;

/** An incident that is not settled keeps everything. */
export function* checkIncident(subject: InRoot): Findings {
  const {root, now} = subject;
  const incident = knownIncident(root);
  const why = incidentHoldsBack(incident);
  const since = badSinceIn(incident);
  if (why === null || since === null) return undefined;
  const said = `${why}; said by ${since.by}`;
  if (now - since.at > longBad)
    yield beware(
      `${said}: for ${formatAge((now - since.at) / 1000)}, and the disk fills`,
      'Is it over? Look, then clear it:',
      [subject.command('incident'), subject.command('incident --clear')],
    );
  return said;
}

/** Seconds that a writer may be at work before one should look. */
const long = 2 * 3600;

export function* checkLock({state, lock, now, isOnlooker}: InRoot): Findings {
  if (!state || !lock || lock.state === 'free') return 'free';
  if (lock.state === 'unreadable') {
    const said = `${stateName}/lock: ${lock.reason}`;
    yield isOnlooker
      ? unknown(said)
      : wrong(said, 'Without it nothing can be written. Look what it is:', [
          `ls -ld ${shellWord(`${state.name}/lock`)}`,
        ]);
    return undefined;
  }
  const {owner} = lock;
  const who = describeOwner(owner, now);
  if (lock.state === 'gone')
    yield beware(
      `left by ${who}, which is gone: it was killed`,
      'Nothing to do: the next command that writes takes it over. Check whether its work was done.',
    );
  else if (owner.host !== os.hostname())
    yield beware(
      `held by ${who}, which cannot be asked from here`,
      `Ask on ${owner.host} whether process ${owner.pid} is running. Only if it is certainly gone, with the next command that writes: --break-lock=${owner.host}`,
    );
  else if ((now - Date.parse(owner.since)) / 1000 > long)
    yield beware(`held by ${who}: that is long`, 'Is it still running?', [
      `ps -o pid,etime,stat,args -p ${owner.pid}`,
    ]);
  return `held by ${who}`;
}

/** What writers that were killed have left: it is not counted, and takes room. */
export function* checkLeftovers({state, lock}: InRoot): Findings {
  if (!state) return 'none';
  if (lock?.state === 'held') return 'a writer is running: what it has begun is left alone';
  const names = findLeftovers(state);
  // A writer may have begun since the lock was read.
  if (names.length > 0 && lockState(state).state !== 'held')
    yield beware(
      `left by work that was cut off: ${listed(names, 3)}`,
      `It only takes up space in ${stateName}. The next command that writes removes it.`,
    );
  return 'none';
}
