import type {RestoreEvent} from '../engine/restore/follow.ts';
import type {Finished} from '../engine/restore/request.ts';
import {isLine, said} from '../engine/session/lines.ts';
import type {RestoreProgress, StageName} from '../engine/session/progress.ts';
import type {RecordLine} from '../engine/session/record.ts';
import {present} from './present.ts';
import {secondsLeft} from './rate.ts';

/** Seconds on any clock that only goes forward, and the bytes that were done then. */
type Pace = {stage: StageName; since: number; from: number; now: number};

/** A restore that is at work, in a process of its own, as its record tells it; or how it ended. */
export type FollowTask = {
  session: number;
  /** Id of the backup; for an undo of the safety backup. */
  id: string;
  undoes: number | null;
  /** Seconds that it was estimated to take; null where that is not known here. */
  estimate: number | null;
  lines: RecordLine[];
  progress: RestoreProgress | null;
  /** The stage that it is in as it was first seen, and how far it is by now; null until a time was told. */
  pace: Pace | null;
  finished: Finished | null;
  /** It was started in this app. */
  here: boolean;
  /** The operator has asked for it to stop. */
  stopping: boolean;
};

export type FollowAction =
  /** @property show it was started here: its screen is shown */
  | ({type: 'follow started'; show: boolean} & Pick<FollowTask, 'session' | 'id' | 'undoes' | 'estimate'>)
  /** @property seconds when it was seen, on any clock that only goes forward */
  | {type: 'follow event'; session: number; event: RestoreEvent; seconds?: number}
  | {type: 'follow stopping'};

export function reduceFollow(task: FollowTask | null, action: FollowAction): FollowTask | null {
  if (action.type === 'follow started') {
    const {session, id, undoes, estimate, show: here} = action;
    const nothing = {lines: [], progress: null, pace: null, finished: null, stopping: false};
    return {session, id, undoes, estimate, here, ...nothing};
  }
  if (!task) return null;
  switch (action.type) {
    case 'follow stopping':
      return task.finished ? task : {...task, stopping: true};
    case 'follow event': {
      const {event, session} = action;
      if (session !== task.session || task.finished) return task;
      if (event.type === 'record') return {...task, lines: [...task.lines, event.line]};
      if (event.type === 'progress') {
        const {progress} = event;
        return {...task, progress, pace: paceOf(task.pace, progress, action.seconds)};
      }
      return {...task, finished: event.finished};
    }
  }
}

/** Each stage has a rate of its own: it is measured from where the stage was first seen. */
function paceOf(pace: Pace | null, {stage, done}: RestoreProgress, now: number | undefined): Pace | null {
  if (now === undefined) return pace;
  return pace?.stage === stage ? {...pace, now} : {stage, since: now, from: done, now};
}

/** Seconds that the stage it is in still takes, at the rate so far; null while that cannot be told. */
export function stageLeft({progress, pace, finished}: FollowTask): number | null {
  if (!progress || pace?.stage !== progress.stage || finished) return null;
  const {since, from, now} = pace;
  return secondsLeft({
    doneBytes: progress.done - from,
    totalBytes: progress.total - from,
    seconds: now - since,
  });
}

const stages: StageName[] = ['saving', 'staging', 'switching', 'checking'];

/** Where a drill puts its files; null where it is none, or that has not been read yet. */
export const followedInto = ({lines}: FollowTask): string | null =>
  said(lines.find(isLine('opened')), 'into') || null;

export const followedTicket = ({lines}: FollowTask): string | null =>
  said(lines.find(isLine('opened')), 'ticket') || null;

const isSwitched = ({lines}: FollowTask): boolean => lines.some(isLine('switched'));

/** Files that were switched, and how many of them were what the manifest says; null where its record does not say. */
export function switchedFiles({lines}: FollowTask): {good: number; all: number} | null {
  const live = said(lines.findLast(isLine('switched')), 'live');
  return live ? {good: live.filter(({written}) => !written).length, all: live.length} : null;
}

/** How far one stage is, from 0 to 1. */
export function stagePart(task: FollowTask, stage: StageName): number {
  const {progress} = task;
  if (isSwitched(task)) return 1;
  if (!progress) return 0;
  const ahead = stages.indexOf(progress.stage) - stages.indexOf(stage);
  if (ahead !== 0) return ahead > 0 ? 1 : 0;
  return progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
}

export type PhaseName = 'prepare' | 'switch' | 'done';
type PhaseState = 'waiting' | 'at work' | 'over' | 'cancelled' | 'failed';

/** Which of the three phases it is in: the first can be cancelled, the second takes under a second, the third undone. */
export function phaseOf(task: FollowTask): PhaseName {
  if (task.finished?.outcome === 'done' || isSwitched(task)) return 'done';
  const {progress} = task;
  return progress?.stage === 'switching' || progress?.stage === 'checking' ? 'switch' : 'prepare';
}

export function phases(task: FollowTask): Record<PhaseName, PhaseState> {
  const order: PhaseName[] = ['prepare', 'switch', 'done'];
  const at = order.indexOf(phaseOf(task));
  const state = (phase: PhaseName): PhaseState => {
    const index = order.indexOf(phase);
    if (index < at) return 'over';
    if (index > at) return 'waiting';
    if (task.finished === null) return 'at work';
    const {outcome} = task.finished;
    return outcome === 'done' ? 'over' : outcome === 'cancelled' ? outcome : 'failed';
  };
  return {prepare: state('prepare'), switch: state('switch'), done: state('done')};
}

/** When it ended, and how long that took in seconds; null where its record does not say. */
export function tookOf({lines}: FollowTask): {at: string; seconds: number} | null {
  const [first, last] = [lines[0], lines.at(-1)];
  if (!first || !last) return null;
  const seconds = (Date.parse(last.at) - Date.parse(first.at)) / 1000;
  return Number.isNaN(seconds) ? null : {at: last.at, seconds};
}

/** What a line of its record says beside how far it is; null where that is nothing. */
export function noteOf(line: RecordLine): string | null {
  if (isLine('hook-begins')(line)) return `- hook: ${said(line, 'command')?.join(' ')}`;
  if (isLine('saved')(line)) return `+ safety backup ${said(line, 'id')}`;
  if (isLine('beware')(line)) return `! ${said(line, 'dataset')}: ${said(line, 'message')}`;
  const reason = isLine('hook')(line) ? said(line, 'reason') : null;
  return reason === null ? null : `x hook: ${reason}`;
}

export const followNotes = ({lines}: FollowTask): string[] => present(lines.map(noteOf));
