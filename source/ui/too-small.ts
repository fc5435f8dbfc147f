import {clip, type Line, plain} from './kit/line.ts';
import {type Size, smallest} from './layout.ts';

export const tooSmall = ({columns, rows}: Size): Line[] =>
  [
    plain('magds'),
    plain(`This terminal is ${columns}x${rows}.`),
    plain(`It takes ${smallest.columns}x${smallest.rows} at least: make it larger, or q quits.`),
  ]
    .slice(0, rows)
    .map((line) => clip(line, columns));
