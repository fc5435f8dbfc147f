import type {Happening} from '../../source/engine/storage/events.ts';
import {backupId as id} from './restores.ts';

/** Things that happen, for whoever is told of them. */
export const completed = (bytes = 1234): Happening => ({
  action: 'magdb.backup.completed',
  payload: {id, label: '', datasets: 2, missing: [], bytes, manifest_digest: null, seconds: 1.5},
});

export const failed: Happening = {
  action: 'magdb.backup.failed',
  payload: {id: null, label: '', reason: 'the disk is full'},
};

export const finished: Happening = {
  action: 'magdb.backup.finished',
  payload: {id, datasets: ['tenants'], missing: ['ledger'], bytes: 1234, manifest_digest: null, seconds: 1.5},
};

export const extracted: Happening = {
  action: 'magdb.backup.extracted',
  payload: {id, datasets: ['tenants'], target: '/tmp/tenants.json', files: 1, bytes: 1234},
};

export const pruned: Happening = {action: 'magdb.backup.pruned', payload: {id, reason: 'too old'}};

export const held: Happening = {
  action: 'magdb.backup.held',
  payload: {id, reason: 'before 2.4', missing: []},
};

export const released: Happening = {
  action: 'magdb.backup.released',
  payload: {id, stays: null, deleted: false},
};

export const verified = (success = true): Happening => ({
  action: 'magdb.backup.verify_completed',
  payload: {id, success, datasets: 2},
});

export const notVerified: Happening = {
  action: 'magdb.backup.verify_failed',
  payload: {id, reason: 'a copy is not what was recorded', datasets: [], failed: 1},
};

const restore = (drill: boolean) => ({id, session: 1, drill, undoes: null});

export const started = (drill = false): Happening => ({
  action: 'magdb.restore.started',
  payload: {
    ...restore(drill),
    purpose: null,
    ticket: null,
    authorised_by: null,
    plan: 'abc',
    datasets: ['tenants'],
    deviations: [],
  },
});

export const restored = (drill = false, seconds: number | null = 2.5): Happening => ({
  action: 'magdb.restore.completed',
  payload: {...restore(drill), files: 2, seconds},
});

export const notRestored = (drill = false): Happening => ({
  action: 'magdb.restore.failed',
  payload: {...restore(drill), outcome: 'refused', reason: 'the disk is full'},
});

export const rolledBack = (drill = false): Happening => ({
  action: 'magdb.restore.rolled_back',
  payload: {...restore(drill), reason: 'the disk failed'},
});

export const exported: Happening = {
  action: 'magdb.evidence.exported',
  payload: {id, session: 1, file: '/a.md', sha256: 'ab', record: 'cd', kind: 'restore', signed_by: null},
};

export const signedOff: Happening = {
  action: 'magdb.checklist.completed',
  payload: {id, session: 1, done: 4, failed: 0, skipped: 0},
};
