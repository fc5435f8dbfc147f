import type {AuditLine} from '../log/audit-line.ts';
import type {MetricName, MetricValues} from './metric-table.ts';

/** What a run says that was stopped by whoever began it. */
const cancelledReason = 'cancelled';

/**
 * Moves the metrics by what happened. A drill moves those of drills only: the others are about live files, which it does
 * not touch. An undo is a restore.
 */
export function countEvent(values: MetricValues, {action, payload}: AuditLine): void {
  const {timestamp, bytes, seconds, success, drill, reason} = payload;
  const add = (name: MetricName): void => {
    values.set(name, (values.get(name) ?? 0) + 1);
  };
  const set = (name: MetricName, value: unknown): void => {
    if (typeof value === 'number') values.set(name, value);
  };
  switch (action) {
    case 'magdb.backup.completed':
      add('magdb_backups_total');
      set('magdb_last_backup_epoch', timestamp);
      set('magdb_backup_bytes', bytes);
      return;
    case 'magdb.backup.failed':
      // Whoever stops one knows: nobody has to be woken.
      if (reason === cancelledReason) return;
      add('magdb_backups_failed_total');
      set('magdb_last_backup_failed_epoch', timestamp);
      return;
    case 'magdb.backup.pruned':
      add('magdb_backups_pruned_total');
      return;
    case 'magdb.backup.verify_completed':
      add('magdb_backup_verifications_total');
      set('magdb_last_verify_epoch', timestamp);
      set('magdb_last_verify_success', success === true ? 1 : 0);
      if (success === true) set('magdb_last_verify_passed_epoch', timestamp);
      return;
    case 'magdb.backup.verify_failed':
      add('magdb_backup_verify_failed_total');
      set('magdb_last_verify_failed_epoch', timestamp);
      return;
    case 'magdb.restore.completed':
      add(drill === true ? 'magdb_drills_total' : 'magdb_restores_total');
      set(drill === true ? 'magdb_last_drill_epoch' : 'magdb_last_restore_epoch', timestamp);
      // Unknown where one that had stopped halfway was finished.
      set(drill === true ? 'magdb_drill_duration_seconds' : 'magdb_restore_duration_seconds', seconds);
      return;
    case 'magdb.restore.failed':
      add(drill === true ? 'magdb_drills_failed_total' : 'magdb_restores_failed_total');
      set(drill === true ? 'magdb_last_drill_failed_epoch' : 'magdb_last_restore_failed_epoch', timestamp);
      return;
    case 'magdb.restore.rolled_back':
      add(drill === true ? 'magdb_drills_failed_total' : 'magdb_restores_rolled_back_total');
      set(
        drill === true ? 'magdb_last_drill_failed_epoch' : 'magdb_last_restore_rolled_back_epoch',
        timestamp,
      );
      return;
    case 'magdb.restore.started':
    case 'magdb.evidence.exported':
    case 'magdb.checklist.completed':
      // What is seen of the sessions changes, and is looked up.
      return;
  }
}
