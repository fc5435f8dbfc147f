import {slice} from '../../state.ts';

export type PaletteAction = {type: 'palette opened'};

/** The line it stands on, counted from the first, in either direction. */
export const paletteSlice = slice<number, PaletteAction>('palette', {start: 0, reduce: () => 0});
