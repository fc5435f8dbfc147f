import {failureText} from '../../../engine/backup/hooks.ts';
import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes, formatDuration} from '../../../engine/base/format.ts';
import {cut} from '../../../presenters/graphemes.ts';
import {fraction, rate, secondsLeft} from '../../../presenters/rate.ts';
import type {RunDataset} from '../../../presenters/run-progress.ts';
import {
  bar,
  clip,
  fill,
  type Line,
  nameWidth,
  pad,
  padStart,
  paragraph,
  percent,
  plain,
  type Style,
  someOf,
  theme,
} from '../../kit/line.ts';
import {runListHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {planLines} from './plan.ts';
import {futureId, type RunTask, runSlice} from './state.ts';

export function runScreen(state: AppState): Line[] {
  const {size} = state;
  const run = runSlice.of(state);
  if (!run) return [];
  return body(state, run).map((line) => clip(line, size.columns));
}

function body(state: AppState, run: RunTask): Line[] {
  if (run.problem) return [[], ...paragraph(`x ${run.problem}`, state.size.columns, theme.bad)];
  if (run.state === 'planning')
    return [plain(' NOTHING WRITTEN YET'), [], plain('   Looking at the sources ...')];
  return run.state === 'ready' ? planLines(state, run) : progressLines(state, run);
}

const marks: Record<RunDataset['state'], {text: string; style: Style}> = {
  missing: {text: 'x missing', style: theme.bad},
  waiting: {text: '- waiting', style: {}},
  copying: {text: '- copying', style: {}},
  copied: {text: '+ copied', style: theme.good},
  changed: {text: 'x changed meanwhile', style: theme.bad},
  doubtful: {text: 'x as it lies there', style: theme.bad},
  partly: {text: 'x partly', style: theme.bad},
  failed: {text: 'x failed', style: theme.bad},
};

/** What needs the operator first, then what is being copied. */
const weight: Record<RunDataset['state'], number> = {
  failed: 0,
  missing: 0,
  partly: 0,
  changed: 0,
  doubtful: 0,
  copying: 1,
  waiting: 2,
  copied: 3,
};

function progressLines(state: AppState, run: RunTask): Line[] {
  const {progress} = run;
  const {columns} = state.size;
  const height = Math.min(runListHeight(state.size), Math.max(1, progress.datasets.length));
  const name = nameWidth(
    progress.datasets.map((each) => each.name),
    columns,
  );
  const width = Math.max(4, Math.min(40, columns - name - 44));
  const shown =
    progress.datasets.length > height
      ? progress.datasets.toSorted((a, b) => weight[a.state] - weight[b.state]).slice(0, height)
      : progress.datasets;
  const id = progress.published ?? futureId(run);
  const made = progress.published !== null;
  const over = run.state === 'done' && !made;
  const becomes = over ? 'was not made' : made ? '' : 'appears when it is whole';
  const part = over ? Math.min(fraction(progress), 0.99) : made ? 1 : fraction(progress);
  return [
    [{text: ` ${cut(escapeText(id), columns - becomes.length - 4)}   `, ...theme.selected}, {text: becomes}],
    [],
    ...fill(
      shown.map((each) => datasetLine(each, name, width)),
      height,
    ),
    [],
    plain(
      `   ${pad('whole', name)} ${padStart(formatBytes(progress.totalBytes), 7)}  [${bar(part, width)}] ${percent(part)}`,
    ),
    speedLine(run),
    [],
    ...outcome(run, columns),
  ];
}

function datasetLine({name, bytes, done, state}: RunDataset, width: number, bars: number): Line {
  const part =
    state === 'copied' || state === 'changed' || state === 'doubtful' ? 1 : bytes === 0 ? 0 : done / bytes;
  const {text, style} = marks[state];
  return [
    {
      text: `   ${pad(escapeText(name), width)} ${padStart(formatBytes(bytes), 7)}  [${bar(part, bars)}] ${percent(part)}  `,
    },
    {text, ...style},
  ];
}

function speedLine({progress, state}: RunTask): Line {
  const running = state === 'running';
  const speed = rate(progress);
  const left = secondsLeft(progress);
  const time = formatDuration(progress.seconds);
  // Nothing counts it while it waits.
  const soFar = progress.waiting === null ? `${time} so far` : null;
  const counted = running ? soFar : `in ${time}`;
  const parts = [
    `${formatBytes(progress.doneBytes)} copied`,
    speed === null ? null : `${formatBytes(speed)}/s`,
    counted,
    running && left !== null && left > 0 ? `about ${formatDuration(left)} left` : null,
  ];
  return plain(`   ${parts.filter(Boolean).join('   ')}`);
}

function outcome({progress, stopping}: RunTask, columns: number): Line[] {
  const {result, waiting, published} = progress;
  if (!result) {
    if (published !== null)
      return paragraph(
        waiting
          ? `+ The backup is there. Waiting ${waiting}.`
          : '+ The backup is there. Retention, then others are told.',
        columns,
      );
    if (stopping) return [plain('   Cancelling ... what was copied is removed.', theme.beware)];
    if (waiting) return paragraph(`Waiting ${waiting}.`, columns);
    return [plain('   Connection lost? It is cancelled, and nothing of it stays.')];
  }
  const beside = [
    ...result.hooks.flatMap((hook) => {
      const failure = failureText(hook);
      // That of the one that stopped it is the reason of it all.
      return failure === null || result.reason?.startsWith(failure) ? [] : [`! Failed: ${failure}.`];
    }),
    ...result.untold.map((each) => `! Not told: ${each}.`),
  ].flatMap((text) => paragraph(text, columns, theme.beware));
  if (result.outcome === 'cancelled')
    return [plain('   Cancelled. Nothing of it stays.', theme.beware), ...beside];
  if (result.outcome === 'failed')
    return [...paragraph(`x FAILED: ${result.reason ?? ''}.`, columns, theme.bad), ...beside];
  const removed = `   Retention removed ${result.pruned.length}: `;
  const pruned =
    result.pruned.length > 0 ? [plain(removed + someOf(result.pruned, columns - removed.length))] : [];
  const safety = result.safetyRemoved.length;
  if (safety > 0)
    pruned.push(
      plain(
        `   Removed ${safety} ${safety === 1 ? 'safety backup' : 'safety backups'} of restores long signed off.`,
      ),
    );
  const notPruned = result.notPruned
    ? paragraph(`! Not pruned: ${result.notPruned}.`, columns, theme.beware)
    : [];
  const notRemembered = result.notRemembered
    ? paragraph(`! Not remembered what this run did: ${result.notRemembered}.`, columns, theme.beware)
    : [];
  if (result.outcome === 'done')
    return [
      plain('   + DONE: the backup is whole and on the disk. v verifies it.', theme.good),
      ...pruned,
      ...notPruned,
      ...notRemembered,
      ...beside,
    ];
  const lacking = [...result.missing, ...result.doubtful].map(({name, reason}) => `${name}: ${reason}`);
  const changed = result.changed.map((name) => `${name}: written to each time that it was read`);
  const [first = 'something was left out', ...others] = [...lacking, ...changed];
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  return [
    ...paragraph(`x DONE IN PART: ${first}${more}.`, columns, theme.bad),
    ...notPruned,
    ...notRemembered,
    ...beside,
  ];
}
