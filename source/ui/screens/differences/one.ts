import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes} from '../../../engine/base/format.ts';
import type {DiffLine} from '../../../engine/differences/lines.ts';
import {isSentence, type SeenLine, shownLine} from '../../../presenters/difference-view.ts';
import {cut, graphemes, widthOf} from '../../../presenters/graphemes.ts';
import {clip, fill, type Line, plain, theme} from '../../kit/line.ts';
import {differenceHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {linesOfDifference, type OpenedDifference} from './seen.ts';
import {type DifferencesTask, differencesSlice} from './state.ts';
import {nameOfOther, sideLines} from './view.ts';

/** How one dataset differs, by lines where it can be. */
export function differenceScreen(state: AppState): Line[] {
  const {size} = state;
  const differences = differencesSlice.of(state);
  const opened = differences?.opened;
  if (!differences || !opened) return [];
  const {columns} = size;
  const height = differenceHeight(size);
  const lines = linesOfDifference(opened, columns);
  const shown = lines.slice(opened.top, opened.top + height).map((line) => lineOf(line, opened, columns));
  const below =
    opened.difference && opened.difference.kind !== 'lines' ? facts(differences, opened.name, columns) : [];
  return [
    headLine(differences, opened, columns),
    placeLine(opened, lines.length, height),
    ...fill([...shown, ...below], height),
  ].map((line) => clip(line, columns));
}

/** Which side is which, always in sight: without it the marks mean nothing. */
function headLine({id, other}: DifferencesTask, {name}: OpenedDifference, columns: number): Line {
  const sides = [escapeText(id), nameOfOther(other)] as const;
  const room = columns - sides.reduce((sum, side) => sum + widthOf(side) + 5, 1);
  const narrow = room < 8;
  const each = Math.floor((columns - 22) / 2);
  const [one, two] = sides.map((side) => (narrow ? cut(side, each) : side)) as [string, string];
  return [
    {text: ` ${cut(escapeText(name), narrow ? 10 : room)}`, ...theme.selected},
    {text: `   - ${one}   + ${two}`},
  ];
}

function placeLine(
  {difference, problem, done, total, top, left}: OpenedDifference,
  count: number,
  height: number,
): Line {
  if (problem !== null) return plain(`   x ${escapeText(problem)}`, theme.bad);
  if (!difference) {
    const known = total > 0 ? `: ${formatBytes(done)} of ${formatBytes(total)}` : ' ...';
    return plain(`   - comparing${known}`);
  }
  switch (difference.kind) {
    case 'same':
      return plain('   = same', theme.good);
    case 'formatting':
      return plain('   = same content, other bytes');
    case 'bytes':
      return plain('   ! differs', theme.beware);
    case 'none':
      return plain('   ? not compared', theme.beware);
    case 'lines': {
      const {removed, added} = difference;
      const where = `lines ${Math.min(count, top + 1)}-${Math.min(count, top + height)} of ${count}`;
      const column = left > 0 ? `   column ${left + 1}` : '';
      return plain(
        `   ${difference.as === 'json' ? 'JSON' : 'text'}: - ${removed}   + ${added}   ${where}${column}`,
      );
    }
  }
}

function lineOf(line: SeenLine, {left}: OpenedDifference, columns: number): Line {
  if (isSentence(line)) return plain(`   ${line.text}`);
  if (line.mark === '@') return plain(` -- ${escapeText(line.text)} --`, theme.key);
  const text = part(shownLine(line as DiffLine), left, columns - 4);
  return [{text: ` ${line.mark} ${text}`, ...(line.mark === ' ' ? {} : theme.selected)}];
}

/** The columns of a line that are seen; `~` where it goes on, on either side. */
export function part(text: string, left: number, width: number): string {
  if (left === 0) return cut(text, width);
  if (widthOf(text) <= left) return text === '' ? '' : '~';
  let at = 0;
  let from = 0;
  for (const grapheme of graphemes(text)) {
    if (at > left) break;
    at += widthOf(grapheme);
    from += grapheme.length;
  }
  return cut(`~${text.slice(from)}`, width);
}

/** Sizes and hashes of both: all there is to see of what has no lines. */
function facts({datasets, other}: DifferencesTask, name: string, columns: number): Line[] {
  const dataset = datasets.find((each) => each.name === name);
  if (!dataset) return [];
  return [
    [],
    ...sideLines('this', dataset.one, dataset.algorithm, columns),
    ...sideLines(other === null ? 'live' : 'other', dataset.other, dataset.algorithm, columns),
  ];
}
