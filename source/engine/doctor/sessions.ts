import {formatAge} from '../base/format.ts';
import {shellWord} from '../base/shell-word.ts';
import {isLine} from '../session/lines.ts';
import {stoppedSession, whyRecover} from '../session/sessions.ts';
import {type Story, unsigned} from '../session/story.ts';
import {heldDirectory, listHeld} from '../storage/held.ts';
import {beware, counted, type Finding, ok, wrong} from './check.ts';
import {hidden, isHidden} from './lock.ts';
import type {Subject} from './subject.ts';

const openFor = ({openedAt}: Story, now: number): string => {
  const seconds = (now - Date.parse(openedAt ?? '')) / 1000;
  return Number.isNaN(seconds) ? 'since an unknown time' : `for ${formatAge(Math.max(60, seconds))}`;
};

/** One whose restore is done, until it is signed off. */
function checkOpen(subject: Subject, story: Story, held: ReadonlySet<string>): Finding[] {
  const {number, id, steps, state} = story;
  const since = openFor(story, subject.now);
  if (state === 'at work') return [ok(`session ${number} is at work ${since}: a restore of ${id}`)];
  const answered = steps.filter(({answer}) => answer !== null).length;
  const all = steps.length > 0 && answered === steps.length;
  const findings = [
    beware(
      `session ${number} is open ${since}: ${id} was restored, ${answered} of ${steps.length} steps are answered; until it is signed off nothing is pruned`,
      all ? 'Sign it off:' : 'Answer its checklist, then sign it off:',
      [subject.command(`session show ${number}`), subject.command(`session close ${number}`)],
    ),
  ];
  if (story.undoes === null && !held.has(id))
    findings.push(
      beware(`session ${number}: its backup ${id} is not held, so PHP may delete it`, 'Hold it:', [
        subject.command(`backup pin ${shellWord(id)} --reason='session ${number}'`),
      ]),
    );
  return findings;
}

/** A restore that stopped halfway: what to type. */
function checkStopped(subject: Subject): Finding[] {
  const why = whyRecover(subject.state);
  const stopped = stoppedSession(subject.state);
  if (why === null || stopped?.read.state !== 'read') return [];
  const {journal, untrusted} = stopped.read;
  const look = subject.command('restore status');
  if (untrusted !== null) return [wrong(why, 'Look at it:', [look])];
  const forward = journal.phase === 'commit' ? [subject.command('restore --resume')] : [];
  const ways = [...forward, subject.command('restore --rollback')];
  const what = journal.drill ? 'a drill: no live file was touched' : `of ${journal.id}`;
  return [
    wrong(
      `THE RESTORE OF SESSION ${stopped.number} STOPPED HALFWAY (${what}). Nothing happens, and nothing else is written, until you choose`,
      forward.length > 0 ? 'Look; then either finish it, or go back:' : 'Look; then clear up:',
      [look, ...ways],
    ),
  ];
}

/** The last one, where it ended before anything was changed, and without a word: what its hooks stopped may stand still. */
function checkHooked({stories}: Subject): Finding[] {
  const last = stories.at(-1);
  const hooked = last?.lines.some(isLine('hook-begins'));
  if (!last || !hooked || last.endedAt !== null || last.state !== 'refused') return [];
  return [
    wrong(
      `session ${last.number} was killed before it changed a file; hooks before it had been run, and those after it were not`,
      'See that what they stopped runs again; then restore again, or leave it.',
    ),
  ];
}

export function checkSessions(subject: Subject): Finding[] {
  if (subject.root === null) return [];
  if (isHidden(subject)) return hidden;
  const {stories} = subject;
  const held = new Set(listHeld(heldDirectory(subject.root)).map(({id}) => id));
  const open = unsigned(stories);
  const findings = [
    ...checkStopped(subject),
    ...checkHooked(subject),
    ...open.filter(({state}) => state !== 'stopped').flatMap((story) => checkOpen(subject, story, held)),
    ...stories.flatMap(({number, state, broken, reason}) => {
      if (state === 'unreadable') return [beware(`session ${number} cannot be read: ${reason}`)];
      return broken === null
        ? []
        : [
            beware(
              `the record of session ${number} is broken: ${broken}`,
              'Do not rely on it as evidence. Look:',
              [subject.command(`session show ${number}`)],
            ),
          ];
    }),
  ];
  if (findings.length > 0) return findings;
  return [
    ok(
      stories.length === 0
        ? 'no restore was made here yet'
        : `none is open; ${counted(stories.length, 'restore')} in all`,
    ),
  ];
}
