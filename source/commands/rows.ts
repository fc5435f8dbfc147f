import {type Listing, listBackups, parents} from '../engine/catalog/list.ts';
import {type Row, readRow} from '../engine/catalog/row.ts';
import {readVerdicts, stateOf} from '../engine/content/verdicts.ts';
import {escapeText} from '../engine/escape.ts';
import {heldDirectory} from '../engine/held.ts';
import {exitCode, Problem} from '../engine/problem.ts';
import type {Place} from '../engine/root.ts';
import {writeTime} from '../engine/time-text.ts';
import {passedText, suggest} from '../state/bad-since.ts';

/** All backups of a place, held ones included, and what is known of each without hashing; in the order of the list. */
export function readRows({root, backups}: Place): {listing: Listing; rows: Map<string, Row>} {
  const held = heldDirectory(root);
  const listing = listBackups(backups, held);
  const now = Date.now();
  const parentOf = parents(listing, backups, held);
  const verdicts = readVerdicts(stateOf(root));
  const rows = new Map(listing.ids.map((id) => [id, readRow(parentOf(id), id, now, verdicts)]));
  return {listing, rows};
}

/** What names the newest backup that is verified, for a drill that runs from a timer. */
export const latestVerified = 'latest-verified';

/**
 * The newest backup that is verified, unchanged since, and not known to be broken inside.
 * @param before milliseconds since the epoch; null for now
 * @throws Problem (exit 10) where there is none
 */
export function findLatestVerified(place: Place, before: number | null): string {
  const {listing, rows} = readRows(place);
  const suggestion = suggest({ids: listing.ids, rows}, before ?? Date.now());
  if (suggestion.state === 'suggested') return suggestion.id;
  const when = before === null ? '' : ` from before ${writeTime(before)}`;
  const passed = suggestion.state === 'none' ? passedText(suggestion.passed) : null;
  const next =
    suggestion.state === 'none' && suggestion.next !== null ? ` --id=${suggestion.next}` : ' --all';
  throw new Problem(
    exitCode.notFound,
    `--id=${latestVerified}: no backup${when} is verified${passed === null ? '' : ` and sound (${escapeText(passed)})`}: magds backup verify${next}. Nothing was changed.`,
  );
}
