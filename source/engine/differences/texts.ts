import {jsonLines} from './canonical-json.ts';
import {differentEntries, type EntriesDifference} from './entries.ts';
import {type DiffLine, diffLines, type LineLimits, usualLimits} from './lines.ts';
import type {Tables} from './tables.ts';
import {linesOf, longestShown} from './text.ts';

/** How two files differ, as far as it can be shown. Text in it is as it was read: to be escaped where it is shown. */
export type Difference =
  | {kind: 'same'; bytes: number}
  /** JSON that says the same in other bytes. */
  | {kind: 'formatting'; offset: number}
  | {
      kind: 'lines';
      as: 'json' | 'text';
      lines: DiffLine[];
      removed: number;
      added: number;
      /** Of JSON: which entries differ; empty where they cannot be told apart. */
      entries: EntriesDifference[];
      /** Only where a side is no JSON from somewhere on: entries that stand behind that are not among them. */
      isPart?: true;
      /** What the reader has to know of how they were compared, a sentence each. */
      notes: string[];
    }
  /** By rows or entries; the bytes differ too, or what lies beside a live database does. */
  | Tables
  /** Only where the bytes differ first, and why no more. */
  | {kind: 'bytes'; why: string; offset: number}
  /** One cannot be read: nothing can be said. */
  | {kind: 'none'; why: string};

/** How two texts differ whose bytes do, first at `offset`. Takes a second for some texts of a megabyte: nothing that draws should wait for it. */
export function compareTexts(
  one: string,
  other: string,
  offset: number,
  limits: LineLimits = usualLimits,
): Difference {
  const bare = (text: string): string => text.replace(/^\ufeff/, '');
  const [first, second] = [jsonLines(bare(one)), jsonLines(bare(other))];
  const json = 'lines' in first && 'lines' in second;
  if (json && first.lines.join('\n') === second.lines.join('\n')) return {kind: 'formatting', offset};
  const notes: string[] = [];
  if ('reason' in first !== 'reason' in second) {
    const [side, reason] =
      'reason' in first ? ['-', first.reason] : ['+', 'reason' in second ? second.reason : ''];
    notes.push(`The ${side} side is not JSON, the other is (${reason}): compared as text.`);
  }
  const [left, right] = json ? [foldAll(first.lines), foldAll(second.lines)] : [linesOf(one), linesOf(other)];
  const {lines, removed, added, coarse, left: hidden} = diffLines(left, right, limits);
  if (json) notes.push('Keys sorted, one value a line: how it is formatted is no difference.');
  if (coarse)
    notes.push(
      `Too different to be matched as a whole: matched in pieces of ${limits.piece} lines, so more may be marked than differs.`,
    );
  if (hidden > 0) notes.push(`${hidden} more lines are not shown.`);
  if (lines.some(({text}) => text.length >= longestShown))
    notes.push(`Lines are cut into pieces of ${longestShown} characters.`);
  const entries = json ? differentEntries(first.value, second.value) : [];
  return {kind: 'lines', as: json ? 'json' : 'text', lines, removed, added, entries, notes};
}

/** Pieces of what is too long for one line; JSON has no last line that could lack its end. */
const foldAll = (lines: string[]): string[] => linesOf(`${lines.join('\n')}\n`);
