import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {type LiveSince, liveSince} from '../engine/checklist/live-since.ts';
import {type Since, sinceRestore} from '../engine/checklist/since.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {journalOf} from '../engine/session/sessions.ts';
import type {Story} from '../engine/session/story.ts';
import {findState} from '../engine/storage/runbook/state-directory.ts';

/** What became of the live files since a restore; `live`: null where they were not hashed again. */
export type SinceThen = {datasets: Since[]; live: LiveSince[] | null};

/**
 * Looks at the live files of a session that is open, as its checklist does.
 * @param hashed whether they are hashed again, of a session that is signed off as well
 * @throws Problem where they are to be hashed, and it restored nothing or is not obeyed
 */
export async function lookSince(
  root: string,
  story: Story,
  hashed: boolean,
  signal: AbortSignal,
): Promise<SinceThen> {
  const {number, closed, drill, lines} = story;
  const state = findState(root);
  try {
    const datasets = state && !closed && !drill ? sinceRestore(state, number) : [];
    if (!hashed || !state) return {datasets, live: null};
    const journal = journalOf(state, number);
    if (journal.phase !== 'done')
      throw new Problem(
        exitCode.usage,
        `Session ${number} is not done: there is nothing that could have changed since. Leave out --live.`,
      );
    const live: LiveSince[] = [];
    for await (const each of liveSince(journal, lines, sharedPool(), signal)) live.push(each);
    if (signal.aborted) throw new Problem(exitCode.cancelled, 'Cancelled.');
    return {datasets, live};
  } finally {
    state?.close();
    sharedPool().close();
  }
}

const hashText = (algorithm: string, hash: string): string => `${algorithm} ${hash}`;

function liveLine({dataset, target, state, algorithm, before, recorded, now, reason}: LiveSince): string {
  const then = recorded
    ? 'at the switch'
    : 'in the manifest; the record does not say what it was at the switch';
  if (state === 'same') return `= ${dataset}: ${hashText(algorithm, before)}, as ${then}`;
  if (state === 'unseen') return `? ${dataset}: ${target} cannot be read: ${reason}`;
  const is = now === null ? `gone (${target})` : `${hashText(algorithm, now)} now`;
  return `! ${dataset}: ${is}, ${before} ${then}`;
}

const marks = {'as restored': '=', changed: '!', unseen: '?'};
const words = {
  'as restored': 'as restored',
  changed: 'changed since the restore',
  unseen: 'cannot be looked at',
};

/** Not escaped. */
export function sinceLines({datasets, live}: SinceThen): string[] {
  const looked = datasets.map(
    ({dataset, state, reason}) =>
      `  ${marks[state]} ${dataset}: ${words[state]}${reason === null ? '' : `: ${reason}`}`,
  );
  const hashed = live?.map((each) => `  ${liveLine(each)}`) ?? [];
  return [
    ...(looked.length > 0 ? ['', 'Since the restore (by inode, size and time)', ...looked] : []),
    ...(live === null ? [] : ['', 'Live files, hashed again', ...hashed]),
    ...(live?.length === 0 ? ['  ? it put no file there'] : []),
  ];
}

export const sinceJson = ({datasets, live}: SinceThen) => ({
  since: datasets,
  live:
    live?.map(({before, recorded, ...each}) => ({
      ...each,
      before,
      before_from: recorded ? 'switch' : 'manifest',
    })) ?? null,
});

/** Where they were hashed, a change is never 0, and neither is that nothing was. */
export function sinceExit({live}: SinceThen): ExitCode {
  if (live === null) return exitCode.done;
  if (live.some(({state}) => state === 'changed')) return exitCode.verificationFailed;
  return live.length === 0 || live.some(({state}) => state === 'unseen') ? exitCode.partial : exitCode.done;
}
