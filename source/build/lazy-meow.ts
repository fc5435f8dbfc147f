import type {Plugin} from 'esbuild';
import {patch} from './patch.ts';

const eager = /var normalizeExports = requireNormalize\(\);\s*const normalizePackageData = [^;]+;/;
const onCall =
  'const normalizePackageData = (...args) => getDefaultExportFromCjs(requireNormalize())(...args);';

const title = /process\.title = [^;]+;/;

/**
 * meow normalises a package.json that it is never given, and loads for it, at once, what takes 17 ms. And it names the
 * process, so that `ps` would show no arguments.
 */
export const lazyMeow: Plugin = {
  name: 'lazy-meow',
  setup(context) {
    context.onLoad({filter: /meow[/]build[/]dependencies\.js$/}, ({path}) =>
      patch(path, eager, () => onCall),
    );
    context.onLoad({filter: /meow[/]build[/]index\.js$/}, ({path}) => patch(path, title, () => ''));
  },
};
