import {seenAt} from '../base/files.ts';
import {type LyingFile, lyingIn, mostLying} from '../storage/manifest/lying.ts';

/** Said of one that was written to a moment ago. */
export const stillWritten = 'it may still be running';

export const isStillWritten = ({state, reason}: {state: string; reason: string | null}): boolean =>
  state === 'interrupted' && (reason?.includes(stillWritten) ?? false);

function lying(directory: string): LyingFile[] | null {
  try {
    return lyingIn(directory);
  } catch {
    // Not for us to see.
    return null;
  }
}

/** Files that are told by their names. */
const mostTold = 20;

/** `2 files in it`. */
export function lyingText(files: number | null): string {
  if (files === null) return 'its files cannot be listed';
  if (files === 0) return 'it is empty';
  if (files === 1) return '1 file in it';
  return `${files > mostLying ? `more than ${mostLying}` : files} files in it`;
}

export function describeMissing(
  directory: string,
  now: number,
): {state: 'interrupted'; reason: string; lying?: string[]} {
  const files = lying(directory);
  const made = [directory, `${directory}/datasets`].map((path) => seenAt(path)?.mtimeMs ?? 0);
  // A large copy is written to for a long time. What is ahead of the clock says nothing.
  const times = [...made, ...(files ?? []).map(({mtimeMs}) => mtimeMs)].filter((time) => time <= now + 500);
  const seconds = Math.round((now - Math.max(0, ...times)) / 1000);
  const recent = seconds >= 0 && seconds < 120 ? `; last written ${seconds}s ago, ${stillWritten}` : '';
  return {
    state: 'interrupted',
    reason: `cut off before its end; ${lyingText(files?.length ?? null)}${recent}`,
    ...(files &&
      files.length > 0 &&
      files.length <= mostTold && {lying: files.map(({segments}) => segments.slice(1).join('/'))}),
  };
}
