import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {brotliCompressSync} from 'node:zlib';
import {type BuildOptions, build, type Metafile, type OutputFile} from 'esbuild';
import {chunks} from './chunks.ts';
import {lazyEmoji} from './lazy-emoji.ts';
import {lazyMeow} from './lazy-meow.ts';
import {lazyNode} from './lazy-node.ts';
import {type Library, librariesIn, licencesText} from './licences.ts';
import {link, piecesOf} from './link.ts';
import {withoutDevtools} from './without-devtools.ts';

export const {version} = JSON.parse(readFileSync('package.json', 'utf8')) as {version: string};

/** The commit that this is built from, with a word where files have been changed since; an archive has none. */
function commitOf(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim();
  try {
    const changed =
      git(
        '--no-optional-locks',
        'status',
        '--porcelain',
        '--',
        'source',
        'package.json',
        'package-lock.json',
      ) !== '';
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed ? ', changed' : ''}`;
  } catch {
    return 'unknown';
  }
}

const common: BuildOptions = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node22',
  // jsonc-parser's other build cannot be bundled.
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'warning',
};

const workers = {
  HASH_WORKER: 'source/engine/hashing/worker.ts',
  WASM_WORKER: 'source/engine/hashing/wasm-worker.ts',
  TEXT_WORKER: 'source/engine/differences/text-worker.ts',
  CATALOG_WORKER: 'source/engine/catalog/worker.ts',
};

async function buildWorker(entry: string): Promise<{text: string; metafile: Metafile}> {
  const {outputFiles, metafile} = await build({
    ...common,
    entryPoints: [entry],
    format: 'cjs',
    write: false,
    metafile: true,
  });
  const [file] = outputFiles;
  if (!file) throw new Error(`no output for ${entry}`);
  return {text: file.text, metafile};
}

const opsTexts = Object.fromEntries(
  readdirSync('source/ops').map((name) => [name, readFileSync(`source/ops/${name}`, 'utf8')]),
);

/** @param define texts that are put into the program */
async function buildProgram(
  define: Record<string, string>,
): Promise<{outputFiles: OutputFile[]; metafile: Metafile}> {
  return build({
    ...common,
    entryPoints: ['source/cli.tsx'],
    outdir: 'dist',
    write: false,
    metafile: true,
    format: 'esm',
    splitting: true,
    jsx: 'automatic',
    define: {
      'process.env.NODE_ENV': '"production"',
      'import.meta.url': 'programUrl',
      // Nothing here talks to a network. Yoga would use fetch only to read its own data: URL, and the first use of fetch
      // loads Node's whole HTTP client: 25 ms of the first frame.
      fetch: 'undefined',
      // Every copy of string-width makes one as it is loaded; most text is ASCII and needs none (lazy-segmenter.ts).
      'Intl.Segmenter': 'LazySegmenter',
      MAGDS_VERSION: JSON.stringify(version),
      MAGDS_COMMIT: JSON.stringify(commitOf()),
      // One text, read where it is asked for: an object would lie in what every start reads.
      OPS_TEXTS: JSON.stringify(JSON.stringify(opsTexts)),
      ...Object.fromEntries(Object.entries(define).map(([name, text]) => [name, JSON.stringify(text)])),
    },
    inject: ['source/build/lazy-segmenter.ts'],
    plugins: [chunks, lazyNode, lazyMeow, lazyEmoji, withoutDevtools],
    alias: {'react-devtools-core': './source/build/empty.ts'},
  });
}

/**
 * Makes `dist/magds.js`, which old runtimes can parse too, so that they get a line and not a stack, and the program that it
 * begins, in the few files of `dist/program`: installing them brings no tree. The workers go in as text, and so do what
 * `magds ops` prints and the licences.
 * @returns the libraries that are in it, and the program in smaller pieces, for the executable
 * @throws Error for a library whose licence nobody allowed
 */
export async function bundle(): Promise<{libraries: Library[]; pieces: Map<string, string>}> {
  // What `magds ops` prints lies in the package too, for whoever wants the plain files.
  rmSync('dist/ops', {recursive: true, force: true});
  cpSync('source/ops', 'dist/ops', {recursive: true});
  const built = await Promise.all(
    Object.entries(workers).map(async ([name, entry]) => ({name, ...(await buildWorker(entry))})),
  );
  const texts = Object.fromEntries(built.map(({name, text}) => [name, text]));
  // What is in it is known once it has been built.
  const {metafile} = await buildProgram({...texts, LICENCES: ''});
  const libraries = librariesIn([metafile, ...built.map((each) => each.metafile)]);
  const licences = licencesText(libraries);
  writeFileSync('dist/THIRD-PARTY-LICENSES', licences);
  const program = await buildProgram({...texts, LICENCES: brotliCompressSync(licences).toString('base64')});
  const pieces = piecesOf(program.outputFiles, program.metafile);
  rmSync('dist/program', {recursive: true, force: true});
  mkdirSync('dist/program');
  const files = link(pieces, false);
  for (const [name, text] of files) writeFileSync(`dist/program/${name}`, text);
  writeFileSync('dist/package.json', '{"type": "commonjs"}\n');
  const digest = createHash('sha256').update(files.get('main.js') ?? '');
  const start = readFileSync('source/build/start.cjs', 'utf8').replace(
    'PROGRAM_DIGEST',
    digest.digest('hex'),
  );
  writeFileSync('dist/magds.js', `#!/usr/bin/env node\n${start}`);
  chmodSync('dist/magds.js', 0o755);
  return {libraries, pieces: link(pieces, true)};
}
