import {describe, expect, test} from 'vitest';
import {canTrace, changingCalls, forEach, sweepTime, sweepTurn, traced} from '../support/faults.ts';
import {
  injectAt,
  nameOfPoint,
  pointsOfRestore,
  type RestorePoint,
  sampleOfEach,
  Tally,
} from '../support/restore-points.ts';
import {makeRestoreRoot, type RestoreRoot, restoreRootLike} from '../support/restore-root.ts';
import {runRunner} from '../support/restore-runner.ts';
import {
  discard,
  expectRecovered,
  type Subject,
  stageOf,
  subjectOf,
  type Way,
} from '../support/restore-sweep.ts';

/** Where the restore itself is killed, so that there is something to recover. */
type First = {
  name: string;
  call: string;
  text: RegExp;
  way: Way;
  needed: ('prepare' | 'commit' | 'rollback' | 'done')[];
};

const firsts: First[] = [
  {
    name: 'all is staged, and taken back',
    call: 'link',
    // The live file's second name; the hold gives one to its copy before.
    text: /ledger\.sqlite", .*\.magds-/,
    way: '--rollback',
    needed: ['prepare', 'done'],
  },
  {
    name: 'half is switched, and finished',
    call: 'unlink',
    text: /ledger\.sqlite-shm"/,
    way: '--resume',
    needed: ['commit', 'done'],
  },
  {
    name: 'half is switched, and taken back',
    call: 'unlink',
    text: /ledger\.sqlite-journal"/,
    way: '--rollback',
    needed: ['commit', 'rollback', 'done'],
  },
];

/** A subject that was killed at the first point. */
async function killedOnce(template: RestoreRoot, first: RestorePoint): Promise<Subject> {
  const subject = await subjectOf(restoreRootLike(template), true);
  const {signal} = await runRunner(subject, injectAt(first, 'signal=KILL', subject));
  expect(signal).toBe('SIGKILL');
  return subject;
}

describe.skipIf(!canTrace)('kill -9 of the recovery of a restore that was killed (needs strace)', () => {
  test.each(firsts)('$name', {timeout: sweepTime}, async ({name, call, text, way, needed}) => {
    const template = await makeRestoreRoot({sidecars: true});
    const whole = await subjectOf(restoreRootLike(template), true);
    const {calls} = await runRunner(whole, {calls: changingCalls});
    const found = calls.find((each) => each.call === call && text.test(each.text));
    const first: RestorePoint = {call, nth: found?.nth ?? 0, path: null, stage: 'commit'};
    const recoveryOf = ({root}: Subject) => ['restore', way, '--root', root];
    const once = await killedOnce(template, first);
    const began = stageOf(once);
    const baseline = await traced(recoveryOf(once), {calls: changingCalls, own: true});
    expect(baseline).toMatchObject({code: 0, stderr: ''});
    const all = pointsOfRestore(baseline.calls, once.root, began);
    const points = sampleOfEach(all, {prepare: 1, commit: 2, rollback: 1, done: 1});
    const tally = new Tally(`kill of restore ${way}, where ${name}`);
    await forEach([...points.entries()], async ([index, point]) => {
      await tally.at(nameOfPoint(point), async () => {
        const subject = await killedOnce(template, first);
        const at = injectAt(point, 'signal=KILL', subject);
        const killed = await traced(recoveryOf(subject), {...at, own: true});
        if (killed.signal === 'SIGKILL') tally.hit(stageOf(subject));
        else expect(killed).toMatchObject({code: 0});
        const other = way === '--resume' ? '--rollback' : '--resume';
        const turn = index + sweepTurn;
        await expectRecovered(subject, turn % 2 === 0 ? way : other, turn >> 1);
        discard(subject);
      });
    });
    tally.settle(needed, all.length);
  });
});
