import {whyNoLabel} from '../../engine/backup/new-id.ts';
import {escapeText} from '../../engine/escape.ts';
import {formatBytes, formatDuration} from '../../engine/format.ts';
import {updateReminder} from '../../engine/runbook/last-run.ts';
import type {AppState} from '../../state/app.ts';
import {wrapWords} from '../../state/graphemes.ts';
import {runListHeight} from '../../state/layout.ts';
import {fraction, rate, secondsLeft} from '../../state/rate.ts';
import type {RunDataset} from '../../state/run-progress.ts';
import {futureId, type RunTask} from '../../state/run-screen.ts';
import {
  bar,
  clip,
  cutStart,
  fill,
  type Line,
  pad,
  padStart,
  percent,
  plain,
  type Style,
  theme,
  typedText,
} from '../line.ts';

export function runScreen(state: AppState): Line[] {
  const {run, size} = state;
  if (!run) return [];
  return body(state, run).map((line) => clip(line, size.columns));
}

function body(state: AppState, run: RunTask): Line[] {
  if (run.problem) return refused(run, state.size.columns);
  if (run.state === 'planning')
    return [plain(' NOTHING WRITTEN YET'), [], plain('   Looking at the sources ...')];
  return run.state === 'ready' ? planLines(state, run) : progressLines(state, run);
}

function refused({problem}: RunTask, columns: number): Line[] {
  const lines = wrapWords(escapeText(problem ?? ''), columns - 6);
  return [[], ...lines.map((line, index) => plain(`   ${index === 0 ? 'x ' : '  '}${line}`, theme.bad))];
}

const inRoot = (path: string, root: string | null): string =>
  root !== null && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;

function planLines(state: AppState, run: RunTask): Line[] {
  const {plan} = run;
  const {columns} = state.size;
  if (!plan) return [];
  const height = runListHeight(state.size);
  const shown = plan.datasets.slice(0, plan.datasets.length > height ? height - 1 : height);
  const name = nameWidth(
    plan.datasets.map(({dataset}) => dataset.name),
    columns,
  );
  const datasets = shown.map(({dataset, files, missing}): Line => {
    const start = `   ${missing === null ? '+' : 'x'} ${pad(escapeText(dataset.name), name)} `;
    const place = escapeText(inRoot(dataset.source, state.place.root));
    if (missing !== null) return plain(`${start}${padStart('-', 7)}  ${escapeText(missing)}`, theme.bad);
    const size = formatBytes(files.reduce((sum, {bytes}) => sum + bytes, 0));
    const count = dataset.type === 'directory' ? `${files.length} files in ` : '';
    return plain(
      `${start}${padStart(size, 7)}  ${count}${cutStart(place, columns - name - 18 - count.length)}`,
    );
  });
  const more = plan.datasets.length - shown.length;
  if (more > 0) datasets.push(plain(`     and ${more} more`));
  const asked = '   Label, may stay empty: ';
  const flaw = whyNoLabel(run.label);
  const id = futureId(run);
  return [
    plain(' NOTHING WRITTEN YET'),
    [{text: asked}, typedText(run.label, columns - asked.length)],
    flaw
      ? plain(`   x it ${flaw}`, theme.bad)
      : plain(`   makes ${escapeText(id)}, the time being the start's`),
    [],
    ...datasets,
    [],
    ...facts(run, columns),
  ];
}

const nameWidth = (names: string[], columns: number): number =>
  Math.min(
    Math.min(28, columns - 39),
    Math.max(7, ...names.slice(0, 200).map((each) => escapeText(each).length)),
  );

