/** How the lines of the terminal are shared out. All in lines. */
import type {Size} from '../terminal/size.ts';
import {type Across, across} from './kit/across.ts';
import {isNarrow} from './kit/line.ts';

export type {Size};

export const smallest: Size = {columns: 60, rows: 16};

export const fits = ({columns, rows}: Size): boolean => columns >= smallest.columns && rows >= smallest.rows;

/** Header above; message and keys below. */
const frame = 3;

export const bodyHeight = ({rows}: Size): number => rows - frame;

/** Lines that a message may take, from the bottom of the screen's own: it is read first. */
export const messageHeight = (size: Size): number => Math.max(3, Math.floor(bodyHeight(size) / 3));

/**
 * Backups: notices, column heads, list, separator, detail. What is worth knowing comes and goes, so that its lines are
 * there in any case: nothing below them moves.
 */
export function backupsLayout(size: Size): {notices: number; list: number; detail: number} {
  const detail = size.rows >= 28 ? 9 : size.rows >= 22 ? 7 : 4;
  const notices = size.rows >= 22 ? 2 : 1;
  return {notices, detail, list: bodyHeight(size) - detail - notices - 2};
}

/** Backups that are seen of the list: the time since when things are bad, and what restores saved, take a line of it. */
export const backupsListHeight = ({
  size,
  badSince,
  catalog,
}: {
  size: Size;
  badSince: object | null;
  catalog: {safety: ReadonlyMap<string, unknown>};
}): number => backupsLayout(size).list - (badSince ? 1 : 0) - (catalog.safety.size > 0 ? 1 : 0);

/** Columns of a backup's id, and of all else that stands before the datasets. */
const idColumns = {wide: 25, narrow: 18};
const beforeDatasets = 9;
/** Columns of a dataset: `x missing`, `+ 1234 * =`; of its name, where there is room. */
const datasetColumns = {least: 10, most: 24};

/** Backups: the datasets that are seen beside id and age, as many as fit, from one on. */
export function datasetsLayout({columns}: Size, names: string[], left: number): Across {
  const id = isNarrow(columns) ? idColumns.narrow : idColumns.wide;
  return across(names, left, {room: columns - id - beforeDatasets, ...datasetColumns});
}

/** Manifest: three lines of facts, column heads, list, separator, six lines of the chosen dataset. */
export function manifestLayout(size: Size): {list: number; detail: number} {
  const detail = size.rows >= 20 ? 6 : 4;
  return {detail, list: bodyHeight(size) - detail - 5};
}

/** Text, below so many lines that say what it is. */
export const textHeight = (size: Size, heads = 1): number => bodyHeight(size) - heads;

/** Raw manifest: what has room for its text. */
export const rawWidth = ({columns}: Size): number => columns - 2;

/** Configuration: column heads, list, separator, the chosen line in full. */
export function configLayout(size: Size): {list: number; detail: number} {
  const detail = 5;
  return {detail, list: bodyHeight(size) - detail - 2};
}

/** Prune: a line that says what goes, then the list; PHP's part, the question or the outcome below. */
export const pruneListHeight = (size: Size): number => Math.max(2, bodyHeight(size) - 9);

/** Back up: what lies around the list of datasets. */
export const runListHeight = (size: Size): number => Math.max(1, bodyHeight(size) - 13);

/** Verify: what lies around the list of datasets. */
export const verifyListHeight = (size: Size): number => Math.max(1, bodyHeight(size) - 10);

/** Restore: what it is, column heads and what comes next around what scrolls. */
export const restoreListHeight = (size: Size): number => Math.max(1, bodyHeight(size) - 5);

/** Files of a backup that was cut off: which, what to know of it, column heads, list, separator, the chosen one. */
export function filesLayout(size: Size): {list: number; detail: number} {
  const detail = 3;
  return {detail, list: bodyHeight(size) - detail - 4};
}

/** Sessions: column heads, list, separator, what there is to know of the chosen one. */
export function sessionsLayout(size: Size): {list: number; detail: number} {
  const detail = 4;
  return {detail, list: bodyHeight(size) - detail - 2};
}

/** Checklist: what it is about, column heads, steps, separator, the chosen step, and what comes next. */
export function checklistLayout(size: Size, steps: number): {list: number; detail: number} {
  const body = bodyHeight(size);
  const list = Math.min(Math.max(1, steps), body - 9);
  return {list, detail: body - list - 5};
}

/** Activity: what is read, column heads, list, separator, what there is to know of the chosen one. */
export function activityLayout(size: Size): {list: number; detail: number} {
  const detail = size.rows >= 20 ? 4 : 3;
  return {detail, list: bodyHeight(size) - detail - 3};
}

/** Differences: two lines of facts, column heads, list, separator, what is known of the chosen dataset. */
export function differencesLayout(size: Size): {list: number; detail: number} {
  const detail = size.rows >= 20 ? 6 : 5;
  return {detail, list: bodyHeight(size) - detail - 4};
}

/** One difference, or event: two lines that say which, then text. */
export const detailHeight = (size: Size): number => textHeight(size, 2);
