import type {CompareEvent, ComparisonResult, DatasetDifference} from '../../../engine/differences/compare.ts';
import type {DifferenceEvent} from '../../../engine/differences/difference.ts';
import type {Place} from '../../../engine/storage/root.ts';
import type {CatalogState} from '../../../presenters/catalog.ts';
import {clampText, type Move, move, moveText, settle, stepOf} from '../../kit/scroll.ts';
import {differenceHeight, differencesLayout, type Size} from '../../layout.ts';
import {push, type ScreenName} from '../../stack.ts';
import {linesOfDifference, type OpenedDifference, widestSeen} from './seen.ts';
/** A backup beside the live files or another backup. */
export type DifferencesTask = {
  id: string;
  /** Id of the other backup; null for the live files. */
  other: string | null;
  /** Where it lies, if it is a safety backup: the catalog has none of them. */
  safetyIn: string | null;
  datasets: DatasetDifference[];
  /** What it came to; null while it is being found out. */
  result: ComparisonResult | null;
  /** Why nothing can be compared; null while all is well. */
  problem: string | null;
  /** Bytes hashed so far, and of how many. */
  done: number;
  total: number;
  cursor: number;
  top: number;
  opened: OpenedDifference | null;
  /** Position in the list of what it can be compared with. */
  choice: number;
};

export type DifferencesAction =
  | {type: 'differences opened'; id: string; other: string | null; safetyIn?: string | null}
  | {type: 'differences event'; event: CompareEvent}
  | {type: 'differences failed'; problem: string}
  | {type: 'difference opened'; name: string}
  | {type: 'difference event'; event: DifferenceEvent}
  | {type: 'difference failed'; problem: string}
  | {type: 'looked sideways'; how: 'left' | 'right'}
  | {type: 'change sought'; how: 'next' | 'previous'}
  | {type: 'others opened'};

/** What comparing looks at of the app's state. */
export type DifferencesFacts = {
  differences: DifferencesTask | null;
  place: Place;
  catalog: Pick<CatalogState, 'ids'>;
  size: Size;
  screens: ScreenName[];
};

/** What a backup can be compared with: the live files (null) where there is a project, and every other backup. */
export const othersOf = ({place, catalog}: DifferencesFacts, id: string): (string | null)[] => [
  ...(place.root === null ? [] : [null]),
  ...catalog.ids.filter((each) => each !== id),
];

/** What it is compared with unless told otherwise: the live files, without a project the backup before it. */
export function usualOther(state: DifferencesFacts, id: string): string | null {
  if (state.place.root !== null) return null;
  const {ids} = state.catalog;
  const at = ids.indexOf(id);
  return ids[at + 1] ?? ids[at - 1] ?? null;
}

export const chosenDifference = ({differences}: DifferencesFacts): DatasetDifference | null =>
  differences?.datasets[differences.cursor] ?? null;

const opening = (
  state: DifferencesFacts,
  id: string,
  other: string | null,
  safetyIn: string | null,
): DifferencesTask => ({
  id,
  other,
  safetyIn,
  datasets: [],
  result: null,
  problem: null,
  done: 0,
  total: 0,
  cursor: state.differences?.id === id ? state.differences.cursor : 0,
  top: state.differences?.id === id ? state.differences.top : 0,
  opened: null,
  choice: Math.max(0, othersOf(state, id).indexOf(other)),
});

function compared(task: DifferencesTask, event: CompareEvent): DifferencesTask {
  switch (event.type) {
    case 'started':
      return {...task, datasets: event.datasets, total: event.totalBytes};
    case 'progress':
      return {...task, done: event.bytesDone};
    case 'dataset':
      return {...task, datasets: task.datasets.with(event.index, event.dataset)};
    case 'finished':
      return {...task, result: event.result};
  }
}

function reading(opened: OpenedDifference, event: DifferenceEvent): OpenedDifference {
  return event.type === 'finished'
    ? {...opened, difference: event.difference}
    : {...opened, done: event.bytesDone, total: event.totalBytes};
}

/** Columns that one step goes sideways. */
const sideways = 20;

