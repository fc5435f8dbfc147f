import type {Line} from './kit/line.ts';
import {lineOf} from './kit/span.ts';
import {type Size, smallest} from './layout.ts';

export const tooSmall = ({columns, rows}: Size): Line[] =>
  [
    'magds',
    `This terminal is ${columns}x${rows}.`,
    `It takes ${smallest.columns}x${smallest.rows} at least: make it larger, or q quits.`,
  ]
    .slice(0, rows)
    .map((line) => lineOf(line, columns));
