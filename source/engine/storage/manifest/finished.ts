import {writeTime} from '../../base/time-text.ts';
import type {ContentKind} from '../content.ts';

/** In the metadata of a backup that was cut off: when it got its manifest. */
export const finishedKey = 'finished_at';

/** What nothing says of such a one. */
export const notKnownOf =
  'whether files were written to while they were copied is not known; its sources are those configured when it was written';

/** What a content check found a copy to be, in words. */
export const soundAs: Record<ContentKind, string> = {
  json: 'parses as JSON',
  sqlite: 'SQLite is sound',
  dump: 'pg_restore reads it to its end',
};

/**
 * What a backup that was finished later proves, and what not; null for every other one.
 * @param at as its manifest has it, hostile
 * @param sound what was found inside its copies
 */
export function finishedText(
  at: string | null,
  sound: {name: string; kind: ContentKind}[] = [],
): string | null {
  if (at === null) return null;
  const time = Date.parse(at);
  const when = Number.isNaN(time) ? `at "${at.slice(0, 40)}"` : `on ${writeTime(time)}`;
  const inside = sound.map(({name, kind}) => `${name}${kind === 'json' ? ' ' : ': '}${soundAs[kind]}`);
  return [
    `Its manifest was written ${when}, after it had been cut off: its hashes are of that time`,
    notKnownOf,
    ...inside,
  ].join('; ');
}
