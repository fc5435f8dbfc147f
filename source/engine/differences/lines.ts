import {diffArrays} from 'diff';

/** A line of a difference: only in the one, only in the other, in both, or where a part begins. */
export type DiffLine = {mark: '-' | '+' | ' ' | '@'; text: string};

type LineDifference = {
  lines: DiffLine[];
  /** Lines only in the one, and only in the other, also where not all are shown. */
  removed: number;
  added: number;
  /** They are too different to be matched as a whole in the time there is: it was done piece by piece. */
  coarse: boolean;
  /** Lines that are not in `lines`, because there are too many. */
  left: number;
};

export type LineLimits = {
  /** Milliseconds that matching may take, and again where it is done piece by piece. */
  patience: number;
  /** Lines of such a piece. */
  piece: number;
  /** Lines shown around a change. */
  context: number;
  /** Lines shown at all: more is not read, and a screen must not hold millions. */
  most: number;
};

export const usualLimits: LineLimits = {patience: 1500, piece: 200, context: 3, most: 20_000};

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

const replaced = (one: string[], other: string[]): Block[] => [
  {mark: '-', lines: one},
  {mark: '+', lines: other},
];

/** @returns null where it takes longer than that many milliseconds */
function within(one: string[], other: string[], patience: number): Block[] | null {
  if (one.length === 0 || other.length === 0) return replaced(one, other);
  const parts = diffArrays(one, other, {timeout: patience});
  if (!parts) return null;
  return parts.map(({added, removed, value}) => ({mark: added ? '+' : removed ? '-' : ' ', lines: value}));
}

/** Piece by piece, each with the one in its place: what lies near is shown near, however much differs. */
function inPieces(one: string[], other: string[], {patience, piece}: LineLimits): Block[] {
  const end = performance.now() + patience;
  const blocks: Block[] = [];
  for (let at = 0; at < Math.max(one.length, other.length); at += piece) {
    const [left, right] = [one.slice(at, at + piece), other.slice(at, at + piece)];
    const rest = end - performance.now();
    blocks.push(...((rest > 0 ? within(left, right, rest) : null) ?? replaced(left, right)));
  }
  return blocks;
}

/** What stands beside its like becomes one block; empty ones go. */
function joined(blocks: Block[]): Block[] {
  const result: {mark: Block['mark']; parts: string[][]}[] = [];
  for (const {mark, lines} of blocks) {
    if (lines.length === 0) continue;
    const last = result.at(-1);
    if (last?.mark === mark) last.parts.push(lines);
    else result.push({mark, parts: [lines]});
  }
  return result.map(({mark, parts}) => ({mark, lines: parts.flat()}));
}

/** The lines of both that differ, with some around them, and where each part begins. */
export function diffLines(one: string[], other: string[], limits: LineLimits = usualLimits): LineDifference {
  const {context, most} = limits;
  const {before, after} = trim(one, other);
  const [left, right] = [one.slice(before, one.length - after), other.slice(before, other.length - after)];
  const matched = within(left, right, limits.patience);
  const blocks = joined([
    {mark: ' ', lines: one.slice(0, before)},
    ...(matched ?? inPieces(left, right, limits)),
    {mark: ' ', lines: one.slice(one.length - after)},
  ]);
  const result: LineDifference = {lines: [], removed: 0, added: 0, coarse: matched === null, left: 0};
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
