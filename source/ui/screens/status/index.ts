import {drawn} from '../../kit/drawn.tsx';
import type {Screen} from '../../screen.ts';
import {statusScreen} from './view.ts';

/** Two sentences for the phone. */
export const status: Screen = {
  title: 'Status',
  help: null,
  keys: [],
  View: drawn(statusScreen),
  passing: true,
};
