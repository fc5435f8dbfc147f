import fs from 'node:fs';
import {exitCode, Problem} from '../base/problem.ts';

/** Everything in source/ops/ by its name, put here by the build: the program is bundled. */
declare const OPS_TEXTS: Record<string, string> | undefined;

const directory = new URL('../../ops/', import.meta.url);

/**
 * A file of source/ops/ as it is, about the root /srv/magmoboce and the user www-data.
 * @throws Problem where there is none of that name: a fault of this program
 */
export function textOf(name: string): string {
  const text =
    typeof OPS_TEXTS === 'object'
      ? OPS_TEXTS[name]
      : fs.readFileSync(new URL(name, directory)).toString('utf8');
  if (text === undefined) throw new Problem(exitCode.failed, `${name} is not in this program.`);
  return text;
}
