/** PHP's DATE_ATOM in UTC: `2026-11-23T13:18:18+00:00` (FORMAT.md, manifest.json). */
export function phpDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}+00:00`;
}

const perSecond = 1_000_000_000n;

/**
 * When a file was written, whatever its file system can hold: ISO 8601 in UTC, before year 0 and beyond 9999 with six digits
 * and a sign, and seconds since the epoch behind an `@` where no date reaches.
 * @param nanoseconds since the epoch
 * @param digits of the fraction
 */
export function fileTime(nanoseconds: bigint, digits = 9): string {
  const rest = ((nanoseconds % perSecond) + perSecond) % perSecond;
  const seconds = (nanoseconds - rest) / perSecond;
  const fraction = String(rest).padStart(9, '0').slice(0, digits);
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `@${seconds}.${fraction}`;
  return date.toISOString().replace(/000Z$/, `${fraction}Z`);
}

/** The same to the millisecond, which is what JavaScript counts. */
export const fileTimeOfMs = (milliseconds: number): string =>
  fileTime(BigInt(Math.floor(milliseconds)) * 1_000_000n, 3);
