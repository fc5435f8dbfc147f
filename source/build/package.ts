import {copyFileSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {makeArchive} from './archive.ts';
import {bundle, version} from './bundle.ts';
import {architecture, makeDeb} from './debian.ts';
import {makeExecutable} from './executable.ts';
import {manual} from './man/pages.ts';
import {makeNpm} from './npm.ts';
import {sbom} from './sbom.ts';
import {type Release, releaseDate, sums} from './tree.ts';

/**
 * Makes, in `dist/`, what is given to others. The same commit, runtime and tools give the same bytes.
 * `--quick` packs fast rather than small.
 */
const {values} = parseArgs({options: {quick: {type: 'boolean', default: false}}});
const scratch = 'dist/.package';
const output = 'dist/release';

for (const directory of [scratch, output]) {
  rmSync(directory, {recursive: true, force: true});
  mkdirSync(directory, {recursive: true});
}
const date = releaseDate();
const pages = await manual({version, date: date.toISOString().slice(0, 10)});
const release: Release = {version, date, pages, scratch};
const {libraries, pieces} = await bundle();
writeFileSync('dist/magds.cdx.json', sbom(version, libraries, date));
makeExecutable('dist/magds', pieces, scratch);
makeNpm(output, release);
makeDeb(
  `${output}/magds_${version}_${architecture}.deb`,
  release,
  values.quick ? ['-Zgzip', '-z1'] : ['-Zxz'],
);
const name = `magds-${version}-linux-${process.arch}`;
makeArchive(`${output}/${name}.tar.xz`, name, release, values.quick ? '-0' : '-6');
copyFileSync('dist/magds.cdx.json', `${output}/magds-${version}.cdx.json`);
writeFileSync(`${output}/SHA256SUMS`, sums('sha256', output));
rmSync(scratch, {recursive: true});
