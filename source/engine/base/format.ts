/** Decimal units, two or three significant digits: `2.6 kB`, `25 kB`, `1.9 GB`. */
export function formatBytes(bytes: number): string {
  // A rate has fractions.
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `60 MB of 21 GB free`, of which that is not said where it is not known. */
export const formatSpace = (needed: number, free: number | null): string =>
  `${formatBytes(needed)}${free === null ? '' : ` of ${formatBytes(free)} free`}`;

/** `1 file`, `2 files`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** `a, b, c and 4 more`. @param count how many there are, where not all of them are known by name */
export function listed(names: string[], most: number, count = names.length): string {
  const shown = names.slice(0, most);
  const more = count - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** An age in seconds, in one unit that stays true for a while, so that an idle screen does not change: `44m`, `27h`, `4d`, `3y`. */
export function formatAge(seconds: number): string {
  if (seconds < 0) return 'future';
  if (seconds < 60) return 'now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  if (seconds < 2 * 365.25 * 86_400) return `${Math.floor(seconds / 86_400)}d`;
  return `${Math.floor(seconds / (365.25 * 86_400))}y`;
}

/** With a zero before it where it has one digit. */
export const two = (value: number): string => String(value).padStart(2, '0');

/** A duration in seconds: `0.4s`, `8s`, `2m05s`, `1h04m`. */
export function formatDuration(seconds: number): string {
  if (seconds > 0 && seconds < 0.95) return `${Math.max(0.1, seconds).toFixed(1)}s`;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`;
}

/**
 * `7d`, `36h`, `90m`, `30s` in seconds; null for anything else.
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})(s|m|h|d|w)$/.exec(text);
  if (!match) return null;
  const unit = {s: 1, m: 60, h: 3600, d: 86_400, w: 604_800}[match[2] as 's' | 'm' | 'h' | 'd' | 'w'];
  return Number(match[1]) * unit;
}
