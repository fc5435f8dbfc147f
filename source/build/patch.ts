import {readFileSync} from 'node:fs';
import type {OnLoadResult} from 'esbuild';

/**
 * Changes one place of a library's file. A library whose place is gone fails the build: what the change was for has to be
 * measured again.
 */
export function patch(
  file: string,
  place: RegExp,
  by: (match: string, ...groups: string[]) => string,
): OnLoadResult {
  const text = readFileSync(file, 'utf8');
  if (text.search(place) === -1)
    return {errors: [{text: `${file} has changed: see what it does at once now`}]};
  return {contents: text.replace(place, by)};
}
