import {nothingMade} from '../../source/engine/backup/make-backup.ts';
import type {RunPlan} from '../../source/engine/backup/plan.ts';
import type {RunEvent, RunResult} from '../../source/engine/backup/run-events.ts';
import type {Configuration} from '../../source/engine/config/configuration.ts';
import {file} from '../../source/engine/datasets/file.ts';
import type {PlannedDataset, SourceFile} from '../../source/engine/datasets/type.ts';
import type {Verdict} from '../../source/engine/retention/retention.ts';
import {runSlice} from '../../source/ui/screens/run/state.ts';
import type {AppAction} from '../../source/ui/state.ts';

export const madeId = '20261123_120000_nightly';

/** Files of these sizes. */
export const someFiles = (name: string, ...sizes: number[]): SourceFile[] =>
  sizes.map((bytes, index) => ({
    name: `${name}/${index}`,
    segments: [String(index)],
    below: [String(index)],
    bytes,
    allocated: bytes,
    produce: null,
  }));

/** A dataset of one file; missing where a reason is given. */
export function aPlanned(name: string, changes: Partial<PlannedDataset> = {}, bytes = 1000): PlannedDataset {
  return {
    dataset: {name, source: `/srv/magmoboce/storage/data/${name}.json`, type: file, from: 'default'},
    base: '/srv/magmoboce/storage/data',
    files: changes.missing ? [] : someFiles(name, bytes),
    leftOut: [],
    missing: null,
    copyAt: [`${name}.json`],
    ...changes,
  };
}

/** A plan for these datasets, with space enough; nothing goes afterwards. */
export function aPlan(datasets: PlannedDataset[], changes: Partial<RunPlan> = {}): RunPlan {
  const bytes = datasets.flatMap(({files}) => files).reduce((sum, each) => sum + each.bytes, 0);
  return {
    id: '20261123_120000',
    label: '',
    datasets,
    bytes,
    needed: bytes,
    manifestBytes: 1000,
    free: 50_000_000,
    missing: datasets.flatMap(({dataset, missing}) =>
      missing === null ? [] : [{name: dataset.name, reason: missing}],
    ),
    leftOut: datasets.flatMap(({leftOut}) => leftOut),
    retention: [],
    php: [],
    phpEmpties: null,
    notes: [],
    changes: [],
    hooks: {before: [], after: []},
    ...changes,
  };
}

export const twoDatasets = [aPlanned('tenants'), aPlanned('ledger', {}, 3000)];

/** How a run of these two ended. */
export function aRunResult(outcome: RunResult['outcome'], changes: Partial<RunResult> = {}): RunResult {
  const made = outcome === 'done' || outcome === 'partial';
  return {
    ...nothingMade('sha256'),
    outcome,
    id: made ? madeId : null,
    path: made ? `/srv/magmoboce/storage/backups/${madeId}` : null,
    seconds: 3,
    ...changes,
  };
}

export const runEvent = (event: RunEvent, seconds = 2): AppAction =>
  runSlice.to({type: 'run event', event, seconds});

export const copied = (index: number, name: string, bytes: number, failed?: string): AppAction =>
  runEvent({
    type: 'dataset',
    index,
    outcome: {
      name,
      copies: [],
      bytes,
      failed: failed === undefined ? [] : [{name, reason: failed}],
      changed: [],
      doubtful: [],
      gone: [],
    },
  });

/** The screen with a plan on it, and a label typed. */
export const planned = (plan: RunPlan, label = ''): AppAction[] => [
  runSlice.open({type: 'run opened'}),
  runSlice.to({type: 'run planned', plan}),
  ...(label === '' ? [] : [runSlice.to({type: 'label written', text: label})]),
];

/** The run of a plan, begun. */
export const begun = (plan: RunPlan, label = 'nightly'): AppAction[] => [
  ...planned(plan, label),
  runSlice.to({type: 'run started'}),
  runEvent({type: 'planned', plan}, 0),
];

export const verdict = (id: string, stays: boolean, reason = stays ? 'the newest' : 'beyond'): Verdict => ({
  id,
  stays,
  reason,
  datasets: [],
});

/** What a production root is configured to do, backups where the tests' place has them. */
export function aConfiguration(changes: Partial<Configuration> = {}): Configuration {
  const from = 'config/base/magds.php:12';
  const set = <T>(value: T) => ({value, from, problem: null});
  return {
    environment: set('production'),
    conflict: null,
    doubt: null,
    refused: [],
    phpOff: null,
    metrics: {value: '/srv/magmoboce/storage/telemetry/magds_backup.prom', from: 'default', problem: null},
    kernelMetrics: '/srv/magmoboce/storage/telemetry/metrics.prom',
    kernelEnvironment: null,
    connections: () => () => Promise.resolve({reason: 'there is no such connection'}),
    enabled: set(true),
    path: set('/srv/magmoboce/storage/backups'),
    datasets: set([]),
    algorithm: set('sha256'),
    maxCount: set<number | null>(2),
    auditLog: set('/srv/magmoboce/storage/logs/audit.log'),
    volatile: {value: ['kernel_state'], from: 'default', problem: null},
    hooks: [],
    connection: 'magdsdb',
    php: {path: '/srv/magmoboce/storage/backups', maxCount: 2},
    blocking: [],
    files: [],
    found: true,
    faults: [],
    ...changes,
  };
}

export const configured = (changes: Partial<Configuration> = {}): AppAction => ({
  type: 'configured',
  configuration: aConfiguration(changes),
  changes: [],
});
