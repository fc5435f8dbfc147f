/** One cell of a terminal. A wide character has the width 2, and the cell after it the width 0. */
export type Cell = {text: string; width: number; color: number | null; bold: boolean};

const cell = {width: 8.4, height: 18};
const margin = 14;
const barHeight = 26;

/** What the reader's page is: light or dark. Each has a ground and a frame of its own. */
type Shades = {ground: string; frame: string; ink: string; palette: Record<number, string>};
const dark: Shades = {
  ground: '#1c1f26',
  frame: '#6e7681',
  ink: '#d5d9e0',
  palette: {1: '#ff7b72', 2: '#7ee787', 3: '#e3b341', 5: '#d2a8ff', 6: '#76d9e6'},
};
const light: Shades = {
  ground: '#ffffff',
  frame: '#8c959f',
  ink: '#1f2328',
  palette: {1: '#cf222e', 2: '#116329', 3: '#7d4e00', 5: '#8250df', 6: '#1b7c83'},
};

const rulesOf = ({ground, frame, ink, palette}: Shades): string =>
  [
    `.ground{fill:${ground};stroke:${frame}}.dots{fill:${frame}}.ink{fill:${ink}}`,
    ...Object.entries(palette).map(([number, color]) => `.c${number}{fill:${color}}`),
  ].join('');

const rules = `${rulesOf(dark)}@media(prefers-color-scheme:light){${rulesOf(light)}}`;

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

type Run = {column: number; width: number; text: string; color: number | null; bold: boolean};

/** Texts of one style without a gap: each gets a place of its own, so that columns line up whatever the font. */
function runsOf(cells: Cell[]): Run[] {
  const runs: Run[] = [];
  let last: Run | null = null;
  for (const [column, {text, width, color, bold}] of cells.entries()) {
    if (width === 0) continue;
    const style = {color: color !== null && color in dark.palette ? color : null, bold};
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
  const fill = color === null ? '' : ` class="c${color}"`;
  const weight = bold ? ' font-weight="bold"' : '';
  return `<text x="${x}" y="${y}"${fill}${weight} textLength="${(width * cell.width).toFixed(1)}">${markup(text)}</text>`;
}

type Picture = {columns: number; rows: number; title: string; rules: string; content: string[]};

function picture({columns, rows, title, rules: more, content}: Picture): string {
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = Math.ceil(rows * cell.height + 2 * margin + barHeight);
  const dots = [0, 1, 2].map(
    (index) => `<circle cx="${18 + index * 16}" cy="${barHeight / 2 + 2}" r="4.5"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${markup(title)}</title>
<style>${rules}${more}</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<g class="dots">${dots.join('')}</g>
<g class="ink" font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace" font-size="14" xml:space="preserve">
${content.join('\n')}
</g>
</svg>
`;
}

const columnsOf = (rows: Cell[][]): number => Math.max(0, ...rows.map((cells) => cells.length));

const rowTexts = (cells: Cell[], row: number): string =>
  runsOf(cells)
    .map((run) => textElement(row, run))
    .join('\n');

/**
 * What a terminal shows, as a picture of text in a neutral frame, for a light page and a dark one.
 * @param rows every cell of every row
 * @param title for those who cannot see it
 */
export const svg = (rows: Cell[][], title: string): string =>
  picture({
    columns: columnsOf(rows),
    rows: rows.length,
    title,
    rules: '',
    content: rows.map(rowTexts).filter((text) => text !== ''),
  });

/** What a terminal shows from one moment on, and for how many seconds. */
export type Frame = {rows: Cell[][]; seconds: number};

/** Frames in which a row of the terminal stays the same: the first one, and the one after the last. */
type Stay = {from: number; to: number; text: string};

function staysOf(frames: Frame[], row: number): Stay[] {
  const stays: Stay[] = [];
  for (const [index, {rows}] of frames.entries()) {
    const text = rowTexts(rows[row] ?? [], row);
    const last = stays.at(-1);
    if (last?.text === text) last.to = index + 1;
    else stays.push({from: index, to: index + 1, text});
  }
  return stays.filter(({text}) => text !== '');
}

/**
 * The same as it changes, over and over. Who wants nothing to move sees the end. A row is written once for as long as it
 * stays the same.
 */
export function movingSvg(frames: Frame[], title: string): string {
  const starts = frames.map((_, index) =>
    frames.slice(0, index).reduce((sum, {seconds}) => sum + seconds, 0),
  );
  const whole = frames.reduce((sum, {seconds}) => sum + seconds, 0);
  const percent = (index: number): string => `${(((starts[index] ?? whole) / whole) * 100).toFixed(2)}%`;
  const rows = Math.max(0, ...frames.map((each) => each.rows.length));
  const names = new Map<string, string>();
  const content = Array.from({length: rows}, (_, row) => staysOf(frames, row)).flat();
  const moving = content.map(({from, to, text}) => {
    if (from === 0 && to === frames.length) return text;
    const name = `s${from}-${to}`;
    const hidden = 'visibility:hidden';
    const seen = `${percent(from)}{visibility:visible}${to < frames.length ? `${percent(to)}{${hidden}}` : ''}`;
    names.set(
      name,
      `@keyframes ${name}{${from > 0 ? `0%{${hidden}}` : ''}${seen}}.${name}{animation-name:${name};visibility:${to === frames.length ? 'visible' : 'hidden'}}`,
    );
    return `<g class="${name}">${text}</g>`;
  });
  const still = '@media(prefers-reduced-motion:reduce){g{animation:none!important}}';
  const timing = `g{animation-duration:${whole}s;animation-iteration-count:infinite;animation-timing-function:step-end}`;
  return picture({
    columns: Math.max(0, ...frames.map((each) => columnsOf(each.rows))),
    rows,
    title,
    rules: timing + [...names.values()].join('') + still,
    content: moving,
  });
}
