import {chmodSync, cpSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {type BuildOptions, build} from 'esbuild';
import {lazyEmoji} from './lazy-emoji.ts';
import {lazyMeow} from './lazy-meow.ts';
import {lazyNode} from './lazy-node.ts';

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
    // Every copy of string-width makes one as it is loaded; most text is ASCII and needs none (lazy-segmenter.ts).
    'Intl.Segmenter': 'LazySegmenter',
    MAGDS_VERSION: JSON.stringify(version),
    OPS_TEXTS: JSON.stringify(opsTexts),
    HASH_WORKER: await workerText('source/engine/hashing/worker.ts'),
    WASM_WORKER: await workerText('source/engine/hashing/wasm-worker.ts'),
    TEXT_WORKER: await workerText('source/engine/differences/text-worker.ts'),
    CATALOG_WORKER: await workerText('source/engine/catalog/worker.ts'),
  },
  inject: ['source/build/lazy-segmenter.ts'],
  plugins: [lazyNode, lazyMeow, lazyEmoji],
  alias: {'react-devtools-core': './source/build/empty.ts'},
  banner: {
    js: `#!/usr/bin/env node\n${oldRuntime};import{createRequire as magdsRequire}from'node:module';const require=magdsRequire(import.meta.url);`,
  },
});
chmodSync('dist/magds.js', 0o755);
