import {escapeText} from '../engine/base/escape.ts';
import {shellWord} from '../engine/base/shell-word.ts';
import {writeTime} from '../engine/base/time-text.ts';
import {type Copy, copiesOf, type Versions} from '../engine/catalog/copies.ts';
import {isStillWritten} from '../engine/catalog/cut-off.ts';
import type {HeldEntry} from '../engine/catalog/list.ts';
import {holdsBytes, type LiveBytes} from '../engine/catalog/live.ts';
import type {Row} from '../engine/catalog/row.ts';
import {isBefore, isSafety, type Suggestion} from '../engine/catalog/suggest.ts';
import {isPinned} from '../engine/storage/held.ts';
import type {SourceNames} from '../engine/storage/manifest/lying.ts';
import {partialTexts} from '../engine/storage/manifest/partial.ts';
import {copyWord} from '../presenters/copy-view.ts';
import {cut} from '../presenters/graphemes.ts';
import type {KnownCopies} from '../presenters/known-copies.ts';
import {ageColumn, ago, judgeRow, reasonText} from '../presenters/row-view.ts';
import {table} from './table.ts';

/** What is said of the copies of one backup, beside what its row knows. */
export type VersionsAndLive = {versions: Versions; live: ReadonlyMap<string, LiveBytes | null>};

/** Whether the live file holds these bytes; null where that would have to be read, or cannot be told. */
export function holdsLiveBytes(copy: Copy, live: VersionsAndLive['live']): boolean | null {
  const mine = live.get(copy.dataset) ?? null;
  return mine === null || copy.content === null ? null : holdsBytes(mine, copy);
}

/** Lines about what one backup does not hold: `backup show` has more. */
const mostPartial = 3;

/** Since when things are bad, and what that suggests. */
type Since = {at: number; suggestion: Suggestion};

export const suggestedOf = (since: Since | null): string | null =>
  since?.suggestion.state === 'suggested' ? since.suggestion.id : null;

type Listed = VersionsAndLive & {
  directory: string;
  /** Newest first. */
  rows: Row[];
  now: number;
  known: KnownCopies;
  configured: string[] | null;
  sources: SourceNames;
  held: HeldEntry[];
  since: Since | null;
};

/** Columns that an id keeps, and that VERIFIED takes at most, where the datasets do not fit otherwise. */
const tightest = {leastId: 18, mostEnd: 10};
const usualId = 24;
const tight = [
  {leastId: usualId, mostEnd: Number.POSITIVE_INFINITY},
  {...tightest, leastId: usualId},
  tightest,
];
/** Columns that a dataset's name takes, and datasets that have a column where no terminal says how many fit. */
const mostName = 14;
/** A version and its marks fit: `+ 9 * =`. */
const leastName = 7;
const mostSeen = 20;

/** Of one that holds no copies that one could judge: why; of the others when they were verified. */
function verifiedWord(row: Row, now: number): string {
  const {state, at} = row.verification;
  if (row.state === 'complete' && row.datasets.length > 0) {
    const safety = isSafety(row.id, row) ? ', safety' : '';
    return (state === 'verified' || state === 'stale' ? ago(at, now) : state) + safety;
  }
  const {mark, text} = judgeRow(row, now);
  return `${mark} ${text}`;
}

const widest = (texts: string[]): number => texts.reduce((most, text) => Math.max(most, text.length), 0);

type Column = {head: string; cells: string[]};

/** Those that fit into this many columns, one at least; the others are counted. */
function fitting(columns: Column[], room: number): Column[] {
  const wide = ({head, cells}: Column): number => widest([head, ...cells]) + 2;
  const all = columns.reduce((sum, each) => sum + wide(each), 0);
  if (all <= room) return columns;
  let left = room - '+99 more'.length - 2;
  const more = columns.findIndex((each) => {
    left -= wide(each);
    return left < 0;
  });
  return columns.slice(0, Math.max(1, more));
}

const widthsOf = (columns: Column[]): number =>
  columns.reduce((sum, {head, cells}) => sum + 2 + widest([head, ...cells]), 0);

/** The columns of a terminal that is so wide: names are cut, then VERIFIED, then ids, so that no dataset is hidden. */
export function squeezed(columns: Column[], ages: string[], ends: string[], room: number) {
  const named = (most: number): Column[] =>
    columns.map(({head, cells}) => ({head: cut(head, most), cells: cells.map((cell) => cut(cell, most))}));
  const ofEnds = (most: number): string[] => ends.map((end) => cut(end, most));
  const leftOf = (leastId: number, seen: string[]): number =>
    room - leastId - 2 - widest(['AGE', ...ages]) - 2 - widest(['VERIFIED', ...seen]);
  for (const {leastId, mostEnd} of tight)
    for (let most = mostName; most >= leastName; most--) {
      const seen = {leastId, ends: ofEnds(mostEnd), columns: named(most)};
      if (widthsOf(seen.columns) <= leftOf(leastId, seen.ends)) return seen;
    }
  const {leastId, mostEnd} = tightest;
  const seen = ofEnds(mostEnd);
  return {leastId, ends: seen, columns: fitting(named(leastName), leftOf(leastId, seen))};
}

