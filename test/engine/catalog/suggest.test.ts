import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Row} from '../../../source/engine/catalog/row.ts';
import {isSafety, lacks, suggest, whyBeware} from '../../../source/engine/catalog/suggest.ts';
import {noIncident} from '../../../source/engine/session/incident.ts';
import {passedText} from '../../../source/presenters/suggestion.ts';
import {backupsSlice, linePlace} from '../../../source/ui/screens/backups/state.ts';
import {restoreFacts} from '../../../source/ui/screens/restore/facts.ts';
import {restoreSlice} from '../../../source/ui/screens/restore/state.ts';
import type {AppAction} from '../../../source/ui/state.ts';
import {aRestorePlan} from '../../support/restore-states.ts';
import {
  aDataset,
  anApp,
  aRow,
  badSinceGiven,
  idAt,
  noon,
  reduceAll,
  verification,
} from '../../support/states.ts';

const hour = 3_600_000;
const verified = {verification: verification('verified')};
const hoursAgo = (hours: number): number => noon - hours * hour;

const suggestIn = (rows: Row[], at: number) =>
  suggest({ids: rows.map(({id}) => id), rows: new Map(rows.map((row) => [row.id, row]))}, at);

describe('the newest verified backup before the time is suggested', () => {
  const rows = [1, 3, 5, 7].map((hours) => aRow(idAt(hours), verified));
  const [, , third, fourth] = rows as [Row, Row, Row, Row];

  test('and none that was made at it or after', () => {
    expect(suggestIn(rows, hoursAgo(4))).toEqual({state: 'suggested', id: third.id, passed: []});
    expect(suggestIn(rows, hoursAgo(5))).toEqual({state: 'suggested', id: fourth.id, passed: []});
    expect(suggestIn(rows, hoursAgo(7))).toEqual({state: 'none', next: null, passed: []});
  });

  test.each<[string, Partial<Row>]>([
    ['never verified', {}],
    ['stale', {verification: verification('stale', {changed: true})}],
    ['of unknown result', {verification: verification('unknown')}],
    ['failed', {verification: verification('failed')}],
    ['short of a copy', {...verified, datasets: [aDataset('tenants', {flaw: 'the copy is missing'})]}],
    ['empty', {...verified, datasets: []}],
    ['interrupted', {...verified, state: 'interrupted'}],
    ['a safety backup', {...verified, label: 'before restore, session 3'}],
    ['recorded as made later', {...verified, createdAt: new Date(hoursAgo(2)).toISOString()}],
  ])('and none that is %s', (_, changes) => {
    const one = aRow(idAt(5), changes);
    expect(suggestIn([one, fourth], hoursAgo(4))).toMatchObject({state: 'suggested', id: fourth.id});
  });

  test('one that is known to be broken inside is passed over with the reason, whether it is verified or not', () => {
    const broken = (name: string) => ({name, detail: 'no JSON'});
    const one = aRow(idAt(5), {...verified, brokenInside: [broken('ledger')]});
    const two = aRow(idAt(6), {...verified, brokenInside: [broken('ledger'), broken('tenants')]});
    const never = aRow(idAt(6.5), {brokenInside: [broken('ledger')]});
    const passed = [
      {id: one.id, why: 'ledger is broken inside'},
      {id: two.id, why: 'ledger and 1 more are broken inside'},
    ];
    expect(suggestIn([one, two, never, fourth], hoursAgo(4))).toEqual({
      state: 'suggested',
      id: fourth.id,
      passed,
    });
    expect(suggestIn([one, two, never], hoursAgo(4))).toEqual({state: 'none', next: null, passed});
    expect(passedText(passed)).toBe(`${one.id} is verified too, but ledger is broken inside; and 1 more`);
    expect(passedText([])).toBeNull();
  });

  test('one whose manifest says that it was made later is passed over with the reason', () => {
    const later = aRow(idAt(5), {...verified, createdAt: new Date(hoursAgo(2)).toISOString()});
    expect(suggestIn([later, fourth], hoursAgo(4))).toMatchObject({
      id: fourth.id,
      passed: [{id: later.id, why: 'its manifest says that it was made later'}],
    });
  });

  test('a partial one only where none is whole, and with what it lacks', () => {
    const partial = [{dataset: 'tree', reason: 'left out: a link'}];
    const [newer, middle, whole] = [
      aRow(idAt(5), {...verified, partial}),
      aRow(idAt(6), {partial}),
      aRow(idAt(7), verified),
    ];
    const why = 'it is partial: tree: left out: a link';
    expect(suggestIn([newer, whole], hoursAgo(4))).toEqual({
      state: 'suggested',
      id: whole.id,
      passed: [{id: newer.id, why}],
    });
    expect(suggestIn([middle, newer], hoursAgo(4))).toEqual({state: 'suggested', id: newer.id, passed: []});
    expect(whyBeware(newer, null)).toBe('is partial: tree: left out: a link');
    expect(whyBeware(newer, ['sessions'])).toBe('has no sessions');
    expect(whyBeware(whole, null)).toBeNull();
    // What has a name below that of another is no part of it.
    const below = aRow(idAt(5), {datasets: [aDataset('media/index'), aDataset('tree/a')]});
    expect(lacks(below, ['media', 'media/index', 'tree', 'tree/b'])).toEqual(['media', 'tree/b']);
    // It is named for want of a better one.
    expect(suggestIn([middle], hoursAgo(4))).toEqual({state: 'none', next: middle.id, passed: []});
    expect(suggestIn([middle, aRow(idAt(7))], hoursAgo(4))).toMatchObject({next: idAt(7)});
  });

  test('where none is, the newest that could be verified is named', () => {
    const failed = aRow(idAt(5), {verification: verification('failed')});
    const never = aRow(idAt(6));
    const stale = aRow(idAt(7), {verification: verification('stale')});
    expect(suggestIn([failed, never, stale], hoursAgo(4))).toEqual({
      state: 'none',
      next: never.id,
      passed: [],
    });
  });

  test('nothing is said while a newer row is still being read', () => {
    const known = new Map([[fourth.id, fourth]]);
    expect(suggest({ids: [third.id, fourth.id], rows: known}, hoursAgo(4))).toEqual({state: 'reading'});
  });

  test('a name without a time is never before', () => {
    expect(suggestIn([aRow('zz copy', verified)], noon)).toEqual({state: 'none', next: null, passed: []});
  });
});

