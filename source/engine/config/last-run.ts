import * as z from 'zod/mini';
import type {Directory} from '../base/directory.ts';
import {asciiJson} from '../base/escape.ts';
import {readSmallFile} from '../base/files.ts';
import {parseAs} from '../base/parse-as.ts';
import {typeNames} from '../datasets/all.ts';
import {inState} from '../storage/runbook/state-directory.ts';
import type {Configuration} from './configuration.ts';
import {realPath} from './ours.ts';

export const lastRunName = 'last-run.json';

const lastRunSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** Dataset's name and source, in their order. */
  datasets: z.array(
    z.object({
      name: z.string(),
      source: z.string(),
      /** Its source below the root; only where it lies there. */
      below: z.optional(z.string()),
      type: z.enum(typeNames),
    }),
  ),
  max_count: z.nullable(z.int()),
  algorithm: z.string(),
});

/** What the last run was configured to do. */
export type LastRun = z.infer<typeof lastRunSchema>;

/** The document that the runbook wants updated when datasets or retention change. */
export const configurationDocument = 'docs/CurrentKernelMagDSStack_todoBeforeMagWS.md';

/**
 * Where a source lies below the root, or below its `storage/`: each deploy may have a root of its own, with one storage/
 * that they share. Null where it lies elsewhere.
 */
function belowOf(root: string, source: string): string | null {
  const storage = `${root}/storage`;
  for (const [home, name] of [
    [storage, 'storage/'],
    [realPath(storage), 'storage/'],
    [root, ''],
    [realPath(root), ''],
  ] as const)
    if (source.startsWith(`${home}/`)) return name + source.slice(home.length + 1);
  return null;
}

export function rememberRun(state: Directory, id: string, configuration: Configuration, root: string): void {
  const run: LastRun = {
    version: 1,
    id,
    datasets: configuration.datasets.value.map(({name, source, type}) => {
      const below = belowOf(root, source);
      return {name, source, ...(below !== null && {below}), type: type.name};
    }),
    max_count: configuration.maxCount.value,
    algorithm: configuration.algorithm.value,
  };
  state.write(lastRunName, `${asciiJson(run, 2)}\n`);
  state.sync();
}

/** Null where no run of ours is remembered. */
export function readLastRun(state: Directory | null): LastRun | null {
  const read = state && readSmallFile(`${state.path}/${lastRunName}`, 16 * 1024 * 1024);
  if (!read || !('data' in read)) return null;
  // Where it is none only a comparison is lost; the next run writes it again.
  return parseAs(lastRunSchema, read.data);
}

const countText = (count: number | null) => (count === null ? 'all' : String(count));

/** In which datasets, retention or algorithm the configuration differs from the last run's; a line each. */
export function changesSince(
  last: LastRun,
  {datasets, maxCount, algorithm}: Configuration,
  root: string,
): string[] {
  const before = new Map(last.datasets.map((each) => [each.name, each]));
  const now = new Map(datasets.value.map((each) => [each.name, each]));
  const lines: string[] = [];
  for (const {name, source, type} of now.values()) {
    const old = before.get(name);
    if (!old) lines.push(`dataset ${name} is new`);
    else if (old.source !== source && (old.below === undefined || old.below !== belowOf(root, source)))
      lines.push(`dataset ${name}: source was ${old.source}, is ${source}`);
    else if (old.type !== type.name) lines.push(`dataset ${name}: type was ${old.type}, is ${type.name}`);
  }
  for (const name of before.keys()) if (!now.has(name)) lines.push(`dataset ${name} is gone`);
  if (last.max_count !== maxCount.value)
    lines.push(`retention kept ${countText(last.max_count)}, keeps ${countText(maxCount.value)}`);
  if (last.algorithm !== algorithm.value)
    lines.push(`algorithm was ${last.algorithm}, is ${algorithm.value}`);
  return lines;
}

/** The same for a root as it is now; none where no run of ours is remembered. */
export function changesOf(root: string, configuration: Configuration): string[] {
  const last = inState(root, readLastRun);
  return last ? changesSince(last, configuration, root) : [];
}

/** What the runbook asks for when datasets or retention change. */
export const updateReminder = `Update ${configurationDocument}: "magds config --markdown" prints the table.`;
