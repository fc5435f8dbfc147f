import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {sweepOffset} from './support/sweep-offset.ts';

/**
 * `npm run test:packages`: the tests of commands and of the terminal with what `npm run package` has made, in the place of the
 * bundle: the executable, and the npm package as npm installs it. With `-- --some` each runs a sixth of the files, others with
 * each commit.
 */
const stride = process.argv.includes('--some') ? 6 : 1;
const files = ['test/commands', 'test/pty'].flatMap((directory) =>
  (fs.readdirSync(directory, {recursive: true}) as string[])
    .filter((name) => /\.test\.tsx?$/.test(name))
    .sort()
    .map((name) => `${directory}/${name}`),
);
const {version} = JSON.parse(fs.readFileSync('package.json', 'utf8')) as {version: string};
// Some tests run the program as another user.
process.umask(0o022);
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'magds-packages-'));
fs.chmodSync(place, 0o755);
try {
  const made = path.resolve(`dist/release/magds-${version}.tgz`);
  const quiet = ['--no-fund', '--no-audit', '--offline'];
  execFileSync('npm', ['install', '--global', '--prefix', place, ...quiet, made], {stdio: 'inherit'});
  for (const [turn, program] of [path.resolve('dist/magds'), `${place}/bin/magds`].entries()) {
    process.stdout.write(`${program}\n`);
    const first = (Math.floor(sweepOffset * stride) + turn) % stride;
    const some = files.filter((_, index) => index % stride === first);
    if (some.length === 0) throw new Error(`no file is ${first} of ${stride}`);
    const env = {...process.env, MAGDS_BIN: program};
    const {status} = spawnSync('npx', ['vitest', 'run', ...some], {env, stdio: 'inherit'});
    if (status !== 0) process.exitCode = 1;
  }
} finally {
  fs.rmSync(place, {recursive: true, force: true});
}
