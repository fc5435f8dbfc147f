import type {Copy} from '../../../engine/catalog/copies.ts';
import {holdsBytes, type Live} from '../../../engine/catalog/live.ts';
import type {Row} from '../../../engine/catalog/row.ts';
import {isBefore} from '../../../engine/catalog/suggest.ts';
import {type CatalogState, isRead, rowIn} from '../../../presenters/catalog.ts';
import {type KnownCopies, knownCopies} from '../../../presenters/known-copies.ts';
import {judgeRow} from '../../../presenters/row-view.ts';
import {configuredOf} from '../../facts.ts';
import {type FilterAction, type Filtered, passing, reduceFilter} from '../../filter.ts';
import {type Move, move, type Scroll, settle} from '../../kit/scroll.ts';
import {backupsListHeight, datasetsLayout} from '../../layout.ts';
import {type AppState, slice} from '../../state.ts';

/** What has to be typed before a backup is let go: one key must not do it. */
export const unpinWord = 'unpin';

export type SortKey = 'backup' | 'data' | 'size' | 'verified';

/** The list of backups as it is looked at. */
export type BackupsState = Scroll &
  Filtered & {
    /** Ids in the order shown. */
    shown: string[];
    /** The selected id: it stays selected when others come and go. */
    selected: string | null;
    sort: {key: SortKey; descending: boolean};
    /** Datasets in the order of their columns: it stays as it was seen, as long as they are the same ones. */
    datasets: string[];
    /** The first one that is seen. */
    left: number;
    /** The backup whose details are shown: follows the selection once it rests. */
    detail: string | null;
    /** What was last known of the live files, by dataset, whichever backup it was asked for. */
    live: ReadonlyMap<string, Live>;
    /** Days that a safety backup stays; null for ever, undefined while that is not known. */
    safetyDays: number | null | undefined;
  };

export type BackupsAction =
  | FilterAction
  | {type: 'sorted'; key: SortKey}
  | {type: 'detail opened'; id: string | null}
  | {type: 'live read'; name: string; live: Live}
  | {type: 'safety days read'; days: number | null}
  | {type: 'went across'; by: 1 | -1};

const noBackups: BackupsState = {
  shown: [],
  selected: null,
  cursor: 0,
  top: 0,
  sort: {key: 'backup', descending: true},
  filter: '',
  typing: false,
  datasets: [],
  left: 0,
  detail: null,
  live: new Map(),
  safetyDays: undefined,
};

const flawless = (row: Row) => row.datasets.filter((dataset) => !dataset.flaw).length;
/** What needs the operator first. */
const urgency = {bad: 0, unknown: 1, beware: 2, none: 3, good: 4};

/** What a line says depends on: the rows, the time, and what is configured. */
type Facts = {catalog: CatalogState; now: number; configured: string[] | null};

const sortValue: Record<Exclude<SortKey, 'backup'>, (row: Row, facts: Facts) => number> = {
  data: flawless,
  size: (row) => row.bytes,
  verified: (row, {now, configured}) => urgency[judgeRow(row, now, configured).tone],
};

function textOf(id: string, row: Row | undefined, {now, configured}: Facts): string {
  const judgement = row ? judgeRow(row, now, configured) : null;
  return `${id} ${row?.label ?? ''} ${row?.verification.state ?? ''} ${judgement?.text ?? ''}`;
}

function order(facts: Facts, backups: BackupsState): string[] {
  const {catalog} = facts;
  const filtered = (ids: string[]): string[] =>
    passing(ids, backups.filter, (id) => textOf(id, rowIn(catalog, id), facts));
  const listed = sorted(filtered(catalog.ids), facts, backups);
  return catalog.safety.size === 0 ? listed : [...listed, ...filtered([...catalog.safety.keys()])];
}

function sorted(ids: string[], facts: Facts, {sort}: BackupsState): string[] {
  const {catalog} = facts;
  if (sort.key === 'backup') return sort.descending ? ids : ids.toReversed();
  const rank = sortValue[sort.key];
  const values = new Map(
    ids
      .map((id) => [id, catalog.rows.get(id)] as const)
      .map(([id, row]) => [id, row ? rank(row, facts) : -1]),
  );
  const sign = sort.descending ? -1 : 1;
  return ids.toSorted((a, b) => sign * ((values.get(a) ?? 0) - (values.get(b) ?? 0)));
}

function select(state: BackupsState, scroll: Scroll): BackupsState {
  return {...state, ...scroll, selected: state.shown[scroll.cursor] ?? null};
}

/** Takes over what changed in the catalog, the order or the filter; the selected backup stays selected while it is there. */
export function arrange(state: BackupsState, facts: Facts, height: number): BackupsState {
  const shown = order(facts, state);
  const at = state.selected === null ? -1 : shown.indexOf(state.selected);
  // Lines that come or go above keep the selected one where it is on the screen.
  const shift = at === -1 ? 0 : at - state.cursor;
  const scroll =
    at === -1
      ? {cursor: state.cursor, top: state.top}
      : {cursor: at, top: state.top === 0 ? 0 : state.top + shift};
  return select({...state, shown}, settle(scroll, shown.length, height));
}

