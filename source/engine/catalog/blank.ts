import fs from 'node:fs';
import {closing} from '../base/files.ts';
import {openInside} from '../base/open-inside.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import {readManifest} from '../storage/manifest/read.ts';
import type {Row} from './row.ts';

/** Bytes up to which it is worth looking whether there is anything in a copy. */
const mostLooked = 4096;

/** What a truncated file, one that a power cut left as zeros, or a program that lost what it knew leaves. */
const isBlank = (data: Buffer): boolean =>
  /^[\s\0]*(\[\s*\]|\{\s*\}|null|"")?[\s\0]*$/.test(data.toString('utf8'));

function readsBlank(directory: string, segments: string[]): boolean {
  const opened = openInside(directory, segments);
  if ('status' in opened) return false;
  using _ = closing(opened.fd);
  try {
    const data = Buffer.alloc(mostLooked + 1);
    const length = fs.readSync(opened.fd, data, 0, data.length, 0);
    return length <= mostLooked && isBlank(data.subarray(0, length));
  } catch {
    // That it cannot be read is for its verification to say.
    return false;
  }
}

/**
 * Marks the copies of these datasets that hold nothing, white space and an empty list or map aside; small ones are
 * opened for that.
 * @param backups the directory that the backup lies in
 */
export function markBlank(backups: string, row: Row, names: ReadonlySet<string>): Row {
  const isSmall = ({name, bytes, flaw}: Row['datasets'][number]): boolean =>
    names.has(name) && flaw === null && bytes !== null && bytes > 0 && bytes <= mostLooked;
  if (!row.datasets.some(isSmall)) return row;
  const directory = `${backups}/${row.id}`;
  const read = readManifest(directory);
  if (read.state !== 'read') return row;
  const {manifest} = read;
  const ids = namesOf(row.id, manifest.id);
  const datasets = row.datasets.map((dataset, index) => {
    const entry = manifest.datasets[index];
    if (!isSmall(dataset) || entry?.name !== dataset.name) return dataset;
    const located = locateCopy(entry.backup ?? '', ids);
    return 'segments' in located && readsBlank(directory, located.segments)
      ? {...dataset, blank: true}
      : dataset;
  });
  return {...row, datasets};
}
