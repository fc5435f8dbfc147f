import {escapeText} from '../../escape.ts';
import {type ReadResult, readSmallFile} from '../../files.ts';
import type {Directory} from '../../runbook/directory.ts';
import {openStorage} from '../../runbook/way.ts';

export const telemetryName = 'telemetry';
export const metricsName = 'magds_backup.prom';
/** Bytes; it has about 6,000. */
export const largestMetrics = 256 * 1024;

/** The root's metrics, for node_exporter's textfile collector. */
export const metricsFile = (root: string): string => `${root}/storage/${telemetryName}/${metricsName}`;

export const readMetricsIn = ({path}: Directory): ReadResult =>
  readSmallFile(`${path}/${metricsName}`, largestMetrics);

/** The root's metrics as they are now, with what a terminal would obey escaped; null where there are none to be read. */
export function readMetrics(root: string): string | null {
  const opened: Directory[] = [];
  try {
    const storage = openStorage(root);
    opened.push(storage);
    const directory = storage.find(telemetryName);
    if (!directory) return null;
    opened.push(directory);
    const read = readMetricsIn(directory);
    if (!('data' in read)) return null;
    return read.data.toString('utf8').split('\n').map(escapeText).join('\n');
  } catch {
    // Whoever shows them says that there are none; whoever writes them says why.
    return null;
  } finally {
    for (const each of opened) each.close();
  }
}
