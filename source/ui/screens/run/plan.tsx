import {isWhole, type RunPlan} from '../../../engine/backup/plan.ts';
import {formatBytes, formatSpace} from '../../../engine/base/format.ts';
import type {PlannedDataset} from '../../../engine/datasets/type.ts';
import {emptiesText} from '../../../engine/retention/php-forecast.ts';
import {goingIds, whyWaiting} from '../../../engine/retention/retention.ts';
import {whyNoLabel} from '../../../engine/storage/new-id.ts';
import {changeSentences, lastCopySentences} from '../../../presenters/retention-plan.ts';
import {inRoot} from '../../facts.ts';
import {cutEnd, cutStartOf, names} from '../../kit/span.ts';
import {Flex, Gap} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {FactList, type ListedFact, TextLine} from '../../kit/words.tsx';
import {futureId, type RunTask} from './state.ts';

/** What a backup will do, before it is started. */
export function planView(task: RunTask, root: string | null) {
  const {plan, label} = task;
  if (!plan) return null;
  const flaw = whyNoLabel(label);
  const isEmpty = plan.missing.length === plan.datasets.length;
  const makes = ['id ', cutEnd(futureId(task)), ', or by the time it starts'];
  const {datasets} = plan;
  const columns = columnsOf(root);
  return (
    <>
      <TextLine wide of="NOTHING WRITTEN YET" />
      <TextField asks="   Label (optional): " text={label} />
      {flaw ? (
        <TextLine look="bad" of={`x it ${flaw}`} />
      ) : isEmpty ? (
        <TextLine look="bad" of="x nothing can be copied: c on the list shows the configuration" />
      ) : (
        <TextLine of={makes} />
      )}
      <Gap />
      <Flex
        least={2}
        or={<Table columns={columns} rows={missingFirst(datasets)} look={lookOf} more={moreOf} />}
      >
        <Table columns={columns} rows={datasets} look={lookOf} />
      </Flex>
      <Gap />
      <FactList width={10} of={facts(plan)} />
    </>
  );
}

const missingFirst = (datasets: PlannedDataset[]): PlannedDataset[] =>
  datasets.toSorted((a, b) => Number(a.missing === null) - Number(b.missing === null));

const lookOf = ({missing}: PlannedDataset) => (missing === null ? 'none' : 'bad');

function moreOf(hidden: number, rest: PlannedDataset[]) {
  const missing = rest.filter((each) => each.missing !== null).length;
  const text = `     and ${hidden} more`;
  return missing > 0 ? {text: `${text}, ${missing} of them missing`, look: 'bad' as const} : text;
}

const sizeOf = ({files, missing}: PlannedDataset): string =>
  missing === null ? formatBytes(files.reduce((sum, {bytes}) => sum + bytes, 0)) : '-';

const columnsOf = (root: string | null): Column<PlannedDataset>[] => [
  {cell: ({missing}) => (missing === null ? '+' : 'x'), width: 1},
  {cell: ({dataset}) => dataset.name, fits: true, least: 7, most: 28, gap: 1},
  {cell: sizeOf, width: 7, right: true, gap: 1},
  {
    cell: ({dataset, files, missing}) => {
      if (missing !== null) return missing;
      const counted = dataset.type.counted(files.length);
      return [
        counted === null ? '' : `${counted} in `,
        cutStartOf(inRoot(dataset.type.describe(dataset), root)),
      ];
    },
    least: 24,
  },
];

const andMore = (all: unknown[]): string => (all.length > 1 ? `, and ${all.length - 1} more` : '');

/** Space, what retention and PHP will remove, what is left out, and what changed. */
function facts(plan: RunPlan): ListedFact[] {
  const {needed, free, retention, php, phpEmpties, notes, changes, hooks, leftOut} = plan;
  const lacking = free === null ? 0 : Math.max(0, needed - free);
  const space = formatSpace(needed, free);
  const goes = goingIds(retention);
  const all: ListedFact[] = [
    lacking > 0
      ? {word: 'SPACE', says: `${space}: ${formatBytes(lacking)} are missing`, look: 'bad'}
      : {word: 'SPACE', says: space},
  ];
  for (const when of ['before', 'after'] as const) {
    const [first, ...others] = hooks[when].map((command) => command.join(' '));
    const more = others.length > 0 ? `, and ${others.length} more (c on the list shows them)` : '';
    if (first) all.push({word: when.toUpperCase(), says: `it the hook ${first}${more}`});
  }
  const waiting = whyWaiting(retention);
  if (waiting !== null) all.push({word: 'RETENTION', says: waiting, look: 'beware'});
  else if (goes.length === 0) all.push({word: 'RETENTION', says: 'deletes nothing'});
  else if (isWhole(plan)) {
    all.push({word: 'RETENTION', says: ['deletes ', names(goes)]});
    for (const {text} of lastCopySentences(retention)) all.push({word: 'LAST COPY', says: text, look: 'bad'});
  } else all.push({word: 'RETENTION', says: 'waits, because something is missing'});
  if (phpEmpties) all.push({word: 'PHP', says: emptiesText(phpEmpties), look: 'bad'});
  if (php.length > 0) all.push({word: 'PHP', says: ['next run deletes ', names(php)], look: 'beware'});
  // Data that should have been copied comes before what nobody will miss.
  const [first] = leftOut.toSorted((a, b) => Number(b.grave) - Number(a.grave));
  if (first)
    all.push({
      word: 'LEFT OUT',
      says: `${first.name}: ${first.reason}${andMore(leftOut)}`,
      look: first.grave ? 'bad' : 'beware',
    });
  if (notes.length > 0) all.push({word: 'DATASETS', says: `${notes[0]}${andMore(notes)}`, look: 'beware'});
  const told = changeSentences(changes.slice(0, 1).map((change) => change + andMore(changes)));
  for (const [index, {text}] of told.entries())
    all.push({word: index === 0 ? 'CHANGED' : '', says: text, look: 'beware'});
  return all;
}