test('a safety backup is known by its label, or by its id where the manifest is lost', () => {
  expect(isSafety('20261123_030000', {label: 'before restore, session 3'})).toBe(true);
  expect(isSafety('20261123_030000_before-restore-3', undefined)).toBe(true);
  expect(isSafety('20261123_030000_nightly', {label: 'before the restoration'})).toBe(false);
  expect(isSafety('20261123_030000_nightly', undefined)).toBe(false);
});

test('whatever there is: what is suggested is verified, before the time, and none before it is newer', () => {
  const states = fc.constantFrom('verified', 'failed', 'stale', 'unknown', 'never');
  fc.assert(
    fc.property(fc.array(states, {maxLength: 12}), fc.integer({min: 0, max: 13}), (all, hours) => {
      const rows = all.map((state, index) => aRow(idAt(index + 1), {verification: verification(state)}));
      const at = hoursAgo(hours);
      const good = rows.filter(
        ({time, verification: {state}}) => (time ?? 0) * 1000 < at && state === 'verified',
      );
      const found = suggestIn(rows, at);
      expect(found.state === 'suggested' ? found.id : null).toBe(good[0]?.id ?? null);
    }),
  );
});

describe('the line is drawn', () => {
  const seen = [1, 3, 5].map((hours) => idAt(hours));
  test('between the backups before and after, or at the edge of what is seen', () => {
    for (const [hours, place] of [
      [0, 0],
      [2, 1],
      [4, 2],
      [9, 3],
    ] as const) {
      expect(linePlace(seen, {key: 'backup', descending: true}, hoursAgo(hours))).toBe(place);
      const upwards = linePlace(seen.toReversed(), {key: 'backup', descending: false}, hoursAgo(hours));
      expect(upwards).toBe(3 - place);
    }
  });

  test('above all of them where they are sorted by something else', () => {
    expect(linePlace(seen, {key: 'size', descending: true}, hoursAgo(4))).toBe(0);
  });
});

