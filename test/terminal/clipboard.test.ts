import fc from 'fast-check';
import {expect, test} from 'vitest';
import {clipboardSequence} from '../../source/terminal/clipboard.ts';
import {hostile} from '../support/hostile.ts';

const esc = '\u001b';
const xterm = {TERM: 'xterm-256color'};
const tmux = {TERM: 'screen-256color', TMUX: '/tmp/tmux-0/default,1,0'};
const screen = {TERM: 'screen.xterm-256color'};

test('a terminal of its own takes it as it is', () => {
  expect(clipboardSequence('id', xterm)).toBe(`${esc}]52;c;aWQ=\u0007`);
  expect(clipboardSequence('id', {})).toBe(`${esc}]52;c;aWQ=\u0007`);
});

test('tmux passes on what is wrapped for it, with each escape doubled', () => {
  expect(clipboardSequence('id', tmux)).toBe(`${esc}Ptmux;${esc}${esc}]52;c;aWQ=\u0007${esc}\\`);
});

test('screen passes on a device control string', () => {
  expect(clipboardSequence('id', screen)).toBe(`${esc}P${esc}]52;c;aWQ=\u0007${esc}\\`);
});

test('no text can end the sequence early, and all of it arrives', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const inside = /^\u001b\]52;c;([A-Za-z0-9+/=]*)\u0007$/.exec(clipboardSequence(text, xterm));
      expect(Buffer.from(inside?.[1] ?? '-', 'base64')).toEqual(Buffer.from(text));
    }),
  );
});
