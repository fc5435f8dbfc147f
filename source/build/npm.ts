import {cpSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {completionOf, shells} from '../commands/completion.ts';
import {runTool} from './run-tool.ts';
import {type Release, write, writeDocuments} from './tree.ts';

const completionFiles = {bash: 'magds.bash', zsh: '_magds', fish: 'magds.fish'};

type Fields = Record<string, unknown>;

/** What the package says of itself: nothing of how it is made, and where the pages of the manual lie. */
function fieldsOf(own: Fields, pages: string[]): Fields {
  const {scripts, devDependencies, allowScripts, files, private: isPrivate, ...kept} = own;
  return {...kept, man: pages.map((page) => `./man/${page}`)};
}

/** Makes the npm package, of the bundle and of all that goes along. @returns the name of its file */
export function makeNpm(directory: string, release: Release): string {
  const tree = path.join(release.scratch, 'npm');
  const own = JSON.parse(readFileSync('package.json', 'utf8')) as Fields;
  writeDocuments(tree);
  write(`${tree}/package.json`, `${JSON.stringify(fieldsOf(own, Object.keys(release.pages)), null, 2)}\n`);
  write(`${tree}/dist/magds.kind`, 'npm\n');
  for (const name of ['magds.js', 'package.json', 'program', 'ops'])
    cpSync(`dist/${name}`, `${tree}/dist/${name}`, {recursive: true});
  for (const [name, text] of Object.entries(release.pages)) write(`${tree}/man/${name}`, text);
  for (const shell of shells) write(`${tree}/completions/${completionFiles[shell]}`, completionOf(shell));
  const said = runTool(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', directory, tree],
    'npm',
  );
  const [made] = JSON.parse(said) as [{filename: string}];
  return made.filename;
}
