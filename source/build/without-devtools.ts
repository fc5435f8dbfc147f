import type {Plugin} from 'esbuild';
import {patch} from './patch.ts';

const devtools = /process\.env\['DEV'\] === 'true'/g;

/** Ink looks for React's tools where `DEV=true`, which many have in their environment for reasons of their own. */
export const withoutDevtools: Plugin = {
  name: 'without-devtools',
  setup(context) {
    context.onLoad({filter: /ink[/]build[/](ink|reconciler)\.js$/}, ({path}) =>
      patch(path, devtools, () => 'false'),
    );
  },
};
