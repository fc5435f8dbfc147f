import fs from 'node:fs';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {Directory} from '../../../source/engine/base/directory.ts';
import type {Pool} from '../../../source/engine/hashing/pool.ts';
import {inspect, recover} from '../../../source/engine/restore/recover.ts';
import type {Standing} from '../../../source/engine/restore/switch.ts';
import type {Direction, Target, Targets} from '../../../source/engine/restore/targets.ts';
import {JournalFile, type Phase, readJournal} from '../../../source/engine/session/journal.ts';
import {aJournal} from '../../support/journals.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

/** What a restore that stopped has left of each target. */
let left: Record<string, Standing> = {};
/** What was done, in order. */
let steps: string[] = [];
let gone: string | null = null;
let isSwitched = true;

function aTarget(dataset: string, standing: Standing): Target {
  const step = <T>(name: string, result: T): T => {
    steps.push(`${dataset} ${name}`);
    return result;
  };
  return {
    dataset,
    path: `/${dataset}`,
    isSaved: true,
    standing: () => Promise.resolve(standing),
    whyNotBack: () => (gone === dataset ? 'the database before is gone' : null),
    whyNotForward: () => Promise.resolve(gone === dataset ? 'what was staged is gone' : null),
    forward: () => step('forward', undefined),
    back: () => step('back', null),
    force: (direction) => step(`force ${direction}`, `${dataset} written`),
    leave: (direction) => step(`leave ${direction}`, `${dataset} old`),
    isAsRestored: () => standing === 'new',
    isNew: () => Promise.resolve(isSwitched),
  };
}

/** One kind, of which there is nothing on a disk. */
function theKind(): Targets {
  const step = (name: string) => () => {
    steps.push(name);
  };
  return {
    all: () => Object.entries(left).map(([dataset, standing]) => aTarget(dataset, standing)),
    settle: (direction) => step(`settle ${direction}`)(),
    tidy: step('tidy'),
    discard: step('discard'),
  } as Partial<Targets> as Targets;
}

vi.mock('../../../source/engine/restore/all-targets.ts', () => ({targetsOf: () => [theKind()]}));

afterEach(() => {
  [left, steps, gone, isSwitched] = [{}, [], null, true];
});

const pool = {} as Pool;

/** Recovers a restore that was stopped in a phase; gives what became of it, and the phase that it is in by then. */
async function recovered(
  direction: Direction,
  phase: Phase,
  decided: {keep?: string[]; take?: string[]} = {},
) {
  const state = Directory.open(temporaryDirectory());
  const at = `${state.path}/sessions/1`;
  fs.mkdirSync(at, {recursive: true, mode: 0o700});
  const journal = aJournal({phase, items: [], safety: null});
  new JournalFile(at, journal).write();
  const [keep, take] = [new Set(decided.keep), new Set(decided.take)];
  try {
    return await recover({state, journal, pool, direction, keep, take});
  } finally {
    const read = readJournal(at, 1);
    steps.push(read.state === 'read' ? read.journal.phase : read.state);
    state.close();
  }
}

test('each target is told as it is', async () => {
  left = {a: 'old', b: 'written'};
  const judged = await inspect(aJournal(), pool);
  expect(judged.map(({target, standing}) => [target.path, standing])).toEqual([
    ['/a', 'old'],
    ['/b', 'written'],
  ]);
});

describe('forward', () => {
  test('what is old is switched, what is new stays, and all of it is proved', async () => {
    left = {a: 'new', b: 'old'};
    expect((await recovered('forward', 'commit')).files).toEqual([
      {dataset: 'a', target: '/a', becomes: 'new'},
      {dataset: 'b', target: '/b', becomes: 'new'},
    ]);
    expect(steps).toEqual(['b forward', 'tidy', 'settle forward', 'done']);
  });

  test('what is not what was restored is not done', async () => {
    left = {a: 'new'};
    isSwitched = false;
    await expect(recovered('forward', 'commit')).rejects.toThrow('a: /a is not what was restored');
    expect(steps.at(-1)).toBe('commit');
  });

  test('where what was staged is gone nothing is touched', async () => {
    left = {a: 'old', b: 'old'};
    gone = 'b';
    await expect(recovered('forward', 'commit')).rejects.toThrow('cannot go on: b: what was staged is gone.');
    expect(steps).toEqual(['commit']);
  });
});

describe('back', () => {
  test('all of it goes back, the last first', async () => {
    left = {a: 'new', b: 'old'};
    expect((await recovered('back', 'commit')).files.map(({becomes}) => becomes)).toEqual(['old', 'old']);
    expect(steps).toEqual(['b back', 'a back', 'settle back', 'rolled-back']);
  });

  test('of one that was being prepared only traces go', async () => {
    left = {a: 'old'};
    await recovered('back', 'prepare');
    expect(steps).toEqual(['discard', 'settle back', 'rolled-back']);
  });
});

describe.each<Direction>(['forward', 'back'])('what somebody has written to, %s', (direction) => {
  test('waits for a word, and nothing is touched', async () => {
    left = {a: 'written', b: 'old'};
    await expect(recovered(direction, 'commit')).rejects.toThrow(
      'somebody has written since it stopped: a (/a)',
    );
    expect(steps).toEqual(['commit']);
  });

  test('is left, or gives way and is kept, as the operator says', async () => {
    left = {a: 'written', b: 'written'};
    const done = await recovered(direction, 'commit', {keep: ['a'], take: ['b']});
    expect(done).toMatchObject({old: ['a old'], kept: ['b written']});
    expect(steps).toEqual(expect.arrayContaining([`a leave ${direction}`, `b force ${direction}`]));
    expect(done.files).toContainEqual({dataset: 'a', target: '/a', becomes: 'kept'});
  });
});

test('what was there before and is gone cannot be put back', async () => {
  left = {a: 'written'};
  gone = 'a';
  await expect(recovered('back', 'commit', {take: ['a']})).rejects.toThrow(
    'a (/a) cannot be put back: the database before is gone. There is no safety backup of it',
  );
  expect(steps).toEqual(['commit']);
});
