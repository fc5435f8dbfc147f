/**
 * How many times as long something takes for more of it: each the best of three. What grows evenly gives about
 * `large / small`, what grows with the square that squared: leave room for a machine that has other things to do.
 */
export function growth(small: number, large: number, work: (amount: number) => void): number {
  const best = (amount: number): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const from = performance.now();
        work(amount);
        return performance.now() - from;
      }),
    );
  // The first one is slow for its own reasons.
  work(small);
  return best(large) / best(small);
}
