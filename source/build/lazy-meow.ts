import type {Plugin} from 'esbuild';
import {patch} from './patch.ts';

const eager = /var normalizeExports = requireNormalize\(\);\s*const normalizePackageData = [^;]+;/;
const refused = "const normalizePackageData = () => {throw Error('meow normalises no package.json here')};";

const title = /process\.title = [^;]+;/;

/**
 * meow can normalise a package.json, which it is never asked to here; what it loads for that, at once, takes 17 ms and is half
 * of it. And it names the process, so that `ps` would show no arguments.
 */
export const lazyMeow: Plugin = {
  name: 'lazy-meow',
  setup(context) {
    context.onLoad({filter: /meow[/]build[/]dependencies\.js$/}, ({path}) =>
      patch(path, eager, () => refused),
    );
    context.onLoad({filter: /meow[/]build[/]index\.js$/}, ({path}) => patch(path, title, () => ''));
  },
};
