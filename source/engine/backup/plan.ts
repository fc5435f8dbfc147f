import fs from 'node:fs';
import {describeError, errorCode} from '../base/problem.ts';
import {sum} from '../base/sum.ts';
import {datasetNotes} from '../config/dataset-notes.ts';
import {changesOf} from '../config/last-run.ts';
import type {Hook} from '../config/own-file.ts';
import type {RunPlace} from '../config/project.ts';
import type {PlannedDataset, PlannedSources, SourceFile} from '../datasets/type.ts';
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

/** Why a file may not be read; null where it may, and where all else is in the way: that is for the copying to say. */
function whyUnread(base: string, {segments}: SourceFile): string | null {
  if (segments.length === 0) return null;
  try {
    fs.accessSync([base, ...segments].join('/'), fs.constants.R_OK);
    return null;
  } catch (error) {
    return errorCode(error) === 'EACCES' ? `the source cannot be opened: ${describeError(error)}` : null;
  }
}

/** A run finds out while it copies what it may not read; a look at what it would do has to ask. */
function withUnread(sources: PlannedSources): PlannedSources {
  const datasets = sources.datasets.map((each): PlannedDataset => {
    const unread = each.files.flatMap((file) => {
      const reason = whyUnread(each.base, file);
      return reason === null ? [] : [{file, reason}];
    });
    const [first] = unread;
    if (!first) return each;
    const closed = new Set(unread.map(({file}) => file));
    const files = each.files.filter((file) => !closed.has(file));
    if (files.length === 0) return {...each, files, missing: first.reason};
    const left = unread.map(({file: {name}, reason}) => ({name, reason, grave: true}));
    return {...each, files, leftOut: [...each.leftOut, ...left]};
  });
  const missing = datasets.flatMap(({dataset: {name}, missing: reason}) =>
    reason === null ? [] : [{name, reason}],
  );
  const bytes = sum(datasets.flatMap(({files}) => files.map((file) => file.bytes)));
  return {...sources, datasets, bytes, missing, leftOut: datasets.flatMap(({leftOut}) => leftOut)};
}

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
  const looked = await planSources(place, id, {signal});
  const sources = dry ? withUnread(looked) : looked;
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
