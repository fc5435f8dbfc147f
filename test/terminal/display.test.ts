import {expect, test} from 'vitest';
import {openDisplay} from '../../source/terminal/display.ts';

/** A display on a terminal of ten columns and two lines, and what was written to it. */
function display() {
  let text = '';
  const out = {
    columns: 10,
    rows: 2,
    write(chunk: string) {
      text += chunk;
      return true;
    },
  };
  const size = {columns: 10, rows: 2};
  let painted = 0;
  const options = {size: () => ({...size}), scene: () => null, onPaint: () => painted++};
  const {stream} = openDisplay(out as unknown as NodeJS.WriteStream, options);
  const written = (chunk: string): string => {
    text = '';
    stream.write(chunk);
    return text;
  };
  return {out, size, written, painted: () => painted};
}

test('a frame of another size than the window is not painted, and what follows is painted whole', () => {
  const {out, size, written, painted} = display();
  expect(written('one\ntwo')).toContain('two');
  out.columns = 8;
  expect(written('one\nthree')).toBe('');
  expect(painted()).toBe(1);
  size.columns = 8;
  expect(written('one\nthree')).toContain('three');
  expect(painted()).toBe(2);
});

test('what drives the terminal is handed on, and a frame that is the same writes nothing', () => {
  const {written} = display();
  expect(written('\u001b[?25l')).toBe('\u001b[?25l');
  written('one\ntwo');
  expect(written('one\ntwo')).toBe('');
  written('\u001b[?1049h');
  expect(written('one\ntwo')).toContain('one');
});

test('where there is no alternate screen, what is said next stands below the frame', () => {
  const {written} = display();
  written('one\ntwo');
  expect(written('\u001b[?1049l')).toBe('\u001b[2H\r\n\u001b[?1049l');
});
