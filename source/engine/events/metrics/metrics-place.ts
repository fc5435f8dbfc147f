import type {Directory} from '../../base/directory.ts';
import {escapeText} from '../../base/escape.ts';
import {type ReadResult, readSmallFile} from '../../base/files.ts';
import {metricsFile, metricsName, telemetryName} from '../../config/metrics-file.ts';
import {openStorage} from '../../storage/runbook/way.ts';
import {placeOf} from '../log/log-place.ts';

/** Bytes; it has about 6,000. */
export const largestMetrics = 256 * 1024;

/**
 * The directory of the metrics, to be closed; null where it is not there.
 * @param make makes it, in `storage/`
 */
export function openMetrics(root: string, file: string, make: boolean): Directory | null {
  if (file !== metricsFile(root)) {
    const {directory, name} = placeOf(root, file, make);
    if (name === metricsName) return directory;
    directory.close();
    return null;
  }
  using storage = openStorage(root);
  return make ? storage.make(telemetryName) : storage.find(telemetryName);
}

export const readMetricsIn = ({path}: Directory): ReadResult =>
  readSmallFile(`${path}/${metricsName}`, largestMetrics);

/** The root's metrics as they are now, with what a terminal would obey escaped; null where there are none to be read. */
export function readMetrics(root: string, file: string): string | null {
  try {
    using directory = openMetrics(root, file, false);
    const read = directory && readMetricsIn(directory);
    if (!read || !('data' in read)) return null;
    return read.data.toString('utf8').split('\n').map(escapeText).join('\n');
  } catch {
    // A screen says that there are none; the process that writes them says why.
    return null;
  }
}
