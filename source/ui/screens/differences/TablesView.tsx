import {nouns} from '../../../engine/differences/counts.ts';
import type {Tables} from '../../../engine/differences/tables.ts';
import {isAlike, type TableDifference} from '../../../engine/differences/tables.ts';
import {comparingText} from '../../../presenters/difference-view.ts';
import {differenceText, isEven, isWrong, tableSentence, titleOf} from '../../../presenters/tables-view.ts';
import {ScrollText, whereIn} from '../../kit/scroll-text.tsx';
import type {StyledText} from '../../kit/span.ts';
import {Page, Panel} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {Notices, noticeOf, TextLine} from '../../kit/words.tsx';
import {detailHeight, differencesLayout} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import {heading, spansOf} from './parts.ts';
import {linesOfDifference, type OpenedDifference, tablesOf} from './seen.ts';
import {chosenTable, type DifferencesTask} from './state.ts';

const columnsOf = (as: Tables['as']): Column<TableDifference>[] => [
  {
    head: as === 'sqlite' || as === 'postgres' ? 'TABLE' : 'OF',
    cell: ({name}) => titleOf(as, name) || 'all',
    fits: true,
    least: 7,
  },
  {head: 'ROWS', cell: ({one, other}) => `${one ?? '-'} / ${other ?? '-'}`, fits: true, most: 24, narrow: 0},
  // Rows that were only counted are told apart by nothing.
  ...(as === 'postgres'
    ? []
    : [
        {
          head: 'BY',
          cell: ({by, reason}: TableDifference) => by ?? (reason === null ? 'all of it' : '-'),
          fits: true,
          most: 20,
        },
      ]),
  {cell: (table) => ({rest: judged(table)})},
];

function judged(table: TableDifference): StyledText {
  const text = differenceText(table);
  if (table.reason !== null) return {text: `? ${text}`, look: 'beware'};
  return isEven(table) ? {text: `= ${text}`} : {text: `! ${text}`, look: 'beware'};
}

function summary(tables: TableDifference[], as: Tables['as'], isWhole: boolean): StyledText {
  const unknown = tables.filter(({reason}) => reason !== null).length;
  const differ = tables.filter((table) => !isEven(table)).length - unknown;
  const said = [
    ...(differ > 0 ? [`! ${differ} of ${tables.length} ${differ === 1 ? 'differs' : 'differ'}`] : []),
    ...(unknown > 0 ? [`? ${unknown} not compared`] : []),
    ...(isWhole || unknown > 0 ? [] : ['? not all was compared']),
  ];
  if (said.length > 0) return {text: said.join('   '), look: 'beware'};
  if (tables.length === 0) return {text: '= no tables'};
  return {text: tables.some(isAlike) ? '= as many rows in each' : `= the same ${nouns[as]}`};
}

/** The tables of a database on both sides, those first that differ; of the chosen one what there is to know. */
export function tablesView({state, slice: task}: ViewProps<DifferencesTask | null>) {
  const opened = task?.opened;
  if (!task || opened?.difference?.kind !== 'tables') return null;
  const {as, notes, isWhole} = opened.difference;
  const tables = tablesOf(opened);
  const layout = differencesLayout(state.size);
  const chosen = chosenTable(state);
  // What is wrong with a side comes before what its rows say, and that it is sound behind.
  const said = [
    ...notes.filter(isWrong),
    ...(chosen ? [tableSentence(as, chosen), ...chosen.notes] : []),
    ...notes.filter((text) => !isWrong(text)),
  ];
  return (
    <Page>
      <TextLine wide of={heading(task, opened)} />
      <TextLine of={summary(tables, as, isWhole)} />
      <Table columns={columnsOf(as)} rows={tables} {...opened.list} height={layout.list} />
      <Panel title={chosen ? titleOf(as, chosen.name) : ''} height={layout.detail}>
        <Notices
          of={said.map((text) => (/^[x!+] /.test(text) ? noticeOf(text.slice(0, 1), text.slice(2)) : text))}
        />
      </Panel>
    </Page>
  );
}

/** Of a table whose rows were counted: how far they are read and compared, or why they are not. */
function readingRows({comparing}: OpenedDifference, {notes}: TableDifference): StyledText {
  const why = notes.find(isWrong);
  if (why !== undefined) return {text: why, look: 'bad'};
  return {text: comparing ? `- ${comparingText(comparing)}` : '- reading the rows of both sides ...'};
}

/** The rows of one table that differ. */
export function RowsView({state, slice: task}: ViewProps<DifferencesTask | null>) {
  const opened = task?.opened;
  const table = chosenTable(state);
  if (!task || !opened || !table) return null;
  const height = detailHeight(state.size);
  const lines = linesOfDifference(opened, state.size.columns);
  const seen = lines.slice(opened.top, opened.top + height).map((line) => spansOf(line, opened));
  const as = opened.difference?.kind === 'tables' ? opened.difference.as : 'sqlite';
  const head = [titleOf(as, table.name), table.by === null ? '' : `by ${table.by}`]
    .filter(Boolean)
    .join(', ');
  return (
    <Page>
      <TextLine wide of={heading(task, opened)} />
      <TextLine
        of={
          table.isCounted
            ? readingRows(opened, table)
            : `${head}: ${differenceText(table)}   ${whereIn(opened.top, height, lines.length)}`
        }
      />
      <ScrollText of={seen} top={0} height={seen.length} indent={0} />
    </Page>
  );
}
