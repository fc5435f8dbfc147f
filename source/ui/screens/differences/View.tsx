import {formatBytes} from '../../../engine/base/format.ts';
import {sum} from '../../../engine/base/sum.ts';
import type {DatasetDifference} from '../../../engine/differences/compare.ts';
import type {SideRows} from '../../../engine/differences/database-rows.ts';
import type {FileFacts} from '../../../engine/differences/facts.ts';
import {secondOf} from '../../../presenters/activity-view.ts';
import {rowsDifferText, tablesText} from '../../../presenters/database-view.ts';
import {differsText} from '../../../presenters/dataset-losses.ts';
import {momentOf} from '../../../presenters/moment.ts';
import {present} from '../../../presenters/present.ts';
import {cutEnd, type Span, type StyledText, sizeText} from '../../kit/span.ts';
import {Page, Panel} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {FactList, type ListedFact, Notice, TextLine} from '../../kit/words.tsx';
import {differencesLayout} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import {extractLine} from '../files/extract.tsx';
import {nameOfOther} from './parts.ts';
import {chosenDifference, type DifferencesTask} from './state.ts';

/** A backup's datasets beside the live files, or another backup's. */
export function DifferencesView({state, slice: task}: ViewProps<DifferencesTask | null>) {
  if (!task) return null;
  const {size, now, prompt} = state;
  const {id, other, datasets, cursor, top} = task;
  const layout = differencesLayout(size);
  const chosen = chosenDifference(state);
  return (
    <Page>
      <TextLine wide of={[cutEnd(id, {look: 'strong'}), `   against ${nameOfOther(other)}`]} />
      {prompt?.kind === 'extract' ? extractLine(prompt) : <TextLine of={summary(task)} />}
      <Table columns={columnsOf(task, now)} rows={datasets} cursor={cursor} top={top} height={layout.list} />
      <Panel title={chosen?.name ?? ''} height={layout.detail}>
        {chosen && countedOf(task, chosen)}
        {chosen && sidesOf(task, chosen)}
      </Panel>
    </Page>
  );
}

/** How much it differs; nothing where that cannot be counted. */
function countedOf({counts, other, result}: DifferencesTask, dataset: DatasetDifference) {
  const {name, relation, one, other: two} = dataset;
  if (one.rows && two.rows) {
    const text = relation === 'differs' && rowsDifferText(one.rows, two.rows, other ?? 'live');
    return text && <Notice mark="!" text={text} />;
  }
  if (relation !== 'differs' || result === null) return null;
  const known = counts.get(name);
  if (known === undefined) return <TextLine of="- counting what differs ..." />;
  return known && <Notice mark="!" text={differsText(known, other ?? 'live')} />;
}

function summary({datasets, result, problem, done, total}: DifferencesTask): StyledText {
  const of = (...wanted: DatasetDifference['relation'][]): number =>
    datasets.filter(({relation}) => wanted.includes(relation)).length;
  if (problem !== null) return {text: `x ${problem}`, look: 'bad'};
  if (result === null) {
    const known = total > 0 ? `: ${formatBytes(done)} of ${formatBytes(total)} hashed` : ' ...';
    return {text: `- reading both${known}`};
  }
  if (result === 'nothing') return {text: 'It holds no datasets: there is nothing to compare.'};
  const altered = (side: 'one' | 'other'): number => datasets.filter((each) => each[side].altered).length;
  const damaged = [
    {count: altered('one'), where: 'THIS'},
    {count: altered('other'), where: 'OTHER'},
  ].filter(({count}) => count > 0);
  const differ = of('differs', 'one side');
  const unknown = of('unknown');
  const alike = of('alike');
  const said = [
    ...damaged.map((each) => `x ${each.count} damaged in ${each.where}`),
    ...(differ > 0 ? [`! ${differ} of ${datasets.length} ${differ === 1 ? 'differs' : 'differ'}`] : []),
    ...(unknown > 0 ? [`? ${unknown} not compared`] : []),
    ...(alike > 0 ? [`= ${alike} with as many rows`] : []),
  ];
  if (said.length === 0) return {text: `= all ${datasets.length} hold the same bytes`, look: 'good'};
  return {text: said.join('   '), look: damaged.length > 0 ? 'bad' : 'beware'};
}

/** What a dataset comes to, with its mark. */
function judgeDifference({relation, one, other}: DatasetDifference): StyledText {
  if (one.altered || other.altered)
    return {
      text: `x ${one.altered && other.altered ? 'both' : one.altered ? 'this' : 'other'} damaged`,
      look: 'bad',
    };
  switch (relation) {
    case 'same':
      return {text: '= same'};
    case 'alike':
      return {text: '= as many rows'};
    case 'differs':
      return {text: '! differs', look: 'beware'};
    case 'one side':
      return {text: one.state === 'absent' ? '! not in it' : '! only here', look: 'beware'};
    case 'unknown':
      return {text: '? unknown', look: 'beware'};
    case 'reading':
      return {text: '- reading'};
  }
}

/** On a narrow screen the time gives way: the details have it. */
function fileText({bytes, at}: FileFacts, now: number): Span {
  const size = sizeText(bytes);
  return at === null ? size : {text: `${size}  ${momentOf(at, now)}`, or: size};
}

function columnsOf({other}: DifferencesTask, now: number): Column<DatasetDifference>[] {
  const file = {width: 21, narrow: 8};
  return [
    {head: 'DATASET', cell: ({name}) => name, fits: true, least: 7},
    {head: 'THIS', cell: ({one}) => fileText(one, now), ...file},
    {head: other === null ? 'LIVE' : 'OTHER', cell: (each) => fileText(each.other, now), ...file},
    {cell: judgeDifference, least: 12},
  ];
}

/** Size, time and hash of both, to their ends; what is wrong with one of them. */
export const sidesOf = ({other}: DifferencesTask, {one, other: two, algorithm}: DatasetDifference) => (
  <FactList
    width={6}
    of={[...factsOf('this', one, algorithm), ...factsOf(other === null ? 'live' : 'other', two, algorithm)]}
  />
);

/** `6,412 rows in 41 tables, database "magds" on db.example:5432`. */
const sideText = ({rows, database, server}: SideRows): string =>
  `${tablesText(sum(rows.values()), rows.size)}, database "${database ?? '?'}" on ${server ?? '?'}`;

const restOfHash = 9;

/** One side. First what is wrong: on a small screen the end of a hash gives way to it. */
function factsOf(word: string, facts: FileFacts, algorithm: string): ListedFact[] {
  const {state, reason, bytes, at, beside, hash} = facts;
  if (state !== 'there') return [{word, says: `${state === 'absent' ? '-' : '?'} ${reason ?? ''}`}];
  if (facts.rows && bytes === null)
    return [{word, says: [`${at === null ? '' : secondOf(Date.parse(at))}: ${sideText(facts.rows)}`]}];
  const time = at === null ? 'time not recorded' : secondOf(Date.parse(at));
  return present<ListedFact>([
    {word, says: [`${bytes} bytes, ${time}, ${algorithm}`]},
    facts.rows && {word: '', says: [sideText(facts.rows)]},
    reason !== null && {word: '', says: `x ${reason}`, look: 'bad'},
    beside !== null && {word: '', says: [`! ${beside} may hold more: not compared`], look: 'beware'},
    {word: '', says: hash ?? 'not hashed yet', lines: restOfHash},
  ]);
}
