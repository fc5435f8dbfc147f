type Metric = {
  type: 'counter' | 'gauge';
  help: string;
  /** Before anything has happened; null where there is nothing to be said then. */
  initially: 0 | null;
  /** Is looked up each time; the others go on from what the file says. */
  seen?: true;
};

const counter = (help: string): Metric => ({type: 'counter', help, initially: 0});
/** Seconds since the epoch; 0 where it has not been yet, as the kernel has it. */
const epoch = (help: string): Metric => ({type: 'gauge', help, initially: 0});
const measure = (help: string): Metric => ({type: 'gauge', help, initially: null});
const seen = (help: string): Metric => ({type: 'gauge', help, initially: 0, seen: true});

/**
 * Every metric of ours, but the one that has a label of its own. Those that the runbook names have the kernel's type and
 * help text to the letter: node_exporter drops a series whose name it has read with another one (FORMAT.md).
 */
export const metricTable = {
  magdb_backups_total: counter('MagDB backups executed.'),
  magdb_last_backup_epoch: epoch('Unix timestamp of the last successful MagDB backup.'),
  magdb_backups_failed_total: counter('Runs that were to make a MagDB backup and made none.'),
  magdb_last_backup_failed_epoch: epoch('Unix timestamp of the last run that made no MagDB backup.'),
  magdb_backups_pruned_total: counter('MagDB backups removed by retention.'),
  magdb_backup_bytes: measure('Bytes of the copies in the last MagDB backup.'),
  magdb_backup_verifications_total: counter('Verifications of MagDB backups, whatever their result.'),
  magdb_backup_verify_failed_total: counter('Verifications that a MagDB backup did not pass.'),
  magdb_last_verify_epoch: epoch(
    'Unix timestamp of the last verification of a MagDB backup, whatever its result.',
  ),
  magdb_last_verify_success: measure(
    'Whether the last verification of a MagDB backup passed (1 passed, 0 failed).',
  ),
  magdb_last_verify_passed_epoch: epoch('Unix timestamp of the last verification that passed.'),
  magdb_last_verify_failed_epoch: epoch('Unix timestamp of the last verification that failed.'),
  magdb_last_verified_backup_epoch: seen(
    'Unix timestamp at which the newest MagDB backup that passed its last verification was made.',
  ),
  magdb_restores_total: counter('MagDB restore operations executed.'),
  magdb_last_restore_epoch: epoch('Unix timestamp of the last MagDB restore.'),
  magdb_restores_failed_total: counter(
    'MagDB restores that ended before a file was changed, or stopped halfway.',
  ),
  magdb_last_restore_failed_epoch: epoch(
    'Unix timestamp of the last MagDB restore that ended before a file was changed, or stopped halfway.',
  ),
  magdb_restores_rolled_back_total: counter('MagDB restores that were taken back.'),
  magdb_last_restore_rolled_back_epoch: epoch('Unix timestamp at which a MagDB restore was last taken back.'),
  magdb_restore_duration_seconds: measure('Seconds that the last MagDB restore took.'),
  magdb_drills_total: counter('MagDB restore drills executed.'),
  magdb_drills_failed_total: counter('MagDB restore drills that did not succeed.'),
  magdb_last_drill_epoch: epoch('Unix timestamp of the last successful MagDB restore drill.'),
  magdb_last_drill_failed_epoch: epoch(
    'Unix timestamp of the last MagDB restore drill that did not succeed.',
  ),
  magdb_drill_duration_seconds: measure('Seconds that the last MagDB restore drill took.'),
  magdb_sessions_open: seen('Restore sessions that are open.'),
  magdb_session_opened_epoch: seen(
    'Unix timestamp at which the oldest open restore session began (0 where none is open).',
  ),
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof metricTable;
export const metricNames = Object.keys(metricTable) as MetricName[];
export const metricOf = (name: MetricName): Metric => metricTable[name];

/** What the metrics stand at; one that is not in it has nothing to say. */
export type MetricValues = Map<MetricName, number>;

/** Before anything has happened. */
export const initialValues = (): MetricValues =>
  new Map(metricNames.filter((name) => metricOf(name).initially === 0).map((name) => [name, 0]));

/** The metric that counts the backups, with a label for the state of each. */
export const presentMetric = {name: 'magdb_backups_present', help: 'MagDB backups present, by state.'};

/** As the catalog has it: how its last verification stands, or why it has none. */
export const presentStates = [
  'verified',
  'failed',
  'stale',
  'unknown',
  'never',
  'interrupted',
  'unreadable',
] as const;
export type PresentState = (typeof presentStates)[number];
