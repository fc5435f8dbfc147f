import {expect, test} from 'vitest';
import {blank} from '../../source/engine/differences/tables.ts';
import {tablesSentences} from '../../source/presenters/tables-view.ts';

const tables = {kind: 'tables', notes: [], isWhole: true} as const;
const same = {...blank(''), by: 'id', one: 1, other: 1, onlyOne: 0, onlyOther: 0, differ: 0};

test('what is the same where not all was compared is not called all of it', () => {
  const said = (isWhole: boolean) =>
    tablesSentences({...tables, as: 'json lines', tables: [same], notes: [], isWhole}).at(-1);
  expect(said(true)).toBe('All entries are the same: what differs is how they are stored.');
  expect(said(false)).toBe('The entries that were compared are the same; others may differ.');
});

test('a table that cannot be compared still says how many rows each side has', () => {
  const table = {...blank('t'), one: 6000, other: 12, reason: 'the sides keep texts in two encodings'};
  expect(tablesSentences({...tables, as: 'sqlite', tables: [table], notes: [], isWhole: false})).toEqual([
    't: not compared: the sides keep texts in two encodings; 6000 on the - side, 12 on the + side.',
  ]);
});
