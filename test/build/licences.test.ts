import fs from 'node:fs';
import type {Metafile} from 'esbuild';
import {expect, test} from 'vitest';
import {checkLicences, librariesIn, libraryOf, licencesText} from '../../source/build/licences.ts';
import {sbom} from '../../source/build/sbom.ts';
import {temporaryDirectory} from '../support/temporary.ts';

/** esbuild's account of an output that holds these bytes of these files. */
const metafile = (inputs: Record<string, number>): Metafile => ({
  inputs: {},
  outputs: {
    'out.js': {
      bytes: 1,
      imports: [],
      exports: [],
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([file, bytesInOutput]) => [file, {bytesInOutput}]),
      ),
    },
  },
});

/** A library in a tree of its own. @returns where its only file lies */
function library(tree: string, name: string, license: string, files: Record<string, string>): string {
  const directory = `${tree}/node_modules/${name}`;
  fs.mkdirSync(directory, {recursive: true});
  fs.writeFileSync(`${directory}/package.json`, JSON.stringify({name, version: '1.2.3', license}));
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(`${directory}/${file}`, text);
  return `${directory}/index.js`;
}

test.each([
  ['source/cli.tsx', null],
  ['node_modules/ink/build/ink.js', 'node_modules/ink'],
  ['node_modules/@a/b/index.js', 'node_modules/@a/b'],
  ['node_modules/@a/b/node_modules/c/index.js', 'node_modules/@a/b/node_modules/c'],
])('%s belongs to %s', (file, directory) => {
  expect(libraryOf(file)).toBe(directory);
});

test('what is in the bundle is told with its licence and its notices, and what was left out is not', () => {
  const tree = temporaryDirectory();
  const used = library(tree, '@a/used', 'MIT', {
    LICENSE: 'the licence\r\n',
    NOTICE: 'the notice',
    'README.md': 'x',
  });
  const unused = library(tree, 'unused', 'GPL-3.0', {LICENSE: 'another'});
  const libraries = librariesIn([metafile({[used]: 10, [unused]: 0}), metafile({[used]: 5})]);
  expect(libraries).toEqual([
    {name: '@a/used', version: '1.2.3', licence: 'MIT', texts: ['the licence', 'the notice'], parts: []},
  ]);
  expect(licencesText(libraries)).toContain('@a/used 1.2.3 (MIT)\n\nthe licence\n\nthe notice\n');
});

test('a licence that nobody allowed, and one without its text, stop the build', () => {
  const tree = temporaryDirectory();
  const strict = library(tree, 'strict', 'GPL-3.0', {LICENSE: 'x'});
  expect(() => librariesIn([metafile({[strict]: 1})])).toThrow('strict 1.2.3 has the licence "GPL-3.0"');
  const bare = library(tree, 'bare', 'MIT', {});
  expect(() => librariesIn([metafile({[bare]: 1})])).toThrow('bare has no licence text');
  const parts = [{name: 'inner', version: '1', licence: 'Custom'}];
  expect(() => checkLicences([{name: 'a', version: '1', licence: 'MIT', texts: [], parts}])).toThrow(
    'inner 1 has',
  );
});

test('the bill of materials names each library, and its package as the registry has it', () => {
  const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, {version: string; integrity: string}>;
  };
  const {version, integrity} = lock.packages['node_modules/ink'] ?? {version: '', integrity: ''};
  const libraries = [{name: 'ink', version, licence: 'MIT', texts: [], parts: []}];
  const at = new Date('2026-11-29T00:00:00Z');
  const bill = JSON.parse(sbom('1.0.0', libraries, at)) as {components: object[]};
  const [, encoded = ''] = integrity.split('sha512-');
  expect(bill).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: {timestamp: '2026-11-29T00:00:00.000Z', component: {name: 'magds', version: '1.0.0'}},
  });
  expect(bill.components).toMatchObject([
    {
      purl: `pkg:npm/ink@${version}`,
      hashes: [{alg: 'SHA-512', content: Buffer.from(encoded, 'base64').toString('hex')}],
    },
    {name: 'node', version: process.versions.node},
  ]);
});
