import {escapeText} from '../engine/base/escape.ts';
import {formatBytes, formatDuration} from '../engine/base/format.ts';
import type {ContentEvent, ContentSummary} from '../engine/content/check.ts';
import {isWeak} from '../engine/hashing/algorithms.ts';
import {saidBy} from '../engine/storage/content-verdicts.ts';
import type {DatasetResult} from '../engine/storage/dataset.ts';
import type {BackupResult} from '../engine/verify/record.ts';
import type {VerifyEvent} from '../engine/verify/verify.ts';
import {
  brokenNames,
  type ContentProgress,
  contentLines,
  contentSummary,
  reduceContent,
} from '../presenters/content-progress.ts';
import {fraction} from '../presenters/rate.ts';
import {untold} from '../presenters/sentence.ts';
import {verifyEnding} from '../presenters/verify-outcome.ts';
import {secondsRemaining, type VerifyProgress} from '../presenters/verify-progress.ts';
import {writeJson, writeLine} from '../terminal/standard-output.ts';
import {progressLine, statusEvery, statusJson} from './progress.ts';
import {tell} from './tell.ts';

/** One reader of the streams of events; `progress` is the state after the event. What sums up comes with `end`. */
export type Printer = {
  verify(event: VerifyEvent, progress: VerifyProgress): Promise<void>;
  content(event: ContentEvent): Promise<void>;
  end(): Promise<void>;
};

const datasetJson = ({name, status, algorithm, expected, actual, bytes, reason}: DatasetResult) => ({
  name,
  status,
  algorithm,
  expected,
  actual,
  bytes,
  reason,
});

const backupJson = ({id, result, reason, datasets, recorded, known = false, php = []}: BackupResult) => ({
  id,
  result,
  reason,
  datasets: datasets.map(datasetJson),
  recorded: recorded?.record ?? false,
  note: recorded?.note ?? null,
  known,
  php,
});

/** One JSON object a line: `status`, `error`, and `summary` last (DESIGN.md, "Command line"). */
export function jsonPrinter(recent: string[], content: boolean): Printer {
  const due = statusEvery();
  const contents = new Map<string, ContentSummary>();
  let finished: Extract<VerifyEvent, {type: 'finished'}> | null = null;
  const verify: Printer['verify'] = async (event, progress) => {
    if (event.type === 'started' || (event.type === 'progress' && due()))
      await writeLine(statusJson(fraction(progress), progress, secondsRemaining(progress)));
    if (event.type === 'backup' && event.result.result === 'failed') {
      const {id, reason} = event.result;
      await writeJson({message_type: 'error', id, reason});
    }
    if (event.type === 'finished') finished = event;
  };
  return {
    verify,
    async content(event) {
      if (event.type !== 'content finished') return;
      contents.set(event.id, event.summary);
      for (const {dataset, state, kind, detail} of event.summary.results)
        if (state === 'broken')
          await writeJson({
            message_type: 'error',
            id: event.id,
            reason: `${dataset}: ${saidBy({kind, detail})}`,
          });
    },
    async end() {
      if (!finished) return;
      const {results, seconds} = finished;
      const backups = results.map((result) => ({
        ...backupJson(result),
        ...(content ? {content: contentJson(contents.get(result.id))} : {}),
      }));
      await writeJson({
        message_type: 'summary',
        command: 'backup:verify',
        backups,
        recent,
        untold: finished.untold ?? [],
        seconds: Math.round(seconds * 1000) / 1000,
      });
    },
  };
}

/** What was found inside, beside what is known of the bytes; null where nobody looked. */
const contentJson = (summary: ContentSummary | undefined) =>
  summary
    ? {
        result: summary.outcome,
        datasets: summary.results.map(({dataset, ...found}) => ({name: dataset, ...found})),
        others: summary.others,
        note: summary.note,
      }
    : null;

const marks: Record<string, string> = {
  passed: '+',
  failed: 'x',
  cancelled: '-',
  gone: '-',
  running: '-',
  'not checked': '-',
  match: '+',
};

function backupText(result: BackupResult): string {
  const {id, datasets, recorded, php = []} = result;
  const {mark, word, text} = verifyEnding(result);
  const lines = [
    `${mark} ${escapeText(id)}  ${word.toLowerCase()}${text === '' ? '' : `: ${escapeText(text)}`}`,
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
  for (const said of php) lines.push(`    ! ${escapeText(said)}`);
  if (recorded?.note) lines.push(`    ! ${escapeText(recorded.note)}`);
  return lines.join('\n');
}

function count(results: BackupResult[], wanted: BackupResult['result']): string | null {
  const found = results.filter(({result}) => result === wanted).length;
  return found === 0 ? null : `${found} ${wanted}`;
}

/** Text for people and logs: a block for each backup as it is done, then one line that sums up. */
export function textPrinter(recent: string[], content: boolean): Printer {
  const live = process.stderr.isTTY === true;
  const clear = live ? '\r\u001b[K' : '';
  let last: string | null = null;
  let inside: ContentProgress | null = null;
  const broken: string[] = [];
  let looked = 0;
  let unknown = 0;
  const verify: Printer['verify'] = async (event, progress) => {
    if (event.type === 'progress' && live)
      process.stderr.write(progressLine(fraction(progress), progress, secondsRemaining(progress)));
    if (event.type === 'backup') {
      process.stderr.write(clear);
      await writeLine(backupText(event.result));
    }
    if (event.type === 'finished') {
      process.stderr.write(clear);
      const {results} = event;
      const counts = (['passed', 'failed', 'cancelled', 'gone', 'running', 'not checked'] as const)
        .map((wanted) => count(results, wanted))
        .filter(Boolean);
      if (results.length === 0) counts.push('nothing was due');
      if (recent.length > 0) counts.push(`${recent.length} verified recently and left out`);
      last = `${counts.join(', ')}; ${formatBytes(progress.doneBytes)} in ${formatDuration(event.seconds)}`;
      tell(untold(event.untold ?? []));
    }
  };
  return {
    verify,
    async content(event) {
      inside = reduceContent(inside, event);
      if (event.type === 'content checking' && live)
        process.stderr.write(`${clear}looking inside ${escapeText(event.id)}: ${escapeText(event.name)}`);
      if (event.type !== 'content finished') return;
      process.stderr.write(clear);
      if (inside === null || event.summary.results.length + event.summary.others === 0) return;
      looked += event.summary.results.length;
      unknown += event.summary.results.filter(({state}) => state === 'not checked').length;
      broken.push(...brokenNames(inside).map((name) => `${event.id}: ${name}`));
      await writeLine(insideText(inside));
    },
    async end() {
      if (last === null) return;
      const nothing = looked > unknown ? 'nothing broken inside' : 'nothing was looked into';
      const found = [
        broken.length > 0 ? `broken inside: ${broken.join(', ')}` : nothing,
        ...(unknown > 0 && looked > unknown ? [`${unknown} not looked into`] : []),
      ].join('; ');
      await writeLine(content ? `${last}; ${escapeText(found)}` : last);
    },
  };
}

function insideText(progress: ContentProgress): string {
  const {mark, text} = contentSummary(progress);
  const note = progress.summary?.note ?? null;
  return [
    `${mark} ${escapeText(progress.id)}  ${escapeText(text)}`,
    ...contentLines(progress).map((line) => `    ${line.mark} ${escapeText(line.text)}`),
    ...(note === null ? [] : [`    ! ${escapeText(note)}`]),
  ].join('\n');
}
