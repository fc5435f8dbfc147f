import type {HeldEntry, Listing, Stray} from '../engine/catalog/list.ts';
import type {Row} from '../engine/catalog/row.ts';
import type {CatalogEvent} from '../engine/catalog/watcher.ts';

export type CatalogState = {
  exists: boolean;
  /** It was there, and is not any more. */
  vanished: boolean;
  /** Newest first. */
  ids: string[];
  strays: Stray[];
  /** Backups that are held, by id. */
  held: ReadonlyMap<string, HeldEntry>;
  /** Rows that have been read; the others follow. */
  rows: ReadonlyMap<string, Row>;
  /** What restores have saved of the live files, newest first: no backups of the list, and looked at with them. */
  safety: ReadonlyMap<string, Row>;
  complete: boolean;
  /** Why the directory cannot be listed just now. */
  problem: string | null;
};

/** Every backup has been read once. */
export const isRead = ({complete, ids, rows}: CatalogState): boolean => complete || rows.size >= ids.length;

const byId = (held: HeldEntry[]): ReadonlyMap<string, HeldEntry> =>
  new Map(held.map((each) => [each.id, each]));

export function openCatalog(listing: Listing, rows: Iterable<Row>): CatalogState {
  return {
    ...listing,
    held: byId(listing.held),
    vanished: false,
    rows: new Map([...rows].map((row) => [row.id, row])),
    safety: new Map(),
    complete: false,
    problem: null,
  };
}

export function reduceCatalog(state: CatalogState, event: CatalogEvent): CatalogState {
  switch (event.type) {
    case 'listed': {
      const {ids, strays, held, exists} = event.listing;
      const present = new Set(ids);
      const rows = new Map([...state.rows].filter(([id]) => present.has(id)));
      const vanished = !exists && (state.exists || state.vanished);
      return {...state, ids, strays, held: byId(held), exists, vanished, rows, problem: null};
    }
    case 'rows': {
      const rows = new Map(state.rows);
      for (const row of event.rows) rows.set(row.id, row);
      return {...state, rows, problem: null};
    }
    case 'safety':
      return {...state, safety: new Map(event.rows.map((row) => [row.id, row]))};
    case 'complete':
      return {...state, complete: true, problem: null};
    case 'failed':
      return {...state, problem: event.reason};
  }
}

/** What is known of a backup, or of what a restore has saved. */
export const rowIn = ({rows, safety}: Pick<CatalogState, 'rows' | 'safety'>, id: string): Row | undefined =>
  rows.get(id) ?? safety.get(id);
