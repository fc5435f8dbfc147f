import type {IBufferCell, Terminal} from '@xterm/headless';

const cell = {width: 8.4, height: 18};
const margin = 12;

/** Sixteen colours on a dark ground of the picture's own, so that it reads on a light page and on a dark one. */
const ground = '#1c1f26';
const ink = '#d5d9e0';
const palette: Record<number, string> = {
  1: '#ff7b72',
  2: '#7ee787',
  3: '#e3b341',
  5: '#d2a8ff',
  6: '#76d9e6',
};

const markup = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

type Run = {column: number; text: string; color: string; bold: boolean};

function runsOf(line: {getCell(column: number): IBufferCell | undefined}, columns: number): Run[] {
  const runs: Run[] = [];
  for (let column = 0; column < columns; column++) {
    const found = line.getCell(column);
    if (!found || found.getWidth() === 0) continue;
    const color = found.isFgPalette() ? (palette[found.getFgColor()] ?? ink) : ink;
    const bold = found.isBold() !== 0;
    const text = found.getChars() || ' ';
    const last = runs.at(-1);
    if (last && last.color === color && last.bold === bold) last.text += text;
    else runs.push({column, text, color, bold});
  }
  return runs.filter((run) => run.text.trim() !== '');
}

/**
 * What a terminal shows, as a picture of text.
 * @param title for those who cannot see it
 * @param replacements names that belong to this machine
 */
export function svg(
  terminal: Terminal,
  size: {cols: number; rows: number},
  title: string,
  replacements: [string, string][],
): string {
  const width = size.cols * cell.width + 2 * margin;
  const height = size.rows * cell.height + 2 * margin;
  const texts: string[] = [];
  for (let row = 0; row < size.rows; row++) {
    const line = terminal.buffer.active.getLine(row);
    if (!line) continue;
    for (const {column, text, color, bold} of runsOf(line, size.cols)) {
      const x = margin + column * cell.width;
      const y = margin + (row + 0.75) * cell.height;
      const shown = replacements
        .reduce((part, [from, to]) => part.replaceAll(from, to.padEnd(from.length)), text)
        .trimEnd();
      const weight = bold ? ' font-weight="bold"' : '';
      texts.push(
        `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${color}"${weight} textLength="${(shown.length * cell.width).toFixed(1)}">${markup(shown)}</text>`,
      );
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">
<title>${markup(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${ground}"/>
${texts.join('\n')}
</svg>
`;
}
