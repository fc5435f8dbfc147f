import {paint} from './paint.ts';
import {isSameSize, type Size, sizeOf} from './size.ts';

export type Display = {
  /** What Ink writes to. */
  stream: NodeJS.WriteStream;
  /** Paints everything again: who knows what somebody else has written. */
  repaint(): void;
  /** The same on the screen that is ours: a program in the background may have left it. */
  reclaim(): void;
};

export type DisplayOptions = {
  /** The size that frames are laid out with. */
  size: () => Size;
  /** What is seen: when it is another, everything is painted again. */
  scene: () => unknown;
  onPaint: () => void;
};

/** Only drives the terminal: shows nothing. */
const control = /^(?:\u001b\[[\d;?<>]*[A-Za-z])*$/;
export const isControl = (text: string): boolean => control.test(text);

/** The stream as Ink wants it: what it writes goes through here, and the size is the one that the frame is laid out with. */
export function inkStream(
  out: NodeJS.WriteStream,
  size: DisplayOptions['size'],
  write: (chunk: string | Uint8Array, ...rest: unknown[]) => boolean,
): NodeJS.WriteStream {
  const own: Record<PropertyKey, () => unknown> = {
    write: () => write,
    columns: () => size().columns,
    rows: () => size().rows,
  };
  return new Proxy(out, {
    get(target, name) {
      const mine = own[name];
      if (mine) return mine();
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
const leaving = '\u001b[?1049l';
const alternateScreen = '\u001b[?1049h';
const bracketedPaste = '\u001b[?2004h';

/**
 * Paints the frames that Ink makes. Ink writes each one whole (its `debug`), and is told the size that the frame is laid
 * out with; what is written of it is up to us, because Ink's own updates go from where it believes the cursor to be.
 */
export function openDisplay(out: NodeJS.WriteStream, {size, scene, onPaint}: DisplayOptions): Display {
  /** What the terminal shows; null where that is not known. */
  let shown: string[] | null = null;
  let shownSize: Size | null = null;
  let seen: unknown;
  let last: {lines: string[]; size: Size} | null = null;
  /** The shell has the terminal, from the moment that its own screen is given back. */
  let isAway = false;

  function show(): void {
    // Of another size than the window is now: the one for it follows.
    if (isAway || last === null || !isSameSize(last.size, sizeOf(out))) return;
    const now = scene();
    const isKnown = seen === now && shownSize !== null && isSameSize(shownSize, last.size);
    const text = paint(isKnown ? shown : null, last.lines, last.size);
    shown = last.lines;
    shownSize = last.size;
    seen = now;
    if (text !== '') out.write(text);
    onPaint();
  }

  function write(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    if (typeof chunk !== 'string' || isControl(chunk)) {
      if (chunk === alternateScreen) {
        shown = null;
        isAway = false;
      }
      // GNU screen, as it comes, has no alternate screen: what is said next must not stand in the middle of the frame.
      if (chunk === leaving) {
        out.write(`\u001b[${sizeOf(out).rows}H\r\n`);
        isAway = true;
      }
      return (out.write as (...args: unknown[]) => boolean)(chunk, ...rest);
    }
    last = {lines: chunk.split('\n'), size: size()};
    show();
    return true;
  }

  const stream = inkStream(out, size, write);
  function repaint(): void {
    shown = null;
    show();
  }
  return {
    stream,
    repaint,
    reclaim() {
      out.write(alternateScreen + bracketedPaste);
      repaint();
    },
  };
}
