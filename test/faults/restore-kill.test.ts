import {describe, expect, test} from 'vitest';
import {canTrace, changingCalls, forEach, sweepTime, sweepTurn} from '../support/faults.ts';
import {injectAt, nameOfPoint, pointsOfRestore, sampleOfEach, Tally} from '../support/restore-points.ts';
import {
  type DataState,
  makeManyRoot,
  makeRestoreRoot,
  type RestoreRoot,
  restoreRootLike,
} from '../support/restore-root.ts';
import {runRunner} from '../support/restore-runner.ts';
import {discard, expectRecovered, expectWhole, stageOf, subjectOf} from '../support/restore-sweep.ts';

const variants = [
  {name: 'sidecars, safety backup', sidecars: true, safety: true},
  {name: 'sidecars, no safety backup', sidecars: true, safety: false},
  {name: 'no sidecars, safety backup', sidecars: false, safety: true},
  {name: 'no sidecars, no safety backup', sidecars: false, safety: false},
];

type Most = Parameters<typeof sampleOfEach>[1];

/** Kills the restore at some of its points, and looks at what the operator has once it was recovered. */
async function sweep(
  name: string,
  template: RestoreRoot & {restored?: DataState},
  safety: boolean,
  most: Most,
): Promise<void> {
  const begin = () => subjectOf(restoreRootLike(template), safety, template.restored);
  const baseline = await begin();
  const {code, calls} = await runRunner(baseline, {calls: changingCalls});
  expect(code).toBe(0);
  expect(await expectWhole(baseline)).toBe('new');
  const all = pointsOfRestore(calls, baseline.root);
  const points = sampleOfEach(all, most);
  const tally = new Tally(`kill, ${name}`);
  await forEach([...points.entries()], async ([index, point]) => {
    const turn = index + sweepTurn;
    await tally.at(nameOfPoint(point), async () => {
      const subject = await begin();
      const killed = await runRunner(subject, injectAt(point, 'signal=KILL', subject));
      if (killed.signal === 'SIGKILL') tally.hit(stageOf(subject));
      else expect(killed).toMatchObject({code: 0});
      await expectRecovered(subject, turn % 2 === 0 ? '--resume' : '--rollback', turn >> 1);
      discard(subject);
    });
  });
  tally.settle(['prepare', 'commit', 'done'], all.length);
}

describe.skipIf(!canTrace)('kill -9 of a restore at every call that changes a file (needs strace)', () => {
  test.each(variants)('$name', {timeout: sweepTime}, async ({name, sidecars, safety}) => {
    await sweep(name, await makeRestoreRoot({sidecars}), safety, {before: 1, prepare: 1, commit: 2, done: 1});
  });

  test('more files than are synced one by one, private directories among them', {
    timeout: sweepTime,
  }, async () => {
    await sweep('many files', await makeManyRoot(), true, {before: 1, prepare: 2, commit: 2, done: 1});
  });
});
