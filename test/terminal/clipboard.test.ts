import fc from 'fast-check';
import {expect, test} from 'vitest';
import {clipboardSequence, hasClipboard} from '../../source/terminal/clipboard.ts';
import {hostile} from '../support/hostile.ts';

const esc = '\u001b';
const xterm = {TERM: 'xterm-256color'};
const tmux = {TERM: 'screen-256color', TMUX: '/tmp/tmux-0/default,1,0'};
const screen = {TERM: 'screen.xterm-256color'};

test('a terminal of its own takes it as it is', () => {
  expect(clipboardSequence('id', xterm)).toBe(`${esc}]52;c;aWQ=\u0007`);
  expect(clipboardSequence('id', {})).toBe(`${esc}]52;c;aWQ=\u0007`);
});

test('tmux is given it plainly, and wrapped, with each escape doubled: it hands on either, as it is set up', () => {
  expect(clipboardSequence('id', tmux)).toBe(
    `${esc}]52;c;aWQ=\u0007${esc}Ptmux;${esc}${esc}]52;c;aWQ=\u0007${esc}\\`,
  );
});

test('screen passes on a device control string, also in tmux', () => {
  const wrapped = `${esc}P${esc}]52;c;aWQ=\u0007${esc}\\`;
  expect(clipboardSequence('id', screen)).toBe(wrapped);
  expect(clipboardSequence('id', {...tmux, STY: '12.pts-0.db'})).toBe(wrapped);
});

test('screen gets no string that is longer than it takes', () => {
  const pieces = clipboardSequence('x'.repeat(1000), screen).split(`${esc}\\`);
  expect(Math.max(...pieces.map(({length}) => length))).toBeLessThan(256);
  const joined = pieces.map((piece) => piece.slice(2)).join('');
  expect(joined).toBe(clipboardSequence('x'.repeat(1000), xterm));
});

test('a console has no clipboard', () => {
  expect(['linux', 'dumb', 'vt100', ''].filter((TERM) => hasClipboard({TERM}))).toEqual([]);
  expect([xterm, tmux, screen].every(hasClipboard)).toBe(true);
  expect(hasClipboard({TERM: 'linux', STY: '12.pts-0.db'})).toBe(true);
});

test('no text can end the sequence early, and all of it arrives', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const inside = /^\u001b\]52;c;([A-Za-z0-9+/=]*)\u0007$/.exec(clipboardSequence(text, xterm));
      expect(Buffer.from(inside?.[1] ?? '-', 'base64')).toEqual(Buffer.from(text));
    }),
  );
});