describe('in the app', () => {
  const rows = [1, 3, 5, 7].map((hours) => aRow(idAt(hours), hours > 4 ? verified : {}));
  const given = badSinceGiven;

  test('giving the time goes to the suggested backup, and taking it away stays there', () => {
    const state = reduceAll(anApp(rows), given(hoursAgo(2)));
    expect(state.badSince).toEqual({at: hoursAgo(2), by: 'amira'});
    expect(backupsSlice.of(state)).toMatchObject({selected: rows[2]?.id, cursor: 2});
    const gone = reduceAll(state, given(null));
    expect(gone.badSince).toBeNull();
    expect(backupsSlice.of(gone).selected).toBe(rows[2]?.id);
  });

  test('it goes to the one to be verified where none is, and stays where there is none', () => {
    const unverified = rows.slice(0, 2);
    expect(backupsSlice.of(reduceAll(anApp(unverified), given(hoursAgo(2)))).selected).toBe(
      unverified[1]?.id,
    );
    expect(backupsSlice.of(reduceAll(anApp(unverified), given(hoursAgo(9)))).selected).toBe(
      unverified[0]?.id,
    );
  });

  test('one that a filter hides is not gone to, and the filter stays', () => {
    const filtered: AppAction = backupsSlice.to({type: 'filter written', text: rows[0]?.id ?? ''});
    const state = reduceAll(anApp(rows), filtered, given(hoursAgo(2)));
    expect(backupsSlice.of(state)).toMatchObject({selected: rows[0]?.id, shown: [rows[0]?.id]});
  });

  test('opened with a time, it opens on the suggested backup', () => {
    const badSince = {value: new Date(hoursAgo(2)).toISOString(), by: 'amira', at: ''};
    const state = anApp(rows, {incident: {...noIncident, badSince}});
    expect(backupsSlice.of(state).selected).toBe(rows[2]?.id);
  });

  test('a restore carries it on; the undo of one does not', () => {
    const state = reduceAll(anApp(rows), given(hoursAgo(2)));
    const open = (undoes: number | null): AppAction =>
      restoreSlice.open({
        type: 'restore opened',
        subject: {id: 'x', undoes},
        badSince: state.badSince,
      });
    expect(restoreSlice.of(reduceAll(state, open(null)))?.badSince).toEqual(state.badSince);
    expect(restoreSlice.of(reduceAll(state, open(3)))?.badSince).toBeNull();
  });

  test('the plan says whether the backup is from before', () => {
    const factsOf = (hours: number): string[] => {
      const state = reduceAll(
        anApp(rows),
        given(hoursAgo(2)),
        restoreSlice.open({
          type: 'restore opened',
          subject: {id: idAt(hours), undoes: null},
          badSince: {at: hoursAgo(2), by: 'amira'},
        }),
      );
      const restore = restoreSlice.of(
        reduceAll(
          state,
          restoreSlice.to({type: 'restore planned', plan: aRestorePlan(idAt(hours)), reasons: []}),
        ),
      );
      if (!restore) throw new Error('there is no plan');
      return restoreFacts(restore, noon).flatMap(({mark, word, text}) =>
        word === 'BAD SINCE' ? [`${mark} ${text}`] : [],
      );
    };
    expect(factsOf(3)).toEqual(['  10:00Z (amira); this backup is from before it']);
    expect(factsOf(1)).toEqual([
      '! 10:00Z (amira); this backup is NOT from before it, and may hold the damage',
    ]);
  });
});
