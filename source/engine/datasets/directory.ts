import fs from 'node:fs';
import path from 'node:path';
import {longestPath, notRegular, seenAt} from '../base/files.ts';
import {Walk} from '../base/open-inside.ts';
import {describeError} from '../base/problem.ts';
import {noLoss} from '../storage/manifest/partial.ts';
import {findSource, liveFile, noFiles, nothingOf, type SourceEntry, sourceFields} from './resolve-source.ts';
import {sqlite} from './sqlite.ts';
import type {DatasetType, Source} from './type.ts';

const mayBeSqlite = /\.(sqlite3?|db3?)$/i;

/** Everything below a directory: a file each, and what is not a file by name. */
function walk(source: Source, excluded: string[], way: Walk, isPassed: (below: string[]) => boolean): Source {
  const {base, dataset, files, leftOut} = source;
  const leave = (segments: string[], reason: string, grave: boolean): void => {
    leftOut.push({name: [dataset.name, ...segments].join('/'), reason, grave});
  };
  const pending: string[][] = [[]];
  for (let segments = pending.pop(); segments; segments = pending.pop()) {
    if (excluded.includes([base, ...segments].join('/'))) {
      leave(segments, noLoss.own, false);
      continue;
    }
    const opened = way.to(base, segments, 'the source');
    if ('status' in opened) {
      const gone = opened.status === 'missing' && segments.length > 0;
      leave(segments, gone ? noLoss.gone : opened.reason, !gone);
      continue;
    }
    try {
      const entries = fs
        .readdirSync(opened.path, {withFileTypes: true})
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      if (entries.length === 0) leave(segments, noLoss.empty, false);
      const names = new Set(entries.map(({name}) => name));
      const below: string[][] = [];
      for (const entry of entries) {
        const {name} = entry;
        const at = [...segments, name];
        if (name.includes('\ufffd')) {
          leave(at, 'its name is not UTF-8 text, and a manifest can hold nothing else', true);
          continue;
        }
        if (entry.isDirectory()) {
          if (Buffer.byteLength(at.join('/')) < longestPath) below.push(at);
          else leave(at, `its path is too long: the system takes ${longestPath} bytes`, true);
          continue;
        }
        if (isPassed(at)) continue;
        const stats = seenAt(`${opened.path}/${name}`);
        if (!stats) continue;
        const kind = notRegular(stats);
        if (kind) {
          leave(at, kind, false);
          continue;
        }
        const database = sqlite.sidecars.find(
          (end) => name.endsWith(end) && names.has(name.slice(0, -end.length)),
        );
        if (database && sqlite.begins(`${opened.path}/${name.slice(0, -database.length)}`)) {
          leave(at, noLoss.beside, false);
          continue;
        }
        const suspected = mayBeSqlite.test(name) || sqlite.sidecars.some((end) => names.has(name + end));
        const named = {name: [dataset.name, ...at].join('/'), segments: at, below: at};
        files.push(liveFile(named, `${opened.path}/${name}`, stats, suspected));
      }
      // The last is taken first: names come in their order.
      pending.push(...below.reverse());
    } catch (error) {
      leave(segments, `cannot be listed: ${describeError(error)}`, true);
    }
  }
  return files.length > 0 ? source : {...source, missing: noFiles};
}

/** All files below a live directory. Two of its files are copied at different instants. */
export const directory: DatasetType<SourceEntry> = {
  name: 'directory',
  fields: sourceFields,
  isTree: true,
  whyNotComparable: null,
  read: ({name, source}, root, from) => ({name, source: path.resolve(root, source), type: directory, from}),
  describe: ({source}) => source,
  counted: (files) => `${files} files`,
  copyName: () => null,
  look(root, dataset, excluded, _servers, isPassed = () => false) {
    const found = findSource(root, dataset);
    if ('reason' in found) return nothingOf(dataset, found.reason);
    const {real, stats} = found;
    if (!stats.isDirectory())
      return nothingOf(dataset, `its source is ${notRegular(stats) ?? 'a file'}, not a directory`);
    using way = new Walk();
    return walk({dataset, base: real, files: [], leftOut: [], missing: null}, excluded, way, isPassed);
  },
  targetOf: ({name, source}, of) => (of.startsWith(`${name}/`) ? source + of.slice(name.length) : null),
  live: ({source}) => [source],
};
