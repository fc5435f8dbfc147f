import type {Screen} from '../../screen.ts';
import {StatusView} from './View.tsx';

/** Two sentences for the phone. */
export const status: Screen = {
  title: 'Status',
  help: null,
  keys: [],
  View: StatusView,
  passing: true,
};
