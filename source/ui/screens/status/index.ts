import type {Screen} from '../../screen.ts';
import {statusSlice} from './state.ts';
import {StatusView} from './View.tsx';

/** Two sentences for the phone. */
export const status: Screen<null, never> = {
  slice: statusSlice,
  title: 'Status',
  help: null,
  keys: [],
  View: StatusView,
  passing: true,
};
