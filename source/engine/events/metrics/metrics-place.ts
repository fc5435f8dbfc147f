import fs, {constants} from 'node:fs';
import type {Directory} from '../../base/directory.ts';
import {escapeText} from '../../base/escape.ts';
import {closing, notRegular, type ReadResult, readSmallFile, seenAt} from '../../base/files.ts';
import {owns} from '../../base/owner.ts';
import {errorCode} from '../../base/problem.ts';
import {removeFile} from '../../base/remove-file.ts';
import {lockName, metricsFile, metricsName, telemetryName} from '../../config/metrics-file.ts';
import {tryFlock} from '../../storage/runbook/lock-file.ts';
import {openStorage} from '../../storage/runbook/way.ts';
import {takeFlock} from '../log/flock.ts';
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

/** Another process that has the lock and does not give it back is waited for once, not for each event. Milliseconds. */
const blockedFor = 60_000;
const blocked = new Map<string, {until: number; error: unknown}>();

/**
 * Takes the lock of the metrics in this directory.
 * @returns the open file that has it; it ends when that is closed
 * @throws where it cannot be had within some seconds
 */
export async function lockMetrics(directory: Directory): Promise<number> {
  const before = blocked.get(directory.name);
  if (before && performance.now() < before.until) throw before.error;
  const fd = openLock(directory);
  try {
    const kind = notRegular(fs.fstatSync(fd));
    if (kind) throw new Error(`${lockName} beside it is ${kind}, not a file`);
    await takeFlock(fd);
    blocked.delete(directory.name);
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    blocked.set(directory.name, {until: performance.now() + blockedFor, error});
    throw error;
  }
}

function openLock({path, stats}: Directory): number {
  const file = `${path}/${lockName}`;
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    const fd = fs.openSync(file, flags | constants.O_CREAT | constants.O_EXCL, 0o600);
    // A user who may write here may take it, and no other.
    owns(fd, stats, (stats.mode & 0o020 ? 0o060 : 0) | 0o600);
    return fd;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return fs.openSync(file, flags);
  }
}

/**
 * Removes what is left of metrics whose writer was killed, where they are not written just now. The next process that
 * counts something does so too, but that may be tomorrow.
 */
export function clearMetrics(root: string, file: string): void {
  try {
    using directory = openMetrics(root, file, false);
    if (!directory) return;
    const left = `${directory.path}/.${metricsName}.new`;
    if (!seenAt(left)) return;
    const fd = openLock(directory);
    using _ = closing(fd);
    if (tryFlock(fd)) removeFile(left);
  } catch {
    // It is in no one's way: what is wrong with the directory is said where there is something to count.
  }
}
