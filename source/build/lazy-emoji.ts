import type {Plugin} from 'esbuild';
import {patch} from './patch.ts';

const emoji = /const rgiEmojiRegex = (\/.*\/v);/;
const onTest = (_: string, literal: string): string =>
  `let rgiEmoji; const rgiEmojiRegex = {test: (text) => (rgiEmoji ??= new RegExp(${JSON.stringify(literal.slice(1, -2))}, 'v')).test(text)};`;

/**
 * string-width has a pattern of all emoji. As it stands there, Node 18 cannot parse the program, and so not say that it is
 * too old; made as the program begins it takes 16 ms, at every start. Only text that is not ASCII asks for it.
 */
export const lazyEmoji: Plugin = {
  name: 'lazy-emoji',
  setup(context) {
    context.onLoad({filter: /string-width[/]index\.js$/}, ({path}) => patch(path, emoji, onTest));
  },
};
