import {diffArrays} from 'diff';

/** A line of a difference: only in the one, only in the other, in both, or where a part begins. */
export type DiffLine = {mark: '-' | '+' | ' ' | '@'; text: string};

export type LineDifference = {
  lines: DiffLine[];
  /** Lines only in the one, and only in the other, also where not all are shown. */
  removed: number;
  added: number;
  /** They are too different to be matched in the time there is: all of one stands before all of the other. */
  coarse: boolean;
  /** Lines that are not in `lines`, because there are too many. */
  left: number;
};

export type LineLimits = {
  /** Milliseconds that matching may take: nobody waits longer for a file to be shown. */
  patience: number;
  /** Lines shown around a change. */
  context: number;
  /** Lines shown at all: nobody reads more, and a screen must not hold millions. */
  most: number;
};

export const usualLimits: LineLimits = {patience: 2500, context: 3, most: 20_000};

type Block = {mark: '-' | '+' | ' '; lines: string[]};

/** What is the same at both ends needs no matching. */
function trim(one: string[], other: string[]): {before: number; after: number} {
  const shorter = Math.min(one.length, other.length);
  let before = 0;
  while (before < shorter && one[before] === other[before]) before++;
  let after = 0;
  while (after < shorter - before && one[one.length - 1 - after] === other[other.length - 1 - after]) after++;
  return {before, after};
}

function match(one: string[], other: string[], patience: number): {blocks: Block[]; coarse: boolean} {
  const coarse: Block[] = [
    {mark: '-', lines: one},
    {mark: '+', lines: other},
  ];
  if (one.length === 0 || other.length === 0) return {blocks: coarse, coarse: false};
  const parts = diffArrays(one, other, {timeout: patience});
  if (!parts) return {blocks: coarse, coarse: true};
  const blocks = parts.map(
    ({added, removed, value}): Block => ({mark: added ? '+' : removed ? '-' : ' ', lines: value}),
  );
  return {blocks, coarse: false};
}

/** The lines of both that differ, with some around them, and where each part begins. */
export function diffLines(
  one: string[],
  other: string[],
  {patience, context, most}: LineLimits = usualLimits,
): LineDifference {
  const {before, after} = trim(one, other);
  const middle = match(
    one.slice(before, one.length - after),
    other.slice(before, other.length - after),
    patience,
  );
  const blocks: Block[] = [
    {mark: ' ' as const, lines: one.slice(0, before)},
    ...middle.blocks,
    {mark: ' ' as const, lines: one.slice(one.length - after)},
  ].filter(({lines}) => lines.length > 0);
  const result: LineDifference = {lines: [], removed: 0, added: 0, coarse: middle.coarse, left: 0};
  const at = {one: 1, other: 1};
  const put = (mark: DiffLine['mark'], text: string): void => {
    if (result.lines.length < most) result.lines.push({mark, text});
    else if (mark !== '@') result.left++;
  };
  blocks.forEach(({mark, lines}, index) => {
    if (mark !== ' ') {
      if (index === 0) put('@', 'from line 1');
      for (const line of lines) put(mark, line);
      if (mark === '-') result.removed += lines.length;
      else result.added += lines.length;
    } else {
      const head = index === 0 ? 0 : context;
      const tail = index === blocks.length - 1 ? 0 : context;
      const hidden = lines.length > head + tail;
      if (index === 0 && !hidden) put('@', 'from line 1');
      for (const line of hidden ? lines.slice(0, head) : lines) put(' ', line);
      if (hidden && tail > 0) {
        const from = lines.length - tail;
        const [inOne, inOther] = [at.one + from, at.other + from];
        put('@', inOne === inOther ? `from line ${inOne}` : `from line ${inOne}, there ${inOther}`);
        for (const line of lines.slice(from)) put(' ', line);
      }
    }
    if (mark !== '+') at.one += lines.length;
    if (mark !== '-') at.other += lines.length;
  });
  return result;
}
