import {removeSafety} from '../session/safety-place.ts';
import {CancelledRestore} from '../session/stopped.ts';
import {targetsOf} from './all-targets.ts';
import type {Live} from './targets.ts';
import type {Work} from './work.ts';

/**
 * Everything that can fail is done here, beside what is live, which is not touched.
 * @throws Stopped, CancelledRestore, or the system call's error; then `abandon` leaves no trace
 */
export async function prepare(work: Work): Promise<void> {
  const {file, telling} = work;
  const kinds = targetsOf(file);
  file.write();
  const files = kinds.flatMap((each) => each.all()).map(({path}) => path);
  telling.note('prepare', {id: file.journal.id, files});
  for (const each of kinds) await each.save(work);
  for (const each of kinds) await each.stage(work);
  for (const each of kinds) await each.keep();
  if (telling.cancelled) throw new CancelledRestore();
  for (const each of kinds) await each.check();
}

/** The switch: under a second, whatever the size. @throws Stopped, or the system call's error; then `goBack` */
export async function commit(work: Work): Promise<{live: Live[]; late: string[]}> {
  const {file, telling} = work;
  const kinds = targetsOf(file);
  file.foresee('done', 'back', 'rolled-back');
  file.advance('commit');
  const began = performance.now();
  telling.progress('switching', 0, 1);
  for (const each of kinds) await each.forward();
  const seconds = (performance.now() - began) / 1000;
  const live: Live[] = [];
  for (const each of kinds) live.push(...(await each.prove(work)));
  file.advance('done');
  const late: string[] = [];
  for (const each of kinds) late.push(...(await each.late()));
  telling.note('switched', {seconds, live, late});
  return {live, late};
}

/** @param keepSafety where something of it may still be wanted */
export async function settleBack(
  {file, state}: Pick<Work, 'file' | 'state'>,
  keepSafety = false,
): Promise<void> {
  const {safety} = file.journal;
  for (const each of targetsOf(file)) await each.settle('back');
  if (safety !== null && !keepSafety) removeSafety(state, safety);
  // Nobody closes a session that was rolled back: nothing may be left to be done after its last step.
  file.tidy('rolled-back');
  file.advance('rolled-back');
}

/** Removes every trace of a restore that has not touched anything live yet. */
export async function abandon(work: Pick<Work, 'file' | 'state'>): Promise<void> {
  for (const each of targetsOf(work.file)) await each.discard();
  await settleBack(work);
}

/** Makes all that is live the old one again. @throws Stopped where somebody has written to it since */
export async function goBack(work: Work): Promise<void> {
  const {file} = work;
  // Also where the journal could not be made to stay at `done`: on the disk it may say so.
  if (file.journal.phase !== 'prepare') file.advance('back');
  for (const each of targetsOf(file).toReversed())
    for (const kept of await each.back())
      work.beware.push(`what was written in the last moment is kept: ${kept}`);
  await settleBack(work);
}
