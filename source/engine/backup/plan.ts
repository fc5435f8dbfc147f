import {datasetNotes} from '../config/dataset-notes.ts';
import {changesOf} from '../config/last-run.ts';
import type {Hook} from '../config/own-file.ts';
import type {RunPlace} from '../config/project.ts';
import type {PlannedSources} from '../datasets/type.ts';
import type {Emptied} from '../retention/php-forecast.ts';
import {phpAfter, planRetention} from '../retention/plan.ts';
import type {Verdict} from '../retention/retention.ts';
import {idTime, labelSuffix} from '../storage/new-id.ts';
import {hooksOf} from './hooks.ts';
import {planSources} from './plan-sources.ts';

/** What a run will do; made without writing anything. */
export type RunPlan = PlannedSources & {
  /** What the backup will be called if it begins now. */
  id: string;
  label: string;
  /** What retention will do afterwards, if nothing is missing; the new backup included, newest first. */
  retention: Verdict[];
  /** What PHP's own next run would delete then, and what it would empty. */
  php: string[];
  phpEmpties: Emptied | null;
  /** What is to be known of how the datasets are configured. */
  notes: string[];
  /** In which the configuration differs from the last run's. */
  changes: string[];
  /** The site's commands that are run around it. */
  hooks: {before: string[][]; after: string[][]};
};

/** Whether nothing will be missing from the backup: only then does retention do its work. */
export const isWhole = ({missing, leftOut}: Pick<RunPlan, 'missing' | 'leftOut'>): boolean =>
  missing.length === 0 && !leftOut.some(({grave}) => grave);

const commandsOf = (hooks: Hook[]): string[][] => hooks.map(({command}) => command);

/**
 * Looks at everything a run will need; writes nothing.
 * @param how `dry` where nothing is copied afterwards
 * @throws Problem where `config.json` cannot be used
 */
export async function planRun(
  place: RunPlace,
  label: string,
  {signal, dry = false}: {signal?: AbortSignal | undefined; dry?: boolean} = {},
): Promise<RunPlan> {
  const {root, configuration} = place;
  const hooks = hooksOf(root);
  const id = idTime(Date.now()) + labelSuffix(label);
  const sources = await planSources(place, id, {signal}, dry);
  const retention = planRetention(place, {id, sources});
  const php = phpAfter(place, isWhole(sources) ? retention : [], [id]);
  return {
    id,
    label,
    ...sources,
    retention,
    php: php.deletes,
    phpEmpties: php.empties,
    notes: datasetNotes(root, configuration).map(({text}) => text),
    changes: changesOf(root, configuration),
    hooks: {before: commandsOf(hooks.beforeBackup), after: commandsOf(hooks.afterBackup)},
  };
}
