import {escapeText} from '../../../engine/base/escape.ts';
import {formatDuration} from '../../../engine/base/format.ts';
import {planOf} from '../../../engine/restore/plan-record.ts';
import {momentOf} from '../../../presenters/moment.ts';
import {
  bar,
  clip,
  fill,
  type Line,
  pad,
  paragraph,
  percent,
  plain,
  type Style,
  theme,
} from '../../kit/line.ts';
import {bodyHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {
  type FollowTask,
  followedInto,
  followNotes,
  type PhaseName,
  phaseOf,
  phases,
  stageLeft,
  stagePart,
  switchedFiles,
  tookOf,
} from './state.ts';

/** A restore at work, and how it ended, before which all else gives way. */
export function progressScreen(state: AppState): Line[] {
  const {follow, size, now} = state;
  if (!follow) return [];
  const {columns} = size;
  const height = bodyHeight(size);
  const isDrill = followedInto(follow) !== null;
  const of = `${isDrill ? 'Drill of ' : ''}${escapeText(follow.id)}`;
  const what = follow.undoes === null ? of : `Undo of session ${follow.undoes}`;
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
const saysOfDrill: Record<PhaseName, string> = {
  ...says,
  prepare: 'copies staged',
  done: 'all files are in its directory',
};

function phaseLines(task: FollowTask): Line[] {
  const all = phases(task);
  const words = followedInto(task) === null ? says : saysOfDrill;
  return (['prepare', 'switch', 'done'] as const).map((phase) => {
    const state = all[phase];
    const word = state === 'at work' ? ' ...' : state === 'failed' ? ' failed' : '';
    const still =
      phase === 'prepare' && state === 'at work' ? 'nothing changes yet; ^C cancels' : words[phase];
    return plain(`   ${marks[state]} ${pad(`${phase}${word}`, 16)} ${still}`, styles[state]);
  });
}

const bars = [
  ['safety backup', 'saving'],
  ['staged, hashed', 'staging'],
  ['live files hashed', 'checking'],
] as const;

/** A drill saves nothing, and what it hashes at the end is new. */
const barsOfDrill = [bars[1], ['new files hashed', 'checking']] as const;

const barsOf = (task: FollowTask) => (followedInto(task) === null ? bars : barsOfDrill);

function barLines(task: FollowTask, columns: number): Line[] {
  const width = Math.max(10, Math.min(40, columns - 32));
  return barsOf(task).map(([name, stage]) => {
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

/** What became of a drill: it has no checklist, and its files stay until somebody deletes them. */
function drillMeans(task: FollowTask, into: string, columns: number): Line[] {
  const files = switchedFiles(task);
  const told = files ? `${files.good} of ${files.all} files are what the manifest says.` : '';
  return [
    ...(files ? paragraph(told, columns) : []),
    plain('   No live file was touched. A drill has no checklist.'),
    ...paragraph(
      `Its files are in ${into}, readable by you alone: delete them when you have seen them.`,
      columns,
    ),
  ];
}

function outcome(task: FollowTask, now: number, columns: number): Ending {
  const {finished, stopping, estimate, undoes} = task;
  if (!finished) {
    const about = estimate === null ? '' : `About ${formatDuration(estimate)} in all. `;
    const left = stageLeft(task);
    const name = barsOf(task).find(([, stage]) => stage === task.progress?.stage)?.[0];
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
  const into = followedInto(task);
  switch (finished.outcome) {
    case 'done': {
      const took = tookOf(task);
      const isPart = (planOf(task.lines)?.partial.length ?? 0) > 0;
      const when = `${isPart ? ' IN PART' : ''}${took ? ` ${momentOf(took.at, now)}, in ${formatDuration(took.seconds)}` : ''}`;
      const [mark, style] = isPart ? ['!', theme.beware] : ['+', theme.good];
      if (into !== null) {
        const said = plain(`   ${mark} DRILL DONE${when}.`, style);
        return {said: [said], means: drillMeans(task, into, columns), notes};
      }
      const line = plain(`   ${mark} ${undoes === null ? 'RESTORED' : 'UNDONE'}${when}.`, style);
      return {said: [line], means: [], notes};
    }
    case 'cancelled':
      return {said: [plain('   Cancelled. Nothing was changed.', theme.beware)], means: [], notes};
    case 'needs-recovery':
      return {
        said: bad(`x STOPPED: ${reason}.`),
        means:
          into === null
            ? bad('Files may be half old, half new: keep the service stopped.')
            : [plain('   Files of the drill may be missing. No live file was touched.')],
        notes: [...notes, ...commands.flatMap((each) => paragraph(`by hand: ${each}`, columns))],
      };
    case 'refused':
      return {said: bad(`x REFUSED: ${reason}.`), means: [plain('   No live file was touched.')], notes};
    case 'rolled-back':
      return {
        said: bad(`x FAILED, and rolled back: ${reason}.`),
        means: [
          plain(
            into === null
              ? '   The live files are what they were before.'
              : '   Its files are removed again. No live file was touched.',
          ),
        ],
        notes,
      };
  }
}