/** A column for each dataset, as far as there is room. */
async function columnsOf(listed: Listed, room: number | undefined): Promise<string[]> {
  const {rows, now, known, versions, live, configured} = listed;
  const cellOf = (row: Row, name: string): string => {
    if (row.state !== 'complete') return '';
    const copy = copiesOf(row, configured ?? []).get(name);
    const isLive = copy !== undefined && holdsLiveBytes(copy, live) === true;
    return copyWord(copy, versions.get(row.id)?.get(name), known.good.get(name) === row.id, isLive);
  };
  const names = known.datasets.slice(0, mostSeen);
  const columns = names.map((name) => ({
    head: escapeText(name),
    cells: rows.map((row) => cellOf(row, name)),
  }));
  const ages = rows.map((row) => ageColumn(row, now));
  const ends = rows.map((row) => verifiedWord(row, now));
  const fits = room === undefined ? {columns, ends} : squeezed(columns, ages, ends, room);
  const hidden = known.datasets.length - fits.columns.length;
  const more = hidden > 0 ? [{head: `+${hidden} more`, cells: rows.map(() => '')}] : [];
  const shown = [...fits.columns, ...more];
  return table(
    ['BACKUP (UTC)', 'AGE', ...shown.map(({head}) => head), 'VERIFIED'],
    rows.map(({id}, at) => [
      id,
      ages[at] ?? '',
      ...shown.map(({cells}) => cells[at] ?? ''),
      fits.ends[at] ?? '',
    ]),
    room,
    'leastId' in fits ? fits.leastId : undefined,
  );
}

/** Where the newest good copy of each dataset lies, a line for each backup; then which datasets have none. */
function goodText({good}: KnownCopies, at: number, configured: string[] | null): string[] {
  const lying = new Map<string, string[]>();
  for (const [name, id] of good) lying.set(id, [...(lying.get(id) ?? []), name]);
  const lines = [...lying].map(([id, names]) => `* ${id} holds the newest good copy of ${names.join(', ')}.`);
  const without = configured?.filter((name) => !good.has(name)) ?? [];
  const none = `? No verified copy of ${without.join(', ')} is from before ${writeTime(at)}.`;
  return [...lines, ...(without.length > 0 ? [none] : [])].map((line) => escapeText(line));
}

/** It was cut off, and something may be made of it. */
const isUnfinished = (row: Row): boolean =>
  row.state === 'interrupted' && !isStillWritten(row) && row.lying !== undefined;

/** The list, as people read it. */
export async function listText(listed: Listed): Promise<string> {
  const {directory, rows, known, configured, sources, held, since} = listed;
  if (rows.length === 0) return '';
  const lines = await columnsOf(listed, process.stdout.isTTY ? process.stdout.columns : undefined);
  if (since) {
    const before = rows.findIndex(({id}) => isBefore(id, since.at));
    // The heads are the first line.
    const place = 1 + (before === -1 ? rows.length : before);
    lines.splice(place, 0, `--- bad since ${writeTime(since.at)} ---`);
  }
  const reasons = rows
    .filter((row) => row.reason)
    .map(
      (row) =>
        `${isStillWritten(row) ? '-' : 'x'} ${escapeText(row.id)}: ${escapeText(reasonText(row, sources) ?? '')}${configured && isUnfinished(row) ? ` (magds backup finish ${escapeText(shellWord(row.id))})` : ''}`,
    );
  const inside = rows.flatMap((row) =>
    row.brokenInside.map(
      ({name, detail}) =>
        `! ${escapeText(row.id)}: ${escapeText(name)} is broken inside: ${escapeText(detail)}`,
    ),
  );
  const partial = rows.flatMap((row) =>
    partialTexts(row.partial, mostPartial).map(
      (text) => `! ${escapeText(row.id)} is partial: ${escapeText(text)}`,
    ),
  );
  const hidden = rows.flatMap(({id, hiddenFromPhp}) =>
    hiddenFromPhp ? [`! ${escapeText(id)}: ${escapeText(hiddenFromPhp)}`] : [],
  );
  const pins = held.map((hold) => {
    const {id, reason, only} = hold;
    return `= ${escapeText(id)} is ${isPinned(hold) ? 'pinned' : 'held'}${reason ? `: ${escapeText(reason)}` : ''}${only ? '; it lies in storage/runbook/held only' : ''}`;
  });
  const suggested = suggestedOf(since);
  const best = [
    ...(suggested === null
      ? []
      : [`* ${escapeText(suggested)} is the newest verified backup from before it.`]),
    ...(since ? goodText(known, since.at, configured) : []),
  ];
  return `${[escapeText(directory), ...lines, ...best, ...reasons, ...inside, ...partial, ...hidden, ...pins].join('\n')}\n`;
}
