import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {temporaryDirectory} from '../support/temporary.ts';

const project = path.resolve(import.meta.dirname, '../..');
const program = `${project}/dist/magds.js`;
const parts = fs.readdirSync(`${project}/dist/program`);
const bundle = parts.map((name) => fs.readFileSync(`${project}/dist/program/${name}`, 'utf8')).join('\n');

/** Parts of Node that were loaded by the time that the program ended. */
function loadedBy(...args: string[]): string[] {
  const hook = `${temporaryDirectory()}/hook.cjs`;
  const list = `${hook}.json`;
  fs.writeFileSync(
    hook,
    `const path = require('path'), vm = require('vm'), {Script} = vm, files = [];
    vm.Script = class extends Script {
      constructor(text, options) {
        super(text, options);
        files.push('file: ' + path.basename(options.filename));
      }
    };
    process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify([...process.moduleLoadList, ...files])));`,
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

test('no part of Node has its every property read', () => {
  // Workers are texts in the others, and load what they need.
  const texts = parts.filter((name) => /^(main|arguments|commands)/.test(name));
  const program = texts.map((name) => fs.readFileSync(`${project}/dist/program/${name}`, 'utf8')).join('\n');
  expect(program).toMatch(/=require\("node:fs"\)/);
  expect(program).not.toMatch(/[\w$]\(require\("(node:)?[a-z_/]+"\)/);
  // Nor does a piece copy what it gives to others.
  expect(program).toMatch(/module\.exports=[\w$]+;/);
  expect(program).not.toMatch(/module\.exports=[\w$]+\(/);
});

test('it lies in few files, and the first names the digest of each other', () => {
  expect(parts.length).toBeLessThan(15);
  const first = fs.readFileSync(`${project}/dist/program/main.js`, 'utf8');
  for (const name of parts.filter((each) => each !== 'main.js')) {
    const text = fs.readFileSync(`${project}/dist/program/${name}`);
    expect(first).toContain(`// ${createHash('sha256').update(text).digest('hex')}  ${name}\n`);
  }
});

test('what is asked for its version loads neither screens nor what commands share', () => {
  const loaded = loadedBy('--version').filter((name) => name.startsWith('file: '));
  expect(loaded.map((name) => name.replace(/-[0-9a-f]{8}/, ''))).toEqual([
    'file: main.js',
    'file: arguments.js',
  ]);
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
