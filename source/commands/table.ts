import {escapeText} from '../engine/base/escape.ts';

/** What most cells are; only others need the library, which takes 30 ms to load. */
const ascii = /^[\x20-\x7e]*$/;

/** Columns that the first cell keeps, however narrow the terminal: an id's time and a bit of its label. */
const leastFirst = 24;

/**
 * Columns as wide as their widest cell, two spaces apart; cells are escaped here.
 * @param room columns of the terminal: one very long name in the first column must not push the others out of sight.
 *   Without it, as in a pipe, nothing is ever cut.
 */
export async function table(
  head: string[],
  rows: string[][],
  room?: number,
  least = leastFirst,
): Promise<string[]> {
  const cells = [head, ...rows.map((row) => row.map(escapeText))];
  const simple = cells.every((row) => row.every((cell) => ascii.test(cell)));
  const width = simple ? (text: string) => text.length : (await import('string-width')).default;
  const widths = head.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, width(row[column] ?? '')), 0),
  );
  const others = widths.slice(1).reduce((sum, each) => sum + 2 + each, 0);
  const most = room === undefined ? Number.POSITIVE_INFINITY : Math.max(least, room - others);
  if ((widths[0] ?? 0) > most) {
    const {cut} = await import('../presenters/graphemes.ts');
    for (const row of cells) row[0] = cut(row[0] ?? '', most);
    widths[0] = most;
  }
  return cells.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd(),
  );
}
