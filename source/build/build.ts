import {chmodSync, cpSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {type BuildOptions, build, type OnLoadResult, type Plugin} from 'esbuild';

/**
 * Makes `dist/magds.js`: the whole program in one file, so that installing it brings no tree. The workers go in as
 * text, and so does what `magds ops` prints. What runs before anything else must parse on old runtimes too, so that they get a line and not a stack.
 */
const {version} = JSON.parse(readFileSync('package.json', 'utf8')) as {version: string};

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

async function workerText(entry: string): Promise<string> {
  const {outputFiles} = await build({...common, entryPoints: [entry], format: 'cjs', write: false});
  const [file] = outputFiles;
  if (!file) throw new Error(`no output for ${entry}`);
  return JSON.stringify(file.text);
}

/** Parts of Node that take milliseconds to load and that the first frame does not need, with what is used of them. */
const lazyParts: Record<string, string[]> = {
  'node:child_process': ['execFile', 'execFileSync', 'spawn', 'spawnSync'],
  'node:crypto': ['createHash', 'randomUUID'],
  'node:worker_threads': ['Worker'],
};

const onFirstUse = (module: string, name: string): string =>
  `export function ${name}(...args){const real=magdsRequire(import.meta.url)('${module}').${name};return new.target?new real(...args):real(...args)}`;

/** Importing it makes Node read every property of it, stdin's and stdout's included: 8 ms. It is there anyway. */
const processModule =
  'export default process;export const env=process.env;export const cwd=()=>process.cwd();';

/** meow normalises a package.json that it is never given, and loads for it, at once, what takes 17 ms. */
const eager = /var normalizeExports = requireNormalize\(\);\s*const normalizePackageData = [^;]+;/;
const onCall =
  'const normalizePackageData = (...args) => getDefaultExportFromCjs(requireNormalize())(...args);';

/** Making it takes 16 ms, and only text that is not ASCII asks for it. */
const emoji = /const rgiEmojiRegex = (\/.*\/v);/;
const onTest = (_: string, literal: string): string =>
  `let rgiEmoji; const rgiEmojiRegex = {test: (text) => (rgiEmoji ??= new RegExp(${JSON.stringify(literal.slice(1, -2))}, 'v')).test(text)};`;

/** Changes one place of a library's file, which has to be there. */
function patch(
  file: string,
  place: RegExp,
  by: (match: string, ...groups: string[]) => string,
): OnLoadResult {
  const text = readFileSync(file, 'utf8');
  if (!place.test(text)) return {errors: [{text: `${file} has changed: see what it does at once now`}]};
  return {contents: text.replace(place, by)};
}

const lazy: Plugin = {
  name: 'lazy',
  setup(context) {
    context.onResolve(
      {filter: /^(node:(child_process|crypto|worker_threads|process)|process)$/},
      ({path}) => ({path, namespace: 'lazy'}),
    );
    context.onLoad({filter: /.*/, namespace: 'lazy'}, ({path}) => ({
      contents:
        path.endsWith('process') && path !== 'node:child_process'
          ? processModule
          : (lazyParts[path] ?? []).map((name) => onFirstUse(path, name)).join('\n'),
    }));
    // Imported as modules, these make Node read their every property too; required, they do not.
    context.onResolve({filter: /^(node:)?(fs|util)$/}, ({path, namespace}) =>
      namespace === 'required' ? {path, external: true} : {path, namespace: 'required'},
    );
    context.onLoad({filter: /.*/, namespace: 'required'}, ({path}) => ({
      contents: `module.exports = require('${path}')`,
    }));
    context.onLoad({filter: /meow[/]build[/]dependencies\.js$/}, ({path}) =>
      patch(path, eager, () => onCall),
    );
    context.onLoad({filter: /string-width[/]index\.js$/}, ({path}) => patch(path, emoji, onTest));
  },
};

const oldRuntime = `const [major,minor]=process.versions.node.split('.').map(Number);if(major<22||(major===22&&minor<16)){process.stderr.write('magds needs Node.js 22.16 or newer; this is '+process.version+'. Install a newer one, or run it with its full path.\\n');process.exit(2)}`;

/** What `magds ops` prints lies in the package too, for whoever wants the plain files. */
const opsTexts = Object.fromEntries(
  readdirSync('source/ops').map((name) => [name, readFileSync(`source/ops/${name}`, 'utf8')]),
);
rmSync('dist/ops', {recursive: true, force: true});
cpSync('source/ops', 'dist/ops', {recursive: true});

await build({
  ...common,
  entryPoints: ['source/cli.tsx'],
  outfile: 'dist/magds.js',
  format: 'esm',
  jsx: 'automatic',
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    // Nothing here talks to a network. Yoga would use fetch only to read its own data: URL, and the first use of fetch
    // loads Node's whole HTTP client: 25 ms of the first frame.
    fetch: 'undefined',
    'Intl.Segmenter': 'LazySegmenter',
    MAGDS_VERSION: JSON.stringify(version),
    OPS_TEXTS: JSON.stringify(opsTexts),
    HASH_WORKER: await workerText('source/engine/hashing/worker.ts'),
    WASM_WORKER: await workerText('source/engine/hashing/wasm-worker.ts'),
    TEXT_WORKER: await workerText('source/engine/differences/text-worker.ts'),
    CATALOG_WORKER: await workerText('source/engine/catalog/worker.ts'),
  },
  inject: ['source/build/lazy-segmenter.ts'],
  plugins: [lazy],
  alias: {'react-devtools-core': './source/build/empty.ts'},
  banner: {
    js: `#!/usr/bin/env node\n${oldRuntime};import{createRequire as magdsRequire}from'node:module';const require=magdsRequire(import.meta.url);`,
  },
});
chmodSync('dist/magds.js', 0o755);
