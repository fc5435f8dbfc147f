import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {eventNames, type Happening} from '../../../../source/engine/storage/events.ts';
import * as happens from '../../../support/happenings.ts';
import {count, emptyPlace, happenedAt, samplesOf, textOf, valuesOf} from '../../../support/metrics.ts';

/** What each event moves, in a root where nothing has happened. */
const moves: [string, Happening[], Record<string, number>][] = [
  [
    'a backup',
    [happens.completed(1234)],
    {magdb_backups_total: 1, magdb_last_backup_epoch: happenedAt, magdb_backup_bytes: 1234},
  ],
  [
    'a run that made none',
    [happens.failed],
    {magdb_backups_failed_total: 1, magdb_last_backup_failed_epoch: happenedAt},
  ],
  [
    'a run that its operator stopped',
    [{action: 'magdb.backup.failed', payload: {id: null, label: '', reason: 'cancelled'}}],
    {},
  ],
  ['a pruned backup', [happens.pruned], {magdb_backups_pruned_total: 1}],
  [
    'a verification that passed',
    [happens.verified()],
    {
      magdb_backup_verifications_total: 1,
      magdb_last_verify_epoch: happenedAt,
      magdb_last_verify_success: 1,
      magdb_last_verify_passed_epoch: happenedAt,
    },
  ],
  [
    'a verification that did not pass',
    [happens.verified(false), happens.notVerified],
    {
      magdb_backup_verifications_total: 1,
      magdb_backup_verify_failed_total: 1,
      magdb_last_verify_epoch: happenedAt,
      magdb_last_verify_success: 0,
      magdb_last_verify_failed_epoch: happenedAt,
    },
  ],
  ['a restore that begins', [happens.started()], {}],
  [
    'a restore',
    [happens.restored()],
    {magdb_restores_total: 1, magdb_last_restore_epoch: happenedAt, magdb_restore_duration_seconds: 2.5},
  ],
  [
    'a restore that had stopped halfway and was finished: nobody knows how long it took',
    [happens.restored(false, null)],
    {magdb_restores_total: 1, magdb_last_restore_epoch: happenedAt},
  ],
  [
    'a restore that changed nothing',
    [happens.notRestored()],
    {magdb_restores_failed_total: 1, magdb_last_restore_failed_epoch: happenedAt},
  ],
  [
    'a restore that was taken back',
    [happens.rolledBack()],
    {magdb_restores_rolled_back_total: 1, magdb_last_restore_rolled_back_epoch: happenedAt},
  ],
  [
    'a drill',
    [happens.restored(true)],
    {magdb_drills_total: 1, magdb_last_drill_epoch: happenedAt, magdb_drill_duration_seconds: 2.5},
  ],
  ['a drill that begins', [happens.started(true)], {}],
  [
    'a drill that failed',
    [happens.notRestored(true)],
    {magdb_drills_failed_total: 1, magdb_last_drill_failed_epoch: happenedAt},
  ],
  [
    'a drill that was taken back',
    [happens.rolledBack(true)],
    {magdb_drills_failed_total: 1, magdb_last_drill_failed_epoch: happenedAt},
  ],
  ['one that had been cut off and is finished', [happens.finished], {magdb_backups_finished_total: 1}],
  ['data that are copied out', [happens.extracted], {magdb_backup_extracts_total: 1}],
  ['a hold, and its release', [happens.held, happens.released], {}],
  ['evidence', [happens.exported], {}],
  ['a restore that was signed off', [happens.signedOff], {}],
];

const counters = [
  'magdb_backups_total',
  'magdb_backups_failed_total',
  'magdb_backups_pruned_total',
  'magdb_backup_verifications_total',
  'magdb_backup_verify_failed_total',
  'magdb_restores_total',
  'magdb_restores_failed_total',
  'magdb_restores_rolled_back_total',
  'magdb_drills_total',
  'magdb_drills_failed_total',
  'magdb_backups_finished_total',
  'magdb_backup_extracts_total',
];
const epochs = [
  'magdb_last_backup_epoch',
  'magdb_last_backup_failed_epoch',
  'magdb_last_verify_epoch',
  'magdb_last_verify_passed_epoch',
  'magdb_last_verify_failed_epoch',
  'magdb_last_verified_backup_epoch',
  'magdb_last_restore_epoch',
  'magdb_last_restore_rolled_back_epoch',
  'magdb_last_restore_failed_epoch',
  'magdb_last_drill_epoch',
  'magdb_last_drill_failed_epoch',
  'magdb_sessions_open',
  'magdb_session_opened_epoch',
];
const states = ['verified', 'failed', 'stale', 'unknown', 'never', 'interrupted', 'unreadable'];
const nothing = Object.fromEntries(
  [...counters, ...epochs, ...states.map((state) => `magdb_backups_present ${state}`)].map((name) => [
    name,
    0,
  ]),
);

describe('events', () => {
  test.each(moves)('%s', async (_, happenings, moved) => {
    const place = emptyPlace();
    expect(await count(place, ...happenings)).toBeNull();
    expect(valuesOf(place)).toEqual({...nothing, ...moved});
    // A counter goes on from what it was, in another run too.
    expect(await count(place, ...happenings)).toBeNull();
    const twice = Object.entries(moved).map(([name, value]) => [
      name,
      counters.includes(name) ? 2 * value : value,
    ]);
    expect(valuesOf(place)).toEqual({...nothing, ...Object.fromEntries(twice)});
  });

  test('every one is tried here', () => {
    const tried = new Set(moves.flatMap(([, happenings]) => happenings.map(({action}) => action)));
    expect([...tried].sort()).toEqual([...eventNames].sort());
  });

  test('a verification that passes after one that did not leaves when that was', async () => {
    const place = emptyPlace();
    await count(place, happens.verified(false), happens.notVerified, happens.verified());
    expect(valuesOf(place)).toMatchObject({
      magdb_last_verify_success: 1,
      magdb_last_verify_failed_epoch: happenedAt,
      magdb_last_verify_passed_epoch: happenedAt,
    });
  });
});

describe('what the kernel exports too', () => {
  const ofKernel = readFileSync(path.join(import.meta.dirname, '../../../interop/kernel.prom'), 'utf8');
  const about = (text: string, name: string): string[] =>
    text.split('\n').filter((line) => line.startsWith('# ') && line.split(' ')[2] === name);

  test.each([
    'magdb_backups_total',
    'magdb_last_backup_epoch',
    'magdb_restores_total',
    'magdb_last_restore_epoch',
  ])('%s has its type and help text', async (name) => {
    const place = emptyPlace();
    await count(place, happens.completed());
    expect(about(textOf(place), name)).toEqual(about(ofKernel, name));
    expect(about(ofKernel, name)).toHaveLength(2);
  });

  test('and no other has a name of the kernel: ours all say whose they are', async () => {
    const place = emptyPlace();
    await count(place, happens.completed());
    const samples = samplesOf(textOf(place));
    for (const {labels} of samples) expect(labels).toMatchObject({tool: 'magds', root: place.root});
    const kernel = new Set(samplesOf(ofKernel).map(({name}) => name));
    expect(new Set(samples.map(({name}) => name).filter((name) => kernel.has(name))).size).toBe(4);
  });
});
