import {describe, expect, test} from 'vitest';
import {intervalsOf, momentOf} from '../../../source/engine/evidence/intervals.ts';
import type {EvidenceRecord, EvidenceSession} from '../../../source/engine/evidence/schema.ts';
import {record, session} from '../../support/evidence-records.ts';

type Times = EvidenceSession['times'];

const none: Times = {
  bad_since: null,
  last_write: null,
  noticed: null,
  declared: null,
  restored: null,
  service_back: null,
};

/** Of a backup of 13:18:21 and a session opened at 15:01:02. */
function of(
  times: Partial<Times>,
  change: Partial<EvidenceSession> = {},
  more: Partial<EvidenceRecord> = {},
) {
  const intervals = intervalsOf(
    record({
      session: session({...change, times: {...none, restored: '2026-11-23T15:01:05.000Z', ...times}}),
      ...more,
    }),
  );
  if (!intervals) throw new Error('none');
  return intervals;
}

const objectives = (rto_seconds: number | null, rpo_seconds: number | null) => ({
  objectives: {rto_seconds, rpo_seconds},
});

describe('RPO achieved', () => {
  test('runs to when things went bad, whatever was written later', () => {
    const {rpo, ageAtBad, ageAtLastWrite} = of({
      bad_since: '2026-11-23T14:18:21Z',
      last_write: '2026-11-23T14:48:21Z',
    });
    expect(rpo).toEqual({achieved: 3600, objective: 14_400, verdict: 'met', until: 'bad since'});
    expect([ageAtBad, ageAtLastWrite]).toEqual([3600, 5400]);
  });

  test('runs to the last live write where nobody said when things went bad; the age alone is not it', () => {
    expect(of({last_write: '2026-11-23T13:28:21Z'}).rpo).toMatchObject({achieved: 600, until: 'last write'});
  });

  test('is nothing where nothing was written since', () => {
    expect(of({last_write: '2026-11-20T00:00:00Z'}).rpo).toMatchObject({achieved: 0, verdict: 'met'});
  });

  test('is not said where neither is recorded, and for a drill runs to its beginning', () => {
    expect(of({}).rpo).toMatchObject({achieved: null, verdict: 'unknown', until: null});
    expect(of({}, {drill: true}).rpo).toMatchObject({achieved: 6161, until: 'beginning of the drill'});
  });

  test('is not said of a backup from after things went bad, which is told', () => {
    const {rpo, contradictions} = of({bad_since: '2026-11-23T13:00:00Z', last_write: '2026-11-23T14:00:00Z'});
    expect(rpo).toMatchObject({achieved: null, verdict: 'unknown'});
    expect(contradictions).toEqual(['The backup is from after things went bad: it may hold the damage.']);
  });

  test('is compared with what is configured, to the second', () => {
    const times = {bad_since: '2026-11-23T14:18:21Z'};
    expect(of(times, {}, objectives(null, 3600)).rpo.verdict).toBe('met');
    expect(of(times, {}, objectives(null, 3599)).rpo.verdict).toBe('missed');
    expect(of(times, {}, objectives(null, null)).rpo.verdict).toBe('no objective');
  });
});

describe('RTO achieved', () => {
  const service_back = '2026-11-23T15:31:02Z';

  test('runs from when it was noticed, else declared, else opened', () => {
    const noticed = '2026-11-23T14:31:02Z';
    const declared = '2026-11-23T15:01:01Z';
    expect(of({noticed, declared, service_back}).rto).toMatchObject({achieved: 3600, from: 'noticed'});
    expect(of({declared, service_back}).rto).toMatchObject({achieved: 1801, from: 'declared'});
    expect(of({service_back}).rto).toMatchObject({achieved: 1800, from: 'opened'});
  });

  test('is of the service where that is recorded, else of the files', () => {
    expect(of({service_back})).toMatchObject({toFiles: 3, toService: 1800, rto: {meant: 'service'}});
    expect(of({}, {}, objectives(2, null)).rto).toEqual({
      achieved: 3,
      objective: 2,
      verdict: 'missed',
      from: 'opened',
      meant: 'files',
    });
    expect(of({service_back}, {drill: true}).rto).toMatchObject({achieved: 3, meant: 'files'});
  });

  test('is not said where the times contradict each other', () => {
    const {rto, contradictions} = of({noticed: '2026-11-23T16:00:00Z'});
    expect(rto).toMatchObject({achieved: null, verdict: 'unknown'});
    expect(contradictions).toEqual([
      'The files were restored before it was noticed: that interval cannot be said.',
    ]);
  });
});

test('what was not done achieved nothing, whatever times are given', () => {
  const {rto, rpo} = of(
    {bad_since: '2026-11-23T14:18:21Z', service_back: '2026-11-23T15:31:02Z'},
    {state: 'rolled-back'},
  );
  expect([rto.achieved, rpo.achieved]).toEqual([null, null]);
});

test('there are none without a session', () => {
  expect(intervalsOf(record({session: null}))).toBeNull();
});

test('only a whole time in UTC is one', () => {
  expect(momentOf('2026-11-23T13:18:21.123456789Z')).toBe(Date.UTC(2026, 10, 23, 13, 18, 21, 123));
  expect(momentOf('2026-11-23T13:18:21+00:00')).toBe(Date.UTC(2026, 10, 23, 13, 18, 21));
  for (const text of [
    null,
    '',
    'now',
    '2026-11-23',
    '2026-11-23 13:18',
    '2026-13-23T13:18:21Z',
    '2026-02-30T13:18:21Z',
    '2026-02-27T24:00:00Z',
    '2026-11-23T13:18:21',
  ])
    expect(momentOf(text)).toBeNull();
});
