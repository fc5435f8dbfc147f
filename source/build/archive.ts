import {copyFileSync, cpSync, mkdirSync} from 'node:fs';
import path from 'node:path';
import {runtimeLicence} from './executable.ts';
import {runTool} from './run-tool.ts';
import {type Release, settle, sums, write, writeDocuments, writeShare} from './tree.ts';

/**
 * Makes the archive for systems without dpkg: what the Debian package has, to be laid below a prefix.
 * @param level of xz
 */
export function makeArchive(output: string, name: string, release: Release, level: string): void {
  const tree = path.join(release.scratch, 'archive', name);
  mkdirSync(`${tree}/bin`, {recursive: true});
  copyFileSync('dist/magds', `${tree}/bin/magds`);
  writeShare(`${tree}/share`, release);
  writeDocuments(`${tree}/share/doc/magds`);
  copyFileSync(runtimeLicence(), `${tree}/share/doc/magds/NODE-LICENSE`);
  cpSync('source/ops', `${tree}/share/magds/ops`, {recursive: true});
  write(`${tree}/SHA256SUMS`, sums('sha256', tree));
  settle(tree, release);
  const owned = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  runTool('tar', ['-cJf', output, ...owned, '-C', path.dirname(tree), name], 'tar and xz-utils', {
    XZ_OPT: `${level} -T2`,
  });
}
