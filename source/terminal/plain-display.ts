import type {Display, DisplayOptions} from './display.ts';
import {inkStream, isControl} from './display.ts';
import {isSameSize, sizeOf} from './size.ts';

/** Bytes that a change may be told in. */
const budget = 200;

const styles = /\u001b\[[\d;]*m/g;

/** What a line says: no bar, no rule, no column, nothing that turns. */
const spoken = (line: string): string =>
  line
    .replace(styles, '')
    .replace(/\[[#.]{8,}\]/g, '')
    .replace(/(?<!\S)-{4,}(?!\S)/g, '')
    .replace(/^ [-\\|/] (?=\S)/, ' ')
    .replace(/ {3,}/g, '  ')
    .trim();

/** What a line is about, whatever is counted in it, chosen or not: said once. */
const about = (line: string): string => line.replace(/^> /, '').replace(/\d+/g, '0');

/** What is chosen or typed. */
const isPointedAt = (line: string): boolean => /^> |_$/.test(line);

/** That it is the newest good copy: said of a line that was known without it. */
const mark = / \*(?= |$)/g;

/**
 * What is said of a change: what heads the screen, what is pointed at, what was said last, each to its end, and what is
 * marked now; then as much as the budget takes.
 */
function changed(before: string[], after: string[]): string[] {
  const known = new Set(before.map(about));
  const pointedAt = new Set(before.filter(isPointedAt));
  // Header and keys are said with the whole screen, and again once the header is another one; a clock is none.
  const [header = '', keys = ''] = [after[0], after.at(-1)];
  const head =
    about(before[0] ?? '') === about(header) ? [] : [header, ...(before.at(-1) === keys ? [] : [keys])];
  const body = after.slice(1, -1);
  const pointed = body.filter((line) => isPointedAt(line) && !pointedAt.has(line));
  const fresh = body.filter((line) => !isPointedAt(line) && !known.has(about(line)));
  // Where nothing was said, the line above the keys is empty.
  const messages = body.at(-1) === '' ? [] : fresh.filter((line) => after.indexOf(line) >= after.length - 4);
  const marked = fresh.filter((line) => line.search(mark) >= 0 && known.has(about(line.replace(mark, ''))));
  const lines = [...new Set([...head, ...pointed, ...messages, ...marked])];
  let left = budget - 2 - lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 2, 0);
  for (const line of new Set(fresh)) {
    if (lines.includes(line)) continue;
    const bytes = Buffer.byteLength(line) + 2;
    if (bytes > left) {
      if (lines.length === 0) lines.push(`${line.slice(0, left / 4)}~`);
      break;
    }
    left -= bytes;
    lines.push(line);
  }
  return lines;
}

/**
 * Frames as lines of text, for a screen reader, or a terminal that cannot move its cursor: a screen whole when it is opened, then
 * what changes, each once. Ctrl+L says the whole screen again.
 */
export function openPlainDisplay(
  out: NodeJS.WriteStream,
  {size, scene, onPaint}: DisplayOptions,
  marksPastes: boolean,
): Display {
  let told: string[] | null = null;
  let last: string[] | null = null;
  let seen: unknown;

  function show(): void {
    if (last === null) return;
    const now = scene();
    const isWhole = told === null || seen !== now;
    const text = (isWhole ? last : changed(told ?? [], last)).filter((line) => line !== '');
    told = last;
    seen = now;
    if (text.length > 0) out.write(`${isWhole ? '\r\n' : ''}${text.join('\r\n')}\r\n`);
    onPaint();
  }

  function write(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    if (typeof chunk !== 'string' || chunk === '' || isControl(chunk)) {
      const isHandedOn = chunk === '' || (marksPastes && String(chunk).includes('?2004'));
      return (out.write as (...args: unknown[]) => boolean)(isHandedOn ? chunk : '', ...rest);
    }
    if (!isSameSize(size(), sizeOf(out))) return true;
    last = chunk.split('\n').map(spoken);
    show();
    return true;
  }

  return {
    stream: inkStream(out, size, write),
    // Nothing that was said is gone from the terminal.
    repaint() {},
    reclaim() {
      told = null;
      show();
    },
  };
}
