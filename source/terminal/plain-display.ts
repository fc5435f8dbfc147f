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
    .replace(/-{4,}/g, '')
    .replace(/^ [-\\|/] (?=\S)/, ' ')
    .replace(/ {3,}/g, '  ')
    .trim();

/** What a line is about, whatever is counted in it, chosen or not: said once. */
const about = (line: string): string => line.replace(/^> /, '').replace(/\d+/g, '0');

/** What is chosen or typed. */
const isPointedAt = (line: string): boolean => /^> |_$/.test(line);

/** What is said of a change: what is pointed at, then what was said last, as much as the budget takes. */
function changed(before: string[], after: string[]): string[] {
  const known = new Set(before.map(about));
  const pointedAt = new Set(before.filter(isPointedAt));
  // Header and keys are said with the whole screen; a clock is none.
  const body = after.slice(1, -1);
  const pointed = body.filter((line) => isPointedAt(line) && !pointedAt.has(line));
  const fresh = body.filter((line) => !isPointedAt(line) && !known.has(about(line)));
  const messages = fresh.filter((line) => after.indexOf(line) >= after.length - 4);
  const lines: string[] = [];
  let left = budget - 2;
  for (const line of new Set([...pointed, ...messages, ...fresh])) {
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
