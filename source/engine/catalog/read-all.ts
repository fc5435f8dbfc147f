import os from 'node:os';
import {noVerdicts, readVerdicts, statePath} from '../storage/content-verdicts.ts';
import {heldDirectory, listSafety, safetyDirectory} from '../storage/held.ts';
import type {Place} from '../storage/root.ts';
import {type Listing, listBackups, parents} from './list.ts';
import {type Row, readRow} from './row.ts';
import {readShare, type Share} from './share.ts';

type AllRows = {
  listing: Listing;
  /** In the order of the list. */
  rows: Map<string, Row>;
};

function shareOf({root, backups}: Place): {listing: Listing; share: Share} {
  const held = heldDirectory(root);
  const listing = listBackups(backups, held);
  const parentOf = parents(listing, backups, held);
  const share: Share = {
    backups: listing.ids.map((id) => [parentOf(id), id]),
    state: statePath(root),
    now: Date.now(),
    taken: new Int32Array(new SharedArrayBuffer(4)),
  };
  return {listing, share};
}

/** All backups of a place, held ones included, and what is known of each without hashing. */
export function readRows(place: Place): AllRows {
  const {listing, share} = shareOf(place);
  return {listing, rows: new Map(readShare(share).map((row) => [row.id, row]))};
}

/** Fewer are read before another thread has started. */
const many = 2000;

/** The same, where there are many with the help of a second thread: for a command that has nothing else to do. */
export async function readRowsTogether(place: Place): Promise<AllRows> {
  const {listing, share} = shareOf(place);
  const isMany = share.backups.length > many && os.availableParallelism() > 1;
  // It starts before this thread is busy.
  const beside = isMany ? (await import('./thread.ts')).readBeside(share) : [];
  const read = new Map([...readShare(share), ...(await beside)].map((row) => [row.id, row]));
  const verdicts = read.size < share.backups.length ? readVerdicts(share.state) : noVerdicts;
  const rows = share.backups.map(([directory, id]): [string, Row] => [
    id,
    // A thread that ends early says nothing of what it has taken.
    read.get(id) ?? readRow(directory, id, share.now, verdicts),
  ]);
  return {listing, rows: new Map(rows)};
}

/** What restores have saved of the live files, newest first. */
export function safetyRows({root}: Place): Row[] {
  const held = heldDirectory(root);
  if (held === null) return [];
  const verdicts = readVerdicts(statePath(root));
  return listSafety(held).map((id) => readRow(safetyDirectory(held), id, Date.now(), verdicts));
}
