import {noSlice} from '../../state.ts';

/** It shows what is known. */
export const progressSlice = noSlice('progress');
