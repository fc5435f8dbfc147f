import type {Size} from './size.ts';

/** A character of a line with the codes of its style. */
type Cell = {text: string; style: string};

const blank: Cell = {text: ' ', style: ''};
/** Columns that are written again rather than stepped over: stepping takes up to eight bytes. */
const bridged = 8;

const piece = /\u001b\[([\d;]*)m|[\x20-\x7e]|(.)/gsu;

/** A line by its characters; null where it holds more than ASCII, of whose width terminals think differently. */
function cellsOf(line: string, columns: number): Cell[] | null {
  const cells: Cell[] = [];
  let bold = '';
  let color = '';
  for (const [text, codes, other] of line.matchAll(piece)) {
    if (other !== undefined) return null;
    if (codes === undefined) {
      // A space looks the same whatever its style: nothing here has a background.
      cells.push(text === ' ' ? blank : {text, style: bold + color});
      continue;
    }
    for (const code of codes.split(';').map(Number)) {
      if (code === 0) bold = color = '';
      else if (code === 1) bold = ';1';
      else if (code === 22) bold = '';
      else if (code === 39) color = '';
      else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) color = `;${code}`;
      else return null;
    }
  }
  while (cells.length < columns) cells.push(blank);
  return cells.slice(0, columns);
}

/** Cells one after the other, each in its style. What comes before and after has none. */
function styled(cells: Cell[]): string {
  let text = '';
  let now = '';
  for (const cell of cells) {
    if (cell.style !== now && cell.text !== ' ') {
      const codes = now === '' ? cell.style.slice(1) : cell.style && `0${cell.style}`;
      text += `\u001b[${codes}m`;
      now = cell.style;
    }
    text += cell.text;
  }
  return now === '' ? text : `${text}\u001b[m`;
}

/** How many of them are not blank up to the end. */
const lengthOf = (cells: Cell[]): number => cells.findLastIndex(({text}) => text !== ' ') + 1;

const at = (row: number, column: number): string =>
  column === 0 ? `\u001b[${row + 1}H` : `\u001b[${row + 1};${column + 1}H`;

/** A line from its beginning, whatever stands there. */
function whole(row: number, line: string, columns: number): string {
  const cells = cellsOf(line, columns);
  // Erased first: at the right edge erasing would take the last character.
  if (cells === null) return `${at(row, 0)}\u001b[K${line}\u001b[m`;
  const length = lengthOf(cells);
  return `${at(row, 0)}${styled(cells.slice(0, length))}${length < columns ? '\u001b[K' : ''}`;
}

/** What turns one line into another. */
function changed(row: number, before: string, after: string, columns: number): string {
  const old = cellsOf(before, columns);
  const cells = cellsOf(after, columns);
  if (old === null || cells === null) return whole(row, after, columns);
  const differs = (index: number): boolean =>
    old[index]?.text !== cells[index]?.text || old[index]?.style !== cells[index]?.style;
  const length = lengthOf(cells);
  const end = Math.min(columns, Math.max(length, lengthOf(old)));
  let text = '';
  for (let from = 0; from < end; from++) {
    if (!differs(from)) continue;
    if (from >= length) return `${text}${at(row, from)}\u001b[K`;
    let to = from;
    for (let index = from; index < length && index <= to + bridged; index++) if (differs(index)) to = index;
    text += at(row, from) + styled(cells.slice(from, to + 1));
    from = to;
  }
  return text;
}

/** No scroll region, no insertion, no other character set, no style: what somebody else may have left behind. */
const ordinary = '\u000f\u001b(B\u001b[r\u001b[?6l\u001b[4l\u001b[m';

/**
 * What makes a terminal show a frame. Each line is written from where it stands on the screen, never from where the
 * cursor is believed to be; and no line wraps, whatever the terminal thinks of its width.
 * @param before what it shows; null where that is not known, and everything is written
 */
export function paint(before: string[] | null, after: string[], {columns, rows}: Size): string {
  let text = '';
  for (let row = 0; row < rows; row++) {
    const line = after[row] ?? '';
    if (before === null) text += whole(row, line, columns);
    else if (before[row] !== line) text += changed(row, before[row] ?? '', line, columns);
  }
  if (text === '') return '';
  // Written at once where the terminal knows how.
  return `\u001b[?2026h\u001b[?7l${before === null ? `${ordinary}\u001b[?25l` : ''}${text}\u001b[?7h\u001b[?2026l`;
}
