import fs from 'node:fs';
import path from 'node:path';
import {longestPath} from '../base/files.ts';
import {phpDate} from '../base/php-date.ts';
import {describeError, errorCode} from '../base/problem.ts';
import type {RunPlace} from '../config/project.ts';
import {neededSpace, roomAt} from '../datasets/space.ts';
import type {PlannedDataset, PlannedSources, Servers, SourceFile} from '../datasets/type.ts';
import {digestLength} from '../hashing/algorithms.ts';
import type {LeftOut} from '../storage/dataset.ts';
import {heldName} from '../storage/held.ts';
import {copyNames} from '../storage/manifest/copy-names.ts';
import {manifestText} from '../storage/manifest/write.ts';
import {stateName} from '../storage/runbook/state-directory.ts';

const real = (directory: string): string => {
  try {
    return fs.realpathSync(directory);
  } catch {
    // Not there yet, so nothing in it could be backed up by mistake.
    return directory;
  }
};

/** A file of a directory may have the name of another dataset, or of its file: a manifest has room for one of them. */
function withoutDoubles(datasets: PlannedDataset[]): PlannedDataset[] {
  const taken = new Map<string, string>();
  // What is named outright goes before what is found.
  const rank = ({files}: PlannedDataset) => Number(files.some(({below}) => below.length > 0));
  const kept = new Map<PlannedDataset, PlannedDataset>();
  for (const each of datasets.toSorted((a, b) => rank(a) - rank(b))) {
    const leftOut = [...each.leftOut];
    const files = each.files.filter(({name}) => {
      const other = taken.get(name);
      if (other === undefined) taken.set(name, each.dataset.name);
      else
        leftOut.push({
          name,
          reason: `dataset ${other} has that name in the manifest: rename one`,
          grave: true,
        });
      return other === undefined;
    });
    const missing = each.missing ?? (files.length === 0 ? 'another dataset has its name' : null);
    kept.set(each, {...each, files, leftOut, missing});
  }
  return datasets.map((each) => kept.get(each) ?? each);
}

/**
 * A file of a directory whose copy, or whose held copy, could be reached by no path would be copied for nothing: neither
 * verified nor restored.
 * @param prefixes where backups lie, with the id
 */
function withoutTooLong(planned: PlannedDataset, prefixes: string[]): PlannedDataset {
  const before = Math.max(
    ...prefixes.map((each) => Buffer.byteLength([each, 'datasets', ...planned.copyAt].join('/'))),
  );
  const lengthOf = ({below}: SourceFile): number => before + 1 + Buffer.byteLength(below.join('/'));
  const isTooLong = (file: SourceFile): boolean => file.below.length > 0 && lengthOf(file) > longestPath;
  const tooLong = planned.files.filter(isTooLong);
  if (tooLong.length === 0) return planned;
  const left = tooLong.map((file) => ({
    name: file.name,
    reason: `its path is too long: that of its copy would have ${lengthOf(file)} bytes, and the system takes ${longestPath}`,
    grave: true,
  }));
  const files = planned.files.filter((file) => !isTooLong(file));
  const missing =
    files.length === 0 ? 'the paths of its files are too long to be backed up' : planned.missing;
  return {...planned, files, leftOut: [...planned.leftOut, ...left], missing};
}

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
function withoutUnread(planned: PlannedDataset): PlannedDataset {
  const left: LeftOut[] = [];
  const files = planned.files.filter((file) => {
    const reason = whyUnread(planned.base, file);
    if (reason !== null) left.push({name: file.name, reason, grave: true});
    return reason === null;
  });
  const [first] = left;
  if (!first) return planned;
  return files.length === 0
    ? {...planned, files, missing: first.reason}
    : {...planned, files, leftOut: [...planned.leftOut, ...left]};
}

/** Bytes that the manifest will have at least, by what the files are now: the text of one with the least of what is not known. */
function manifestBytes({backups, configuration}: RunPlace, id: string, datasets: PlannedDataset[]): number {
  const now = new Date();
  const algorithm = configuration.algorithm.value;
  const hash = '0'.repeat(digestLength(algorithm) ?? 1);
  const attributes = {mode: '0000', uid: 0, gid: 0, mtime: phpDate(now)};
  const copies = datasets.flatMap(({dataset, copyAt, files}) =>
    files.map(({name, below, bytes}) => {
      const source = dataset.type.targetOf(dataset, name);
      return {name, source, at: ['datasets', ...copyAt, ...below], hash, bytes, attributes};
    }),
  );
  const text = manifestText({
    id,
    backups,
    algorithm,
    label: '',
    connection: null,
    began: now,
    ended: now,
    copies,
    missing: [],
    changed: [],
    leftOut: [],
    directories: new Map(),
  });
  return Buffer.byteLength(text);
}

/**
 * Looks at the sources of a backup; writes nothing.
 * @param id what it will be called
 * @param asking how servers are asked; one that does not answer in time is missing
 * @param dry nothing is copied afterwards
 */
export async function planSources(
  {root, backups, configuration}: RunPlace,
  id: string,
  asking: Omit<Servers, 'find'> = {},
  dry = false,
): Promise<PlannedSources> {
  const servers = {...asking, find: configuration.connections()};
  const names = copyNames(
    configuration.datasets.value.map((each) => ({name: each.name, basename: each.type.copyName(each)})),
  );
  const excluded = [real(backups), real(path.join(root, stateName))];
  const looked = await Promise.all(
    configuration.datasets.value.map(
      async (dataset, index): Promise<PlannedDataset> => ({
        ...(await dataset.type.look(root, dataset, excluded, servers)),
        copyAt: names[index] as string[],
      }),
    ),
  );
  const prefixes = [backups, path.join(root, stateName, heldName)].map((each) => `${each}/${id}`);
  const found = withoutDoubles(looked).map((each) => withoutTooLong(each, prefixes));
  const datasets = dry ? found.map(withoutUnread) : found;
  const room = roomAt(backups);
  return {
    datasets,
    bytes: datasets.flatMap(({files}) => files).reduce((sum, {bytes}) => sum + bytes, 0),
    needed: neededSpace(datasets, room, `${backups}/${id}`),
    free: room?.free ?? null,
    manifestBytes: manifestBytes({root, backups, configuration}, id, datasets),
    missing: datasets.flatMap(({dataset, missing}) =>
      missing === null ? [] : [{name: dataset.name, reason: missing}],
    ),
    leftOut: datasets.flatMap((each) => each.leftOut),
  };
}
