import {expect, test} from 'vitest';
import {badTimeOf, badTimesOf} from '../../source/presenters/bad-times.ts';
import {openCatalog} from '../../source/presenters/catalog.ts';
import {knownCopies, newerVersion} from '../../source/presenters/known-copies.ts';
import {aStory} from '../support/session-states.ts';
import {aDataset, aRow, idAt, listing, noon} from '../support/states.ts';

const hour = 3_600_000;
const iso = (hoursAgo: number) => new Date(noon - hoursAgo * hour).toISOString();
/** Tenants and ledger were bad from five hours before noon on, and restored two hours before it. */
const story = aStory({closed: true, badSince: iso(5), endedAt: iso(2)});

test('a copy is from the bad time of its dataset alone, until that was restored', () => {
  const times = badTimesOf([story]);
  const of = (hoursAgo: number, dataset = 'ledger') =>
    badTimeOf(times, null, idAt(hoursAgo), dataset)?.of ?? null;
  expect([6, 5, 3, 2, 1].map((each) => of(each))).toEqual([null, 'INC-4711', 'INC-4711', null, null]);
  expect(of(3, 'media')).toBeNull();
  expect(badTimesOf([aStory({...story, ticket: null})])[0]?.of).toBe('session 12');
});

test('what has the bytes that were put back is not bad, whenever it was made', () => {
  const [restored, same, other] = [idAt(8), idAt(4), idAt(3)];
  const versions = new Map(
    [restored, same, other].map((id, index) => [id, new Map([['ledger', index === 2 ? 2 : 1]])]),
  );
  const times = badTimesOf([aStory({...story, id: restored})]);
  const of = (id: string) => badTimeOf(times, versions, id, 'ledger')?.of ?? null;
  expect([of(same), of(other)]).toEqual([null, 'INC-4711']);
});

test.each([
  ['a drill', {drill: true}],
  ['one that was undone', {undoneBy: 13}],
  ['an undo', {undoes: 3}],
  ['one that did nothing', {state: 'rolled-back'}],
  ['one of which nobody said since when', {badSince: null}],
  ['one that stopped before', {endedAt: iso(7)}],
] as const)('%s tells of none', (_, changes) => {
  expect(badTimesOf([{...story, ...changes}])).toEqual([]);
});

test('what is from it is no newer version that one would want', () => {
  const rows = [3, 4, 6, 8].map((each) => {
    const datasets = ['ledger', 'media'].map((name) => aDataset(name, {content: `sha256:${name}${each}`}));
    return aRow(idAt(each), {datasets});
  });
  const catalog = openCatalog(listing(rows.map(({id}) => id)), rows);
  const copies = knownCopies(catalog, null, null);
  const newer = (dataset: string, bad = badTimesOf([story])) =>
    newerVersion(catalog, copies, idAt(8), dataset, null, bad);
  expect([newer('ledger'), newer('media'), newer('ledger', [])]).toEqual([2, 4, 4]);
});
