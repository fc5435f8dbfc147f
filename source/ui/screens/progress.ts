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

/** A restore at work, and how it ended. */
export function progressScreen(state: AppState): Line[] {
  const {follow, size, now} = state;
  if (!follow) return [];
  const {columns} = size;
  const what = follow.undoes === null ? escapeText(follow.id) : `Undo of session ${follow.undoes}`;
  const above: Line[] = [
    [{text: ` ${what}   `, ...theme.selected}, {text: `session ${follow.session}`}],
    [],
    ...phaseLines(follow),
    [],
    ...barLines(follow, columns),
    [],
  ];
  const below = [[], ...outcome(follow, now, columns)];
  const notes = followNotes(follow).flatMap((note) => paragraph(note, columns));
  // What it says of itself gives way to how it ended.
  const room = Math.max(0, bodyHeight(size) - above.length - below.length);
  return fill([...above, ...notes.slice(-room || notes.length), ...below], bodyHeight(size)).map((line) =>
    clip(line, columns),
  );
}

const marks = {waiting: '-', 'at work': '-', over: '+', failed: 'x'};
const styles: Record<keyof typeof marks, Style> = {
  waiting: {},
  'at work': theme.selected,
  over: theme.good,
  failed: theme.bad,
};
const says: Record<PhaseName, string> = {
  prepare: 'safety backup and copies, beside the live files',
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

function outcome(task: FollowTask, now: number, columns: number): Line[] {
  const {finished, stopping, estimate, undoes} = task;
  if (!finished) {
    if (stopping && phaseOf(task) === 'prepare')
      return [plain('   Cancelling ... what was prepared is removed.', theme.beware)];
    const about = estimate === null ? '' : `About ${formatDuration(estimate)} in all. `;
    const left = stageLeft(task);
    const name = bars.find(([, stage]) => stage === task.progress?.stage)?.[0];
    return [
      ...(left === null || !name ? [] : [plain(`   ${name}: about ${formatDuration(left)} left.`)]),
      plain(`   ${about}Connection lost? It goes on; run magds again.`),
    ];
  }
  const {reason, beware, commands} = finished;
  const notes = beware.flatMap((line) => paragraph(`! ${line}`, columns, theme.beware));
  const bad = (text: string): Line[] => paragraph(text, columns, theme.bad);
  switch (finished.outcome) {
    case 'done': {
      const took = tookOf(task);
      const when = took ? ` ${momentOf(took.at, now)}, in ${formatDuration(took.seconds)}` : '';
      return [plain(`   + ${undoes === null ? 'RESTORED' : 'UNDONE'}${when}.`, theme.good), ...notes];
    }
    case 'cancelled':
      return [plain('   Cancelled. Nothing was changed.', theme.beware), ...notes];
    case 'needs-recovery':
      return [
        ...bad(`x STOPPED: ${reason}.`),
        ...bad('Files may be half old, half new: keep the service stopped.'),
        ...notes,
        ...commands.flatMap((each) => paragraph(`by hand: ${each}`, columns)),
      ];
    case 'refused':
      return [...bad(`x REFUSED: ${reason}.`), ...notes, plain('   No live file was touched.')];
    case 'rolled-back':
      return [
        ...bad(`x FAILED, and rolled back: ${reason}.`),
        ...notes,
        plain('   The live files are what they were before.'),
      ];
  }
}
