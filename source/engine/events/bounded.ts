/** Characters of a text, and entries of a list, that are kept of what is too long. */
export type Bounds = {characters: number; entries: number};

/** From the widest, which cuts no path and no list of ours, to one of which whatever there is makes a short line. */
export const bounds: Bounds[] = [
  {characters: 8192, entries: 100},
  {characters: 1024, entries: 100},
  {characters: 256, entries: 100},
  {characters: 256, entries: 20},
  {characters: 80, entries: 10},
];

function bounded(text: string, most: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= most) return whole;
  // Half of a character is none.
  const cut = whole.slice(0, most).replace(/[\ud800-\udbff]$/, '');
  return `${cut}… (${whole.length} characters)`;
}

/**
 * What a payload says, within these bounds. Text is made UTF-8, fractions have three digits: PHP's JSON has no half of a
 * character, and writes small fractions in another way than ours.
 */
export function within<Value>(value: Value, by: Bounds): Value;
export function within(value: unknown, by: Bounds): unknown {
  if (typeof value === 'string') return bounded(value, by.characters);
  if (typeof value === 'number') return Number.isInteger(value) ? value : Math.round(value * 1000) / 1000;
  if (Array.isArray(value)) return value.slice(0, by.entries).map((each) => within(each, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, within(each, by)]));
}
