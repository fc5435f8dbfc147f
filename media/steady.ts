import type {Cell} from './svg.ts';

const blank: Cell = {text: '', width: 1, color: null, bold: false};

/** One character a cell; null where a row has others, which has no column for each of its characters. */
function textOf(cells: Cell[]): string | null {
  const text = cells.map((each) => each.text || ' ').join('');
  return text.length === cells.length ? text : null;
}

/**
 * Other words in the place of some, in the style of the first of those. What stands further on, after a gap, stays in its
 * column; a row without those words stays as it is.
 */
export function replaced(cells: Cell[], from: RegExp | string, to: string): Cell[] {
  const text = textOf(cells) ?? '';
  const words = typeof from === 'string' ? from : (from.exec(text)?.[0] ?? '');
  const start = typeof from === 'string' ? text.indexOf(from) : text.search(from);
  if (start < 0) return cells;
  const end = start + words.length;
  const rest = text.slice(end);
  const gap = /\s{2,}|\s*$/.exec(rest)?.index ?? rest.length;
  const style = cells[start] ?? blank;
  const near = [
    ...cells.slice(0, start),
    ...Array.from(to, (character) => ({...style, text: character, width: 1})),
    ...cells.slice(end, end + gap),
  ];
  const far = cells.slice(Math.max(near.length, end + gap));
  const filled = Array.from({length: cells.length - near.length - far.length}, () => blank);
  return [...near, ...filled, ...far].slice(0, cells.length);
}

/** What is measured, and so differs each time a still is taken. */
const measured: [RegExp, string][] = [
  [/process \d+ gone/, 'process 31877 gone'],
  [/[\d.]+ [kMG]?B\/s/, '410 MB/s'],
  [/(?<= )in [\d.]+ ?m?s/, 'in 6 ms'],
  [/(?<=[Aa]bout )[\d.]+s(?=[;.])/, '0.5s'],
  [/(?<=\d files?, )[\d.]+ ?m?s/, '0.5s'],
];

/** @param root where the demonstration lies, @param shown a path as long, for the picture; both also cut on the left */
export function steadied(cells: Cell[], root: string, shown: string): Cell[] {
  if (root.length !== shown.length) throw new Error(`${root} and ${shown} have to be as long as each other.`);
  const ends = Array.from({length: root.length - 1}, (_, index): [string, string] => [
    `~${root.slice(index + 1)} `,
    `~${shown.slice(index + 1)} `,
  ]);
  const all: [RegExp | string, string][] = [[root, shown], ...ends, ...measured];
  return all.reduce((row, [from, to]) => replaced(row, from, to), cells);
}
