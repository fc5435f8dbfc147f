import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type RestoreAction, type RestorePlan, unknownAction} from '../../../source/engine/restore/action.ts';
import {estimate, spaceFor} from '../../../source/engine/restore/cost.ts';
import {itemsOf} from '../../../source/engine/restore/items.ts';
import {type RestoreRequest, readRequest} from '../../../source/engine/restore/request.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const stamp = {dev: '1', ino: '1', size: 1000, mtimeNs: '1'};
const file = {kind: 'file' as const, stamp, ctimeNs: '1', mode: 0o640, uid: 0, gid: 0, links: 1, mtimeMs: 0};

const anAction = (dataset: string, name: string, changes: Partial<RestoreAction> = {}): RestoreAction => ({
  ...unknownAction(dataset, 'sha256', false),
  action: 'overwrite',
  target: `/srv/data/${name}`,
  place: {path: `/srv/data/${name}`, base: '/srv', segments: ['data', name]},
  hash: 'cd',
  live: file,
  liveHash: 'ab',
  bytes: 2000,
  ...changes,
});
const wal = (dataset: string, name: string, action: RestoreAction['action'] = 'remove') =>
  anAction(dataset, name, {role: 'sidecar', action});

const aPlan = (actions: RestoreAction[], changes: Partial<RestorePlan> = {}): RestorePlan => ({
  id: 'x',
  directory: '/srv/x',
  createdAt: null,
  hash: '',
  into: null,
  actions,
  safety: true,
  space: [],
  seconds: 0,
  unseen: 0,
  leaves: [],
  php: [],
  owner: null,
  openSessions: [],
  leftOut: [],
  notes: [],
  brokenInside: [],
  partial: [],
  undoes: null,
  directories: {by: null, records: {}},
  ...changes,
});

describe('the items of a plan', () => {
  test('are what changes something, sidecars gone before their database and back after it', () => {
    const plan = aPlan([
      anAction('a', 'a', {action: 'unchanged'}),
      anAction('db', 'db'),
      wal('db', 'db-wal'),
      wal('db', 'db-journal', 'create'),
      anAction('b', 'b'),
    ]);
    expect(itemsOf(plan, 3).map(({place}) => place.segments.at(-1))).toEqual([
      'db-wal',
      'db',
      'db-journal',
      'b',
    ]);
  });

  test('have names beside the target that say whose they are where there is room', () => {
    const long = `${'n'.repeat(250)}`;
    const [short, full] = itemsOf(aPlan([anAction('a', 'a.json'), anAction('b', long)]), 12);
    expect([short?.temporary, short?.aside]).toEqual(['.a.json.magds-12-new', '.a.json.magds-12-old']);
    expect([full?.temporary, full?.aside]).toEqual(['.magds-12-1-new', '.magds-12-1-old']);
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', minLength: 1, maxLength: 255}), (name) => {
        for (const {temporary, aside} of itemsOf(aPlan([anAction('a', name)]), 999_999_999)) {
          expect(Buffer.byteLength(temporary)).toBeLessThanOrEqual(255);
          expect(temporary).not.toBe(aside);
        }
      }),
    );
  });

  test('have a name of their own each in the safety backup; what was absent has none', () => {
    const actions = [
      anAction('db', 'db'),
      wal('db', 'db-wal'),
      anAction('db-wal', 'other'),
      anAction('new', 'new', {action: 'create', live: {kind: 'absent', missing: []}}),
    ];
    const names = itemsOf(aPlan(actions), 1).map(({place, safety}) => [place.segments.at(-1), safety]);
    expect(Object.fromEntries(names)).toEqual({
      db: 'db',
      'db-wal': 'db-wal-beside',
      other: 'db-wal',
      new: null,
    });
    expect(itemsOf(aPlan(actions, {safety: false}), 1).every(({safety}) => safety === null)).toBe(true);
  });
});

test('the space that is needed counts what is staged and saved, on each file system once', () => {
  const base = temporaryDirectory();
  const place = {path: `${base}/deep/x`, base, segments: ['deep', 'x']};
  const actions = [
    anAction('a', 'a', {place}),
    anAction('b', 'b', {place, action: 'unchanged'}),
    anAction('c', 'c', {place, action: 'remove', bytes: 0}),
  ];
  const block = 4096;
  const margin = 1024 * 1024;
  expect(spaceFor(actions, base)).toEqual([
    {where: base, needed: margin + 3 * block, free: expect.any(Number)},
  ]);
  expect(spaceFor(actions, null)).toEqual([{where: base, needed: margin + block, free: expect.any(Number)}]);
  expect(spaceFor([], base)).toEqual([]);
});

test('the time that it takes goes by the measured rate', () => {
  const actions = [anAction('a', 'a', {bytes: 10e6, live: {...file, stamp: {...stamp, size: 5e6}}})];
  expect(estimate(actions, true, 10e6)).toBeCloseTo(4.5);
  expect(estimate(actions, false, 10e6)).toBeCloseTo(3.5);
  expect(estimate([], true, null)).toBe(0.5);
  const scratch = {named: null, environment: null, host: '/run/postgresql'};
  const drilled = (seconds: number | null, where: typeof scratch | null) =>
    anAction('db', 'db', {bytes: 10e6, dump: {database: 'shop', rows: null, scratch: where, seconds}});
  // Laid down, and loaded beside.
  expect(estimate([drilled(7, scratch)], false, 10e6)).toBeCloseTo(10.5);
  expect(estimate([drilled(null, scratch)], false, 10e6)).toBeCloseTo(4.5);
  expect(estimate([drilled(7, null)], false, 10e6)).toBeCloseTo(3.5);
});

describe('a request', () => {
  const request: RestoreRequest = {
    root: '/srv',
    session: 1,
    environment: null,
    breakHost: null,
    plan: 'abc',
    undoes: null,
    options: {
      id: 'x',
      only: ['a'],
      into: null,
      intoDatabase: null,
      allowed: [],
      map: [['a', '/b']],
      last: null,
      breakLinks: false,
      safety: true,
    },
    known: [['k', 'h']],
    ticket: null,
    purpose: null,
    title: null,
    authorisedBy: null,
    badSince: null,
  };

  test('is what was asked, whole', () => {
    expect(readRequest(JSON.stringify(request))).toEqual(request);
  });

  test('cut short anywhere, or changed in kind, is none', () => {
    const text = JSON.stringify(request);
    for (let length = 0; length < text.length; length++)
      expect(readRequest(text.slice(0, length))).toBeNull();
    for (const key of Object.keys(request))
      expect(readRequest(JSON.stringify({...request, [key]: 7.5}))).toBeNull();
  });
});
