import {createHash} from 'node:crypto';
import {expect, test} from 'vitest';
import type {Planning, RestoreAction} from '../../../source/engine/restore/action.ts';
import {hashPlan} from '../../../source/engine/restore/plan.ts';
import {anAction} from '../../support/restore-states.ts';

/** The hash of a plan for a database whose journal has so many bytes. */
function hashWith(walBytes: number, volatile: string[]): string {
  const options = {id: 'x', into: null, only: null, last: null, volatile} as unknown as Planning['options'];
  const {live} = anAction('ledger');
  const wal: RestoreAction = {
    ...anAction('ledger', {action: 'remove'}),
    role: 'sidecar',
    live: live?.kind === 'file' ? {...live, stamp: {...live.stamp, size: walBytes}} : null,
  };
  const ledger = anAction('ledger', {volatile: volatile.includes('ledger')});
  return hashPlan({options, place: null as never}, 'digest', true, [ledger, wal]).hash;
}

test('what is written beside a database counts for the plan, unless the database is restored although it is written', () => {
  expect(hashWith(1, [])).not.toBe(hashWith(2, []));
  expect(hashWith(1, ['ledger'])).toBe(hashWith(2, ['ledger']));
  expect(hashWith(1, ['tenants'])).not.toBe(hashWith(2, ['tenants']));
});

test('a live file counts by what it holds, or by the time of its last change where that is not known', () => {
  const options = {
    id: 'x',
    into: null,
    only: null,
    last: null,
    volatile: [],
  } as unknown as Planning['options'];
  const hashOf = (ctimeNs: string, liveHash: string | null): string => {
    const {live, ...action} = anAction('ledger', {liveHash});
    const changed = live?.kind === 'file' ? {...live, ctimeNs} : live;
    return hashPlan({options, place: null as never}, 'digest', true, [{...action, live: changed}]).hash;
  };
  expect(hashOf('1', 'a')).toBe(hashOf('2', 'a'));
  expect(hashOf('1', 'a')).not.toBe(hashOf('1', 'b'));
  expect(hashOf('1', null)).not.toBe(hashOf('2', null));
});

test('what it is the hash of is kept with it', () => {
  const options = {id: 'x', into: null, only: ['\u00fc'], last: null, volatile: []} as unknown;
  const planning = {options: options as Planning['options'], place: null as never};
  const {hash, hashed} = hashPlan(planning, 'digest', true, [anAction('ledger')]);
  expect(
    createHash('sha256')
      .update(hashed ?? '')
      .digest('hex')
      .slice(0, 16),
  ).toBe(hash);
});
