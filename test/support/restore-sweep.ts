import fs from 'node:fs';
import path from 'node:path';
import {expect} from 'vitest';
import {isFull, namesIn, wholeBackups} from './faults.ts';
import type {Stage} from './restore-points.ts';
import {asidesOf, type DataState, dataNow, dataRestored, litterOf, type RestoreRoot} from './restore-root.ts';
import {type Begun, beginRestore, phaseOf} from './restore-runner.ts';
import {signOff} from './restores.ts';
import {jsonLines, magds, type Outcome} from './run.ts';

/** A restore that is about to be hit, and what its files are before and after it. */
export type Subject = Begun & {safety: boolean; old: DataState; restored: DataState};

export async function subjectOf(
  made: RestoreRoot,
  safety: boolean,
  restored: DataState = dataRestored(made),
): Promise<Subject> {
  const old = dataNow(made.root);
  return {...(await beginRestore(made, {safety})), safety, old, restored};
}

/** Where a restore that is not at work stopped. */
export function stageOf(subject: Pick<Begun, 'root' | 'session'>): Stage {
  const phase = phaseOf(subject);
  if (phase === null) return 'before';
  if (phase === 'back') return 'rollback';
  return phase === 'rolled-back' ? 'done' : phase;
}

/** Whatever is said is said in words. */
export const isTold = (said: string): void =>
  expect(said).not.toMatch(/[Uu]nknown (system )?error|^\s+at |\bE[A-Z]{3,}: /m);

/** A command of the operator's that has to succeed. */
async function succeeds(subject: Pick<Begun, 'root'>, ...args: string[]): Promise<Outcome> {
  const outcome = await magds([...args, '--root', subject.root]);
  expect(outcome, args.join(' ')).toMatchObject({code: 0, stderr: ''});
  return outcome;
}

/** What status says: the session that waits for a decision, if one does, and whether that is told by the exit code. */
export async function waitsForDecision(subject: Begun): Promise<boolean> {
  const outcome = await magds(['restore', 'status', '--json', '--root', subject.root]);
  isTold(outcome.stderr);
  const [status] = jsonLines(outcome.stdout);
  const stopped = status?.['stopped'];
  expect([null, subject.session]).toContain(stopped);
  expect(outcome.code).toBe(stopped === null ? 0 : 6);
  return stopped !== null;
}

export type Way = '--resume' | '--rollback';

/** The way out of where it stopped: back while nothing was changed; then forward, or back where that is asked for. */
export const wayOut = (subject: Begun, preferred: Way): Way =>
  phaseOf(subject) === 'commit' ? preferred : '--rollback';

/** Every file is the old one, or every file is the new one, by bytes, mode and owner; nothing else lies there. */
export async function expectWhole(subject: Subject): Promise<'old' | 'new'> {
  const {root, session, old, restored, safety} = subject;
  const done = phaseOf(subject) === 'done';
  const asides = done ? asidesOf(old, restored, session) : [];
  const beside = new Set(asides.map((file) => path.relative('storage/data', file)));
  const now = Object.fromEntries(Object.entries(dataNow(root)).filter(([name]) => !beside.has(name)));
  expect(now).toEqual(done ? restored : old);
  // What a session did not need any more goes when it is closed, and with the next writer if it never began.
  const isUnbegun = phaseOf(subject) === null;
  const waits = done || isUnbegun;
  const litter = litterOf(root).filter(
    (file) =>
      !(waits && /sessions\/\d+\/\.journal\.[a-z-]+\.new$/.test(file)) &&
      // Of the hold that comes before the journal.
      !(isUnbegun && file.startsWith('storage/runbook/building/')) &&
      // A hold is let go once all else is over, and the next writer finishes that.
      !(phaseOf(subject) === 'rolled-back' && file.startsWith('storage/runbook/removing/')),
  );
  expect(litter).toEqual(asides);
  const saved = await wholeBackups(path.join(root, 'storage/runbook/safety'));
  expect(saved).toHaveLength(done && safety ? 1 : 0);
  return done ? 'new' : 'old';
}

async function closeIt({root, session}: Subject): Promise<void> {
  expect(await signOff(root, session)).toMatchObject({code: 0, stderr: ''});
}

/** Once the session is closed, and the next writer has been at work, nothing is left of it but its record. */
function expectGone({root, session}: Subject): void {
  const next = `.magds-${session + 1}-`;
  expect(litterOf(root).filter((file) => !file.includes(next))).toEqual([]);
  const record = path.join(root, 'storage/runbook/sessions', String(session));
  const known = ['journal.json', 'lock', 'manifest.json', 'progress', 'restore.log', 'session.jsonl'];
  expect(namesIn(record).filter((name) => !known.includes(name))).toEqual([]);
}

/** The next restore, and the next backup, find nothing in their way. */
export async function expectUsable(subject: Subject, next: 'restore' | 'backup'): Promise<void> {
  const {root, id, restored} = subject;
  if (next === 'backup') {
    // Where a source is absent, as before the restore, that is told.
    const code = 'made' in restored && !('made' in dataNow(root)) ? 3 : 0;
    expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code});
    await wholeBackups(path.join(root, 'storage/backups'));
    return;
  }
  await succeeds(subject, 'restore', `--id=${id}`, `--yes=${id}`);
  const now = Object.entries(dataNow(root)).filter(([name]) => !path.basename(name).startsWith('.'));
  expect(Object.fromEntries(now)).toEqual(restored);
}

/** All that has to hold after a fault, once the operator has decided what he is asked for. */
export async function expectRecovered(subject: Subject, preferred: Way, index: number): Promise<void> {
  const phase = phaseOf(subject);
  const waits = await waitsForDecision(subject);
  expect(waits).toBe(phase === 'prepare' || phase === 'commit' || phase === 'back');
  if (waits) {
    const way = wayOut(subject, preferred);
    const outcome = await magds(['restore', way, '--root', subject.root]);
    isTold(outcome.stderr);
    expect(outcome, way).toMatchObject({code: 0});
    expect(phaseOf(subject)).toBe(way === '--resume' ? 'done' : 'rolled-back');
  }
  await expectWhole(subject);
  if (phaseOf(subject) === 'done') await closeIt(subject);
  // Each of them takes as long as all that comes before it.
  if (isFull || index % 2 === 0) await expectUsable(subject, 'restore');
  if (isFull || index % 2 === 1) await expectUsable(subject, 'backup');
  expectGone(subject);
}

/** Removes what a point was tried on: a sweep over all of them needs the space. */
export const discard = (subject: Begun): void => fs.rmSync(subject.root, {recursive: true, force: true});
