import fc from 'fast-check';
import {expect, test} from 'vitest';
import {frameOutput, shorten} from '../../source/terminal/frame-output.ts';

const nextLine = '\u001b[E';

test('a run of steps to the next line becomes one', () => {
  expect(shorten(`a${nextLine.repeat(3)}b`)).toBe('a\u001b[3Eb');
  expect(shorten(`${nextLine.repeat(12)}`)).toBe('\u001b[12E');
});

test('a single step, and everything else, stays as it is', () => {
  for (const text of [nextLine, `a${nextLine}b${nextLine}`, '\u001b[2K\u001b[G', 'EEE', '']) {
    expect(shorten(text)).toBe(text);
  }
});

test('the cursor ends where it would have', () => {
  const piece = fc.constantFrom(nextLine, nextLine, 'x', '\u001b[2K', '\u001b[1A', 'E', '[E');
  const steps = (text: string) =>
    [...text.matchAll(/\u001b\[(\d*)E/g)].reduce((sum, [, count]) => sum + Number(count || 1), 0);
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      expect(steps(shorten(text))).toBe(steps(text));
      expect(shorten(text).replace(/\u001b\[\d*E/g, '')).toBe(text.replace(/\u001b\[\d*E/g, ''));
      expect(shorten(text).length).toBeLessThanOrEqual(text.length);
    }),
  );
});

test('the stream it wraps is otherwise the same', () => {
  const written: unknown[] = [];
  const stream = {
    columns: 80,
    isTTY: true,
    write: (chunk: unknown, encoding?: unknown) => written.push([chunk, encoding]) > 0,
    self() {
      return this;
    },
  } as unknown as NodeJS.WriteStream & {self(): unknown};
  const wrapped = frameOutput(stream) as typeof stream;
  expect(wrapped.columns).toBe(80);
  expect(wrapped.isTTY).toBe(true);
  expect(wrapped.self()).toBe(stream);
  expect(wrapped.write(nextLine.repeat(2), 'utf8')).toBe(true);
  const bytes = Buffer.from(nextLine.repeat(2));
  wrapped.write(bytes);
  expect(written).toEqual([
    ['\u001b[2E', 'utf8'],
    [bytes, undefined],
  ]);
});
