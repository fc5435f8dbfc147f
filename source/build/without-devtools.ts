import type {Plugin} from 'esbuild';
import {patch} from './patch.ts';

const devtools = /process\.env\['DEV'\] === 'true'|await (?=import\('\.\/devtools|loadPackageJson)/g;

/**
 * Ink looks for React's tools where `DEV=true`, which many have in their environment for reasons of their own; and it waits
 * for them while it is evaluated, which only modules can.
 */
export const withoutDevtools: Plugin = {
  name: 'without-devtools',
  setup(context) {
    context.onLoad({filter: /ink[/]build[/](ink|reconciler)\.js$/}, ({path}) =>
      patch(path, devtools, (place) => (place.startsWith('await') ? '' : 'false')),
    );
  },
};
