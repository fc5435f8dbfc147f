import {
  type EvidenceBackup,
  type EvidenceDataset,
  type EvidenceRecord,
  type EvidenceSession,
  type EvidenceStep,
  type EvidenceVerification,
  type Restored,
  schemaName,
} from '../../source/engine/evidence/schema.ts';
import type {EvidenceContext} from '../../source/engine/session/context-schema.ts';

/** A hash that is as long as a real one, and tells what it is of. */
export const hashOf = (digit: string): string => digit.repeat(64);

const id = '20261123_131821_after-incident';
const root = '/srv/magmoboce';
const backups = `${root}/storage/backups`;
const names = ['kernel_state', 'tenants', 'ledger', 'media_index'];
const files: Record<string, string> = {
  kernel_state: 'state/system.json',
  tenants: 'data/tenants.json',
  ledger: 'data/ledger.sqlite',
  media_index: 'data/media/index.json',
};
const sourceOf = (name: string): string => `${root}/storage/${files[name] ?? name}`;

export const context = (at: string, change: Partial<EvidenceContext['who']> = {}): EvidenceContext => ({
  at,
  who: {
    login: 'alice',
    uid: 1004,
    login_uid: 1004,
    sudo_user: null,
    ssh_key: 'SHA256:uNiVztksCsDhcc0u9e8BrNd8bmGZEFmbWtmXlSr0pFo',
    ssh_client: '10.0.0.2 51344',
    terminal: '/dev/pts/3',
    shared_account: false,
    ...change,
  },
  host: {
    name: 'srv1',
    machine_id: '4c1f0e2a9b7d4f63a1d2c3b4e5f60718',
    boot_id: 'b0d5c7a1-5f0e-4b57-9f25-0a1b2c3d4e5f',
    os: 'Debian GNU/Linux 12 (bookworm)',
    kernel: 'Linux 6.1.0-28-amd64',
    clock: {synchronised: true, offset_seconds: 0.0012, source: 'chrony'},
  },
  program: {name: 'magds 0.1.0', runtime: 'node v26.10.0', sha256: hashOf('c')},
});

export const verification = (change: Partial<EvidenceVerification> = {}): EvidenceVerification => ({
  at: '2026-11-23T13:30:00.000Z',
  result: 'passed',
  reason: null,
  failed: [],
  host: 'srv1',
  user: 'backup',
  program: 'magds 0.1.0',
  seconds: 2.4,
  ...change,
});

export const dataset = (name: string, change: Partial<EvidenceDataset> = {}): EvidenceDataset => ({
  name,
  algorithm: 'sha256',
  weak: false,
  source: sourceOf(name),
  copy: `datasets/${name}`,
  bytes: 25_600,
  expected: hashOf('a'),
  actual: hashOf('a'),
  status: 'match',
  reason: null,
  ...change,
});

const manifestText = `${JSON.stringify(
  {
    id,
    created_at: '2026-11-23T13:18:22+00:00',
    datasets: Object.fromEntries(
      names.map((name) => [
        name,
        {
          algorithm: 'sha256',
          hash: hashOf('a'),
          source: sourceOf(name),
          backup: `${backups}/${id}/datasets/${name}`,
        },
      ]),
    ),
    metadata: {label: 'after incident', connection: 'magdsdb'},
  },
  null,
  4,
)}\n`;

export const backup = (change: Partial<EvidenceBackup> = {}): EvidenceBackup => ({
  id,
  label: 'after incident',
  time: '2026-11-23T13:18:21.000Z',
  created_at: '2026-11-23T13:18:22+00:00',
  state: 'complete',
  reason: null,
  manifest: {
    path: `${backups}/${id}/manifest.json`,
    sha256: hashOf('1'),
    digest: hashOf('2'),
    text: manifestText,
    replaced: false,
  },
  verifications: [verification()],
  verified: verification(),
  datasets: names.map((name) => dataset(name)),
  lacks: [],
  ...change,
});

