import {listed} from '../engine/base/format.ts';
import {nouns} from '../engine/differences/counts.ts';
import type {Tables} from '../engine/differences/tables.ts';
import {isAlike, isSame, type RowDifference, type TableDifference} from '../engine/differences/tables.ts';

/** Names in a sentence; the rest is counted. */
const mostNames = 5;

const titles = (as: Tables['as'], tables: TableDifference[]): string[] =>
  tables.map(({name}) => titleOf(as, name)).filter((name) => name !== '');

/** How many of a table differ, in a few words: `815 differ, 2 only on the - side`. */
export function differenceText(table: TableDifference): string {
  const {one, other, onlyOne, onlyOther, differ, reason} = table;
  if (reason !== null) return `not compared: ${reason}`;
  if (one === null) return `only on the + side: ${other}`;
  if (other === null) return `only on the - side: ${one}`;
  if (isAlike(table)) return 'as many rows';
  if (table.isCounted)
    return (onlyOne ?? 0) > 0 ? `${onlyOne} fewer on the + side` : `${onlyOther} more on the + side`;
  const parts = [
    (differ ?? 0) > 0 && `${differ} ${differ === 1 ? 'differs' : 'differ'}`,
    (onlyOne ?? 0) > 0 && `${onlyOne} only on the - side`,
    (onlyOther ?? 0) > 0 && `${onlyOther} only on the + side`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'the same' : parts.join(', ');
}

/** Whether nothing is known that tells its sides apart. */
export const isEven = (table: TableDifference): boolean => isSame(table) || isAlike(table);

/** What a table is called; what stands at the top of JSON has no name. */
export const titleOf = (as: Tables['as'], name: string): string =>
  name === '' && as === 'json' ? 'top level' : name;

/** `accounts, by id: 815 differ; 6000 on the - side, 5998 on the + side.` */
export function tableSentence(as: Tables['as'], table: TableDifference): string {
  const {by, one, other, reason, isCounted} = table;
  const name = titleOf(as, table.name);
  const how = isCounted ? '' : by === null ? ', by the whole of them' : `, by ${by}`;
  const head = [name, reason === null && one !== null && other !== null ? how : '']
    .join('')
    .replace(/^, /, '');
  const counted = one === null || other === null ? '' : `; ${one} on the - side, ${other} on the + side`;
  return `${head === '' ? '' : `${head}: `}${differenceText(table)}${counted}.`;
}

/** Whether a note is of something that is wrong with a side, which comes first. */
export const isWrong = (note: string): boolean => /^[x!] /.test(note);

/** What there is to say of tables, the most important first; may quote what was read. */
export function tablesSentences(tables: Tables): string[] {
  const {as, tables: all, notes} = tables;
  const changed = all.filter((table) => !isEven(table));
  const said = [
    ...changed.map((table) => tableSentence(as, table)),
    ...changed.flatMap(({name, notes: of}) =>
      of.map((note) => [titleOf(as, name), note].filter(Boolean).join(': ')),
    ),
  ];
  for (const [what, even] of [
    ['The same', all.filter(isSame)],
    ['As many rows', all.filter(isAlike)],
  ] as const) {
    const names = listed(titles(as, even), mostNames);
    if (even.length > 0)
      said.push(`${what}: ${even.length} of ${all.length}${names === '' ? '' : ` (${names})`}.`);
  }
  if (all.length === 0) said.push('There are no tables.');
  if (changed.length === 0 && all.length > 0 && as !== 'postgres')
    said.push(
      tables.isWhole
        ? `All ${nouns[as]} are the same: what differs is how they are stored.`
        : `The ${nouns[as]} that were compared are the same; others may differ.`,
    );
  return [...notes.filter(isWrong), ...said, ...notes.filter((text) => !isWrong(text))];
}

/** A row in one line: what tells it apart, and its columns. */
export function rowText({mark, key, columns, left}: RowDifference): string {
  const said = columns.map(({name, one, other}) =>
    [name, mark === '!' ? `${one ?? '-'} -> ${other ?? '-'}` : (one ?? other ?? '-')]
      .filter((part) => part !== '')
      .join(' '),
  );
  if (left > 0) said.push(`${left} more columns`);
  return [key, said.join('; ')].filter((part) => part !== '').join('  ');
}

/** How many of a table's rows are listed, where that is not all of them; null where it is. */
export function unlisted({rows, onlyOne, onlyOther, differ}: TableDifference): string | null {
  const count = (onlyOne ?? 0) + (onlyOther ?? 0) + (differ ?? 0);
  return count > rows.length ? `${count - rows.length} more are not listed.` : null;
}

/** All of it, for a text: each table that differs, with its rows. */
export const tableLines = (tables: Tables): string[] =>
  tables.tables
    .filter(({rows}) => rows.length > 0)
    .flatMap((table) => {
      const rest = unlisted(table);
      return [
        `@@ ${[titleOf(tables.as, table.name), `by ${table.by ?? 'the whole of them'}`].filter(Boolean).join(', ')} @@`,
        ...table.rows.map((row) => `${row.mark} ${rowText(row)}`),
        ...(rest === null ? [] : [rest]),
      ];
    });
