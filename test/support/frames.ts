import type {Line} from '../../source/ui/kit/line.ts';

export const lineText = (line: Line): string => line.map(({text}) => text).join('');

/** What a screen function would show, without colours; trailing spaces gone, so that snapshots keep still. */
export const frameText = (lines: Line[]): string => lines.map((line) => lineText(line).trimEnd()).join('\n');
