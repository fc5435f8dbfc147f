import {escapeText} from '../engine/escape.ts';

/** What most cells are; only others need the library, which takes 30 ms to load. */
const ascii = /^[\x20-\x7e]*$/;

/** Columns as wide as their widest cell, two spaces apart; cells are escaped here. */
export async function table(head: string[], rows: string[][]): Promise<string[]> {
  const cells = [head, ...rows.map((row) => row.map(escapeText))];
  const simple = cells.every((row) => row.every((cell) => ascii.test(cell)));
  const width = simple ? (text: string) => text.length : (await import('string-width')).default;
  const widths = head.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, width(row[column] ?? '')), 0),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd(),
  );
}
