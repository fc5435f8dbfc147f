import type {EvidenceRecord} from './schema.ts';

/** Compared with what is configured: `unknown` where the interval cannot be said. */
export type IntervalVerdict = 'met' | 'missed' | 'unknown' | 'no objective';

export type Interval = {
  /** Seconds; null where they do not follow from what is recorded. */
  achieved: number | null;
  /** Seconds, as configured. */
  objective: number | null;
  verdict: IntervalVerdict;
};

export type Intervals = {
  /** Seconds from the backup's time to when things went bad; negative where it was made afterwards. */
  ageAtBad: number | null;
  /** Seconds from the backup's time to the last live write before the restore; negative where there was none since. */
  ageAtLastWrite: number | null;
  rpo: Interval & {until: 'bad since' | 'last write' | 'beginning of the drill' | null};
  rto: Interval & {
    from: 'noticed' | 'declared' | 'opened' | null;
    /** What the verdict is about. */
    meant: 'files' | 'service';
  };
  /** Seconds until the live files were switched, and until the service was back. */
  toFiles: number | null;
  toService: number | null;
  /** What contradicts itself, in sentences; they hold nothing of the record. */
  contradictions: string[];
};

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00)$/;

/** Milliseconds since the epoch; null for what is no time in UTC. */
export function momentOf(text: string | null): number | null {
  if (text === null || !utc.test(text)) return null;
  const at = Date.parse(text);
  // The 30th of February is another day to JavaScript.
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 19) !== text.slice(0, 19) ? null : at;
}

function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : (to - from) / 1000;
}

function judge(achieved: number | null, objective: number | null): Interval {
  if (objective === null) return {achieved, objective, verdict: 'no objective'};
  if (achieved === null) return {achieved, objective, verdict: 'unknown'};
  return {achieved, objective, verdict: achieved <= objective ? 'met' : 'missed'};
}

/** The rules, as the file tells them. */
export const rpoRule =
  'RPO achieved runs from the time of the backup to when things went bad; where nobody said when that was, to the last live write before the restore; in a drill without either, to its beginning.';
export const rtoRule =
  'RTO achieved runs from when it was noticed, else declared, else the session was opened, to the service being back, or where that is not recorded, to the switch of the files. Both are by the wall clock.';

type Times = {backup: number | null; bad: number | null; write: number | null; opened: number | null};

/**
 * What data the restore cost. Not the backup's age: what was not written is not lost. The disruption counts (NIST SP
 * 800-34, "recovery point objective"): what was written after it was written into damaged data. The backup's time is
 * when its copying began, so that it rather says too much than too little.
 */
function pointOf({backup, bad, write, opened}: Times, drill: boolean) {
  if (backup === null) return {until: null, achieved: null};
  if (bad !== null) {
    const age = between(backup, bad);
    return {until: 'bad since' as const, achieved: age !== null && age < 0 ? null : age};
  }
  // Nothing was written since the backup: nothing is lost.
  if (write !== null)
    return {until: 'last write' as const, achieved: Math.max(0, between(backup, write) ?? 0)};
  const age = drill ? between(backup, opened) : null;
  return age === null || age < 0
    ? {until: null, achieved: null}
    : {until: 'beginning of the drill' as const, achieved: age};
}

/** What follows from the times of a restore; null where the record is about none. */
export function intervalsOf({session, backups, objectives}: EvidenceRecord): Intervals | null {
  if (!session) return null;
  const {drill, state, times, opened_at} = session;
  const at = {
    backup: momentOf(backups[0]?.time ?? null),
    bad: momentOf(times.bad_since),
    write: momentOf(times.last_write),
    opened: momentOf(opened_at),
    restored: momentOf(times.restored),
    service: momentOf(times.service_back),
  };
  const contradictions: string[] = [];
  const ageAtBad = between(at.backup, at.bad);
  if (ageAtBad !== null && ageAtBad < 0)
    contradictions.push('The backup is from after things went bad: it may hold the damage.');

  const starts = [
    ['noticed', momentOf(times.noticed)],
    ['declared', momentOf(times.declared)],
    ['opened', at.opened],
  ] as const;
  const [from, start] = starts.find(([, moment]) => moment !== null) ?? [null, null];
  const reach = (end: number | null, what: string): number | null => {
    const seconds = between(start, end);
    if (seconds === null || seconds >= 0) return seconds;
    contradictions.push(`${what} before it was ${from}: that interval cannot be said.`);
    return null;
  };
  // What was rolled back restored nothing, whatever times were given.
  const done = state === 'done';
  const toFiles = done ? reach(at.restored, 'The files were restored') : null;
  const toService = done && !drill ? reach(at.service, 'The service was back') : null;
  const point = done ? pointOf(at, drill) : {until: null, achieved: null};
  return {
    ageAtBad,
    ageAtLastWrite: between(at.backup, at.write),
    rpo: {...judge(point.achieved, objectives.rpo_seconds), until: point.until},
    rto: {
      ...judge(toService ?? toFiles, objectives.rto_seconds),
      from,
      meant: toService === null ? 'files' : 'service',
    },
    toFiles,
    toService,
    contradictions,
  };
}
