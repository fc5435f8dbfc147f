/**
 * How many signs have to be changed, put in, left out or swapped with the next to make one word of another. A swap is the
 * likelier slip: it counts a little less.
 */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({length: other.length + 1}, (_, index) => index)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= one.length; row++) {
    rows.push([row]);
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = row > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (isSame ? 0 : 1),
          column > 1 && isSwapped ? at(row - 2, column - 2) + 0.9 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(one.length, other.length);
}

/** Longer ones are no slips, and would take long to compare. */
const longest = 200;

/** What is most like a word that is not known; null where nothing is like enough to be what was meant. */
export function nearest(given: string, known: string[]): string | null {
  if (given === '' || given.length > longest) return null;
  const begun = known.filter((each) => each.startsWith(given));
  if (begun[0] !== undefined && begun.length === 1) return begun[0];
  const most = Math.max(1, Math.min(3, Math.floor(given.length / 3)));
  let best: {word: string; steps: number} | null = null;
  for (const word of known) {
    if (Math.abs(word.length - given.length) > most) continue;
    const steps = distance(given, word);
    if (steps <= most && (best === null || steps < best.steps)) best = {word, steps};
  }
  return best?.word ?? withSameParts(given, known);
}

/** The only flag that is the end of the given one, or ends with it: `--since` for `--bad-since`. */
function withSameParts(given: string, known: string[]): string | null {
  const endOf = (word: string): string => word.replace(/^--/, '-');
  const like = known.filter(
    (each) =>
      each.startsWith('--') &&
      given.startsWith('--') &&
      (given.endsWith(endOf(each)) || each.endsWith(endOf(given))),
  );
  return like.length === 1 ? (like[0] ?? null) : null;
}

/** ` Did you mean "backup list"?`; empty where nothing is like it. Not escaped. */
export function didYouMean(given: string, known: string[]): string {
  const meant = nearest(given, known);
  return meant === null ? '' : ` Did you mean "${meant}"?`;
}
