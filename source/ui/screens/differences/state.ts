import type {CompareEvent, ComparisonResult, DatasetDifference} from '../../../engine/differences/compare.ts';
import type {Counts} from '../../../engine/differences/counts.ts';
import type {DifferenceEvent} from '../../../engine/differences/difference.ts';
import type {TableDifference} from '../../../engine/differences/tables.ts';
import {clampText, type Move, move, moveText, settle, stepOf} from '../../kit/scroll.ts';
import {detailHeight, differencesLayout, type Size} from '../../layout.ts';
import {type AppState, slice} from '../../state.ts';
import {linesOfDifference, type OpenedDifference, tablesOf, widestSeen} from './seen.ts';

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
  /** How much datasets differ, as far as that was counted; null where it cannot be. */
  counts: ReadonlyMap<string, Counts | null>;
  /** Position in the list of what it can be compared with. */
  choice: number;
  /** The dataset that it begins with, once they are known; null for the first one. */
  wanted: string | null;
};

export type DifferencesAction =
  | {
      type: 'differences opened';
      id: string;
      other: string | null;
      safetyIn?: string | null;
      dataset?: string | null;
    }
  | {type: 'differences event'; event: CompareEvent}
  | {type: 'differences failed'; problem: string}
  | {type: 'differences counted'; name: string; counts: Counts | null}
  | {type: 'difference opened'; name: string}
  | {type: 'difference event'; event: DifferenceEvent}
  | {type: 'difference failed'; problem: string}
  | {type: 'looked sideways'; how: 'left' | 'right'}
  | {type: 'change sought'; how: 'next' | 'previous'}
  | {type: 'rows opened'}
  | {type: 'rows event'; table: string; event: DifferenceEvent}
  | {type: 'rows failed'; table: string; problem: string}
  | {type: 'others opened'};

/** What a backup can be compared with: the live files (null) where there is a project, and every other backup. */
export const othersOf = ({place, catalog}: AppState, id: string): (string | null)[] => [
  ...(place.root === null ? [] : [null]),
  ...catalog.ids.filter((each) => each !== id),
];

/** What it is compared with unless told otherwise: the live files, without a project the backup before it. */
export function usualOther(state: AppState, id: string): string | null {
  if (state.place.root !== null) return null;
  const {ids} = state.catalog;
  const at = ids.indexOf(id);
  return ids[at + 1] ?? ids[at - 1] ?? null;
}

const opening = (
  before: DifferencesTask | null,
  state: AppState,
  id: string,
  other: string | null,
  {safetyIn = null, dataset = null}: {safetyIn?: string | null; dataset?: string | null},
): DifferencesTask => ({
  id,
  other,
  safetyIn,
  datasets: [],
  result: null,
  problem: null,
  done: 0,
  total: 0,
  cursor: before?.id === id ? before.cursor : 0,
  top: before?.id === id ? before.top : 0,
  opened: null,
  counts: new Map(),
  choice: Math.max(0, othersOf(state, id).indexOf(other)),
  wanted: dataset,
});

function compared(task: DifferencesTask, event: CompareEvent): DifferencesTask {
  switch (event.type) {
    case 'started': {
      // Of a directory the first of its files.
      const isWanted = ({name}: DatasetDifference): boolean =>
        name === task.wanted || name.startsWith(`${task.wanted}/`);
      const at = task.wanted === null ? -1 : event.datasets.findIndex(isWanted);
      const cursor = at === -1 ? task.cursor : at;
      return {...task, datasets: event.datasets, total: event.totalBytes, cursor};
    }
    case 'progress':
      return {...task, done: event.bytesDone};
    case 'dataset':
      return {...task, datasets: task.datasets.with(event.index, event.dataset)};
    case 'finished':
      return {...task, result: event.result};
  }
}

function reading(opened: OpenedDifference, event: DifferenceEvent): OpenedDifference {
  if (event.type === 'finished') return {...opened, difference: event.difference};
  if (event.type === 'comparing') return {...opened, comparing: event};
  return {...opened, done: event.bytesDone, total: event.totalBytes};
}

/** A table in the place of itself, chosen as before wherever it stands now. */
function withTable(
  opened: OpenedDifference,
  name: string,
  change: (table: TableDifference) => TableDifference,
): OpenedDifference {
  const {difference} = opened;
  if (difference?.kind !== 'tables') return opened;
  const chosen = tablesOf(opened)[opened.list.cursor]?.name;
  const tables = difference.tables.map((table) => (table.name === name ? change(table) : table));
  const changed = {...opened, comparing: null, difference: {...difference, tables}};
  const cursor = tablesOf(changed).findIndex((table) => table.name === chosen);
  return {...changed, list: {...opened.list, cursor: Math.max(0, cursor)}};
}

/** What was found out of the rows of a table that were only counted. */
function readingRows(opened: OpenedDifference, name: string, event: DifferenceEvent): OpenedDifference {
  if (event.type === 'comparing') return {...opened, comparing: event};
  if (event.type !== 'finished') return opened;
  const {difference} = event;
  if (difference.kind !== 'tables')
    return notReadRows(opened, name, difference.kind === 'none' ? difference.why : 'nothing was read');
  const [found] = difference.tables;
  return withTable(opened, name, (table) =>
    found ? {...found, notes: [...found.notes, ...difference.notes]} : table,
  );
}

/** Why the rows of the chosen table could not be read may be over. */
function readAgain(opened: OpenedDifference): OpenedDifference {
  const chosen = tablesOf(opened)[opened.list.cursor];
  return chosen?.isCounted ? withTable(opened, chosen.name, (table) => ({...table, notes: []})) : opened;
}

const notReadRows = (opened: OpenedDifference, name: string, why: string): OpenedDifference =>
  withTable(opened, name, (table) => ({...table, notes: [`x Its rows were not compared: ${why}.`]}));

