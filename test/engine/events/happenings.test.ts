import {describe, expect, test} from 'vitest';
import {nothingMade} from '../../../source/engine/backup/make-backup.ts';
import type {RunResult} from '../../../source/engine/backup/run-events.ts';
import {ofRun} from '../../../source/engine/backup/tell-run.ts';
import {describeEvents} from '../../../source/engine/ops/events.ts';
import {ofEnd} from '../../../source/engine/restore/happenings.ts';
import type {Outcome} from '../../../source/engine/restore/request.ts';
import type {DatasetResult} from '../../../source/engine/storage/dataset.ts';
import {eventNames, mostListed, registry} from '../../../source/engine/storage/events.ts';
import type {MadeCopy} from '../../../source/engine/storage/manifest/write.ts';
import type {BackupResult} from '../../../source/engine/verify/record.ts';
import {ofVerification} from '../../../source/engine/verify/tell-verification.ts';

const result = (over: Partial<RunResult>): RunResult => ({
  ...nothingMade('sha256'),
  outcome: 'done',
  seconds: 1.5,
  ...over,
});

describe('a run of backups', () => {
  test('counts datasets, not their files, and names at most a hundred that are missing', () => {
    const copies = ['a', 'a', 'b'].map((name) => ({name, bytes: 10}) as MadeCopy);
    const missing = Array.from({length: 150}, (_, index) => ({name: `m${index}`, reason: 'gone'}));
    const {payload} = ofRun(result({outcome: 'partial', id: 'i', copies, missing, manifestDigest: 'd'}), 'l');
    expect(payload).toMatchObject({
      id: 'i',
      label: 'l',
      datasets: 2,
      bytes: 30,
      manifest_digest: 'd',
      seconds: 1.5,
    });
    expect((payload as {missing: string[]}).missing).toHaveLength(mostListed);
  });

  test.each<[Partial<RunResult>, object]>([
    [
      {outcome: 'failed', reason: 'no room'},
      {id: null, reason: 'no room'},
    ],
    [{outcome: 'cancelled'}, {id: null, reason: 'cancelled'}],
    // It is there, and nobody knows whether it stays.
    [
      {outcome: 'failed', id: 'i', reason: 'not sure'},
      {id: 'i', reason: 'not sure'},
    ],
  ])('of %o has failed', (over, payload) => {
    expect(ofRun(result(over), '')).toEqual({
      action: 'magdb.backup.failed',
      payload: {...payload, label: ''},
    });
  });
});

describe('a verification', () => {
  const dataset = (name: string, status: DatasetResult['status']): DatasetResult =>
    ({
      name,
      status,
      algorithm: 'sha256',
      expected: 'e',
      actual: 'a',
      bytes: 1,
      reason: null,
    }) as DatasetResult;
  const of = (over: Partial<BackupResult>) =>
    ofVerification({id: 'i', result: 'failed', reason: null, datasets: [], ...over} as BackupResult);

  test('that was stopped is none', () => {
    expect(of({result: 'cancelled'})).toEqual([]);
  });

  test('that failed is completed too, and lists a hundred of those that failed', () => {
    const datasets = [dataset('ok', 'match'), ...Array.from({length: 150}, () => dataset('bad', 'mismatch'))];
    const [completed, failed, ...more] = of({datasets});
    expect(more).toEqual([]);
    expect(completed).toEqual({
      action: 'magdb.backup.verify_completed',
      payload: {id: 'i', success: false, datasets: 151},
    });
    const listed = Array.from({length: mostListed}, () => ({
      ...{name: 'bad', status: 'mismatch', algorithm: 'sha256'},
      ...{expected: 'e', actual: 'a', reason: null},
    }));
    expect(failed).toEqual({
      action: 'magdb.backup.verify_failed',
      payload: {id: 'i', reason: 'it did not pass', datasets: listed, failed: 150},
    });
  });
});

test.each<[Outcome, string]>([
  ['done', 'magdb.restore.completed'],
  ['rolled-back', 'magdb.restore.rolled_back'],
  ['refused', 'magdb.restore.failed'],
  ['cancelled', 'magdb.restore.failed'],
  ['needs-recovery', 'magdb.restore.failed'],
])('a restore that ends as %s is %s', (outcome, action) => {
  const options = {id: 'i', into: '/var/tmp/drill'};
  const request = {session: 7, undoes: null, options} as unknown as Parameters<typeof ofEnd>[0];
  const happening = ofEnd(request, {outcome, exit: 0, reason: null, beware: [], commands: []}, 3, 2);
  expect(happening).toMatchObject({action, payload: {id: 'i', session: 7, drill: true, undoes: null}});
  expect(registry[happening.action].fields.safeParse(happening.payload)).toMatchObject({success: true});
});

describe('the registry', () => {
  test('has the events of the runbook and our own', () => {
    expect(eventNames).toEqual([
      'magdb.backup.completed',
      'magdb.backup.failed',
      'magdb.backup.finished',
      'magdb.backup.extracted',
      'magdb.backup.pruned',
      'magdb.backup.held',
      'magdb.backup.released',
      'magdb.backup.verify_completed',
      'magdb.backup.verify_failed',
      'magdb.restore.started',
      'magdb.restore.completed',
      'magdb.restore.failed',
      'magdb.restore.rolled_back',
      'magdb.evidence.exported',
      'magdb.checklist.completed',
    ]);
  });

  test('describes each with its fields; what every event says has no other meaning in one', () => {
    const described = describeEvents();
    expect(described.map(({action}) => action)).toEqual(eventNames);
    for (const {summary, fields} of described) {
      expect(summary).not.toBe('');
      expect(fields[0]).toMatchObject({name: 'id'});
      const names = fields.map(({name}) => name);
      expect(names.filter((name) => /^(operator|host|root|program|timestamp)$/.test(name))).toEqual([]);
      for (const {type} of fields)
        expect(type).toMatch(
          /^((string|integer|number|boolean)( or null)?|list of (strings|objects: `\w+`(, `\w+`)*)|`[\w-]+`(, `[\w-]+`)*)$/,
        );
    }
    const {fields} = described.find(({action}) => action === 'magdb.restore.failed') ?? {fields: []};
    expect(fields).toEqual([
      {name: 'id', type: 'string'},
      {name: 'session', type: 'integer'},
      {name: 'drill', type: 'boolean'},
      {name: 'undoes', type: 'integer or null'},
      {name: 'outcome', type: '`refused`, `cancelled`, `needs-recovery`'},
      {name: 'reason', type: 'string'},
    ]);
  });
});
