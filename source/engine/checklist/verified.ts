import {planOf} from '../restore/plan-record.ts';
import type {Answer} from '../session/checklist.ts';
import type {RecordLine} from '../session/record.ts';
import type {BackupResult} from '../verify/record.ts';

/** How many are named of what may be thousands. */
const most = 3;

function namesOf(datasets: BackupResult['datasets']): string {
  const named = datasets.slice(0, most).map(({name, status}) => `${name} (${status})`);
  return [...named, ...(datasets.length > most ? [`${datasets.length - most} more`] : [])].join(', ');
}

/** Names of the copies that a restore was about, as its record tells them; null where it does not. */
export function chosenIn(lines: RecordLine[]): ReadonlySet<string> | null {
  const chosen = planOf(lines)?.actions.filter(({role, action}) => role === 'dataset' && action !== 'remove');
  return chosen && chosen.length > 0 ? new Set(chosen.map(({dataset}) => dataset)) : null;
}

/**
 * What a verification says of a restore: it is about the copies that were restored; what else the backup holds is told
 * apart, and does not make it a failure.
 * @param chosen names of those copies; null where it was all of them
 */
export function verifiedAnswer(
  {result, reason, datasets}: Pick<BackupResult, 'result' | 'reason' | 'datasets'>,
  chosen: ReadonlySet<string> | null,
): Answer {
  const answer = {step: 'verified', machine: true} as const;
  const mine = datasets.filter(({name}) => chosen?.has(name) ?? true);
  const isMatch = ({status}: (typeof datasets)[number]): boolean => status === 'match';
  const match = mine.filter(isMatch).length;
  if (chosen === null || mine.length === datasets.length) {
    const note = reason ?? `${match} of ${datasets.length} copies match`;
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
