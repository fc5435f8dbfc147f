import {drawn} from '../../kit/drawn.tsx';
import type {Screen} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {differenceKeys, differencesKeys, othersKeys} from './keys.ts';
import {differenceScreen} from './one.ts';
import {Others} from './others.tsx';
import {fitDifferences, moveDifferences} from './state.ts';
import {differencesScreen} from './view.ts';

const subject = ({differences}: AppState): string | null => differences?.id ?? null;

/** A backup beside the live files, or beside another one. */
export const differences: Screen = {
  title: 'Differences',
  help: 'Differences',
  keys: differencesKeys,
  View: drawn(differencesScreen),
  subject,
  move: (state, how) => moveDifferences(state, 'differences', how),
  fit: (state) => ({...state, differences: fitDifferences(state)}),
  back(_, effects) {
    effects.work.differences((each) => each.stop('all'));
    return false;
  },
};

/** How one dataset differs. */
export const difference: Screen = {
  title: 'Dataset',
  help: 'Differences of one dataset',
  keys: differenceKeys,
  View: drawn(differenceScreen),
  subject,
  move: (state, how) => moveDifferences(state, 'difference', how),
  back(_, effects) {
    effects.work.differences((each) => each.stop('dataset'));
    return false;
  },
};

/** What a backup may be compared with. */
export const others: Screen = {
  title: 'Compare with',
  help: 'What a backup is compared with',
  keys: othersKeys,
  View: Others,
  subject,
  move: (state, how) => moveDifferences(state, 'others', how),
};