export const restored = (name: string, change: Partial<Restored> = {}): Restored => ({
  dataset: name,
  role: 'dataset',
  action: 'overwrite',
  target: sourceOf(name),
  algorithm: 'sha256',
  expected: hashOf('a'),
  before: {bytes: 24_000, hash: hashOf('b'), modified: '2026-11-23T14:40:03.120Z'},
  at_switch: hashOf('a'),
  bytes: 25_600,
  mode: '640',
  owner: 'www-data:www-data',
  result: 'as the manifest says',
  reason: null,
  ...change,
});

export const step = (id: string, title: string, change: Partial<EvidenceStep> = {}): EvidenceStep => ({
  id,
  title,
  command: null,
  state: 'done',
  machine: true,
  by: 'alice',
  at: '2026-11-23T15:02:40.000Z',
  seconds: 12,
  note: null,
  replaced: 0,
  ...change,
});

const line = (sequence: number, at: string, type: string, data: Record<string, unknown>) => ({
  sequence,
  at,
  operator: 'alice',
  type,
  data,
  previous: sequence === 0 ? '' : hashOf('e'),
});

export const session = (change: Partial<EvidenceSession> = {}): EvidenceSession => ({
  number: 7,
  state: 'done',
  reason: null,
  drill: false,
  into: null,
  undoes: null,
  opened_at: '2026-11-23T15:01:02.000Z',
  ended_at: '2026-11-23T15:01:06.000Z',
  seconds: 3.6,
  closed: true,
  owners: [{operator: 'alice', from: '10.0.0.2', at: '2026-11-23T15:01:02.000Z'}],
  context: context('2026-11-23T15:01:02.000Z'),
  plan: '5f2c9a7b',
  restored: [
    restored('tenants'),
    restored('ledger'),
    restored('ledger', {
      role: 'sidecar',
      action: 'remove',
      target: `${sourceOf('ledger')}-wal`,
      expected: null,
      at_switch: null,
      bytes: null,
      mode: null,
      owner: null,
      result: 'removed',
    }),
    restored('media_index', {
      action: 'unchanged',
      before: {bytes: 25_600, hash: hashOf('a'), modified: '2026-11-20T08:00:00.000Z'},
      result: 'unchanged',
    }),
  ],
  left_out: [{name: 'kernel_state', reason: 'not asked for: --only=tenants,ledger,media_index'}],
  checklist: [
    step('manifest', 'restored files match the manifest', {
      note: '4 of 4 live files are what the manifest says',
    }),
    step('verified', 'backup verified again', {note: '4 of 4 copies match'}),
    step('evidence', 'evidence captured', {note: 'this file'}),
    step('service', 'service resumed', {
      machine: false,
      at: '2026-11-23T15:09:30.000Z',
      seconds: 410,
      note: 'back at 15:08Z, the first orders came in; told the help desk and the people in the warehouse',
    }),
  ],
  checklist_sha256: hashOf('d'),
  commands: [
    {
      at: '2026-11-23T15:01:03.000Z',
      what: 'hook',
      command: ['systemctl', 'stop', 'magmoboce'],
      exit: 0,
      seconds: 0.8,
      reason: null,
      output: '',
    },
    {
      at: '2026-11-23T15:06:00.000Z',
      what: 'check',
      command: ['/usr/local/bin/orders', '--count', '--since=1 hour'],
      exit: 0,
      seconds: 1.2,
      reason: null,
      output: 'orders: 1204\nlatest:  2026-11-23T13:17:58Z\n',
    },
  ],
  times: {
    bad_since: '2026-11-23T14:05:00.000Z',
    last_write: '2026-11-23T14:40:03.120Z',
    noticed: '2026-11-23T14:35:00.000Z',
    declared: '2026-11-23T14:45:00.000Z',
    restored: '2026-11-23T15:01:05.000Z',
    service_back: '2026-11-23T15:08:00.000Z',
  },
  deviations: [],
  beware: [],
  safety: {
    id: '20261123_150103_safety',
    path: `${root}/storage/runbook/safety/20261123_150103_safety`,
    kept: true,
    until: '2026-12-23T15:01:03.000Z',
  },
  record_sha256: hashOf('f'),
  broken: null,
  torn: false,
  lines: [
    line(0, '2026-11-23T15:01:02.000Z', 'opened', {id, ticket: 'INC-2041', purpose: 'incident'}),
    line(1, '2026-11-23T15:01:02.400Z', 'checklist', {steps: [{id: 'manifest'}]}),
    line(2, '2026-11-23T15:01:04.000Z', 'saved', {id: '20261123_150103_safety', bytes: 98_304}),
    line(3, '2026-11-23T15:01:05.000Z', 'switched', {seconds: 0.02, live: [], late: []}),
    line(4, '2026-11-23T15:01:06.000Z', 'finished', {outcome: 'done', seconds: 3.6}),
  ],
  ...change,
});

