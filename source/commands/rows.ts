import {escapeText} from '../engine/base/escape.ts';
import {exitCode, Problem} from '../engine/base/problem.ts';
import {writeTime} from '../engine/base/time-text.ts';
import {readRows} from '../engine/catalog/read-all.ts';
import {suggest, whyBeware} from '../engine/catalog/suggest.ts';
import type {Place} from '../engine/storage/root.ts';
import {passedText} from '../presenters/suggestion.ts';

/** What names the newest backup that is verified, for a drill that runs from a timer. */
export const latestVerified = 'latest-verified';

/**
 * The newest backup that is verified, unchanged since, whole, and not known to be broken inside; where none is whole the
 * newest of the others. What it lacks is said.
 * @param before milliseconds since the epoch; null for now
 * @throws Problem (exit 10) where there is none
 */
export function findLatestVerified(place: Place, before: number | null, configured: string[] | null): string {
  const {listing, rows} = readRows(place);
  const suggestion = suggest({ids: listing.ids, rows}, before ?? Date.now());
  if (suggestion.state === 'suggested') {
    const row = rows.get(suggestion.id);
    const beware = row ? whyBeware(row, configured) : null;
    if (beware !== null) process.stderr.write(`! ${escapeText(`${suggestion.id} ${beware}`)}.\n`);
    return suggestion.id;
  }
  const when = before === null ? '' : ` from before ${writeTime(before)}`;
  const passed = suggestion.state === 'none' ? passedText(suggestion.passed) : null;
  const next =
    suggestion.state === 'none' && suggestion.next !== null ? ` --id=${suggestion.next}` : ' --all';
  throw new Problem(
    exitCode.notFound,
    `--id=${latestVerified}: no backup${when} is verified${passed === null ? '' : ` and sound (${escapeText(passed)})`}: magds backup verify${next}. Nothing was changed.`,
  );
}
