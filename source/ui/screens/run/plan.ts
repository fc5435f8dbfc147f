import {isWhole, type RunPlan} from '../../../engine/backup/plan.ts';
import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes} from '../../../engine/base/format.ts';
import {updateReminder} from '../../../engine/config/last-run.ts';
import type {PlannedDataset} from '../../../engine/datasets/type.ts';
import {emptiesText} from '../../../engine/retention/php-forecast.ts';
import {whyNoLabel} from '../../../engine/storage/new-id.ts';
import {cut, wrapWords} from '../../../presenters/graphemes.ts';
import {
  cutStart,
  type Line,
  nameWidth,
  pad,
  padStart,
  plain,
  type Style,
  someOf,
  theme,
  typedText,
} from '../../kit/line.ts';
import {bodyHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {futureId, type RunTask} from './state.ts';

/** What a backup will do, before it is started. */
export function planLines({size, place}: AppState, run: RunTask): Line[] {
  const {plan} = run;
  const {columns} = size;
  if (!plan) return [];
  const asked = '   Label, may stay empty: ';
  const flaw = whyNoLabel(run.label);
  const isEmpty = plan.missing.length === plan.datasets.length;
  const head: Line[] = [
    plain(' NOTHING WRITTEN YET'),
    [{text: asked}, typedText(run.label, columns - asked.length)],
    flaw
      ? plain(`   x it ${flaw}`, theme.bad)
      : isEmpty
        ? plain('   x nothing could be copied: c on the list shows the configuration', theme.bad)
        : plain(`   makes ${cut(escapeText(futureId(run)), columns - 38)}, the time being the start's`),
    [],
  ];
  const tail = [[], ...facts(plan, columns)];
  const room = bodyHeight(size) - head.length - tail.length;
  return [...head, ...datasetLines(plan.datasets, Math.max(2, room), columns, place.root), ...tail];
}

/** Where there are more than fit, what is missing comes first. */
function datasetLines(
  datasets: PlannedDataset[],
  height: number,
  columns: number,
  root: string | null,
): Line[] {
  const name = nameWidth(
    datasets.map(({dataset}) => dataset.name),
    columns,
  );
  if (datasets.length <= height) return datasets.map((each) => datasetLine(each, name, columns, root));
  const shown = datasets
    .toSorted((a, b) => Number(a.missing === null) - Number(b.missing === null))
    .slice(0, height - 1);
  const rest = datasets.length - shown.length;
  const missing = datasets.filter((each) => each.missing !== null && !shown.includes(each)).length;
  return [
    ...shown.map((each) => datasetLine(each, name, columns, root)),
    plain(
      `     and ${rest} more${missing > 0 ? `, ${missing} of them missing` : ''}`,
      missing > 0 ? theme.bad : {},
    ),
  ];
}

function datasetLine(
  {dataset, files, missing}: PlannedDataset,
  width: number,
  columns: number,
  root: string | null,
): Line {
  const start = `   ${missing === null ? '+' : 'x'} ${pad(escapeText(dataset.name), width)} `;
  if (missing !== null) return plain(`${start}${padStart('-', 7)}  ${escapeText(missing)}`, theme.bad);
  const size = formatBytes(files.reduce((sum, {bytes}) => sum + bytes, 0));
  const counted = dataset.type.counted(files.length);
  const count = counted === null ? '' : `${counted} in `;
  const place = cutStart(
    escapeText(inRoot(dataset.type.describe(dataset), root)),
    columns - width - 18 - count.length,
  );
  return plain(`${start}${padStart(size, 7)}  ${count}${place}`);
}

const inRoot = (path: string, root: string | null): string =>
  root !== null && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;

const indent = ' '.repeat(14);

/** A word in capitals, and beside it what there is to say of it, to its end. */
const fact = (word: string, text: string, columns: number, style: Style = {}): Line[] =>
  wrapWords(escapeText(text), columns - indent.length - 1).map((line, index) =>
    plain((index === 0 ? `   ${word}`.padEnd(indent.length) : indent) + line, style),
  );

/** The same with names, as many as one line takes. */
const named = (word: string, does: string, ids: string[], columns: number, style: Style = {}): Line => {
  const start = `${`   ${word}`.padEnd(indent.length)}${does} `;
  return plain(start + someOf(ids, columns - start.length), style);
};

const andMore = (all: unknown[]): string => (all.length > 1 ? `, and ${all.length - 1} more` : '');

/** Space, what retention and PHP will remove, what is left out, and what changed. */
function facts(plan: RunPlan, columns: number): Line[] {
  const {needed, free, retention, php, phpEmpties, notes, changes, hooks} = plan;
  const lacking = free === null ? 0 : Math.max(0, needed - free);
  const space = `${formatBytes(needed)}${free === null ? '' : ` of ${formatBytes(free)} free`}`;
  const goes = retention.filter(({stays}) => !stays).map(({id}) => id);
  const lines =
    lacking > 0
      ? fact('SPACE', `${space}: ${formatBytes(lacking)} are missing`, columns, theme.bad)
      : fact('SPACE', space, columns);
  for (const when of ['before', 'after'] as const) {
    const [first, ...others] = hooks[when].map((command) => command.join(' '));
    const more = others.length > 0 ? `, and ${others.length} more (c on the list shows them)` : '';
    if (first) lines.push(...fact(when.toUpperCase(), `it the hook ${first}${more}`, columns));
  }
  if (goes.length === 0) lines.push(...fact('RETENTION', 'removes nothing afterwards', columns));
  else if (isWhole(plan)) lines.push(named('RETENTION', 'removes', goes, columns));
  else lines.push(...fact('RETENTION', 'waits, because something is missing', columns));
  if (phpEmpties) lines.push(...fact('PHP', emptiesText(phpEmpties), columns, theme.bad));
  if (php.length > 0) lines.push(named('PHP', 'next run deletes', php, columns, theme.beware));
  // Data that should have been copied comes before what nobody will miss.
  const [first] = plan.leftOut.toSorted((a, b) => Number(b.grave) - Number(a.grave));
  if (first)
    lines.push(
      ...fact(
        'LEFT OUT',
        `${first.name}: ${first.reason}${andMore(plan.leftOut)}`,
        columns,
        first.grave ? theme.bad : theme.beware,
      ),
    );
  if (notes.length > 0)
    lines.push(...fact('DATASETS', `${notes[0]}${andMore(notes)}`, columns, theme.beware));
  if (changes.length > 0)
    lines.push(
      ...fact('CHANGED', `since the last run: ${changes[0]}${andMore(changes)}`, columns, theme.beware),
      ...fact('', updateReminder, columns, theme.beware),
    );
  return lines;
}
