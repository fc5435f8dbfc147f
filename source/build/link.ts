import {createHash} from 'node:crypto';
import {isBuiltin} from 'node:module';
import path from 'node:path';
import {type Metafile, type OutputFile, transformSync} from 'esbuild';

type Output = Metafile['outputs'][string];

const isStatic = ({kind, external}: Output['imports'][number]): boolean =>
  kind === 'import-statement' && external !== true;

/**
 * Finds a piece by its name, wherever it lies, and evaluates it once. `here` holds those of the first file. A file that is
 * gone was there when the program began: an upgrade took it.
 */
const linker = `const made={},programUrl=require('node:url').pathToFileURL(__filename).href,partOf=(file)=>{
try{return require(file)}catch(error){
if(error.code==='ENOENT')throw Error('magds was replaced while it ran: start it again');
throw error}},find=(name)=>{
if(made[name])return made[name].exports;
if(!Object.hasOwn(here,name))Object.assign(here,partOf('./'+places[name]));
const module=made[name]={exports:{}};
here[name](module,module.exports,(asked)=>asked.startsWith('./')?find(asked.slice(2)):require(asked),programUrl);
return module.exports};`;

const ofNode = /\bimport(?: ([\w$]+),?)?(?:\*as ([\w$]+)|\{([^}]*)\})?(?: ?from)?"([^"]+)";/g;

/**
 * Asks for parts of Node as CommonJS does. As they are imported, esbuild would look at each property that they have, and
 * some of those load more of Node when they are looked at: milliseconds.
 */
const requireNode = (text: string): string =>
  text.replace(ofNode, (whole, all?: string, star?: string, some?: string, name = '') => {
    if (!isBuiltin(name)) return whole;
    const named = some === undefined ? [] : [`{${some.replaceAll(' as ', ':')}}`];
    return [all, star, ...named]
      .filter((each) => each !== undefined)
      .map((each) => `const ${each}=require("${name}");`)
      .join('');
  });

/** What a piece gives to others, getters all, esbuild would copy once more, as Node wants it of a file: milliseconds too. */
const giveOnce = (text: string): string =>
  text.replace(/\bmodule\.exports=[\w$]+\(([\w$]+)\)/, 'module.exports=$1');

/** What `import()` asks for is asked of the linker too. */
const supported = {'dynamic-import': false};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What esbuild has split off, as a function that the linker calls. `asking`: the parts that need it. */
export type Piece = {name: string; text: string; asking: string[]; isFirst: boolean};

/** @returns what esbuild has made, as CommonJS, which Node compiles once for all, in the executable too */
export function piecesOf(outputFiles: OutputFile[], {outputs}: Metafile): Piece[] {
  const needed = (file: string, known = new Set<string>()): Set<string> => {
    if (known.has(file)) return known;
    known.add(file);
    for (const each of (outputs[file] as Output).imports) if (isStatic(each)) needed(each.path, known);
    return known;
  };
  const entries = Object.entries(outputs)
    .filter(([, {entryPoint}]) => entryPoint !== undefined && !entryPoint.startsWith('required:'))
    .map(([file, {entryPoint}]) => ({
      part: /^part:(.*)/.exec(entryPoint ?? '')?.[1] ?? 'main',
      file,
      needs: needed(file),
    }));
  const first = path.resolve(entries.find(({part}) => part === 'main')?.file as string);
  return outputFiles.map(({path: file, text}) => {
    const name = path.basename(file);
    const asking = entries
      .filter(({needs}) => [...needs].some((need) => path.basename(need) === name))
      .map(({part}) => part);
    const {code} = transformSync(requireNode(text), {
      format: 'cjs',
      platform: 'node',
      minify: true,
      target: 'node22',
      supported,
    });
    const piece = `${JSON.stringify(name)}(module,exports,require,programUrl){${giveOnce(code)}}`;
    return {name, text: piece, asking, isFirst: file === first};
  });
}

/**
 * The file that a piece goes into: each part that `import()` asks for, what the program begins with, what several share; of
 * that what the list of backups needs, and what only the work of screens does, so that either is there with little read.
 */
function placeOf({asking}: Piece): string {
  // Where work is done the app has been read.
  const parts = asking.includes('app') ? asking.filter((part) => part !== 'work') : asking;
  const [only = '', ...others] = parts;
  // Commands cannot do without their arguments, and what those need is little.
  const isEarly = parts.includes('main') || (parts.includes('arguments') && others.length > 0);
  if (isEarly) return 'main';
  if (others.length === 0) return only;
  if (parts.includes('look')) return 'core';
  return parts.includes('work') ? 'engine' : 'shared';
}

/**
 * Puts pieces into files. The first one names the digest of each other, so that its own digest is one of the whole program;
 * and no file of another version has the same name.
 * @param apart each piece is to be a file of its own, as the executable has them
 * @returns the text of each file, by its name; `main.js` is the first
 */
export function link(pieces: Piece[], apart: boolean): Map<string, string> {
  const files = new Map<string, string>();
  const places: Record<string, string> = {};
  const tableOf = (its: Piece[] = []): string => `{${its.map(({text}) => text).join(',\n')}}`;
  const byPlace = Map.groupBy(pieces, (piece) => (apart && !piece.isFirst ? piece.name : placeOf(piece)));
  let digests = '';
  for (const [place, its] of byPlace) {
    if (place === 'main') continue;
    const text = `module.exports=${tableOf(its)};\n`;
    const file = `${place}-${sha256(text).slice(0, 8)}.js`;
    files.set(file, text);
    digests += `// ${sha256(text)}  ${file}\n`;
    for (const {name} of its) places[name] = file;
  }
  const first = pieces.find(({isFirst}) => isFirst)?.name;
  return files.set(
    'main.js',
    `${digests}const here=${tableOf(byPlace.get('main'))},places=${JSON.stringify(places)};\n${linker}find(${JSON.stringify(first)});\n`,
  );
}
