/** Characters of its last line that are told with why it failed. */
const mostLastWords = 200;

export type HookResult = {
  command: string[];
  /** Why it did not succeed; null where it did. */
  reason: string | null;
  /** What it ended with; null where it did not end by itself. */
  exit: number | null;
  /** Standard output and error, as they came. */
  output: string;
  seconds: number;
};

/** What there is to say of a hook that failed, with its last words; null of one that did not. */
export function hookFailure({reason, output}: HookResult): string | null {
  if (reason === null) return null;
  const last = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return last === '' ? reason : `${reason}, and said: ${last.slice(0, mostLastWords)}`;
}
