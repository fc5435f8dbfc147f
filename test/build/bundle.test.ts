import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {temporaryDirectory} from '../support/temporary.ts';

const project = path.resolve(import.meta.dirname, '../..');
const program = `${project}/dist/magds.js`;
const bundle = fs.readFileSync(program, 'utf8');

/** Parts of Node that were loaded by the time that the program ended. */
function loadedBy(...args: string[]): string[] {
  const hook = `${temporaryDirectory()}/hook.cjs`;
  const list = `${hook}.json`;
  fs.writeFileSync(
    hook,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(process.moduleLoadList)));`,
  );
  const node = `${project}/node_modules/node/bin/node`;
  const {status} = spawnSync(node, ['--no-deprecation', '--require', hook, program, ...args]);
  expect(status).toBe(0);
  return JSON.parse(fs.readFileSync(list, 'utf8')) as string[];
}

test('parts of Node that are slow to load are not loaded before they are used', () => {
  const loaded = loadedBy('--version').join('\n');
  for (const part of ['child_process', 'crypto', 'internal/deps/undici/undici'])
    expect(loaded).not.toMatch(new RegExp(`^NativeModule ${part}$`, 'm'));
});

test('none of them is imported as a module, whose every property Node would read', () => {
  const imported = [...bundle.matchAll(/from"(?:node:)?([a-z_/]+)"/g)].map(([, name]) => name);
  expect(imported).toContain('path');
  for (const part of ['child_process', 'crypto', 'worker_threads', 'process', 'fs', 'util'])
    expect(imported).not.toContain(part);
});

test('DEV in the environment means nothing', () => {
  expect(bundle).not.toMatch(/env\.DEV\b/);
});

test('the pattern of all emoji is made when text asks for it', () => {
  expect(bundle).toMatch(/\?\?=new RegExp\("\^\\\\p\{RGI_Emoji\}\$","v"\)/);
  expect(bundle).not.toMatch(/=\/\^\\p\{RGI_Emoji\}\$\/v/);
});

test('what segments text is made when text asks for it', () => {
  expect(bundle).not.toMatch(/new Intl\.Segmenter\(/);
});

test("React's developer tools are not in it", () => {
  expect(bundle).not.toMatch(/connectToDevTools\s*[:=]/);
});
