import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import type {Journal} from '../../source/engine/session/journal.ts';
import {flipBit} from '../support/backups.ts';
import {canTrace, changingCalls, traced} from '../support/faults.ts';
import {findUnsynced, findUnsyncedIn} from '../support/restore-order.ts';
import {dataNow, dataRestored, litterOf, makeRestoreRoot} from '../support/restore-root.ts';
import {endOf, journalOnDisk, phaseOf, runRunner} from '../support/restore-runner.ts';
import {expectRecovered, expectWhole, subjectOf} from '../support/restore-sweep.ts';

const long = 60_000;

/** Which of a restore's renames it is by which the journal says that it switches. */
async function switchingRename(): Promise<number> {
  const subject = await subjectOf(await makeRestoreRoot({sidecars: true}), true);
  const {calls} = await runRunner(subject, {calls: ['rename']});
  const found = calls.find(({text}) => text.includes('.journal.commit.new'));
  if (!found) throw new Error('the journal never says that it switches');
  return found.nth;
}

describe.skipIf(!canTrace)('what is durable before what, by the trace of a restore (needs strace)', () => {
  test.each([true, false])('carried out; with sidecars: %s', {timeout: long}, async (sidecars) => {
    const subject = await subjectOf(await makeRestoreRoot({sidecars}), true);
    const {calls} = await runRunner(subject, {calls: changingCalls});
    expect(phaseOf(subject)).toBe('done');
    expect(findUnsynced(calls, journalOnDisk(subject) as Journal)).toEqual([]);
  });

  test.each(['--resume', '--rollback'])('finished halfway by %s', {timeout: long}, async (way) => {
    const subject = await subjectOf(await makeRestoreRoot({sidecars: true}), true);
    // The database, after two files have been switched, and its sidecars are gone.
    const inject = `rename:signal=KILL:when=${(await switchingRename()) + 3}`;
    const killed = await runRunner(subject, {calls: ['rename'], inject});
    expect(killed.signal).toBe('SIGKILL');
    const journal = journalOnDisk(subject) as Journal;
    expect(journal.phase).toBe('commit');
    const {calls, code} = await traced(['restore', way, '--root', subject.root], {
      calls: changingCalls,
      own: true,
    });
    expect(code).toBe(0);
    expect(findUnsyncedIn(calls, journal)).toEqual([]);
    await expectWhole(subject);
  });

  test('a copy is hashed before anything takes the place of a live file', {timeout: long}, async () => {
    const made = await makeRestoreRoot({sidecars: true});
    const subject = await subjectOf(made, true);
    // The last of them, when all the others are staged.
    flipBit(path.join(made.root, 'storage/backups', made.id, 'datasets/ledger.sqlite'), 5000);
    const {calls} = await runRunner(subject, {calls: ['rename']});
    expect(calls.filter(({text}) => text.includes('.magds-'))).toEqual([]);
    expect((await endOf(subject)).finished).toMatchObject({
      outcome: 'refused',
      reason: 'ledger: the copy is not what the manifest recorded',
    });
    expect(dataNow(subject.root)).toEqual(subject.old);
    expect(litterOf(subject.root)).toEqual([]);
  });
});

const lateWrites: Record<string, (file: string) => void> = {
  'written into': (file) => fs.appendFileSync(file, 'late'),
  'replaced by another file': (file) => {
    fs.writeFileSync(`${file}.next`, 'late');
    fs.renameSync(`${file}.next`, file);
  },
};

describe.skipIf(!canTrace)('a live file that is written in the last moment (needs strace)', () => {
  test.each(Object.keys(lateWrites))(
    '%s: the restore stops, and nothing is lost',
    {timeout: long},
    async (how) => {
      const subject = await subjectOf(await makeRestoreRoot({sidecars: true}), true);
      const session = path.join(subject.root, 'storage/runbook/sessions/1');
      const live = path.join(subject.root, 'storage/data/settings.json');
      // All is checked, and it is about to switch: the journal moves to the next phase.
      const inject = `rename:delay_enter=3000000:when=${await switchingRename()}`;
      const running = runRunner(subject, {calls: ['rename'], inject});
      await vi.waitFor(
        () => expect(fs.statSync(path.join(session, '.journal.commit.new')).mode & 0o777).toBe(0o644),
        {timeout: 20_000, interval: 10},
      );
      lateWrites[how]?.(live);
      const written = fs.readFileSync(live);
      await running;
      const {finished} = await endOf(subject);
      expect(finished).toMatchObject({outcome: 'rolled-back'});
      expect(finished.reason).toMatch(/^settings: .* was written to meanwhile/);
      expect(fs.readFileSync(live)).toEqual(written);
      const {'settings.json': _, ...others} = subject.old;
      expect(dataNow(subject.root)).toMatchObject(others);
      expect(litterOf(subject.root)).toEqual([]);
      subject.old = dataNow(subject.root);
      subject.restored = dataRestored(subject);
      await expectRecovered(subject, '--rollback', 1);
    },
  );
});
