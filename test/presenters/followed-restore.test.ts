import {describe, expect, test} from 'vitest';
import type {StageName} from '../../source/engine/session/progress.ts';
import {
  type FollowAction,
  type FollowTask,
  reduceFollow,
  stageLeft,
} from '../../source/presenters/followed-restore.ts';

const started = reduceFollow(null, {
  type: 'follow started',
  show: true,
  session: 3,
  id: '20261123_000002_nightly',
  undoes: null,
  estimate: 35,
}) as FollowTask;

const progress = (stage: StageName, done: number, seconds?: number): FollowAction => ({
  type: 'follow event',
  session: 3,
  event: {type: 'progress', progress: {stage, done, total: 1000}},
  ...(seconds === undefined ? {} : {seconds}),
});

const having = (...actions: FollowAction[]): FollowTask =>
  actions.reduce((task, action) => reduceFollow(task, action) as FollowTask, started);

describe('the time that a stage still takes', () => {
  test('goes by the rate since the stage was first seen', () => {
    expect(stageLeft(having(progress('saving', 200, 10), progress('saving', 600, 14)))).toBe(4);
  });

  test('is not known from one look, without a clock, or before anything is told', () => {
    expect(stageLeft(started)).toBeNull();
    expect(stageLeft(having(progress('saving', 200, 10)))).toBeNull();
    expect(stageLeft(having(progress('saving', 200), progress('saving', 600)))).toBeNull();
  });

  test('is measured anew for the next stage', () => {
    const first = [progress('saving', 0, 0), progress('saving', 1000, 100)];
    expect(stageLeft(having(...first, progress('staging', 0, 100)))).toBeNull();
    expect(stageLeft(having(...first, progress('staging', 0, 100), progress('staging', 500, 101)))).toBe(1);
  });

  test('is none of a restore that is over', () => {
    const finished = {outcome: 'done', exit: 0, reason: null, beware: [], commands: []} as const;
    const over: FollowAction = {
      type: 'follow event',
      session: 3,
      event: {type: 'finished', finished: {...finished, beware: [], commands: []}},
    };
    expect(stageLeft(having(progress('saving', 200, 10), progress('saving', 600, 14), over))).toBeNull();
  });
});
