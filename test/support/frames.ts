import type {Line} from '../../source/ui/kit/line.ts';
import {linesOf} from '../../source/ui/kit/part.tsx';
import {bodyHeight} from '../../source/ui/layout.ts';
import {screenNamed} from '../../source/ui/screens.ts';
import type {AppState} from '../../source/ui/state.ts';

export const lineText = (line: Line): string => line.map(({text}) => text).join('');

/** What lines show, without colours; trailing spaces gone, so that snapshots keep still. */
export const frameText = (lines: Line[]): string => lines.map((line) => lineText(line).trimEnd()).join('\n');

/** What a screen draws of a state: its parts say their lines before Ink draws them. */
export const screenOf =
  (name: string) =>
  (state: AppState): Line[] => {
    const {View, slice} = screenNamed(name);
    const {size} = state;
    const height = bodyHeight(size);
    return linesOf(View({state, slice: slice.of(state)}), {columns: size.columns, height});
  };
