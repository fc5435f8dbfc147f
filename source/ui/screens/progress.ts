import {escapeText} from '../../engine/escape.ts';
import {formatDuration} from '../../engine/format.ts';
import type {AppState} from '../../state/app.ts';
import {
  type FollowTask,
  followNotes,
  type PhaseName,
  phaseOf,
  phases,
  stageLeft,
  stagePart,
  tookOf,
} from '../../state/follow.ts';
import {bodyHeight} from '../../state/layout.ts';
import {momentOf} from '../../state/moment.ts';
import {bar, clip, fill, type Line, pad, paragraph, percent, plain, type Style, theme} from '../line.ts';

/** A restore at work, and how it ended, before which all else gives way. */
export function progressScreen(state: AppState): Line[] {
  const {follow, size, now} = state;
  if (!follow) return [];
  const {columns} = size;
  const height = bodyHeight(size);
  const what = follow.undoes === null ? escapeText(follow.id) : `Undo of session ${follow.undoes}`;
  const title: Line = [{text: ` ${what}   `, ...theme.selected}, {text: `session ${follow.session}`}];
  const phased = [title, [], ...phaseLines(follow), []];
  const barred = [...phased, ...barLines(follow, columns), []];
  const end = outcome(follow, now, columns);
  const wanted = lengthOf(end);
  const above = [barred, phased].find((lines) => lines.length + wanted <= height) ?? [title];
  const below = [[], ...fitted(end, follow.session, Math.max(1, height - above.length - 1))];
  const notes = followNotes(follow).flatMap((note) => paragraph(note, columns));
  // What it says of itself gives way to how it ended.
  const room = Math.max(0, height - above.length - below.length);
  const told = above === barred && room > 0 ? notes.slice(-room) : [];
  return fill([...above, ...told, ...below], height).map((line) => clip(line, columns));
}

const marks = {waiting: '-', 'at work': '-', over: '+', failed: 'x'};
const styles: Record<keyof typeof marks, Style> = {
  waiting: {},
  'at work': theme.selected,
  over: theme.good,
  failed: theme.bad,
};
const says: Record<PhaseName, string> = {
  prepare: 'safety backup and copies staged',
  switch: 'all files at once, under a second',
  done: 'u on the checklist undoes it',
};

function phaseLines(task: FollowTask): Line[] {
  const all = phases(task);
  return (['prepare', 'switch', 'done'] as const).map((phase) => {
    const state = all[phase];
    const word = state === 'at work' ? ' ...' : state === 'failed' ? ' failed' : '';
    const still =
      phase === 'prepare' && state === 'at work' ? 'nothing changes yet; ^C cancels' : says[phase];
    return plain(`   ${marks[state]} ${pad(`${phase}${word}`, 16)} ${still}`, styles[state]);
  });
}

const bars = [
  ['safety backup', 'saving'],
  ['staged, hashed', 'staging'],
  ['live files hashed', 'checking'],
] as const;

function barLines(task: FollowTask, columns: number): Line[] {
  const width = Math.max(10, Math.min(40, columns - 32));
  return bars.map(([name, stage]) => {
    const part = stagePart(task, stage);
    return plain(`   ${pad(name, 17)} [${bar(part, width)}] ${percent(part)}`);
  });
}

/** How it ended: what is said first, what that means for the live files, and what else is to be known. */
type Ending = {said: Line[]; means: Line[]; notes: Line[]};

/** With an empty line before it. */
const lengthOf = ({said, means, notes}: Ending): number => 1 + said.length + means.length + notes.length;

/** In so many lines at most; what it means for the live files is never what gives way. */
function fitted({said, means, notes}: Ending, session: number, room: number): Line[] {
  const all = [...said, ...means, ...notes];
  if (all.length <= room) return all;
  const first = said.slice(0, Math.max(1, room - means.length - 1));
  const more = plain(`   ... all of it: magds session show ${session}`);
  return [...[...first, ...means, ...notes].slice(0, room - 1), more];
}

function outcome(task: FollowTask, now: number, columns: number): Ending {
  const {finished, stopping, estimate, undoes} = task;
  if (!finished) {
    const about = estimate === null ? '' : `About ${formatDuration(estimate)} in all. `;
    const left = stageLeft(task);
    const name = bars.find(([, stage]) => stage === task.progress?.stage)?.[0];
    const lines =
      stopping && phaseOf(task) === 'prepare'
        ? [plain('   Cancelling ... what was prepared is removed.', theme.beware)]
        : [
            ...(left === null || !name ? [] : [plain(`   ${name}: about ${formatDuration(left)} left.`)]),
            plain(`   ${about}Connection lost? It goes on; run magds again.`),
          ];
    return {said: lines, means: [], notes: []};
  }
  const {reason, beware, commands} = finished;
  const notes = beware.flatMap((line) => paragraph(`! ${line}`, columns, theme.beware));
  const bad = (text: string): Line[] => paragraph(text, columns, theme.bad);
  switch (finished.outcome) {
    case 'done': {
      const took = tookOf(task);
      const when = took ? ` ${momentOf(took.at, now)}, in ${formatDuration(took.seconds)}` : '';
      const line = plain(`   + ${undoes === null ? 'RESTORED' : 'UNDONE'}${when}.`, theme.good);
      return {said: [line], means: [], notes};
    }
    case 'cancelled':
      return {said: [plain('   Cancelled. Nothing was changed.', theme.beware)], means: [], notes};
    case 'needs-recovery':
      return {
        said: bad(`x STOPPED: ${reason}.`),
        means: bad('Files may be half old, half new: keep the service stopped.'),
        notes: [...notes, ...commands.flatMap((each) => paragraph(`by hand: ${each}`, columns))],
      };
    case 'refused':
      return {said: bad(`x REFUSED: ${reason}.`), means: [plain('   No live file was touched.')], notes};
    case 'rolled-back':
      return {
        said: bad(`x FAILED, and rolled back: ${reason}.`),
        means: [plain('   The live files are what they were before.')],
        notes,
      };
  }
}
