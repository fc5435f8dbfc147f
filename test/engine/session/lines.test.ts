import fs from 'node:fs';
import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {asciiJson} from '../../../source/engine/base/escape.ts';
import {evidenceLines} from '../../../source/engine/evidence/session-lines.ts';
import {planOf} from '../../../source/engine/restore/plan-record.ts';
import {checklistOf, runbookSteps} from '../../../source/engine/session/checklist.ts';
import {
  dataOf,
  isLine,
  type LineData,
  type LineType,
  lineTypes,
  said,
} from '../../../source/engine/session/lines.ts';
import {ownersOf} from '../../../source/engine/session/owner.ts';
import {type RecordLine, recordFile, SessionRecord} from '../../../source/engine/session/record.ts';
import {checkRecord} from '../../../source/engine/session/record-check.ts';
import {timesOf} from '../../../source/engine/session/times.ts';
import {followNotes} from '../../../source/presenters/followed-restore.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const all = Object.keys(lineTypes) as LineType[];
const hook = {command: ['stop', 'it'], reason: null, exit: 0, output: 'stopped\n', seconds: 0.5};

const samples: {[T in LineType]: LineData<T>} = {
  opened: {
    id: '20261123_131813',
    only: null,
    into: null,
    allowed: ['/srv/other'],
    map: [['tenants', '/srv/other/tenants.json']],
    last: null,
    breakLinks: false,
    safety: true,
    undoes: 3,
    plan: '9d5b6ee8c15b2554',
    ticket: 'INC-1',
    purpose: 'incident',
    title: 'Tenants gone',
    authorisedBy: 'bob',
    badSince: '2026-11-23T12:00:00.000Z',
    from: '10.0.0.2',
    screen: null,
    program: 'magds 0.1.0',
    deviations: ['the audit log was not written'],
  },
  context: {
    at: '2026-11-23T13:00:00.000Z',
    who: {
      login: 'anna',
      uid: 1000,
      login_uid: 1000,
      sudo_user: null,
      ssh_key: null,
      ssh_client: '10.0.0.2 port 51344',
      terminal: '/dev/pts/0',
      shared_account: false,
    },
    host: {
      name: 'db-01',
      machine_id: null,
      boot_id: null,
      os: 'Linux',
      kernel: null,
      clock: {synchronised: true, offset_seconds: null, source: 'systemd'},
    },
    program: {name: 'magds 0.1.0', runtime: 'Node 26.10.0', sha256: null},
  },
  checklist: {steps: runbookSteps},
  plan: {
    createdAt: '2026-11-23T13:18:13+00:00',
    actions: [
      {
        dataset: 'tenants',
        role: 'dataset',
        action: 'overwrite',
        reason: null,
        algorithm: 'sha256',
        hash: 'ab',
        copy: 'tenants/tenants.json',
        bytes: 14,
        target: '/srv/shop/tenants.json',
        recorded: null,
        mode: 0o644,
        live: {bytes: 20, hash: null, modified: '2026-11-23T13:00:00Z', mode: 0o644, uid: 33, gid: 33},
        loses: null,
        volatile: false,
        openBy: [],
      },
    ],
    leftOut: [{name: 'media', reason: 'it is not in the backup'}],
    notes: [],
    leaves: 0,
    unseen: 1,
    php: [],
    brokenInside: [],
    partial: [],
  },
  manifest: {
    path: '/srv/shop/manifest.json',
    sha256: 'ab',
    digest: 'cd',
    notKept: null,
    verified: {at: '2026-11-23T13:00:00Z', result: 'passed', failed: []},
  },
  held: {id: '20261123_131813'},
  'not held': {id: '20261123_131813', reason: 'the disk is full'},
  'let go': {released: [], stay: [{id: '20261123_131813', reason: 'the disk is full'}]},
  'hook-begins': {command: ['stop', 'it']},
  hook,
  prepare: {id: '20261123_131813', files: ['/srv/shop/tenants.json']},
  saved: {id: '20261123_131813_before-restore-1', bytes: 20},
  beware: {dataset: 'tenants', message: 'its owner could not be kept'},
  loaded: {dataset: 'magdsdb', database: 'database "magds" on db:5432', tables: 3, rows: 12, seconds: 1.5},
  staged: {files: 1, bytes: 14},
  switched: {
    seconds: 0.001,
    live: [{dataset: 'tenants', target: '/srv/shop/tenants.json', hash: null, written: true}],
    late: [],
  },
  failed: {reason: 'the disk is full', touched: false},
  stuck: {reason: 'the disk is full'},
  finished: {outcome: 'done', exit: 0, reason: null, beware: [], commands: [], seconds: 1.5},
  recovery: {direction: 'back', phase: 'commit', keep: [], take: ['tenants']},
  recovered: {
    files: [{dataset: 'tenants', target: '/srv/shop/tenants.json', becomes: 'old'}],
    kept: [],
    old: [],
    outcome: 'rolled-back',
  },
  'not recovered': {reason: 'the disk is full'},
  'taken-over': {from: null, screen: 'a1'},
  command: hook,
  step: {step: 'service', state: 'done', machine: false, note: null},
  time: {what: 'service-back', at: '2026-11-23T13:00:00.000Z'},
  event: {id: 'e7e6bb15', action: 'magdb.restore.started', created_at: '2026-11-23T13:00:00Z', logged: true},
  'event-hook': {...hook, event: 'magdb.restore.started'},
  metrics: {moment: 'sign-off', text: 'magdb_sessions_open 0'},
  closed: {kept: []},
  'not closed': {reason: 'the disk is full'},
  undone: {by: 4, kept: []},
  repaired: {removed: '{"seq'},
};

