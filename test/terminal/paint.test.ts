import {stripVTControlCharacters} from 'node:util';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {widthOf} from '../../source/presenters/graphemes.ts';
import {paint} from '../../source/terminal/paint.ts';

const size = {columns: 20, rows: 3};

const shows = (terminal: xterm.Terminal): string[] => {
  const {active} = terminal.buffer;
  return Array.from({length: size.rows}, (_, row) => {
    const line = active.getLine(active.baseY + row);
    return Array.from({length: size.columns}, (__, column) => {
      const cell = line?.getCell(column);
      const text = cell?.getChars() || ' ';
      return text === ' ' ? text : `${text}${cell?.isBold() ? 'b' : ''}${cell?.getFgColor()}`;
    }).join('');
  });
};

/** What a terminal shows that was sent this. */
const shown = (...texts: string[]): Promise<string[]> =>
  new Promise((resolve) => {
    const terminal = new xterm.Terminal({cols: size.columns, rows: size.rows, allowProposedApi: true});
    terminal.write(texts.join(''), () => {
      resolve(shows(terminal));
      terminal.dispose();
    });
  });

const plainly = (frame: string[]): string => `\u001b[?7l${frame.join('\r\n')}`;

test('the first frame is written whole, a change alone where it is', () => {
  const before = ['one', 'two', 'three'];
  expect(paint(null, before, size)).toContain(
    '\u001b[1Hone\u001b[K\u001b[2Htwo\u001b[K\u001b[3Hthree\u001b[K',
  );
  expect(paint(before, ['one', 'two 2', 'three'], size)).toBe(
    '\u001b[?2026h\u001b[?7l\u001b[2;5H2\u001b[?7h\u001b[?2026l',
  );
  expect(paint(before, ['one', 't', 'three'], size)).toContain('\u001b[2;2H\u001b[K');
  expect(paint(before, before, size)).toBe('');
});

const text = fc.constantFrom('a', 'b', ' ', '    ', 'word', 'é', '帳', '🧾', '\u0301', '|');
const segment = fc
  .tuple(
    fc.constantFrom('', '\u001b[1m', '\u001b[31m', '\u001b[36m\u001b[1m'),
    fc.array(text, {maxLength: 4}),
  )
  .map(([style, texts]) => (style === '' ? texts.join('') : `${style}${texts.join('')}\u001b[39m\u001b[22m`));
/** A frame is cut to the terminal before it is painted. */
const line = fc
  .array(segment, {maxLength: 4})
  .map((segments) => segments.join(''))
  .filter((made) => widthOf(stripVTControlCharacters(made)) <= size.columns);
const frame = fc.tuple(line, line, line);

test('from any frame to any other, on whatever was there, it shows what the frame says', async () => {
  const rubbish = fc.constantFrom(
    '',
    'x'.repeat(70),
    '\u001b[1;31m\r\nmail\u001b[4h',
    '\u001b[2;3r\u001b[?6h',
    '\u001b(0',
  );
  await fc.assert(
    fc.asyncProperty(rubbish, frame, frame, async (before, first, second) => {
      const wanted = await shown(plainly(second));
      expect(await shown(before, paint(null, first, size), paint(first, second, size))).toEqual(wanted);
      expect(await shown(before, paint(null, second, size))).toEqual(wanted);
    }),
  );
});
