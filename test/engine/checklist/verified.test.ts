import {expect, test} from 'vitest';
import {chosenIn, verifiedAnswer} from '../../../source/engine/checklist/verified.ts';
import type {DatasetStatus} from '../../../source/engine/storage/dataset.ts';
import {aLine} from '../../support/session-states.ts';
import {aResult} from '../../support/states.ts';

const result = (statuses: Record<string, DatasetStatus>) => {
  const datasets = Object.entries(statuses).map(([name, status]) => aResult(name, {status}));
  const bad = datasets.find(({status}) => status !== 'match');
  return {
    result: bad || datasets.length === 0 ? ('failed' as const) : ('passed' as const),
    reason: bad ? `${bad.name}: ${bad.status}` : datasets.length === 0 ? 'it holds no datasets' : null,
    datasets,
  };
};

test.each([
  [{a: 'match', b: 'match'}, null, 'done', '2 of 2 copies match'],
  [{a: 'match', b: 'match'}, ['a', 'b'], 'done', '2 of 2 copies match'],
  [{a: 'match', b: 'missing'}, null, 'failed', 'b: missing'],
  [{}, null, 'failed', 'it holds no datasets'],
  [{}, ['a'], 'failed', 'it holds no datasets'],
  [{a: 'match', b: 'match'}, ['a'], 'done', '1 of 1 restored copy matches; the other 1 of that backup too'],
  [
    {a: 'match', b: 'missing', c: 'match'},
    ['a', 'c'],
    'done',
    '2 of 2 restored copies match; not restored, and no match: b (missing)',
  ],
  [
    {a: 'mismatch', b: 'missing', c: 'match'},
    ['a', 'c'],
    'failed',
    '1 of 2 restored copies match: a (mismatch); not restored, and no match: b (missing)',
  ],
  // The manifest does not name it any more.
  [{b: 'match'}, ['a'], 'failed', '0 of 1 restored copy matches; the other 1 of that backup too'],
] as [Record<string, DatasetStatus>, string[] | null, string, string][])(
  '%j, of which %j was restored, is %s: %s',
  (statuses, chosen, state, note) => {
    const answer = verifiedAnswer(result(statuses), chosen && new Map(chosen.map((name) => [name, null])));
    expect(answer).toEqual({step: 'verified', machine: true, state, note});
  },
);

test('many that are no match are counted', () => {
  const statuses = Object.fromEntries(
    Array.from({length: 9}, (_, index) => [`d${index}`, 'missing' as const]),
  );
  expect(verifiedAnswer(result({a: 'match', ...statuses}), new Map([['a', null]])).note).toBe(
    '1 of 1 restored copy matches; not restored, and no match: d0 (missing), d1 (missing), d2 (missing), 6 more',
  );
});

test('without a plan in the record it was about all of it', () => {
  expect(chosenIn([])).toBeNull();
  expect(chosenIn([aLine('plan', {actions: 'x'})])).toBeNull();
});