/** A line's bytes as they are read: one name is left out of its data, and only its bytes have it. */
function asRead(text: string): RecordLine {
  const {data, ...line} = JSON.parse(text) as RecordLine;
  const kept = Object.entries(data).filter(([name]) => name !== '__proto__');
  return {...line, data: Object.fromEntries(kept)};
}

/** All that anybody is told of a line, one thing after the other. */
function toldOf(line: RecordLine): unknown[] {
  if (!isLine(...all)(line)) return [];
  return [dataOf(line), ...Object.keys(samples[line.type]).map((name) => said(line, name as never))];
}

test('every line is written as it is given, and says the same when it is read', () => {
  const directory = temporaryDirectory();
  const record = new SessionRecord(directory, 'anna');
  for (const type of all) record.write(type, samples[type]);
  record.close();
  const texts = fs.readFileSync(`${directory}/${recordFile}`, 'utf8').split('\n');
  const {lines, broken} = checkRecord(directory);
  expect(broken).toBe(null);
  expect(lines.map(({type}) => type)).toEqual(all);
  for (const [index, type] of all.entries()) {
    expect(texts[index]).toContain(`"operator":"anna","type":"${type}","data":${asciiJson(samples[type])},`);
    expect(toldOf(lines[index] as RecordLine)).toEqual([samples[type], ...Object.values(samples[type])]);
  }
});

test('what is said beside one thing that does not fit is still told', () => {
  const line = {type: 'finished' as const, data: {...samples.finished, exit: 77, reason: 'full'}};
  expect(dataOf(line)).toBe(undefined);
  expect([said(line, 'reason'), said(line, 'exit')]).toEqual(['full', undefined]);
});

test('whatever a line says, it is kept as it is, and nothing is thrown', () => {
  const directory = temporaryDirectory();
  const [value, name] = [fc.jsonValue({maxDepth: 3}), fc.string({unit: 'binary', maxLength: 20})];
  const known = fc.constantFrom(...all);
  const nearly = known.chain((type) =>
    fc
      .tuple(fc.constantFrom(...Object.keys(samples[type])), value)
      .map(([field, other]) => ({type, data: {...samples[type], [field]: other}})),
  );
  const odd = fc.record({type: fc.oneof(known, name), data: fc.dictionary(name, value)});
  fc.assert(
    fc.property(fc.array(fc.oneof(nearly, odd), {minLength: 1, maxLength: 8}), (given) => {
      const texts = given.map((each, index) =>
        asciiJson({sequence: index + 1, at: '', operator: 'x', ...each, previous: ''}),
      );
      fs.writeFileSync(`${directory}/${recordFile}`, texts.map((text) => `${text}\n`).join(''));
      const {lines} = checkRecord(directory);
      expect(lines).toEqual(texts.map(asRead));
      const read = lines.map(toldOf);
      expect(read.map((each) => each.length > 0)).toEqual(lines.map(isLine(...all)));
      const steps = checklistOf(lines, runbookSteps);
      followNotes({lines} as never);
      expect([ownersOf(lines), steps, timesOf(lines), planOf(lines)]).toHaveLength(4);
      const kept = evidenceLines(fs.readFileSync(`${directory}/${recordFile}`)).lines;
      for (const [index, {verbatim, ...line}] of kept.entries())
        expect(verbatim ?? asciiJson(line)).toBe(texts[index]);
    }),
    {numRuns: 100},
  );
});

/** Records as versions of this program wrote them: `first` by the first one that restored, `before` by a later one. */
function recordOf(version: 'first' | 'before') {
  const directory = temporaryDirectory();
  const file = new URL(`./records/${version}.jsonl`, import.meta.url);
  fs.copyFileSync(file, `${directory}/${recordFile}`);
  const texts = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
  const checked = checkRecord(directory);
  expect(checked).toMatchObject({broken: null, torn: false});
  expect(checked.lines.map((line) => asciiJson(line))).toEqual(texts);
  return checked.lines;
}

test('a record that the first version wrote is read, without what it did not know yet', () => {
  const lines = recordOf('first');
  expect(lines.map((line) => toldOf(line)[0])).not.toContain(undefined);
  const {data} = lines[1] as RecordLine;
  expect(dataOf(lines.find(isLine('hook')))).toEqual({...data, exit: null});
  expect(said(lines.find(isLine('opened')), 'ticket')).toBe(undefined);
  expect([ownersOf(lines), planOf(lines), checklistOf(lines, [])]).toEqual([[], null, []]);
});

test('a record of a version before says all that it says', () => {
  const lines = recordOf('before');
  for (const line of lines) expect(toldOf(line)[0]).toEqual(line.data);
  expect(ownersOf(lines)).toEqual([
    {operator: 'anna', from: null, screen: null, person: null, at: '2026-11-29T05:35:53.167Z'},
  ]);
  expect(planOf(lines)?.actions.map(({dataset}) => dataset)).toEqual(['tenants', 'ledger']);
  expect(timesOf(lines).noticed).toBe('2026-11-23T13:00:00.000Z');
  expect(checklistOf(lines, []).map(({id, answer}) => [id, answer?.state])).toEqual([
    ['manifest', 'done'],
    ['verified', 'done'],
    ['evidence', 'skipped'],
    ['service', 'done'],
    ['health', 'done'],
  ]);
});
