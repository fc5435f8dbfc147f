import path from 'node:path';
import {notRegular} from '../base/files.ts';
import {findSource, liveFile, nothingOf, type SourceEntry, sourceFields} from './resolve-source.ts';
import {sqlite} from './sqlite.ts';
import type {DatasetType} from './type.ts';

const isDirectory =
  'its source is a directory, on which PHP aborts the whole run: give it "type": "directory" in storage/runbook/config.json';

/** One live file. It is all that PHP's own configuration knows. */
export const file: DatasetType<SourceEntry> = {
  name: 'file',
  fields: sourceFields,
  isTree: false,
  whyNotComparable: null,
  read: ({name, source}, root, from) => ({name, source: path.resolve(root, source), type: file, from}),
  describe: ({source}) => source,
  counted: () => null,
  copyName: ({source}) => path.basename(source),
  look(root, dataset) {
    const found = findSource(root, dataset);
    if ('reason' in found) return nothingOf(dataset, found.reason);
    const {real, stats} = found;
    const kind = notRegular(stats);
    if (kind === 'a directory') return nothingOf(dataset, isDirectory);
    if (kind) return nothingOf(dataset, `its source is ${kind}, not a file`);
    const at = {name: dataset.name, segments: [path.basename(real)], below: []};
    const files = [liveFile(at, real, stats, true)];
    return {dataset, base: path.dirname(real), files, leftOut: [], missing: null};
  },
  targetOf: (dataset, name) => (name === dataset.name ? dataset.source : null),
  live: ({source}) => [source, ...sqlite.commits.map((end) => source + end)],
};