export const record = (change: Partial<EvidenceRecord> = {}): EvidenceRecord => ({
  schema: schemaName,
  id: '0f8d2a44-8a5e-4d7b-9a31-5c6d7e8f9a0b',
  kind: 'restore',
  exported: context('2026-11-23T15:12:00.000Z'),
  asset: {
    id: 'magmoboce-live',
    configured: true,
    root,
    backups,
    environment: 'production',
    configuration: hashOf('9'),
    datasets: names.map((name) => ({name, source: sourceOf(name)})),
  },
  purpose: 'incident',
  ticket: 'INC-2041',
  title: 'tenants.json truncated by the import',
  authorised: 'bob, on call',
  control: 'BCP-7',
  period: '2026Q4',
  objectives: {rto_seconds: 3600, rpo_seconds: 14_400},
  session: session(),
  backups: [backup()],
  sessions: {all: [1, 2, 3, 5, 6, 7], never_exported: [5]},
  attempts: [{number: 6, state: 'refused', opened_at: '2026-11-23T14:55:00.000Z'}],
  corrective: ['import writes to a temporary file first; carol; 2026-12-01'],
  not_checked: ['processes of other users could not be seen: not root'],
  runbook: {path: `${root}/docs/restore.md`, sha256: hashOf('8')},
  previous: {file: '20261101_000000_6.md', sha256: hashOf('7')},
  signer: {fingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BrNd8bmGZEFmbWtmXlSr0pFo', principal: 'alice@example.org'},
  ...change,
});

const undone = restored('tenants', {at_switch: null, result: 'not restored', reason: 'rolled back'});

/** The five whose files are kept in test/engine/evidence/golden. */
export const goldenRecords: Record<string, EvidenceRecord> = {
  good: record({
    backups: [backup({manifest: {...backup().manifest, later: hashOf('3'), later_digest: hashOf('2')}})],
    content: [
      {dataset: 'tenants', of: 'entries', tables: [], whole: true, reason: null},
      {
        dataset: 'ledger',
        of: 'rows',
        tables: [
          {name: 'accounts', before: 840, after: 833, only_before: 7, only_after: 0, differ: 140},
          {name: 'entries', before: 3490, after: 3431, only_before: 59, only_after: 0, differ: 0},
        ],
        whole: true,
        reason: null,
      },
    ],
    choice: {
      until: '2026-11-23T14:05:00.000Z',
      candidates: [
        {
          id: '20261123_140000_nightly',
          time: '2026-11-23T14:00:00.000Z',
          dataset: 'tenants',
          state: 'damaged',
          reason: 'it failed verification',
          same: false,
          known: {at: '2026-11-23T14:50:00.000Z', result: 'failed'},
        },
        {
          id: '20261123_140000_nightly',
          time: '2026-11-23T14:00:00.000Z',
          dataset: 'ledger',
          state: 'unaltered',
          reason: null,
          same: true,
          known: null,
        },
      ],
      more_candidates: 0,
      later: [
        {
          id: '20261123_143000_hourly',
          time: '2026-11-23T14:30:00.000Z',
          dataset: 'tenants',
          state: 'flawed',
          reason: 'no JSON: line 812, column 3: the end is missing',
          same: false,
          known: {at: '2026-11-23T14:50:00.000Z', result: 'passed'},
        },
      ],
      more_later: 0,
      from: '2026-11-23T14:05:00.000Z',
      verifications: [
        {
          id: '20261123_143000_hourly',
          ...verification({at: '2026-11-23T14:50:00.000Z'}),
          broken: [{dataset: 'tenants', detail: 'no JSON: line 812, column 3: the end is missing'}],
        },
        {
          id: '20261123_140000_nightly',
          ...verification({
            at: '2026-11-23T14:50:00.000Z',
            result: 'failed',
            reason: '1 of 4 copies does not match',
            failed: ['tenants'],
          }),
        },
      ],
      more_verifications: 0,
    },
  }),
  'rolled-back': record({
    exported: context('2026-11-23T15:12:00.000Z', {login: 'root', uid: 0, shared_account: true}),
    signer: null,
    session: session({
      state: 'rolled-back',
      reason: 'No space left on device while tenants was staged: 12 kB are missing',
      context: context('2026-11-23T15:01:02.000Z', {login: 'root', uid: 0, shared_account: true}),
      restored: [undone],
      left_out: [],
      checklist: [],
      checklist_sha256: null,
      commands: [],
      times: {...session().times, restored: null, service_back: null},
      safety: null,
      deviations: ['the restore was tried once only'],
    }),
  }),
  drill: record({
    purpose: 'drill',
    ticket: 'DR-2026-Q4',
    title: null,
    authorised: null,
    corrective: [],
    attempts: [],
    session: session({
      drill: true,
      into: '/var/tmp/drill',
      restored: names.map((name) =>
        restored(name, {
          action: 'create',
          target: `/var/tmp/drill/storage/${files[name]}`,
          before: null,
          mode: '600',
        }),
      ),
      left_out: [],
      checklist: [],
      commands: [],
      safety: null,
      times: {
        bad_since: null,
        last_write: null,
        noticed: null,
        declared: null,
        restored: '2026-11-23T15:01:05.000Z',
        service_back: null,
      },
    }),
  }),
  'failed-verification': record({
    kind: 'verification',
    purpose: 'verification',
    ticket: null,
    title: null,
    authorised: null,
    session: null,
    signer: null,
    corrective: [],
    attempts: [],
    not_checked: [],
    backups: [
      backup({
        verifications: [verification()],
        verified: verification({
          at: '2026-11-23T15:11:58.000Z',
          result: 'failed',
          reason: '1 of 4 copies does not match',
          failed: ['tenants'],
          user: 'alice',
        }),
        datasets: names.map((name) =>
          name === 'tenants'
            ? dataset(name, {
                actual: hashOf('b'),
                status: 'mismatch',
                reason: 'the copy is not what was recorded',
              })
            : dataset(
                name,
                name === 'ledger'
                  ? {algorithm: 'md5', weak: true, expected: 'a'.repeat(32), actual: 'a'.repeat(32)}
                  : {},
              ),
        ),
        lacks: ['sessions'],
      }),
    ],
  }),
  interrupted: record({
    signer: null,
    authorised: 'emergency: nobody on call could be reached',
    session: session({
      state: 'stopped',
      reason: null,
      ended_at: null,
      seconds: null,
      closed: false,
      restored: ['tenants', 'ledger'].map((name) =>
        restored(name, {at_switch: null, result: 'not recorded', reason: 'its journal stands at commit'}),
      ),
      checklist: [
        step('service', 'service resumed', {
          state: 'open',
          machine: false,
          by: null,
          at: null,
          seconds: null,
        }),
      ],
      commands: [],
      times: {...session().times, restored: null, service_back: null},
      broken: 'line 3 does not name the hash of the line before it',
      torn: true,
      lines: session().lines.slice(0, 3),
    }),
  }),
};
