/** One cell of a terminal. A wide character has the width 2, and the cell after it the width 0. */
export type Cell = {text: string; width: number; color: number | null; bold: boolean};

const cell = {width: 8.4, height: 18};
const margin = 14;
const barHeight = 26;

/** A ground and a frame of the picture's own, so that it reads on a light page and on a dark one. */
const ground = '#1c1f26';
const frame = '#6e7681';
const ink = '#d5d9e0';
const palette: Record<number, string> = {
  1: '#ff7b72',
  2: '#7ee787',
  3: '#e3b341',
  5: '#d2a8ff',
  6: '#76d9e6',
};

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** XML 1.0 has no way to say these, not even as references (its section 2.2, "Char"). */
const unspeakable = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

export const markup = (text: string): string =>
  text.replace(unspeakable, '\ufffd').replace(/[&<>"']/g, (character) => entities[character] as string);

type Run = {column: number; width: number; text: string; color: string; bold: boolean};

/** Texts of one style without a gap: each gets a place of its own, so that columns line up whatever the font. */
function runsOf(cells: Cell[]): Run[] {
  const runs: Run[] = [];
  let last: Run | null = null;
  for (const [column, {text, width, color, bold}] of cells.entries()) {
    if (width === 0) continue;
    const style = {color: color === null ? ink : (palette[color] ?? ink), bold};
    if (last && (last.color !== style.color || last.bold !== bold || last.text.endsWith('  '))) last = null;
    if (!last && text.trim() === '') continue;
    if (last) {
      last.text += text || ' ';
      last.width += width;
    } else {
      last = {column, width, text, ...style};
      runs.push(last);
    }
  }
  return runs.map((run) => {
    const text = run.text.trimEnd();
    return {...run, text, width: run.width - (run.text.length - text.length)};
  });
}

function textElement(row: number, {column, width, text, color, bold}: Run): string {
  const x = (margin + column * cell.width).toFixed(1);
  const y = (barHeight + margin + (row + 0.75) * cell.height).toFixed(1);
  const fill = color === ink ? '' : ` fill="${color}"`;
  const weight = bold ? ' font-weight="bold"' : '';
  return `<text x="${x}" y="${y}"${fill}${weight} textLength="${(width * cell.width).toFixed(1)}">${markup(text)}</text>`;
}

/**
 * What a terminal shows, as a picture of text in a neutral frame.
 * @param rows every cell of every row
 * @param title for those who cannot see it
 */
export function svg(rows: Cell[][], title: string): string {
  const columns = Math.max(0, ...rows.map((cells) => cells.length));
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = Math.ceil(rows.length * cell.height + 2 * margin + barHeight);
  const dots = [0, 1, 2].map(
    (index) => `<circle cx="${18 + index * 16}" cy="${barHeight / 2 + 2}" r="4.5"/>`,
  );
  const texts = rows.flatMap((cells, row) => runsOf(cells).map((run) => textElement(row, run)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${markup(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${ground}" stroke="${frame}"/>
<g fill="${frame}">${dots.join('')}</g>
<g font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace" font-size="14" fill="${ink}" xml:space="preserve">
${texts.join('\n')}
</g>
</svg>
`;
}
