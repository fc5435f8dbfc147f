/** PHP's DATE_ATOM in UTC: `2026-11-23T13:18:18+00:00` (FORMAT.md, manifest.json). */
export function phpDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}+00:00`;
}
