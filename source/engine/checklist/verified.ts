import {planOf} from '../restore/plan-record.ts';
import type {Answer} from '../session/checklist.ts';
import {isLine, said} from '../session/lines.ts';
import type {RecordLine} from '../session/record.ts';
import type {BackupResult} from '../verify/record.ts';

/** How many are named of what may be thousands. */
const most = 3;

/** One that matches a manifest that was changed since is another one than was restored. */
const changedSince = 'not what was restored: the backup was changed since';

function namesOf(datasets: BackupResult['datasets']): string {
  const named = datasets
    .slice(0, most)
    .map(({name, status}) => `${name} (${status === 'match' ? changedSince : status})`);
  return [...named, ...(datasets.length > most ? [`${datasets.length - most} more`] : [])].join(', ');
}

const contentOf = (algorithm: string, hash: string): string => `${algorithm}:${hash}`.toLowerCase();

/**
 * The copies that a restore was about, as its record tells them: of each by its name what it was, or null where that is
 * not to be compared; null where the record does not tell.
 */
export function chosenIn(lines: RecordLine[]): ReadonlyMap<string, string | null> | null {
  const chosen = planOf(lines)?.actions.filter(({role, action}) => role === 'dataset' && action !== 'remove');
  if (!chosen || chosen.length === 0) return null;
  // A safety backup has an algorithm of its own.
  const isUndo = said(lines.find(isLine('opened')), 'undoes') != null;
  return new Map(
    chosen.map(({dataset, algorithm, hash}) => [
      dataset,
      isUndo || hash === '' ? null : contentOf(algorithm, hash),
    ]),
  );
}

/**
 * What a verification says of a restore: it is about the copies that were restored; what else the backup holds is told
 * apart, and does not make it a failure.
 * @param chosen those copies (`chosenIn`); null where it was all of them
 */
export function verifiedAnswer(
  {result, reason, datasets}: Pick<BackupResult, 'result' | 'reason' | 'datasets'>,
  chosen: ReadonlyMap<string, string | null> | null,
): Answer {
  const answer = {step: 'verified', machine: true} as const;
  const mine = datasets.filter(({name}) => chosen?.has(name) ?? true);
  const isMatch = ({name, status, algorithm, actual}: (typeof datasets)[number]): boolean => {
    const due = chosen?.get(name) ?? null;
    return status === 'match' && (due === null || due === contentOf(algorithm ?? '', actual ?? ''));
  };
  const match = mine.filter(isMatch).length;
  if (chosen === null || mine.length === datasets.length) {
    const others = mine.filter((one) => one.status === 'match' && !isMatch(one));
    const named = others.length > 0 ? `: ${namesOf(others)}` : '';
    const note = reason ?? `${match} of ${datasets.length} copies match${named}`;
    return {...answer, state: result === 'passed' && match === mine.length ? 'done' : 'failed', note};
  }
  const others = datasets.filter(({name}) => !chosen.has(name));
  const [bad, badOthers] = [mine, others].map((each) => each.filter((one) => !isMatch(one))) as [
    typeof datasets,
    typeof datasets,
  ];
  // One that the manifest does not name any more is no match either.
  const isDone = mine.length === chosen.size && bad.length === 0;
  const counted = `${match} of ${chosen.size} restored ${chosen.size === 1 ? 'copy matches' : 'copies match'}`;
  const rest =
    badOthers.length === 0
      ? `the other ${others.length} of that backup too`
      : `not restored, and no match: ${namesOf(badOthers)}`;
  const note = [`${counted}${bad.length > 0 ? `: ${namesOf(bad)}` : ''}`, rest].join('; ');
  return {...answer, state: isDone ? 'done' : 'failed', note};
}
