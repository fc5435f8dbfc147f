import {execFileSync} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';

/**
 * Makes a release of the commit that is checked out, from a clone of it, so that nothing that lies about gets in: tests it,
 * packs it into `dist/release/`, and tags it. `--dry-run` leaves out the tests and the tag. Nothing is sent anywhere.
 */
const {values} = parseArgs({options: {'dry-run': {type: 'boolean', default: false}}});

const run = (file: string, args: string[], cwd = '.'): void => {
  execFileSync(file, args, {cwd, stdio: 'inherit'});
};
const ask = (...args: string[]): string => execFileSync('git', args, {encoding: 'utf8'}).trim();

const {version} = JSON.parse(readFileSync('package.json', 'utf8')) as {version: string};
const tag = `v${version}`;

function whyNot(): string | null {
  if (ask('status', '--porcelain') !== '') return 'there are changes that are not committed';
  if (ask('tag', '--list', tag) !== '')
    return `${tag} is there already: say the next version in package.json`;
  return readFileSync('CHANGELOG.md', 'utf8').includes(`\n## ${version}\n`)
    ? null
    : `CHANGELOG.md says nothing of ${version}`;
}

function release(): void {
  // What is tested and packed is what is tagged, whatever is committed meanwhile.
  const commit = ask('rev-parse', 'HEAD');
  const clone = mkdtempSync(path.join(tmpdir(), 'magds-release-'));
  try {
    run('git', ['clone', '--quiet', '--no-checkout', '.', clone]);
    run('git', ['checkout', '--quiet', '--detach', commit], clone);
    run('npm', ['ci', '--no-fund', '--no-audit'], clone);
    if (!values['dry-run']) run('npm', ['test'], clone);
    run('npm', ['run', '--silent', 'package'], clone);
    rmSync('dist/release', {recursive: true, force: true});
    cpSync(`${clone}/dist/release`, 'dist/release', {recursive: true});
  } finally {
    rmSync(clone, {recursive: true, force: true});
  }
  if (!values['dry-run']) run('git', ['tag', '--annotate', tag, '--message', `magds ${version}`, commit]);
  process.stdout.write(readFileSync('dist/release/SHA256SUMS', 'utf8'));
}

const why = whyNot();
if (why === null) release();
else {
  process.stderr.write(`Not released: ${why}.\n`);
  process.exitCode = 1;
}
