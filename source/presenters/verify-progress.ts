import type {DatasetResult} from '../engine/storage/dataset.ts';
import type {BackupResult} from '../engine/verify/record.ts';
import type {VerifyEvent} from '../engine/verify/verify.ts';
import {secondsLeft} from './rate.ts';

/**
 * A list of thousands that is changed at one place after the other. A change copies one part of it and the list of the
 * parts: all changes together take a time that hardly grows faster than the list.
 */
type InParts<T> = readonly (readonly T[])[];

/** Items of a part: about as many as there are parts of 20,000. */
const partLength = 128;

const inParts = <T>(items: readonly T[]): InParts<T> =>
  Array.from({length: Math.ceil(items.length / partLength)}, (_, part) =>
    items.slice(part * partLength, (part + 1) * partLength),
  );

const mapParts = <T>(list: InParts<T>, change: (item: T, index: number) => T): InParts<T> =>
  list.map((part, number) => part.map((item, index) => change(item, number * partLength + index)));

/** The same list where it has no such item. */
function changeAt<T>(list: InParts<T>, index: number, change: (item: T) => T): InParts<T> {
  const [number, position] = [Math.floor(index / partLength), index % partLength];
  const part = list[number];
  if (!part || !(position in part)) return list;
  return list.with(number, part.with(position, change(part[position] as T)));
}

export type DatasetProgress = {name: string; bytes: number; done: number; result: DatasetResult | null};
type BackupProgress = {
  id: string;
  datasets: InParts<DatasetProgress>;
  result: BackupResult | null;
};

/** What the events of a verification amount to so far; read by the screen and by both printers. */
export type VerifyProgress = {
  backups: InParts<BackupProgress>;
  totalBytes: number;
  doneBytes: number;
  /** Seconds since the start. */
  seconds: number;
  results: BackupResult[] | null;
  /** What could not be told to others. */
  untold: string[];
};

export const noProgress: VerifyProgress = {
  backups: [],
  totalBytes: 0,
  doneBytes: 0,
  seconds: 0,
  results: null,
  untold: [],
};

/** @param seconds since the verification began */
export function reduceVerify(state: VerifyProgress, event: VerifyEvent, seconds: number): VerifyProgress {
  switch (event.type) {
    case 'started':
      return {
        ...noProgress,
        totalBytes: event.totalBytes,
        backups: inParts(
          event.backups.map(({id, datasets}) => ({
            id,
            result: null,
            datasets: inParts(datasets.map(({name, bytes}) => ({name, bytes, done: 0, result: null}))),
          })),
        ),
      };
    case 'progress':
      return {
        ...state,
        seconds,
        // Never backwards, never past the end: a file may shrink or grow while it is read.
        doneBytes: Math.max(state.doneBytes, Math.min(event.bytesDone, state.totalBytes)),
        backups: mapParts(state.backups, (backup, index) =>
          backup.result
            ? backup
            : {
                ...backup,
                datasets: mapParts(backup.datasets, (dataset, position) =>
                  dataset.result
                    ? dataset
                    : {...dataset, done: Math.max(dataset.done, event.bytes[index]?.[position] ?? 0)},
                ),
              },
        ),
      };
    case 'dataset':
      return {
        ...state,
        seconds,
        backups: changeAt(state.backups, event.backup, (backup) => ({
          ...backup,
          datasets: changeAt(backup.datasets, event.index, (dataset) => ({
            ...dataset,
            done: event.result.bytes ?? dataset.done,
            result: event.result,
          })),
        })),
      };
    case 'backup':
      return {
        ...state,
        seconds,
        backups: changeAt(state.backups, event.backup, (backup) => ({...backup, result: event.result})),
      };
    case 'finished':
      return {
        ...state,
        seconds: event.seconds,
        doneBytes: event.results.some(({result}) => result === 'cancelled')
          ? state.doneBytes
          : state.totalBytes,
        results: event.results,
        untold: event.untold ?? [],
      };
  }
}

/** Seconds still to go at the rate so far; null while it cannot be told. */
export const secondsRemaining = (progress: VerifyProgress): number | null =>
  progress.results ? 0 : secondsLeft(progress);