export const moveSelection = (state: BackupsState, how: Move, height: number): BackupsState =>
  select(state, move(state, how, state.shown.length, height));

/** The first press of a column sorts it the useful way round, the second the other way. */
export function sortBy(state: BackupsState, key: SortKey): BackupsState {
  const first = key !== 'verified';
  const descending = state.sort.key === key ? !state.sort.descending : first;
  return {...state, sort: {key, descending}};
}

const arrangedIn = (state: AppState, backups: BackupsState): BackupsState =>
  arrange(
    backups,
    {catalog: state.catalog, now: state.now, configured: configuredOf(state)},
    backupsListHeight(state),
  );

/** What is known of copies, as the state is. */
export const knownHere = (state: AppState): KnownCopies =>
  knownCopies(state.catalog, configuredOf(state), state.badSince?.at ?? null);

/** Whether the live file is known to hold the very bytes of a copy: of one that is damaged, not those that it should have. */
export function holdsLive({live}: BackupsState, copy: Copy): boolean {
  const known = live.get(copy.dataset);
  return copy.state !== 'damaged' && known?.state === 'read' && holdsBytes(known, copy);
}

function reduceBackups(backups: BackupsState, action: BackupsAction, state: AppState): BackupsState {
  switch (action.type) {
    case 'sorted':
      return arrangedIn(state, sortBy(backups, action.key));
    case 'detail opened':
      return {...backups, detail: action.id};
    case 'live read':
      return {...backups, live: new Map(backups.live).set(action.name, action.live)};
    case 'safety days read':
      return {...backups, safetyDays: action.days};
    case 'went across': {
      const {datasets} = backups;
      const {first} = datasetsLayout(state.size, datasets, backups.left);
      return {...backups, left: datasetsLayout(state.size, datasets, first + action.by).first};
    }
    default:
      return arrangedIn(state, {...backups, ...reduceFilter(backups, action)});
  }
}

export const backupsSlice = slice('backups', {start: noBackups, reduce: reduceBackups});

/** What the list depends on, beside the time: that moves nothing. */
const shownOf = ({catalog, configuration, badSince, size, place}: AppState) => [
  catalog,
  configuration,
  badSince,
  size,
  place,
];

/**
 * The backup with the good copy, from before that time, of what has a fault; else the newest one with any; where none
 * is, what has to be verified first.
 */
function firstOf(state: AppState): string | null {
  const {good, troubled, toVerify} = knownHere(state);
  const wanted = troubled.find((name) => good.has(name));
  if (wanted !== undefined) return good.get(wanted) ?? null;
  const newest = (ids: Iterable<string>): string | undefined => {
    const among = new Set(ids);
    return state.catalog.ids.find((id) => among.has(id));
  };
  return newest(good.values()) ?? newest(toVerify.values()) ?? null;
}

/** Where the list goes to by itself: once the time is given, and once all backups were read, if nobody has moved yet. */
function soughtIn(backups: BackupsState, state: AppState, before: AppState | null): string | null {
  const {badSince, catalog} = state;
  if (!badSince) return null;
  if (badSince !== before?.badSince) return firstOf(state);
  if (isRead(before.catalog) || !isRead(catalog)) return null;
  const isUntouched = [before.catalog.ids[0], firstOf(before)].includes(backups.selected ?? '');
  return isUntouched ? firstOf(state) : null;
}

/** Faults come first, until all has been read once; then only other datasets change the order. */
function ordered({datasets: shown}: BackupsState, state: AppState, before: AppState | null): string[] {
  const {datasets} = knownHere(state);
  const isSettled = before?.configuration === state.configuration && isRead(before.catalog);
  const isSame = shown.length === datasets.length && datasets.every((name) => shown.includes(name));
  return isSettled && isSame ? shown : datasets;
}

/** The list is what the catalog is; it goes to what has to be looked at first, in a list of whatever length. */
export function followCatalog(backups: BackupsState, state: AppState, before: AppState | null): BackupsState {
  const known = before && shownOf(before);
  if (known && shownOf(state).every((each, index) => each === known[index])) return backups;
  const {place} = state;
  const first = soughtIn(backups, state, before);
  const datasets = ordered(backups, state, before);
  const next = arrangedIn(state, {...backups, datasets, ...(first && {selected: first})});
  if (!before) return {...next, detail: next.selected};
  return place === before.place ? next : {...next, detail: null, live: new Map()};
}

/** Before which of the lines that are seen those begin that restores have saved. */
export function safetyPlace(seen: string[], {safety}: CatalogState): number {
  const first = seen.findIndex((id) => safety.has(id));
  return first === -1 ? seen.length : first;
}

/**
 * Before which of the lines that are seen the time is drawn: at their edge where it lies outside. Sorted by anything
 * but time, above all of them.
 */
export function linePlace(seen: string[], {key, descending}: BackupsState['sort'], at: number): number {
  if (key !== 'backup') return 0;
  if (!descending) return seen.findLastIndex((id) => isBefore(id, at)) + 1;
  const first = seen.findIndex((id) => isBefore(id, at));
  return first === -1 ? seen.length : first;
}
