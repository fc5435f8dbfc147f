import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes, formatDuration} from '../../../engine/base/format.ts';
import {contentLines, contentSummary} from '../../../presenters/content-progress.ts';
import {fraction, rate} from '../../../presenters/rate.ts';
import type {Sentence} from '../../../presenters/sentence.ts';
import {type DatasetProgress, secondsRemaining} from '../../../presenters/verify-progress.ts';
import type {VerifyTask} from '../../facts.ts';
import {
  bar,
  clip,
  fill,
  type Line,
  pad,
  padStart,
  paragraph,
  percent,
  plain,
  type Style,
  theme,
  toneStyle,
} from '../../kit/line.ts';
import {bodyHeight, verifyListHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';

export function verifyScreen(state: AppState): Line[] {
  const {verify, size} = state;
  if (!verify) return [];
  const datasets = verify.progress.backups[0]?.datasets ?? [];
  const height = Math.min(verifyListHeight(size), Math.max(1, datasets.length));
  const name = Math.min(
    Math.min(28, size.columns - 39),
    Math.max(7, ...datasets.slice(0, 200).map((dataset) => escapeText(dataset.name).length)),
  );
  const width = Math.max(4, Math.min(40, size.columns - name - 35));
  const lines = inView(datasets, height).map((dataset) => datasetLine(dataset, verify, name, width));
  const above: Line[] = [
    [{text: ` ${escapeText(verify.id)}   `, ...theme.selected}, {text: 'only reads the copies'}],
    [],
    ...fill(lines, height),
    [],
    wholeLine(verify, name, width),
    speedLine(verify),
    [],
    ...outcome(verify, state.readOnly, size.columns),
  ];
  const room = bodyHeight(size) - above.length;
  return [...above, ...inside(verify, room, size.columns)].map((line) => clip(line, size.columns));
}

/** What was found inside the copies, what needs the operator first and to its end; in one line where there is no room. */
function inside({content}: VerifyTask, room: number, columns: number): Line[] {
  if (content === null || room < 1) return [];
  const summary = contentSummary(content);
  const note = content.summary?.note ?? null;
  const told = contentLines(content);
  const wrapped = told.map(({mark, text, tone}) => paragraph(`${mark} ${text}`, columns, toneStyle[tone]));
  const asLine = ({mark, text, tone}: Sentence): Line =>
    plain(`   ${mark} ${escapeText(text)}`, toneStyle[tone]);
  const ended = content.summary?.outcome === 'cancelled' || told.length === 0;
  const lines = [
    ...(ended ? [asLine(summary)] : []),
    ...wrapped.flat(),
    ...(note === null ? [] : paragraph(`! ${note}`, columns, theme.beware)),
  ];
  const gap: Line[] = lines.length < room ? [[]] : [];
  if (lines.length <= room) return [...gap, ...lines];
  const short = told.slice(0, room - 1).map(asLine);
  return [...short, asLine(summary)];
}

/** Where there are more than fit: the ones that need the operator, then those being read, then the rest. */
function inView(datasets: DatasetProgress[], height: number): DatasetProgress[] {
  if (datasets.length <= height) return datasets;
  const weight = ({result, done}: DatasetProgress) =>
    result ? (result.status === 'match' ? 3 : 0) : done > 0 ? 1 : 2;
  return datasets.toSorted((a, b) => weight(a) - weight(b)).slice(0, height);
}

function datasetState({result, done}: DatasetProgress, task: VerifyTask): {text: string; style: Style} {
  if (result?.status === 'match') return {text: '+ match', style: theme.good};
  if (result?.status === 'cancelled') return {text: '- stopped', style: {}};
  if (result?.status === 'not checked') return {text: '- not checked', style: theme.beware};
  if (result) return {text: `x ${result.status}`, style: theme.bad};
  if (task.state !== 'running') return {text: '- stopped', style: {}};
  return done > 0 ? {text: '- reading', style: {}} : {text: '- waiting', style: {}};
}

function datasetLine(dataset: DatasetProgress, task: VerifyTask, name: number, width: number): Line {
  const {result, bytes} = dataset;
  const part =
    result?.status === 'match' || result?.status === 'mismatch' ? 1 : bytes === 0 ? 0 : dataset.done / bytes;
  const {text, style} = datasetState(dataset, task);
  return [
    {
      text: `   ${pad(escapeText(dataset.name), name)} ${padStart(formatBytes(bytes), 7)}  [${bar(part, width)}] ${percent(part)}  `,
    },
    {text, ...style},
  ];
}

function wholeLine({progress}: VerifyTask, name: number, width: number): Line {
  const part = fraction(progress);
  return plain(
    `   ${pad('whole', name)} ${padStart(formatBytes(progress.totalBytes), 7)}  [${bar(part, width)}] ${percent(part)}`,
  );
}

function speedLine({progress, state}: VerifyTask): Line {
  const speed = rate(progress);
  const left = secondsRemaining(progress);
  const parts = [
    `${formatBytes(progress.doneBytes)} read`,
    speed === null ? null : `${formatBytes(speed)}/s`,
    state === 'running'
      ? `${formatDuration(progress.seconds)} so far`
      : `in ${formatDuration(progress.seconds)}`,
    state !== 'running' || left === null ? null : `about ${formatDuration(left)} left`,
  ];
  return plain(`   ${parts.filter(Boolean).join('   ')}`);
}

/** How it ended; the reasons to their end, as far as there is room. */
function outcome({progress, state}: VerifyTask, readOnly: boolean, columns: number): Line[] {
  const result = progress.results?.[0];
  if (state === 'running') return [plain('   Connection lost? Nothing is harmed; start again.')];
  if (state === 'stopped' || !result)
    return [plain('   Stopped. Nothing was recorded; v starts again.', theme.beware)];
  const untold = progress.untold.flatMap((each) => paragraph(`! Not told: ${each}.`, columns, theme.beware));
  const recorded: Line[] = result.recorded?.note
    ? paragraph(`! ${result.recorded.note}`, columns, theme.beware)
    : readOnly
      ? [plain('   ! Read only: the result was not recorded.', theme.beware)]
      : result.recorded
        ? [plain('   Recorded beside the backup.')]
        : [];
  const note = [...recorded, ...untold];
  if (result.result === 'passed') {
    const count = result.datasets.length;
    return [
      plain(
        `   + PASSED: ${count} of ${count} ${count === 1 ? 'dataset matches' : 'datasets match'} the manifest.`,
        theme.good,
      ),
      plain('   Verified means unaltered, not correct.'),
      ...note,
    ];
  }
  if (result.result !== 'failed')
    return [...paragraph(`Not verified: ${result.reason ?? ''}.`, columns, theme.beware), ...note];
  const wrong = result.datasets.filter(({status}) => status !== 'match').slice(0, 2);
  return [
    ...paragraph(`x FAILED: ${result.reason ?? ''}`, columns, theme.bad),
    ...note,
    ...wrong.flatMap(({name, reason}) => paragraph(`  ${name}: ${reason ?? ''}`, columns, theme.bad)),
  ];
}
