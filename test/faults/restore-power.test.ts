import {describe, expect, test} from 'vitest';
import {Disk, fileSystems, imageOf, whyNoCut} from '../support/disks.ts';
import {canTrace, changingCalls, forEach, sweepTime, sweepTurn} from '../support/faults.ts';
import {injectAt, nameOfPoint, pointsOfRestore, sampleOfEach, Tally} from '../support/restore-points.ts';
import {makeRestoreRoot, restoreRootLike} from '../support/restore-root.ts';
import {phaseOf, runRunner} from '../support/restore-runner.ts';
import {
  expectRecovered,
  stageOf,
  subjectOf,
  type Way,
  waitsForDecision,
  wayOut,
} from '../support/restore-sweep.ts';
import {magds} from '../support/run.ts';

const cases = fileSystems.map((fileSystem) => ({
  fileSystem,
  why: canTrace ? whyNoCut(fileSystem) : 'no strace',
}));

describe.each(cases)('the power fails on $fileSystem.name', ({fileSystem, why}) => {
  const called = why === null ? 'at calls that change a file' : `skipped: ${why}`;

  test.skipIf(why !== null)(called, {timeout: sweepTime}, async () => {
    const template = await makeRestoreRoot({sidecars: true});
    const whole = await subjectOf(restoreRootLike(template), true);
    const {calls} = await runRunner(whole, {calls: changingCalls});
    const all = pointsOfRestore(calls, whole.root);
    const image = await imageOf(template.root, fileSystem);
    const sampled = sampleOfEach(all, {before: 0, prepare: 1, commit: 1, done: 1});
    const tally = new Tally(`power cuts on ${fileSystem.name}`);
    // The last of them after its end.
    await forEach([...[...sampled, null].entries()], async ([index, point]) => {
      const turn = index + sweepTurn;
      await tally.at(point ? nameOfPoint(point) : 'the end', async () => {
        const disk = await Disk.from(image, fileSystem);
        try {
          const subject = await subjectOf({root: disk.root, id: template.id}, true);
          const fault = point ? injectAt(point, 'signal=KILL', subject) : {calls: ['fsync']};
          const {signal} = await runRunner(subject, fault);
          await disk.cut();
          if (!point || signal === 'SIGKILL') tally.hit(point ? point.stage : stageOf(subject));
          else expect(phaseOf(subject)).toBe('done');
          const preferred: Way = turn % 2 === 0 ? '--resume' : '--rollback';
          if (await waitsForDecision(subject)) {
            const way = wayOut(subject, preferred);
            expect(await magds(['restore', way, '--root', subject.root]), way).toMatchObject({code: 0});
            // What it says is done stays done.
            await disk.cut();
            expect(phaseOf(subject)).toBe(way === '--resume' ? 'done' : 'rolled-back');
          }
          await expectRecovered(subject, preferred, turn >> 1);
        } finally {
          await disk.unmount();
        }
      });
    });
    tally.settle(['prepare', 'commit', 'done'], all.length);
  });
});
