import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {cpSync, type Dirent, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {completionOf, shells} from '../commands/completion.ts';
import {runTool} from './run-tool.ts';

/** What every package is made of. @property pages of the manual, by the names of their files */
export type Release = {version: string; date: Date; pages: Record<string, string>; scratch: string};

/** When what is packed was committed, so that the same commit gives the same bytes; an archive says it itself. */
export function releaseDate(): Date {
  const told = process.env['SOURCE_DATE_EPOCH'];
  const seconds = told ?? execFileSync('git', ['log', '-1', '--format=%ct'], {encoding: 'utf8'});
  return new Date(Number(seconds) * 1000);
}

export function write(file: string, data: string | Buffer): void {
  mkdirSync(path.dirname(file), {recursive: true});
  writeFileSync(file, data);
}

/** The same bytes wherever it is made: neither a name nor a time in it. */
export const gzipped = (text: string | Buffer): Buffer => gzipSync(text, {level: 9});

/** Where each shell looks for what completes a command, below `share/`. */
const completionPlaces = {
  bash: 'bash-completion/completions/magds',
  zsh: 'zsh/vendor-completions/_magds',
  fish: 'fish/vendor_completions.d/magds.fish',
};

/** Puts the manual and the completions below a `share/`. */
export function writeShare(share: string, {pages}: Release): void {
  for (const [name, text] of Object.entries(pages))
    write(`${share}/man/man${name.at(-1)}/${name}.gz`, gzipped(text));
  for (const shell of shells) write(`${share}/${completionPlaces[shell]}`, completionOf(shell));
}

/** The digests of what lies in a directory, as md5sum and sha256sum check them from where the names begin. */
export function sums(algorithm: 'md5' | 'sha256', from: string, within = '.'): string {
  const files = (readdirSync(path.join(from, within), {recursive: true, withFileTypes: true}) as Dirent[])
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(from, path.join(entry.parentPath, entry.name)))
    .sort();
  const digest = (file: string): string =>
    createHash(algorithm)
      .update(readFileSync(path.join(from, file)))
      .digest('hex');
  return files.map((file) => `${digest(file)}  ${file}\n`).join('');
}

const documents = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'LICENSE',
  'dist/THIRD-PARTY-LICENSES',
  'dist/magds.cdx.json',
];

/** Puts what is to be read into a directory of documents. */
export function writeDocuments(directory: string): void {
  for (const name of readdirSync('docs')) write(`${directory}/docs/${name}`, readFileSync(`docs/${name}`));
  for (const name of documents) write(`${directory}/${path.basename(name)}`, readFileSync(name));
  cpSync('media', `${directory}/media`, {recursive: true, filter: (name) => !name.endsWith('.ts')});
}

/** Gives all files one owner and one time, and modes that no umask has had a hand in. */
export function settle(tree: string, {date}: Release): void {
  runTool('chmod', ['-R', 'u=rwX,go=rX', tree], 'coreutils');
  runTool('find', [tree, '-exec', 'touch', '-h', '-d', `@${date.getTime() / 1000}`, '{}', '+'], 'findutils');
}
