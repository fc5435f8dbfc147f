import {describe, expect, test} from 'vitest';
import {shownLine} from '../../../../source/presenters/difference-view.ts';
import {
  chosenDifference,
  differencesSlice,
  othersOf,
  usualOther,
} from '../../../../source/ui/screens/differences/state.ts';
import {rows} from '../../../support/catalog.ts';
import {aDifference, aSame, differenceRead, differencesCompared} from '../../../support/difference-states.ts';
import {anApp, reduceAll} from '../../../support/states.ts';

const ids = rows.map(({id}) => id) as [string, string, string, string];
const opened = (...actions: Parameters<typeof reduceAll> extends [unknown, ...infer Rest] ? Rest : never) =>
  reduceAll(anApp(rows), ...differencesCompared(ids[1]), ...actions);

describe('what it is compared with', () => {
  test('the live files, or any other backup', () => {
    expect(othersOf(anApp(rows), ids[1])).toEqual([null, ids[0], ids[2], ids[3]]);
    expect(usualOther(anApp(rows), ids[1])).toBeNull();
  });

  test('without a project the backup before it, of the oldest the one after it', () => {
    const alone = anApp(rows, {place: {root: null, backups: '/srv/backups'}});
    expect(othersOf(alone, ids[1])).toEqual([ids[0], ids[2], ids[3]]);
    expect(usualOther(alone, ids[1])).toBe(ids[2]);
    expect(usualOther(alone, ids[3])).toBe(ids[2]);
  });

  test('the list stands on what it is compared with now, and stays inside', () => {
    const state = reduceAll(
      anApp(rows),
      ...differencesCompared(ids[1], [], ids[2]),
      differencesSlice.open({type: 'others opened'}, 'others'),
    );
    expect(differencesSlice.of(state)?.choice).toBe(2);
    const moved = (how: 'last' | 'down' | 'up' | 'first') =>
      differencesSlice.of(reduceAll(state, {type: 'moved', how}))?.choice;
    expect([moved('up'), moved('down'), moved('last'), moved('first')]).toEqual([1, 3, 3, 0]);
  });
});

test('a dataset that is done takes the place of what was known of it', () => {
  const state = opened(
    differencesSlice.to({
      type: 'differences event',
      event: {type: 'dataset', index: 0, dataset: aDifference('tenants', {relation: 'same'})},
    }),
  );
  expect(differencesSlice.of(state)?.datasets.map(({relation}) => relation)).toEqual(['same', 'same']);
});

test('compared again, the chosen dataset stays chosen', () => {
  const many = Array.from({length: 40}, (_, index) => aSame(`dataset_${index}`));
  const state = reduceAll(
    anApp(rows),
    ...differencesCompared(ids[1], many),
    {type: 'moved', how: 'last'},
    ...differencesCompared(ids[1], many, ids[0]),
  );
  expect(chosenDifference(state)?.name).toBe('dataset_39');
  expect(differencesSlice.of(reduceAll(state, ...differencesCompared(ids[2])))?.cursor).toBe(0);
});

describe('in the lines of a dataset', () => {
  const numbered = Array.from({length: 200}, (_, index) => `line ${index}`);
  const changed = numbered.with(20, 'x').with(90, 'y'.repeat(300)).with(180, 'z');
  const reading = opened(...differenceRead(numbered, changed));
  const sought = (...how: ('next' | 'previous')[]) =>
    differencesSlice.of(
      reduceAll(reading, ...how.map((each) => differencesSlice.to({type: 'change sought', how: each}))),
    )?.opened?.top;

  test('n goes from change to change, N back, neither beyond the ends', () => {
    // 27 lines, of which 19 are seen: the second change is in sight with the last.
    expect(sought('next')).toBe(8);
    expect(sought('next', 'next', 'next')).toBe(8);
    expect(sought('next', 'previous')).toBe(0);
    expect(sought('previous')).toBe(0);
  });

  test('sideways goes as far as what is seen is wide', () => {
    const left = (count: number) =>
      differencesSlice.of(
        reduceAll(
          reading,
          ...Array(count).fill(differencesSlice.to({type: 'looked sideways', how: 'right'})),
        ),
      )?.opened?.left;
    expect(left(1)).toBe(20);
    expect(left(50)).toBe(300 - 76);
  });

  test('a terminal of another size keeps the place inside', () => {
    const state = reduceAll(
      reading,
      {type: 'moved', how: 'last'},
      {type: 'resized', size: {columns: 80, rows: 60}},
    );
    expect(differencesSlice.of(state)?.opened?.top).toBe(0);
  });

  test('opened anew it begins at the top', () => {
    const state = reduceAll(
      reading,
      {type: 'moved', how: 'last'},
      differencesSlice.open({type: 'difference opened', name: 'ledger'}, 'difference'),
    );
    expect(differencesSlice.of(state)?.opened).toMatchObject({
      name: 'ledger',
      difference: null,
      top: 0,
      left: 0,
    });
  });
});

test('what a line hides is spelt out', () => {
  expect(shownLine({mark: '-', text: '\ta \u001b[31m\r'})).toBe('\\ta \\u{1b}[31m\\u{d}');
  expect(shownLine({mark: '+', text: 'end '})).toBe('end\\u{20}');
  expect(shownLine({mark: ' ', text: 'end '})).toBe('end ');
});
