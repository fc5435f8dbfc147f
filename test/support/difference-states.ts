import type {DatasetDifference} from '../../source/engine/differences/compare.ts';
import type {FileFacts} from '../../source/engine/differences/facts.ts';
import {blank, type TableDifference} from '../../source/engine/differences/tables.ts';
import {compareTexts} from '../../source/engine/differences/texts.ts';
import {differencesSlice} from '../../source/ui/screens/differences/state.ts';
import type {AppAction} from '../../source/ui/state.ts';
import {noon} from './states.ts';

const hour = 3_600_000;

/** A file of a comparison that is there. */
export const aFile = (changes: Partial<FileFacts> = {}): FileFacts => ({
  state: 'there',
  bytes: 25_000,
  at: new Date(noon - 3 * hour).toISOString(),
  hash: 'ab'.repeat(32),
  altered: null,
  beside: null,
  reason: null,
  ...changes,
});

/** A dataset whose live file was changed half an hour ago, unless told otherwise. */
export const aDifference = (name: string, changes: Partial<DatasetDifference> = {}): DatasetDifference => ({
  name,
  relation: 'differs',
  algorithm: 'sha256',
  one: aFile({altered: false}),
  other: aFile({bytes: 26_000, hash: 'cd'.repeat(32), at: new Date(noon - hour / 2).toISOString()}),
  ...changes,
});

export const aSame = (name: string): DatasetDifference =>
  aDifference(name, {relation: 'same', other: aFile()});

/** The screen of a comparison that is over. */
export const differencesCompared = (
  id: string,
  datasets: DatasetDifference[] = [aDifference('tenants'), aSame('ledger')],
  other: string | null = null,
): AppAction[] => [
  differencesSlice.open({type: 'differences opened', id, other}),
  differencesSlice.to({type: 'differences event', event: {type: 'started', datasets, totalBytes: 100_000}}),
  differencesSlice.to({
    type: 'differences event',
    event: {
      type: 'finished',
      result: datasets.some(({relation}) => relation !== 'same') ? 'differs' : 'same',
    },
  }),
];

/** After that: how one dataset of it differs by lines. */
export const differenceRead = (one: string[], other: string[], name = 'tenants'): AppAction[] => [
  differencesSlice.open({type: 'difference opened', name}, 'difference'),
  differencesSlice.to({
    type: 'difference event',
    event: {
      type: 'finished',
      difference: compareTexts(`${one.join('\n')}\n`, `${other.join('\n')}\n`, 0),
    },
  }),
];

/** A table of which so many rows differ, two of which are listed. */
export const aTable = (
  name: string,
  differ = 0,
  changes: Partial<TableDifference> = {},
): TableDifference => ({
  ...blank(name),
  by: 'id',
  one: 6000,
  other: 6000,
  onlyOne: 0,
  onlyOther: 0,
  differ,
  rows: ['3', '10'].slice(0, differ).map((key) => ({
    mark: '!',
    key,
    columns: [{name: 'balance', one: '18303', other: '0'}],
    left: 0,
  })),
  ...changes,
});

/** After a comparison: how one dataset of it differs by tables. */
export const tablesRead = (
  tables: TableDifference[] = [aTable('log'), aTable('accounts', 815)],
  notes: string[] = ['+ The - side: SQLite finds it sound (integrity_check).'],
): AppAction[] => [
  differencesSlice.open({type: 'difference opened', name: 'ledger'}, 'difference'),
  differencesSlice.to({
    type: 'difference event',
    event: {type: 'finished', difference: {kind: 'tables', as: 'sqlite', tables, notes, isWhole: true}},
  }),
];