function seek(opened: OpenedDifference, how: 'next' | 'previous', state: DifferencesFacts): OpenedDifference {
  const lines = linesOfDifference(opened, state.size.columns);
  const starts = lines.flatMap(({mark}, index) => (mark === '@' ? [index] : []));
  const to = how === 'next' ? starts.find((at) => at > opened.top) : starts.findLast((at) => at < opened.top);
  const top = to ?? (how === 'next' ? opened.top : 0);
  return {...opened, top: clampText(top, lines.length, differenceHeight(state.size))};
}

function look(opened: OpenedDifference, how: 'left' | 'right', {size}: DifferencesFacts): OpenedDifference {
  const step = how === 'left' ? -sideways : sideways;
  const left = clampText(opened.left + step, widestSeen(opened, size), size.columns - 4);
  return {...opened, left};
}

const withOpened = <State extends DifferencesFacts>(
  state: State,
  change: (opened: OpenedDifference) => OpenedDifference,
): State => {
  const {differences} = state;
  if (!differences?.opened) return state;
  return {...state, differences: {...differences, opened: change(differences.opened)}};
};

const withTask = <State extends DifferencesFacts>(
  state: State,
  change: (task: DifferencesTask) => DifferencesTask,
): State => (state.differences ? {...state, differences: change(state.differences)} : state);

export function reduceDifferences<State extends DifferencesFacts>(
  state: State,
  action: DifferencesAction,
): State {
  switch (action.type) {
    case 'differences opened':
      return push(
        {...state, differences: opening(state, action.id, action.other, action.safetyIn ?? null)},
        'differences',
      );
    case 'differences event':
      return withTask(state, (task) => fitList(compared(task, action.event), state));
    case 'differences failed':
      return withTask(state, (task) => ({...task, problem: action.problem}));
    case 'difference opened': {
      const {name} = action;
      const opened = {name, difference: null, problem: null, done: 0, total: 0, top: 0, left: 0};
      return push(
        withTask(state, (task) => ({...task, opened})),
        'difference',
      );
    }
    case 'difference event':
      return withOpened(state, (opened) => reading(opened, action.event));
    case 'difference failed':
      return withOpened(state, (opened) => ({...opened, problem: action.problem}));
    case 'looked sideways':
      return withOpened(state, (opened) => look(opened, action.how, state));
    case 'change sought':
      return withOpened(state, (opened) => seek(opened, action.how, state));
    case 'others opened':
      return push(state, 'others');
  }
}

const fitList = (task: DifferencesTask, {size}: DifferencesFacts): DifferencesTask => ({
  ...task,
  // What is not known yet must not lose its place.
  ...(task.datasets.length > 0 ? settle(task, task.datasets.length, differencesLayout(size).list) : {}),
});

/** What is seen after a move on one of the screens of differences. */
export function moveDifferences<State extends DifferencesFacts>(
  state: State,
  screen: 'differences' | 'difference' | 'others',
  how: Move,
): State {
  const {size} = state;
  if (screen === 'differences')
    return withTask(state, (task) => ({
      ...task,
      ...move(task, how, task.datasets.length, differencesLayout(size).list),
    }));
  if (screen === 'difference')
    return withOpened(state, (opened) => {
      const count = linesOfDifference(opened, size.columns).length;
      return {...opened, top: moveText(opened.top, how, count, differenceHeight(size))};
    });
  return withTask(state, (task) => {
    const count = othersOf(state, task.id).length;
    const to = task.choice + stepOf(how, count, differenceHeight(size));
    return {...task, choice: Math.max(0, Math.min(count - 1, to))};
  });
}

/** The same is seen in a terminal of another size. */
export function fitDifferences(state: DifferencesFacts): DifferencesTask | null {
  const {differences, size} = state;
  if (!differences) return null;
  const {opened} = differences;
  const fitted = opened && {
    ...opened,
    top: clampText(opened.top, linesOfDifference(opened, size.columns).length, differenceHeight(size)),
  };
  return fitList({...differences, opened: fitted}, state);
}
