import type {DatasetResult} from '../engine/storage/dataset.ts';
import type {BackupResult} from '../engine/verify/record.ts';
import type {VerifyEvent} from '../engine/verify/verify.ts';
import {changeAt, type InParts, inParts, mapParts} from './in-parts.ts';
import {secondsLeft} from './rate.ts';

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
