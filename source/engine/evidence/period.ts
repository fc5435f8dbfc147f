/** A span of time: from the first millisecond of it to the first one after it, since the epoch. UTC. */
export type Period = {from: number; to: number};

const months: Record<string, [number, number]> = {
  Q1: [0, 3],
  Q2: [3, 3],
  Q3: [6, 3],
  Q4: [9, 3],
  H1: [0, 6],
  H2: [6, 6],
};

/** `2026`, `2026Q4` (also `2026-Q4`), `2026H2` or `2026-11`; null for anything else. */
export function parsePeriod(text: string): Period | null {
  const [, year, part, month] = /^(\d{4})(?:-?(Q[1-4]|H[12])|-(\d\d))?$/i.exec(text) ?? [];
  if (year === undefined) return null;
  const number = month === undefined ? null : Number(month);
  if (number !== null && (number < 1 || number > 12)) return null;
  const [first, length] = part
    ? (months[part.toUpperCase()] as [number, number])
    : number
      ? [number - 1, 1]
      : [0, 12];
  return {from: Date.UTC(Number(year), first), to: Date.UTC(Number(year), first + length)};
}
