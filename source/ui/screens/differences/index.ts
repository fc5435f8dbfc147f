import type {Screen} from '../../screen.ts';
import {extractQuestion} from '../files/extract.tsx';
import {DifferenceView} from './DifferenceView.tsx';
import {followBackups} from './follow.ts';
import {differenceKeys, differencesKeys, othersKeys, rowsKeys} from './keys.ts';
import {OthersView} from './OthersView.tsx';
import {loadDifferences} from './open.ts';
import {
  type DifferencesAction,
  type DifferencesTask,
  differencesSlice,
  fitDifferences,
  moveChoice,
  moveDatasets,
  moveDifference,
  moveOpened,
} from './state.ts';
import {RowsView} from './TablesView.tsx';
import {DifferencesView} from './View.tsx';

type Shown = Screen<DifferencesTask | null, DifferencesAction>;

const shared: Pick<Shown, 'slice' | 'subject'> = {
  slice: differencesSlice,
  subject: (task) => task?.id ?? null,
};

/** A backup beside the live files, or beside another one. */
export const differences: Shown = {
  ...shared,
  title: 'Differences',
  help: 'Differences',
  keys: differencesKeys,
  View: DifferencesView,
  dataset: (task) => task?.datasets[task.cursor]?.name ?? null,
  move: (task, how, {size}) => task && moveDatasets(task, how, size),
  fit: (task, {size}) => task && fitDifferences(task, size),
  follow: followBackups,
  questions: {extract: extractQuestion},
  back(_, reach) {
    reach.ask(loadDifferences, (work) => work.stop('all'));
    return false;
  },
};

/** How one dataset differs. */
export const difference: Shown = {
  ...shared,
  title: 'Dataset',
  help: 'Differences of one dataset',
  keys: differenceKeys,
  View: DifferenceView,
  move: (task, how, {size}) => task && moveDifference(task, how, size),
  fit: (task, {size}) => task && fitDifferences(task, size),
  back(_, reach) {
    reach.ask(loadDifferences, (work) => work.stop('dataset'));
    return false;
  },
};

/** The rows of one table that differ. */
export const rows: Shown = {
  ...shared,
  title: 'Rows',
  help: 'Rows of one table',
  keys: rowsKeys,
  View: RowsView,
  move: (task, how, {size}) => task && moveOpened(task, how, size),
  fit: (task, {size}) => task && fitDifferences(task, size),
  back(_, reach) {
    reach.ask(loadDifferences, (work) => work.stop('dataset'));
    return false;
  },
};

/** What a backup may be compared with. */
export const others: Shown = {
  ...shared,
  title: 'Compare with',
  help: 'What a backup is compared with',
  keys: othersKeys,
  View: OthersView,
  move: (task, how, state) => task && moveChoice(task, how, state),
};
