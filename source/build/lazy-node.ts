import type {Plugin} from 'esbuild';

/** Parts of Node that take milliseconds to load and that the first frame does not need, with what is used of them. */
const lazyParts: Record<string, string[]> = {
  'node:child_process': ['execFile', 'execFileSync', 'spawn', 'spawnSync'],
  'node:crypto': ['createHash', 'randomUUID'],
  'node:readline': ['createInterface'],
  'node:readline/promises': ['createInterface'],
  'node:worker_threads': ['Worker'],
};

const onFirstUse = (module: string, name: string): string =>
  `let real_${name};export function ${name}(...args){const real=real_${name}??=require('${module}').${name};return new.target?new real(...args):real(...args)}`;

/** Loads parts of Node when they are first used, not when the program begins. */
export const lazyNode: Plugin = {
  name: 'lazy-node',
  setup(context) {
    context.onResolve(
      {filter: /^node:(child_process|crypto|readline|readline[/]promises|worker_threads)$/},
      ({path, kind}) => (kind === 'import-statement' ? {path, namespace: 'lazy'} : undefined),
    );
    context.onLoad({filter: /.*/, namespace: 'lazy'}, ({path}) => ({
      contents: (lazyParts[path] ?? []).map((name) => onFirstUse(path, name)).join('\n'),
    }));
  },
};
