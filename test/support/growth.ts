/**
 * How many times as much of the processor something takes for more of it: each the best of three. What grows evenly gives about
 * `large / small`, what grows with the square that squared: leave room for a machine that has other things to do.
 */
export function growth(small: number, large: number, work: (amount: number) => void): number {
  const best = (amount: number): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        // Of this process alone: what else the machine does is not counted.
        const {user} = process.cpuUsage();
        work(amount);
        return process.cpuUsage().user - user;
      }),
    );
  // The first one is slow for its own reasons.
  work(small);
  return best(large) / best(small);
}
