import {formatBytes} from '../../engine/base/format.ts';
import {percent} from './line.ts';
import {part} from './part.tsx';
import {lineOf, type Spans} from './span.ts';
import {type Column, Table} from './table.tsx';

/** In a sentence: rounded down, so that 100% means all. */
export const percentText = (part: number): string => percent(part).trim();

/** How far something is: `part` from 0 to 1. */
export type Progress = {name: string; bytes?: number; part: number; state?: Spans};

type ProgressBarsProps = {
  of: Progress[];
  /** Lines for them; how many have none is said in the empty one above the whole. */
  height?: number;
  /** All of it together, below the others. */
  whole?: Progress;
  /** Columns of the longest name, and of what is said at the end, whatever is there just now. */
  name?: number;
  state?: number;
};

/** A bar for each, with its name, its size and what has become of it. */
export const ProgressBars = part<ProgressBarsProps>(({of, height, whole, name, state = 0}, room) => {
  const hasSize = [whole, ...of].some((each) => each?.bytes !== undefined);
  const columns: Column<Progress>[] = [
    {cell: (each) => each.name, ...(name === undefined ? {fits: true, least: 7, most: 28} : {width: name})},
    ...(hasSize
      ? [{cell: ({bytes = 0}: Progress) => formatBytes(bytes), width: 7, right: true, gap: 1}]
      : []),
    {cell: ({part: how}) => ({part: how}), least: 11, most: 47, gap: hasSize ? 2 : 1},
    {cell: (each) => each.state ?? null, least: state},
  ];
  const lines = Table.lines({columns, rows: of, height, foot: whole}, room);
  const hidden = of.length - (height ?? of.length);
  return hidden > 0 && whole ? lines.with(-2, lineOf([`   ... ${hidden} more`], room.columns)) : lines;
});

/** That the program is alive while a disk is not: it turns. An empty line while nothing is done. */
export const Doing = part<{what: string | null}>(({what}) => [
  what === null ? [] : [{text: ' '}, {text: '-', turns: true}, {text: ` ${what}`}],
]);
