import {restoreSettings} from '../config/own-settings.ts';
import {changes, isWritten, type RestorePlan} from './action.ts';

/**
 * In which a restore that nobody watched goes another way than it should, a line each, for its record: what was written
 * to a moment before its plan was made. Where a hook stops the service that is none.
 * @throws Problem where `config.json` cannot be used
 */
export function planDeviations(plan: RestorePlan, root: string): string[] {
  if (plan.into !== null || restoreSettings(root).before.length > 0) return [];
  return changes(plan)
    .filter((action) => isWritten(action) && !action.volatile)
    .map(
      ({dataset, writers}) =>
        `restored although it was written (${dataset}: ${writers.writing}s before its plan)`,
    );
}
