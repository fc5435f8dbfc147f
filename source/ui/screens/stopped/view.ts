import {escapeText} from '../../../engine/base/escape.ts';
import {formatAge} from '../../../engine/base/format.ts';
import {momentOf} from '../../../presenters/moment.ts';
import {
  clip,
  fill,
  type Line,
  nameWidth,
  pad,
  paragraph,
  plain,
  someOf,
  theme,
  typedText,
} from '../../kit/line.ts';
import {bodyHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {type Decision, decisions, type StoppedFile, type StoppedTask, writtenIn} from './state.ts';

/** A restore that stopped halfway: what is old, what is new, and what can be decided. */
export function stoppedScreen(state: AppState): Line[] {
  const {stopped, size} = state;
  if (!stopped) return [];
  const {columns} = size;
  const below = [...choices(stopped), ...question(state, stopped)];
  const until = columns < 66 ? 'Now you choose.' : 'Nothing happens until you choose.';
  const above = [
    plain(` x A ${stopped.drill ? 'DRILL' : 'RESTORE'} STOPPED HALFWAY. ${until}`, theme.bad),
    ...facts(state, stopped),
  ];
  const room = Math.max(1, bodyHeight(size) - above.length - below.length);
  return [...above, ...fileLines(stopped, columns, room), ...below].map((line) => clip(line, columns));
}

function facts({now}: AppState, {session, id, undoes, ticket, operator, at, pid}: StoppedTask): Line[] {
  const what = undoes === null ? id : `undo of session ${undoes}`;
  const who = [what, ticket, operator].filter(Boolean).join('  ');
  const age = at === null ? 'now' : formatAge(Math.max(0, now - Date.parse(at)) / 1000);
  const ago = age === 'now' ? 'just now' : `${age} ago`;
  return [
    plain(`   session   ${session}  ${escapeText(who)}`),
    plain(`   stopped   ${momentOf(at, now)}, ${ago}; process ${pid} gone`),
  ];
}

const standings = {
  old: {word: 'OLD', says: 'as before the restore', mark: '+', style: theme.good},
  new: {word: 'NEW', says: 'as in the backup', mark: '+', style: theme.good},
  written: {word: '?', says: 'written to since: you decide', mark: 'x', style: theme.bad},
} as const;

function fileLines({files, phase, drill, untrusted}: StoppedTask, columns: number, room: number): Line[] {
  if (untrusted !== null)
    return fill(paragraph(`x its journal is not obeyed: ${untrusted}`, columns, theme.bad), room);
  if (phase === 'prepare')
    return fill([[], plain('   + It had changed nothing: all files are OLD.', theme.good)], room);
  const width = nameWidth(
    files.map(({dataset}) => dataset),
    columns,
  );
  const line = ({dataset, standing}: StoppedFile): Line => {
    const {word, says, mark, style} = standings[standing];
    return [
      {text: `   ${pad(escapeText(dataset), width)}  ${pad(word, 3)}  `},
      {text: `${mark} ${says}`, ...style},
    ];
  };
  // What has to be decided comes first.
  const sorted = files.toSorted(
    (a, b) => Number(b.standing === 'written') - Number(a.standing === 'written'),
  );
  const mixed = new Set(files.map(({standing}) => standing)).size > 1;
  const means = drill ? 'of the drill only, no live file is touched' : 'keep the service stopped';
  const warning = mixed ? [plain(`   x mixed: ${means}`, theme.bad)] : [];
  const most = Math.max(1, room - warning.length - 1);
  const shown = sorted.slice(0, sorted.length > most ? most - 1 : most).map(line);
  const more = files.length > shown.length ? [plain(`   and ${files.length - shown.length} more`)] : [];
  return fill([[], ...shown, ...more, ...warning], room);
}

const says: Record<Decision, string> = {
  finish: 'all NEW, about 1s',
  back: 'all OLD, about 1s',
  look: 'its record; changes nothing',
};

function choices(task: StoppedTask): Line[] {
  const suggested = decisions(task)[0];
  return decisions(task).map((each) =>
    plain(
      `   ${pad(each, 9)} ${says[each]}${each === suggested && each === 'finish' ? '   SUGGESTED: it was confirmed' : ''}`,
    ),
  );
}

function question({size, readOnly, host}: AppState, task: StoppedTask): Line[] {
  const {columns} = size;
  const written = writtenIn(task);
  if (task.working) return [[], plain(`   - working on ${escapeText(host)} ...`, theme.selected)];
  const decide =
    written.length > 0
      ? paragraph(
          `Written to since: ${someOf(written, 24)}. You decide for each: magds restore --resume or --rollback, with --keep=NAME or --take=NAME`,
          columns,
          theme.beware,
        )
      : [];
  const only = readOnly ? ' --read-only: look only.' : '';
  return [
    ...decide,
    [],
    plain(`   Type one, then Enter.${only} Paste does nothing.`),
    [{text: '   > '}, typedText(task.typed, columns - 6)],
  ];
}