/** Space, what retention and PHP will remove, and what changed: at most eight lines. */
function facts({plan}: RunTask, columns: number): Line[] {
  if (!plan) return [];
  const {needed, free, leftOut, missing, retention, php, changes} = plan;
  const enough = free === null || needed <= free;
  const goes = retention.filter(({stays}) => !stays).map(({id}) => escapeText(id));
  const list = (ids: string[]) =>
    ids.length > 2 ? `${ids.slice(0, 2).join(', ')} and ${ids.length - 2} more` : ids.join(', ');
  const grave = leftOut.some((each) => each.grave);
  const lines: Line[] = [
    plain(
      `   SPACE      ${formatBytes(needed)}${free === null ? '' : ` of ${formatBytes(free)} free`}${enough ? '' : `: ${formatBytes(needed - (free ?? 0))} are missing`}`,
      enough ? {} : theme.bad,
    ),
    goes.length === 0
      ? plain('   RETENTION  removes nothing afterwards')
      : missing.length > 0 || grave
        ? plain('   RETENTION  waits, because something is missing')
        : plain(`   RETENTION  removes ${list(goes)}`),
  ];
  if (php.length > 0)
    lines.push(plain(`   PHP        its next run then deletes ${list(php.map(escapeText))}`, theme.beware));
  const [first] = leftOut;
  if (first) {
    const text = `   LEFT OUT   ${escapeText(first.name)}: ${escapeText(first.reason)}${leftOut.length > 1 ? `, and ${leftOut.length - 1} more` : ''}`;
    lines.push(plain(text, grave ? theme.bad : theme.beware));
  }
  if (changes.length > 0) {
    const more = changes.length > 1 ? `, and ${changes.length - 1} more` : '';
    lines.push(
      plain(`   CHANGED    since the last run: ${escapeText(changes[0] ?? '')}${more}`, theme.beware),
    );
    lines.push(
      ...wrapWords(updateReminder, columns - 16).map((line) => plain(`              ${line}`, theme.beware)),
    );
  }
  return lines;
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
  const over =
    run.state === 'done' && progress.result?.outcome !== 'done' && progress.result?.outcome !== 'partial';
  const part = over ? Math.min(fraction(progress), 0.99) : progress.published ? 1 : fraction(progress);
  return [
    [{text: ` ${escapeText(id)}   `, ...theme.selected}, {text: 'appears when it is whole'}],
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
  const parts = [
    `${formatBytes(progress.doneBytes)} copied`,
    speed === null ? null : `${formatBytes(speed)}/s`,
    running ? `${formatDuration(progress.seconds)} so far` : `in ${formatDuration(progress.seconds)}`,
    running && left !== null && left > 0 ? `about ${formatDuration(left)} left` : null,
  ];
  return plain(`   ${parts.filter(Boolean).join('   ')}`);
}

function outcome({progress, stopping}: RunTask, columns: number): Line[] {
  const {result, waiting} = progress;
  if (!result) {
    if (stopping) return [plain('   Cancelling ... what was copied is removed.', theme.beware)];
    if (waiting) return [plain(`   Waiting ${escapeText(waiting)}.`)];
    return [plain('   Connection lost? It is cancelled, and nothing of it stays.')];
  }
  const text = (line: string, style: Style) =>
    wrapWords(line, columns - 6).map((each, index) => plain(`   ${index === 0 ? '' : '  '}${each}`, style));
  if (result.outcome === 'cancelled') return [plain('   Cancelled. Nothing of it stays.', theme.beware)];
  if (result.outcome === 'failed') return text(`x FAILED: ${escapeText(result.reason ?? '')}.`, theme.bad);
  const pruned =
    result.pruned.length > 0
      ? [plain(`   Retention removed ${result.pruned.map(escapeText).join(', ')}.`)]
      : [];
  const notPruned = result.notPruned
    ? text(`! Not pruned: ${escapeText(result.notPruned)}.`, theme.beware)
    : [];
  if (result.outcome === 'done')
    return [
      plain('   + DONE: the backup is whole and on the disk. v verifies it.', theme.good),
      ...pruned,
      ...notPruned,
    ];
  const lacking = [...result.missing, ...result.doubtful].map(({name, reason}) => `${name}: ${reason}`);
  const changed = result.changed.map((name) => `${name}: written to each time that it was read`);
  const [first = 'something was left out', ...others] = [...lacking, ...changed].map(escapeText);
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  return [...text(`x DONE IN PART: ${first}${more}.`, theme.bad), ...notPruned];
}
