import type {Plugin} from 'esbuild';

/** Parts of Node that take milliseconds to load and that the first frame does not need, with what is used of them. */
const lazyParts: Record<string, string[]> = {
  'node:child_process': ['execFile', 'execFileSync', 'spawn', 'spawnSync'],
  'node:crypto': ['createHash', 'randomUUID'],
  'node:worker_threads': ['Worker'],
};

const onFirstUse = (module: string, name: string): string =>
  `let real_${name};export function ${name}(...args){const real=real_${name}??=magdsRequire(import.meta.url)('${module}').${name};return new.target?new real(...args):real(...args)}`;

/** Importing it makes Node read every property of it, stdin's and stdout's included: 8 ms. It is there anyway. */
const processModule =
  'export default process;export const env=process.env;export const cwd=()=>process.cwd();';

/** Loads parts of Node when they are first used, not when the program begins. */
export const lazyNode: Plugin = {
  name: 'lazy-node',
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
  },
};
