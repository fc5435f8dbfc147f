import {afterEach, expect, test, vi} from 'vitest';
import {Directory} from '../../../source/engine/base/directory.ts';
import type {Pool} from '../../../source/engine/hashing/pool.ts';
import type {Target, Targets} from '../../../source/engine/restore/targets.ts';
import {abandon, commit, goBack, prepare} from '../../../source/engine/restore/transaction.ts';
import type {Work} from '../../../source/engine/restore/work.ts';
import {JournalFile, type Phase, readJournal} from '../../../source/engine/session/journal.ts';
import {Telling} from '../../../source/engine/session/progress.ts';
import {CancelledRestore, Stopped} from '../../../source/engine/session/stopped.ts';
import {aJournal} from '../../support/journals.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

/** What was done, in order; and at which step the second kind fails. */
let steps: string[] = [];
let fails: string | null = null;
let phase: () => Phase = () => 'prepare';

/** A kind of target of which there is nothing on a disk. */
function aKind(kind: string): Targets {
  const step = <T>(name: string, result: T): T => {
    steps.push(`${kind} ${name} (${phase()})`);
    if (fails === `${kind} ${name}`) throw new Stopped(`${kind} cannot ${name}`);
    return result;
  };
  return {
    all: () => [{dataset: kind, path: `/${kind}`} as Target],
    save: () => Promise.resolve().then(() => step('save', undefined)),
    stage: () => Promise.resolve().then(() => step('stage', undefined)),
    keep: () => step('keep', undefined),
    check: () => step('check', undefined),
    forward: () => step('forward', undefined),
    prove: () =>
      Promise.resolve().then(() =>
        step('prove', [{dataset: kind, target: `/${kind}`, hash: 'ab', written: false}]),
      ),
    late: () => step('late', [`${kind} late`]),
    back: () => step('back', []),
    discard: () => step('discard', undefined),
    settle: (direction) => step(`settle ${direction}`, undefined),
    tidy: () => step('tidy', undefined),
    release: () => step('release', []),
  };
}

vi.mock('../../../source/engine/restore/all-targets.ts', () => ({
  targetsOf: () => [aKind('files'), aKind('databases')],
}));

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
  steps = [];
  fails = null;
});

/** A restore at its beginning, with a journal on the disk. */
function aWork(): Work {
  const session = Directory.open(temporaryDirectory());
  const file = new JournalFile(session.path, aJournal({safety: null, items: []}));
  const telling = new Telling(session, {});
  closing.push(() => {
    telling.close();
    session.close();
  });
  phase = () => {
    const read = readJournal(session.path, 1);
    if (read.state !== 'read') throw new Error('there is no journal');
    return read.journal.phase;
  };
  return {state: session, file, telling, pool: {} as Pool, copies: '', connection: null, beware: []};
}

const both = (...names: string[]): string[] =>
  names.flatMap((name) => ['files', 'databases'].map((kind) => `${kind} ${name}`));

test('all of one step is done, of every kind, before the next; nothing is switched before the journal says so', async () => {
  const work = aWork();
  await prepare(work);
  expect(await commit(work)).toEqual({
    live: ['files', 'databases'].map((dataset) => ({
      dataset,
      target: `/${dataset}`,
      hash: 'ab',
      written: false,
    })),
    late: ['files late', 'databases late'],
  });
  expect(steps).toEqual([
    ...both('save (prepare)', 'stage (prepare)', 'keep (prepare)', 'check (prepare)'),
    ...both('forward (commit)', 'prove (commit)', 'late (done)'),
  ]);
});

test.each(['save', 'stage', 'keep', 'check'])(
  'what fails at %s leaves no trace of any kind',
  async (step) => {
    const work = aWork();
    fails = `databases ${step}`;
    await expect(prepare(work)).rejects.toThrow(Stopped);
    expect(steps.filter((each) => each.includes('forward'))).toEqual([]);
    steps = [];
    await abandon(work);
    expect(steps).toEqual(both('discard (prepare)', 'settle back (prepare)'));
    expect(phase()).toBe('rolled-back');
  },
);

test.each(['forward', 'prove'])('what fails at %s goes back, the last kind first', async (step) => {
  const work = aWork();
  await prepare(work);
  fails = `databases ${step}`;
  await expect(commit(work)).rejects.toThrow(`databases cannot ${step}`);
  expect(phase()).toBe('commit');
  steps = [];
  await goBack(work);
  expect(steps).toEqual(['databases back (back)', 'files back (back)', ...both('settle back (back)')]);
  expect(phase()).toBe('rolled-back');
});

test('what cannot go back is still while it was rolled back', async () => {
  const work = aWork();
  await prepare(work);
  fails = 'databases forward';
  await expect(commit(work)).rejects.toThrow(Stopped);
  fails = 'files back';
  await expect(goBack(work)).rejects.toThrow('files cannot back');
  expect(phase()).toBe('back');
});

test('one that is cancelled while it is prepared switches nothing', async () => {
  const work = aWork();
  vi.spyOn(work.telling, 'cancelled', 'get').mockReturnValue(true);
  await expect(prepare(work)).rejects.toThrow(CancelledRestore);
  expect(steps.at(-1)).toBe('databases keep (prepare)');
});
