import type {Plugin} from 'esbuild';
import {patch} from './patch.ts';

const emoji = /const rgiEmojiRegex = (\/.*\/v);/;
const onTest = (_: string, literal: string): string =>
  `let rgiEmoji; const rgiEmojiRegex = {test: (text) => (rgiEmoji ??= new RegExp(${JSON.stringify(literal.slice(1, -2))}, 'v')).test(text)};`;

/** string-width makes a pattern of all emoji, which takes 16 ms; only text that is not ASCII asks for it. */
export const lazyEmoji: Plugin = {
  name: 'lazy-emoji',
  setup(context) {
    context.onLoad({filter: /string-width[/]index\.js$/}, ({path}) => patch(path, emoji, onTest));
  },
};
