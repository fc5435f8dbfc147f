import {asciiJson, escapeText} from '../engine/escape.ts';
import {formatBytes, formatDuration} from '../engine/format.ts';
import {isWeak} from '../engine/hashing/algorithms.ts';
import type {BackupResult, DatasetResult, VerifyEvent} from '../engine/verify.ts';
import {fraction} from '../state/rate.ts';
import {secondsRemaining, type VerifyProgress} from '../state/verify-progress.ts';
import {writeLine} from '../terminal/standard-output.ts';
import {progressLine, statusEvery, statusJson} from './progress.ts';

/** One reader of the stream of events; `progress` is the state after the event. */
export type Printer = (event: VerifyEvent, progress: VerifyProgress) => Promise<void>;

const datasetJson = ({name, status, algorithm, expected, actual, bytes, reason}: DatasetResult) => ({
  name,
  status,
  algorithm,
  expected,
  actual,
  bytes,
  reason,
});

const backupJson = ({id, result, reason, datasets, recorded}: BackupResult) => ({
  id,
  result,
  reason,
  datasets: datasets.map(datasetJson),
  recorded: recorded?.record ?? false,
  note: recorded?.note ?? null,
});

/** One JSON object a line: `status`, `error`, and `summary` last (DESIGN.md, "Command line"). */
export function jsonPrinter(recent: string[]): Printer {
  const due = statusEvery();
  return async (event, progress) => {
    if (event.type === 'started' || (event.type === 'progress' && due()))
      await writeLine(statusJson(fraction(progress), progress, secondsRemaining(progress)));
    if (event.type === 'backup' && event.result.result === 'failed') {
      const {id, reason} = event.result;
      await writeLine(asciiJson({message_type: 'error', id, reason}));
    }
    if (event.type === 'finished') {
      await writeLine(
        asciiJson({
          message_type: 'summary',
          command: 'backup:verify',
          backups: event.results.map(backupJson),
          recent,
          seconds: Math.round(event.seconds * 1000) / 1000,
        }),
      );
    }
  };
}

const marks: Record<string, string> = {passed: '+', failed: 'x', cancelled: '-', match: '+'};

function backupText({id, result, reason, datasets, recorded}: BackupResult): string {
  const lines = [
    `${marks[result] ?? 'x'} ${escapeText(id)}  ${result}${reason && reason !== result ? `: ${escapeText(reason)}` : ''}`,
  ];
  for (const dataset of datasets) {
    const weak =
      dataset.algorithm && isWeak(dataset.algorithm) ? `, ${escapeText(dataset.algorithm)} is weak` : '';
    const size = dataset.bytes === null ? '' : `, ${formatBytes(dataset.bytes)}`;
    const why = dataset.reason ? `: ${escapeText(dataset.reason)}` : '';
    lines.push(
      `    ${marks[dataset.status] ?? 'x'} ${escapeText(dataset.name)}  ${dataset.status}${size}${weak}${why}`,
    );
    if (dataset.status === 'mismatch') {
      lines.push(
        `        expected ${escapeText(dataset.expected ?? '')}`,
        `        actual   ${dataset.actual ?? ''}`,
      );
    }
  }
  if (recorded?.note) lines.push(`    ! ${escapeText(recorded.note)}`);
  return lines.join('\n');
}

function count(results: BackupResult[], wanted: BackupResult['result']): string | null {
  const found = results.filter(({result}) => result === wanted).length;
  return found === 0 ? null : `${found} ${wanted}`;
}

/** Text for people and logs: a block for each backup as it is done, then one line that sums up. */
export function textPrinter(recent: string[]): Printer {
  const live = process.stderr.isTTY === true;
  return async (event, progress) => {
    const clear = live ? '\r\u001b[K' : '';
    if (event.type === 'progress' && live)
      process.stderr.write(progressLine(fraction(progress), progress, secondsRemaining(progress)));
    if (event.type === 'backup') {
      process.stderr.write(clear);
      await writeLine(backupText(event.result));
    }
    if (event.type === 'finished') {
      process.stderr.write(clear);
      const {results} = event;
      const counts = (['passed', 'failed', 'cancelled'] as const)
        .map((wanted) => count(results, wanted))
        .filter(Boolean);
      if (results.length === 0) counts.push('nothing was due');
      if (recent.length > 0) counts.push(`${recent.length} verified recently and left out`);
      await writeLine(
        `${counts.join(', ')}; ${formatBytes(progress.doneBytes)} in ${formatDuration(event.seconds)}`,
      );
    }
  };
}
