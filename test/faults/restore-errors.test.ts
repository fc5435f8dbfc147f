import {describe, expect, test} from 'vitest';
import {
  canTrace,
  changingCalls,
  errorWords,
  forEach,
  isFull,
  sweepTime,
  sweepTurn,
  type Traced,
} from '../support/faults.ts';
import {
  injectAt,
  nameOfPoint,
  pointsOfRestore,
  type RestorePoint,
  sampleOfEach,
  Tally,
} from '../support/restore-points.ts';
import {makeRestoreRoot, restoreRootLike} from '../support/restore-root.ts';
import {endOf, phaseOf, runRunner} from '../support/restore-runner.ts';
import {
  discard,
  expectRecovered,
  isTold,
  type Subject,
  stageOf,
  subjectOf,
} from '../support/restore-sweep.ts';
import {magds} from '../support/run.ts';

const ends: Record<string, (string | null)[]> = {
  done: ['done'],
  refused: [null, 'rolled-back'],
  'rolled-back': ['rolled-back'],
  'needs-recovery': ['prepare', 'commit', 'back'],
};

/** The record, whose turn it is, and what is counted: what fails in them keeps no restore from going on. */
const isBeside = ({path: file}: RestorePoint): boolean =>
  /\/(session\.jsonl|progress|lock)$|^storage\/telemetry\b/.test(file ?? '');

/** How a restore ended in which a call failed: as the journal has it, and in words. */
async function expectTold(subject: Subject, point: RestorePoint, error: string): Promise<void> {
  const {finished, lines} = await endOf(subject);
  const {outcome, reason, beware} = finished;
  expect(ends[outcome], `${outcome}: ${reason}`).toContain(phaseOf(subject));
  const said = [reason, ...beware].join('\n');
  isTold(said);
  if (isBeside(point)) return;
  if (outcome !== 'done') expect(said).toMatch(errorWords[error] as RegExp);
  else if (point.call === 'fsync') expect(said + JSON.stringify(lines)).toMatch(errorWords[error] as RegExp);
}

/** After a failed fsync nobody knows what is on the disk: it is never asked for again, and never taken for done. */
function expectNotRetried(
  subject: Subject,
  point: RestorePoint,
  calls: Traced[],
  written: ReadonlySet<string | null>,
): void {
  if (isBeside(point)) return;
  const failed = calls.findIndex(({text}) => text.includes('(INJECTED)'));
  // A directory whose entries are put back has to be synced for that, and a file that is made anew is another one.
  if (written.has(point.path)) expect(calls[failed + 1]?.call).not.toBe('fsync');
  // Before the journal nothing is changed that a restore relies on, and the audit log only tells: both are gone on from, and told.
  const isNeeded = point.stage !== 'before' && !point.path?.endsWith('/audit.log');
  if (isNeeded) expect(phaseOf(subject)).not.toBe('done');
}

describe.skipIf(!canTrace)('a system call of a restore that fails (needs strace)', () => {
  test('at every call that changes a file', {timeout: sweepTime}, async () => {
    const template = await makeRestoreRoot({sidecars: true});
    const baseline = await subjectOf(restoreRootLike(template), true);
    const {code, calls} = await runRunner(baseline, {calls: changingCalls});
    expect(code).toBe(0);
    const all = pointsOfRestore(calls, baseline.root);
    const written = new Set(all.filter(({call}) => /^p?write/.test(call)).map((point) => point.path));
    const errors = Object.keys(errorWords);
    const points = sampleOfEach(all, {before: 1, prepare: 3, commit: 3, done: 1}).flatMap((point, index) =>
      (isFull ? errors : [errors[(index + sweepTurn) % errors.length] as string]).map((error) => ({
        point,
        error,
      })),
    );
    const tally = new Tally('EIO, ENOSPC and EDQUOT in a restore');
    const outcomes = new Map<string, number>();
    await forEach([...points.entries()], async ([index, {point, error}]) => {
      const turn = index + sweepTurn;
      await tally.at(`${nameOfPoint(point)} ${error}`, async () => {
        const subject = await subjectOf(restoreRootLike(template), true);
        const at = injectAt(point, `error=${error}`, subject);
        const run = await runRunner(subject, {...at, calls: [...new Set([point.call, 'write', 'pwrite64'])]});
        isTold(run.stderr);
        if (run.calls.some(({text}) => text.includes('(INJECTED)'))) tally.hit(point.stage);
        else expect(run).toMatchObject({code: 0});
        const {finished} = await endOf(subject);
        outcomes.set(finished.outcome, (outcomes.get(finished.outcome) ?? 0) + 1);
        await expectTold(subject, point, error);
        if (point.call === 'fsync') expectNotRetried(subject, point, run.calls, written);
        await expectRecovered(subject, turn % 2 === 0 ? '--resume' : '--rollback', turn >> 1);
        discard(subject);
      });
    });
    console.log(`outcomes: ${[...outcomes].map(([name, count]) => `${count} ${name}`).join(', ')}`);
    tally.settle(['prepare', 'commit', 'done'], all.length * (isFull ? errors.length : 1));
    expect(stageOf(baseline)).toBe('done');
  });

  test('the directory of the journal as it says "done": on its way back it says so first', async () => {
    const template = await makeRestoreRoot({sidecars: false});
    const baseline = await subjectOf(restoreRootLike(template), true);
    const {calls} = await runRunner(baseline, {calls: changingCalls});
    const done = calls.findIndex(({text}) => text.includes('/.journal.done.new", "'));
    const sync = calls.slice(done).find(({call}) => call === 'fsync');
    const subject = await subjectOf(restoreRootLike(template), true);
    const inject = `fsync:error=EIO:when=${sync?.nth}`;
    const failed = await runRunner(subject, {calls: changingCalls, inject});
    const injected = failed.calls.findIndex(({text}) => text.includes('(INJECTED)'));
    const renames = failed.calls.slice(injected).filter(({call}) => call === 'rename');
    expect(failed.calls[injected]?.text).toContain('/sessions/1>');
    expect(renames[0]?.text).toContain('/.journal.back.new", "');
    expect((await endOf(subject)).finished).toMatchObject({outcome: 'rolled-back'});
    await expectRecovered(subject, '--rollback', 0);
  });
});

test.skipIf(!canTrace)(
  'where no fsync works any more, what asks for a decision offers one',
  {timeout: sweepTime},
  async () => {
    const template = await makeRestoreRoot({sidecars: true});
    const outcomes = new Set<string>();
    await forEach([1, 3, 6, 12, 24, 36], async (first) => {
      const subject = await subjectOf(restoreRootLike(template), true);
      await runRunner(subject, {calls: ['fsync'], inject: `fsync:error=EIO:when=${first}+`});
      const {finished} = await endOf(subject);
      outcomes.add(finished.outcome);
      expect(ends[finished.outcome], `${first}: ${finished.reason}`).toContain(phaseOf(subject));
      if (finished.outcome === 'refused') return;
      const {code, stderr} = await magds(['restore', '--rollback', '--root', subject.root]);
      expect({first, code, stderr}).toMatchObject({first, code: finished.outcome === 'done' ? 2 : 0});
    });
    expect([...outcomes]).toContain('refused');
    expect([...outcomes]).toContain('needs-recovery');
  },
);
