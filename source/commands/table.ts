import stringWidth from 'string-width';
import {escapeText} from '../engine/escape.ts';

/** Columns as wide as their widest cell, two spaces apart; cells are escaped here. */
export function table(head: string[], rows: string[][]): string[] {
  const cells = [head, ...rows.map((row) => row.map(escapeText))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => stringWidth(row[column] ?? ''))));
  return cells.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)))
      .join('  ')
      .trimEnd(),
  );
}
