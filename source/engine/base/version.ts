import fs from 'node:fs';
import {isSea} from 'node:sea';

/** Put here by the build: the package's version, and the commit that it was built from. */
declare const MAGDS_VERSION: string | undefined;
declare const MAGDS_COMMIT: string | undefined;

export const version = typeof MAGDS_VERSION === 'string' ? MAGDS_VERSION : '0.0.0-source';
export const programName = `magds ${version}`;
export const commit = typeof MAGDS_COMMIT === 'string' ? MAGDS_COMMIT : 'unknown';
export const runtime = `Node.js ${process.versions.node}`;

/** The packages that say in a file beside the program what they are; the program in them is the same in each. */
const saidBeside = ['npm', 'deb'];

/** What kind of package this program came in. */
export function packageKind(): string {
  if (typeof MAGDS_VERSION !== 'string') return 'source';
  const beside = new URL(isSea() ? '../share/magds/kind' : '../magds.kind', import.meta.url);
  try {
    const said = fs.readFileSync(beside, 'utf8').trim();
    if (saidBeside.includes(said)) return said;
  } catch {
    // Only packages have one.
  }
  return isSea() ? 'executable' : 'bundle';
}

/** All that tells one build from another, for whoever is asked which one it is. */
export const aboutProgram = (): string => `${programName} (commit ${commit}, ${runtime}, ${packageKind()})`;
