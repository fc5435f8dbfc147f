import type {DatasetOutcome} from '../engine/backup/copy-sources.ts';
import type {RunPlan} from '../engine/backup/plan.ts';
import type {RunEvent, RunResult} from '../engine/backup/run-events.ts';
import {sum} from '../engine/base/sum.ts';
import {changing} from './run-outcome.ts';

export type RunDataset = {
  name: string;
  bytes: number;
  done: number;
  state: 'missing' | 'waiting' | 'copying' | 'copied' | 'changed' | 'doubtful' | 'partly' | 'failed';
  reason: string | null;
  /** Of a database: what was dumped of it. */
  holds?: {rows: number; tables: number};
};

/** What the events of a run amount to so far; read by the screen and by both printers. */
export type RunProgress = {
  plan: RunPlan | null;
  datasets: RunDataset[];
  totalBytes: number;
  doneBytes: number;
  /** Seconds since the start. */
  seconds: number;
  waiting: string | null;
  /** The backup can be seen; what follows is retention. */
  published: string | null;
  result: RunResult | null;
};

export const noRun: RunProgress = {
  plan: null,
  datasets: [],
  totalBytes: 0,
  doneBytes: 0,
  seconds: 0,
  waiting: null,
  published: null,
  result: null,
};

function planned(plan: RunPlan): RunProgress {
  const datasets = plan.datasets.map(
    ({dataset, files, missing}): RunDataset => ({
      name: dataset.name,
      bytes: files.reduce((sum, {bytes}) => sum + bytes, 0),
      done: 0,
      state: missing === null ? 'waiting' : 'missing',
      reason: missing,
    }),
  );
  return {...noRun, plan, datasets, totalBytes: plan.bytes};
}

function holdsOf({copies}: DatasetOutcome): Pick<RunDataset, 'holds'> {
  const dump = copies.find(({facts}) => facts?.database !== undefined)?.facts;
  if (!dump) return {};
  const counts = [...(dump.rows?.values() ?? [])];
  return {holds: {rows: sum(counts), tables: counts.length}};
}

/** @param seconds since the run began */
export function reduceRun(state: RunProgress, event: RunEvent, seconds: number): RunProgress {
  switch (event.type) {
    case 'tidied':
    case 'pruned':
    case 'not pruned':
      return {...state, seconds};
    case 'hook':
      return {...state, seconds, waiting: event.command && `for the hook ${event.command.join(' ')}`};
    case 'planned':
      return {...planned(event.plan), seconds};
    case 'waiting':
      return {...state, seconds, waiting: event.reason};
    case 'progress':
      return {
        ...state,
        seconds,
        waiting: null,
        // Never backwards, never past the end: a file may be read again, shrink or grow.
        doneBytes: Math.max(state.doneBytes, Math.min(event.bytesDone, state.totalBytes)),
        datasets: state.datasets.map((dataset, index) => {
          if (dataset.state !== 'waiting' && dataset.state !== 'copying') return dataset;
          const done = Math.max(dataset.done, Math.min(dataset.bytes, event.bytes[index] ?? 0));
          return {...dataset, done, state: done > 0 ? 'copying' : dataset.state};
        }),
      };
    case 'dataset': {
      const {index, outcome} = event;
      const [failed, doubtful] = [outcome.failed[0], outcome.doubtful[0]];
      const judged: Pick<RunDataset, 'state' | 'reason'> = failed
        ? {state: outcome.copies.length > 0 ? 'partly' : 'failed', reason: failed.reason}
        : doubtful
          ? {state: 'doubtful', reason: doubtful.reason}
          : outcome.changed.length > 0
            ? {state: 'changed', reason: changing}
            : {state: 'copied', reason: null};
      const datasets = state.datasets.map((dataset, position) =>
        position !== index
          ? dataset
          : // Of a database that cannot be dumped the roles are copied all the same.
            dataset.state === 'missing'
            ? {...dataset, state: 'partly' as const, done: outcome.bytes, bytes: outcome.bytes}
            : {...dataset, ...judged, done: outcome.bytes, bytes: outcome.bytes, ...holdsOf(outcome)},
      );
      return {...state, seconds, waiting: null, datasets};
    }
    case 'published':
      return {...state, seconds, published: event.id, doneBytes: state.totalBytes};
    case 'finished':
      return {...state, seconds: event.result.seconds, waiting: null, result: event.result};
  }
}
