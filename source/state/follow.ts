import type {RestoreEvent} from '../engine/restore/follow.ts';
import type {RecordLine} from '../engine/restore/record.ts';
import type {Finished} from '../engine/restore/runner.ts';
import type {RestoreProgress, StageName} from '../engine/restore/telling.ts';

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
  finished: Finished | null;
  /** The operator has asked for it to stop. */
  stopping: boolean;
};

export type FollowAction =
  /** @property show it was started here: its screen is shown */
  | ({type: 'follow started'; show: boolean} & Pick<FollowTask, 'session' | 'id' | 'undoes' | 'estimate'>)
  | {type: 'follow event'; session: number; event: RestoreEvent}
  | {type: 'follow opened'}
  | {type: 'follow stopping'};

export function reduceFollow(task: FollowTask | null, action: FollowAction): FollowTask | null {
  if (action.type === 'follow started') {
    const {session, id, undoes, estimate} = action;
    return {session, id, undoes, estimate, lines: [], progress: null, finished: null, stopping: false};
  }
  if (!task) return null;
  switch (action.type) {
    case 'follow opened':
      return task;
    case 'follow stopping':
      return task.finished ? task : {...task, stopping: true};
    case 'follow event': {
      const {event, session} = action;
      if (session !== task.session || task.finished) return task;
      if (event.type === 'record') return {...task, lines: [...task.lines, event.line]};
      if (event.type === 'progress') return {...task, progress: event.progress};
      return {...task, finished: event.finished};
    }
  }
}

const stages: StageName[] = ['saving', 'staging', 'switching', 'checking'];

const lineOf = ({lines}: FollowTask, type: string): RecordLine | undefined =>
  lines.findLast((line) => line.type === type);

/** How far one stage is, from 0 to 1. */
export function stagePart(task: FollowTask, stage: StageName): number {
  const {progress} = task;
  if (lineOf(task, 'switched')) return 1;
  if (!progress) return 0;
  const ahead = stages.indexOf(progress.stage) - stages.indexOf(stage);
  if (ahead !== 0) return ahead > 0 ? 1 : 0;
  return progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
}

export type PhaseName = 'prepare' | 'switch' | 'done';
type PhaseState = 'waiting' | 'at work' | 'over' | 'failed';

/** Which of the three phases it is in: the first can be cancelled, the second takes under a second, the third undone. */
export function phaseOf(task: FollowTask): PhaseName {
  if (task.finished?.outcome === 'done' || lineOf(task, 'switched')) return 'done';
  const {progress} = task;
  return progress?.stage === 'switching' || progress?.stage === 'checking' ? 'switch' : 'prepare';
}

export function phases(task: FollowTask): Record<PhaseName, PhaseState> {
  const order: PhaseName[] = ['prepare', 'switch', 'done'];
  const at = order.indexOf(phaseOf(task));
  const failed = task.finished !== null && task.finished.outcome !== 'done';
  const state = (phase: PhaseName): PhaseState => {
    const index = order.indexOf(phase);
    if (index < at) return 'over';
    if (index > at) return 'waiting';
    if (failed) return 'failed';
    return task.finished ? 'over' : 'at work';
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

/** What its record says beside how far it is, a line each. */
export function followNotes({lines}: FollowTask): string[] {
  return lines.flatMap(({type, data}): string[] => {
    if (type === 'hook-begins') return [`- hook: ${[data['command']].flat().join(' ')}`];
    if (type === 'hook' && data['reason'] !== null) return [`x hook: ${data['reason']}`];
    if (type === 'saved') return [`+ safety backup ${data['id']}`];
    if (type === 'beware') return [`! ${data['dataset']}: ${data['message']}`];
    return [];
  });
}
