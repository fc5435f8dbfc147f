import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes} from '../../../engine/base/format.ts';
import type {DatasetDifference, FileFacts} from '../../../engine/differences/compare.ts';
import {cut, widthOf, wrap, wrapWords} from '../../../presenters/graphemes.ts';
import {momentOf} from '../../../presenters/moment.ts';
import {clip, fill, type Line, pad, padStart, plain, rule, type Style, theme} from '../../kit/line.ts';
import {differencesLayout} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {chosenDifference, type DifferencesTask, differencesSlice} from './state.ts';

/** What a backup is compared with, by name. Escaped here. */
export const nameOfOther = (other: string | null): string => (other === null ? 'live' : escapeText(other));

/** A backup's datasets beside the live files, or another backup's. */
export function differencesScreen(state: AppState): Line[] {
  const {size} = state;
  const differences = differencesSlice.of(state);
  if (!differences) return [];
  const {columns} = size;
  const layout = differencesLayout(size);
  const widths = widthsOf(differences, columns);
  const rows = differences.datasets
    .slice(differences.top, differences.top + layout.list)
    .map((dataset, index) => datasetLine(state, dataset, differences.top + index, widths));
  const chosen = chosenDifference(state);
  const second = differences.other === null ? 'LIVE' : 'OTHER';
  return [
    subjectLine(differences, columns),
    summaryLine(differences),
    plain(`   ${pad('DATASET', widths.name)}  ${pad('THIS', widths.file)}  ${pad(second, widths.file)}`),
    ...fill(rows, layout.list),
    rule(chosen ? escapeText(chosen.name) : '', columns),
    ...fill(chosen ? detail(differences, chosen, columns) : [], layout.detail),
  ].map((line) => clip(line, columns));
}

function subjectLine({id, other}: DifferencesTask, columns: number): Line {
  const against = `   against ${nameOfOther(other)}`;
  const room = Math.max(Math.floor(columns / 2) - 6, columns - widthOf(against) - 2);
  return [{text: ` ${cut(escapeText(id), room)}`, ...theme.selected}, {text: against}];
}

function summaryLine({datasets, result, problem, done, total}: DifferencesTask): Line {
  const of = (relation: DatasetDifference['relation']): number =>
    datasets.filter((each) => each.relation === relation).length;
  if (problem !== null) return plain(`   x ${escapeText(problem)}`, theme.bad);
  if (result === null) {
    const known = total > 0 ? `: ${formatBytes(done)} of ${formatBytes(total)} hashed` : ' ...';
    return plain(`   - reading both${known}`);
  }
  if (result === 'nothing') return plain('   It holds no datasets: there is nothing to compare.');
  const damaged = datasets.filter(({one, other}) => one.altered || other.altered).length;
  const differ = of('differs') + of('one side');
  const unknown = of('unknown');
  const said = [
    ...(damaged > 0 ? [`x ${damaged} damaged`] : []),
    ...(differ > 0 ? [`! ${differ} of ${datasets.length} ${differ === 1 ? 'differs' : 'differ'}`] : []),
    ...(unknown > 0 ? [`? ${unknown} not compared`] : []),
  ];
  if (said.length === 0) return plain(`   = all ${datasets.length} hold the same bytes`, theme.good);
  return plain(`   ${said.join('   ')}`, damaged > 0 ? theme.bad : theme.beware);
}

type Widths = {name: number; file: number};

/** On a narrow screen the times give way: the details have them. */
function widthsOf({datasets}: DifferencesTask, columns: number): Widths {
  const file = columns < 76 ? 8 : 21;
  const longest = Math.max(7, ...datasets.slice(0, 200).map(({name}) => widthOf(escapeText(name))));
  return {file, name: Math.max(7, Math.min(longest, columns - 2 * file - 21))};
}

/** What a dataset comes to, with its mark. */
export function judgeDifference({relation, one, other}: DatasetDifference): {text: string; style: Style} {
  if (one.altered || other.altered) return {text: 'x damaged', style: theme.bad};
  switch (relation) {
    case 'same':
      return {text: '= same', style: {}};
    case 'differs':
      return {text: '! differs', style: theme.beware};
    case 'one side':
      return {text: one.state === 'absent' ? '! not in it' : '! only here', style: theme.beware};
    case 'unknown':
      return {text: '? unknown', style: theme.beware};
    case 'reading':
      return {text: '- reading', style: {}};
  }
}

const size = ({bytes}: FileFacts): string => (bytes === null ? '-' : formatBytes(bytes));

function datasetLine(state: AppState, dataset: DatasetDifference, index: number, widths: Widths): Line {
  const {now} = state;
  const differences = differencesSlice.of(state);
  const selected = index === differences?.cursor;
  const style = selected ? theme.selected : {};
  const file = (facts: FileFacts): string => {
    const time = facts.at === null ? '' : momentOf(facts.at, now);
    return pad(`${padStart(size(facts), 7)}${widths.file > 8 ? `  ${time}` : ''}`, widths.file);
  };
  const judged = judgeDifference(dataset);
  return [
    {text: ` ${selected ? '>' : ' '} ${pad(escapeText(dataset.name), widths.name)}  `, ...style},
    {text: `${file(dataset.one)}  ${file(dataset.other)}  `, ...style},
    {text: judged.text, ...judged.style, ...style},
  ];
}

/** Size, time and hash of both, to their ends; what is wrong with one of them. */
function detail(task: DifferencesTask, dataset: DatasetDifference, columns: number): Line[] {
  const other = task.other === null ? 'live' : 'other';
  const lines = [...sideLines('this', dataset.one, dataset.algorithm, columns)];
  lines.push(...sideLines(other, dataset.other, dataset.algorithm, columns));
  return lines;
}

const indent = 10;

const besideText = (name: string): string => `${escapeText(name)} may hold more: not compared`;

/** One side of a comparison: also used where its lines are not shown. */
export function sideLines(name: string, facts: FileFacts, algorithm: string, columns: number): Line[] {
  const start = (index: number): string => `   ${pad(index === 0 ? name : '', indent - 3)}`;
  if (facts.state !== 'there')
    return wrapWords(
      escapeText(`${facts.state === 'absent' ? '-' : '?'} ${facts.reason ?? ''}`),
      columns - indent - 1,
    ).map((text, index) => plain(start(index) + text));
  const head = `${facts.bytes} bytes, ${escapeText(facts.at ?? 'time not recorded')}, ${algorithm}`;
  const hash = wrap([facts.hash ?? 'not hashed yet'], columns - indent - 1);
  // First what is wrong: on a small screen the end of a hash gives way to it.
  const wrong = facts.reason === null ? [] : [plain(`${start(1)}x ${escapeText(facts.reason)}`, theme.bad)];
  const more = facts.beside === null ? [] : [plain(`${start(1)}! ${besideText(facts.beside)}`, theme.beware)];
  return [plain(start(0) + head), ...wrong, ...more, ...hash.map((text) => plain(start(1) + text))];
}
