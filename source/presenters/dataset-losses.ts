import {counted, formatAge, formatDuration} from '../engine/base/format.ts';
import type {Count, Counts} from '../engine/differences/counts.ts';
import type {DatasetPlan} from '../engine/restore/by-dataset.ts';
import {givesWay, type Loss, lossKey} from '../engine/restore/losses.ts';
import type {Elsewhere, Newer} from '../engine/restore/newer.ts';
import {some} from './fact.ts';
import {moment} from './moment.ts';

/** Seconds from which on nobody counts minutes. */
const long = 48 * 3600;

/** How long a time was, as `1h04m` or `7d`; one that ends before it begins took none. Milliseconds since the epoch. */
export function lasting({from, to}: {from: number; to: number}): string {
  const seconds = Math.max(0, to - from) / 1000;
  return seconds < long ? formatDuration(seconds) : formatAge(seconds);
}

/** `1 row`, `3 entries`. */
const numbered = (count: number, of: Counts['of']): string =>
  of === 'entries' ? counted(count, 'entry', of) : counted(count, of.slice(0, -1));

/** Tables that are named in a sentence. */
const mostTables = 3;

const total = (counts: Count[], of: (count: Count) => number): number =>
  counts.reduce((sum, count) => sum + of(count), 0);

/** `630 rows (postings 600, audit 30)`; null for none. */
function amount({of, counts, isWhole}: Counts, which: 'onlyLive' | 'differ' | 'onlyCopy'): string | null {
  const having = counts.filter((count) => count[which] > 0);
  const all = total(having, (count) => count[which]);
  if (all === 0) return null;
  const where = having.filter(({name}) => name !== '');
  const said =
    where.length === 1 ? where.map(({name}) => name) : where.map((count) => `${count.name} ${count[which]}`);
  return `${isWhole ? '' : 'at least '}${numbered(all, of)}${said.length > 0 ? ` (${some(said, mostTables)})` : ''}`;
}

/** What was counted of it as it is now; null where that is not known yet, or cannot be told. */
const knownOf = (set: DatasetPlan, loss: Loss | undefined): Counts | null =>
  loss && loss.of === lossKey(set) ? loss.counts : null;

/** Whether it is still to be counted. */
export const isCounting = (set: DatasetPlan, loss: Loss | undefined): boolean =>
  givesWay(set) !== null && loss?.of !== lossKey(set);

/** What is lost of a dataset, in a few words; `-` for nothing. */
export function lossWord(set: DatasetPlan, loss: Loss | undefined): string {
  const {loses, files, changed} = set;
  if (!loses) return '-';
  if (isCounting(set, loss)) return 'counting';
  const known = knownOf(set, loss);
  if (known) {
    const all = total(known.counts, ({onlyLive, differ}) => onlyLive + differ);
    if (all === 0 && known.isWhole) return 'nothing';
    return `${numbered(all, known.of)}${known.isWhole ? '' : ' or more'}`;
  }
  const time = set.period && lasting(set.period);
  return files > 1 ? counted(changed, 'file') : time === null ? 'what it holds' : `${time} of changes`;
}

/** `24 entries only in live; 1 entry differs`: how two sides differ, in a line. */
export function differsText(known: Counts, other: string): string {
  const [it, live, both] = (['onlyCopy', 'onlyLive', 'differ'] as const).map((of) => amount(known, of));
  const one = total(known.counts, ({differ}) => differ) === 1;
  const said = [
    live && `${live} only in ${other}`,
    it && `${it} only in it`,
    both && `${both} ${one ? 'differs' : 'differ'}`,
  ].filter(Boolean);
  if (said.length > 0) return said.join('; ');
  return known.isWhole ? 'the same in other bytes' : `not all of its ${known.of} could be compared`;
}

/** What was counted, and in what time that was written. */
function countedText(known: Counts, when: string | null): string {
  const [gone, back, again] = (['onlyLive', 'differ', 'onlyCopy'] as const).map((of) => amount(known, of));
  const said = [gone && `${gone} only in live`, back && `the live values of ${back}`].filter(Boolean);
  const changes = when === null ? [] : [`changes ${when}`];
  if (said.length > 0) return [...said, ...changes].join('; ');
  if (!known.isWhole) return [`not all of its ${known.of} could be compared`, ...changes].join('; ');
  if (!again) return 'nothing: live says the same in other bytes';
  // Live may have been cut off: what was written to it before that is not there any more.
  const neither = when === null ? '' : `; what was added or changed ${when} is in neither`;
  return `nothing that is live now: the copy only has more, ${again}${neither}`;
}

/** The same in a sentence; null where nothing is lost. */
export function lossSentence(set: DatasetPlan, loss: Loss | undefined, now: number): string | null {
  const {loses, period, changed, files} = set;
  if (!loses) return null;
  const known = knownOf(set, loss);
  const when =
    period && `between ${moment(period.from, now)} and ${moment(period.to, now)} (${lasting(period)})`;
  if (known) return countedText(known, when);
  const said = [files > 1 && `${changed} of ${files} files`, when && `changes ${when}`].filter(Boolean);
  return said.length > 0 ? said.join('; ') : 'what live holds instead';
}

/** `version 13, in 20261128_194608_nightly (cut off, parses)`. */
export function newerText({version, id, cutOff, says}: Newer): string {
  const which = version === null ? '' : `version ${version}, `;
  return `${which}in ${id} (${cutOff ? 'cut off, ' : ''}${says})`;
}

/** `version 3, in 20261128_194608_nightly`. @param isSaid whether it is known since when things are bad */
export function elsewhereText({id, version, isGood}: Elsewhere, isSaid: boolean): string {
  if (id === null) return `none is known ${isSaid ? 'from before bad since' : 'in another backup'}`;
  const where = `${version === null ? '' : `version ${version}, `}in ${id}`;
  return isGood ? where : `none is verified; ${where}, may be one`;
}

/** How much a copy and what it is compared with differ, for scripts (DESIGN.md, "JSON shapes"). */
export const countsJson = (known: Counts | null) =>
  known && {
    of: known.of,
    only_live: total(known.counts, ({onlyLive}) => onlyLive),
    differ: total(known.counts, ({differ}) => differ),
    only_copy: total(known.counts, ({onlyCopy}) => onlyCopy),
    whole: known.isWhole,
  };

/** What is lost of a dataset, for scripts. */
export function lossJson(set: DatasetPlan, loss: Loss | undefined) {
  return {
    dataset: set.dataset,
    files: set.changed,
    from: set.period && new Date(set.period.from).toISOString(),
    to: set.period && new Date(set.period.to).toISOString(),
    counted: countsJson(knownOf(set, loss)),
  };
}
