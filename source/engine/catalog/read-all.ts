import {readVerdicts, statePath} from '../storage/content-verdicts.ts';
import {heldDirectory, listSafety, safetyDirectory} from '../storage/held.ts';
import type {Place} from '../storage/root.ts';
import {type Listing, listBackups, parents} from './list.ts';
import {type Row, readRow} from './row.ts';

/** All backups of a place, held ones included, and what is known of each without hashing; in the order of the list. */
export function readRows({root, backups}: Place): {listing: Listing; rows: Map<string, Row>} {
  const held = heldDirectory(root);
  const listing = listBackups(backups, held);
  const now = Date.now();
  const parentOf = parents(listing, backups, held);
  const verdicts = readVerdicts(statePath(root));
  const rows = new Map(listing.ids.map((id) => [id, readRow(parentOf(id), id, now, verdicts)]));
  return {listing, rows};
}

/** What restores have saved of the live files, newest first. */
export function safetyRows({root}: Place): Row[] {
  const held = heldDirectory(root);
  if (held === null) return [];
  const verdicts = readVerdicts(statePath(root));
  return listSafety(held).map((id) => readRow(safetyDirectory(held), id, Date.now(), verdicts));
}