/** Columns that one step goes sideways. */
const sideways = 20;

function seek(opened: OpenedDifference, how: 'next' | 'previous', size: Size): OpenedDifference {
  const lines = linesOfDifference(opened, size.columns);
  const starts = lines.flatMap(({mark}, index) => (mark === '@' ? [index] : []));
  const to = how === 'next' ? starts.find((at) => at > opened.top) : starts.findLast((at) => at < opened.top);
  const top = to ?? (how === 'next' ? opened.top : 0);
  return {...opened, top: clampText(top, lines.length, detailHeight(size))};
}

function look(opened: OpenedDifference, how: 'left' | 'right', size: Size): OpenedDifference {
  const step = how === 'left' ? -sideways : sideways;
  const left = clampText(opened.left + step, widestSeen(opened, size), size.columns - 4);
  return {...opened, left};
}

const unread: Omit<OpenedDifference, 'name'> = {
  difference: null,
  comparing: null,
  problem: null,
  done: 0,
  total: 0,
  list: {cursor: 0, top: 0},
  top: 0,
  left: 0,
};

const withOpened = (
  task: DifferencesTask,
  change: (opened: OpenedDifference) => OpenedDifference,
): DifferencesTask => (task.opened ? {...task, opened: change(task.opened)} : task);

function reduceDifferences(
  task: DifferencesTask | null,
  action: DifferencesAction,
  state: AppState,
): DifferencesTask | null {
  const {size} = state;
  if (action.type === 'differences opened') return opening(task, state, action.id, action.other, action);
  if (!task) return null;
  switch (action.type) {
    case 'differences event':
      return fitList(compared(task, action.event), size);
    case 'differences failed':
      return {...task, problem: action.problem};
    case 'differences counted':
      return {...task, counts: new Map(task.counts).set(action.name, action.counts)};
    case 'difference opened': {
      const {name} = action;
      return {...task, opened: {...unread, name}};
    }
    case 'difference event':
      return withOpened(task, (opened) => reading(opened, action.event));
    case 'difference failed':
      return withOpened(task, (opened) => ({...opened, problem: action.problem}));
    case 'looked sideways':
      return withOpened(task, (opened) => look(opened, action.how, size));
    case 'change sought':
      return withOpened(task, (opened) => seek(opened, action.how, size));
    case 'rows opened':
      return withOpened(task, (opened) => readAgain({...opened, top: 0, left: 0}));
    case 'rows event':
      return withOpened(task, (opened) => readingRows(opened, action.table, action.event));
    case 'rows failed':
      return withOpened(task, (opened) => notReadRows(opened, action.table, action.problem));
    case 'others opened':
      return task;
  }
}

/** Of all the screens that compare; null before the first time. */
export const differencesSlice = slice<DifferencesTask | null, DifferencesAction>('differences', {
  start: null,
  reduce: reduceDifferences,
});

/** The table that Enter opens. */
export function chosenTable(state: AppState): TableDifference | null {
  const opened = differencesSlice.of(state)?.opened;
  return (opened && tablesOf(opened)[opened.list.cursor]) ?? null;
}

export function chosenDifference(state: AppState): DatasetDifference | null {
  const task = differencesSlice.of(state);
  return task?.datasets[task.cursor] ?? null;
}

/** What is to be counted: the chosen dataset, once it is known to differ, while it is looked at. */
export function toCount(state: AppState): string | null {
  const task = differencesSlice.of(state);
  if (!task || task.result === null || state.screens.at(-1) !== 'differences') return null;
  const chosen = chosenDifference(state);
  // Of a database they are counted already.
  if (chosen?.one.rows) return null;
  return chosen?.relation === 'differs' && !task.counts.has(chosen.name) ? chosen.name : null;
}

const fitList = (task: DifferencesTask, size: Size): DifferencesTask => ({
  ...task,
  // What is not known yet must not lose its place.
  ...(task.datasets.length > 0 ? settle(task, task.datasets.length, differencesLayout(size).list) : {}),
});

/** Of the list of datasets. */
export const moveDatasets = (task: DifferencesTask, how: Move, size: Size): DifferencesTask => ({
  ...task,
  ...move(task, how, task.datasets.length, differencesLayout(size).list),
});

/** Of the tables of one of them, or the lines. */
export const moveDifference = (task: DifferencesTask, how: Move, size: Size): DifferencesTask =>
  task.opened?.difference?.kind !== 'tables'
    ? moveOpened(task, how, size)
    : withOpened(task, (opened) => {
        const height = differencesLayout(size).list;
        return {...opened, list: move(opened.list, how, tablesOf(opened).length, height)};
      });

/** Of the lines of one of them, or the rows of a table. */
export const moveOpened = (task: DifferencesTask, how: Move, size: Size): DifferencesTask =>
  withOpened(task, (opened) => {
    const count = linesOfDifference(opened, size.columns).length;
    return {...opened, top: moveText(opened.top, how, count, detailHeight(size))};
  });

/** Of what it can be compared with. */
export function moveChoice(task: DifferencesTask, how: Move, state: AppState): DifferencesTask {
  const count = othersOf(state, task.id).length;
  const to = task.choice + stepOf(how, count, detailHeight(state.size));
  return {...task, choice: Math.max(0, Math.min(count - 1, to))};
}

/** The same is seen in a terminal of another size. */
export const fitDifferences = (task: DifferencesTask, size: Size): DifferencesTask =>
  fitList(
    withOpened(task, (opened) => ({
      ...opened,
      top: clampText(opened.top, linesOfDifference(opened, size.columns).length, detailHeight(size)),
      list: settle(opened.list, tablesOf(opened).length, differencesLayout(size).list),
    })),
    size,
  );
