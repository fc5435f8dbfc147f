import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import type {Metafile} from 'esbuild';

/** A library that is in the bundle, or in one that is. */
export type Library = {
  name: string;
  version: string;
  /** Of those that SPDX lists. */
  licence: string;
  /** Its licence, and whatever else its authors want to be told. */
  texts: string[];
  /** What it holds of others. */
  parts: Omit<Library, 'texts' | 'parts'>[];
};

/** What may go into the program: they all ask for no more than that their text goes along. */
const allowed = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'CC0-1.0', 'CC-BY-3.0'];

/** The MIT licence without its first lines, which say whose: ours, and of a library that says that it has it, and ships no text. */
export const mit = readFileSync('LICENSE', 'utf8').replace(/^[\s\S]*?(?=Permission is hereby granted)/, '');

/** Licences by hand. yoga-layout's files name a LICENSE of their repository, which its package lacks. */
const byHand: Record<string, string> = {
  'yoga-layout': `MIT License\n\nCopyright (c) Meta Platforms, Inc. and affiliates.\n\n${mit}`,
};

/** The comments that a C file begins with. */
const head = (file: string): string =>
  /^(?:\s*(?:\/\*[\s\S]*?\*\/|\/\/.*))*/.exec(readFileSync(file, 'utf8'))?.[0].trim() ?? '';

/** What a library holds of others, where its own licence does not say so. */
const more: Record<string, (directory: string) => string[]> = {
  // Compiled to WebAssembly, each by its own author.
  'hash-wasm': (directory) =>
    readdirSync(`${directory}/src`)
      .filter((name) => name.endsWith('.c'))
      .map((name) => ({name, said: head(`${directory}/src/${name}`)}))
      .filter(({said}) => said !== '')
      .map(({name, said}) => `src/${name}\n\n${said}`),
  // Half of what it names is left out of the program (lazy-meow.ts): which half, the file does not say.
  meow: (directory) => [readFileSync(`${directory}/build/licenses.md`, 'utf8')],
};

/** The folder of the library that a file belongs to; null for one of ours. */
export function libraryOf(file: string): string | null {
  const within = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
  return within?.[1] ?? null;
}

const partsOf = (text: string): Library['parts'] =>
  [...text.matchAll(/^Name: (.+)\nVersion: (.+)\nLicense: (.+)$/gm)].map(
    ([, name = '', version = '', licence = '']) => ({name, version, licence}),
  );

function read(directory: string): Library {
  const {name, version, license} = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const own = readdirSync(directory)
    .filter((file) => /^(licen[cs]e|notice|copying)(\.(md|txt))?$/i.test(file))
    .map((file) => readFileSync(path.join(directory, file), 'utf8'));
  const hand = byHand[name];
  const texts = [...own, ...(hand === undefined ? [] : [hand])];
  if (texts.length === 0) throw new Error(`${directory} has no licence text: see source/build/licences.ts`);
  const others = more[name]?.(directory) ?? [];
  return {
    name,
    version,
    licence: license ?? '',
    texts: [...texts, ...others].map((text) => text.replaceAll('\r\n', '\n').trim()),
    parts: others.flatMap(partsOf),
  };
}

/** @throws Error for a licence that nobody allowed */
export function checkLicences(libraries: Library[]): void {
  for (const {name, version, licence} of libraries.flatMap((each) => [each, ...each.parts]))
    if (!allowed.includes(licence))
      throw new Error(
        `${name} ${version} has the licence "${licence}", which source/build/licences.ts does not allow`,
      );
}

/**
 * The libraries of which anything is in what was built.
 * @param metafiles esbuild's account of it
 */
export function librariesIn(metafiles: Metafile[]): Library[] {
  const directories = new Set<string>();
  for (const {outputs} of metafiles)
    for (const {inputs} of Object.values(outputs))
      for (const [file, {bytesInOutput}] of Object.entries(inputs)) {
        const directory = bytesInOutput > 0 ? libraryOf(file) : null;
        if (directory !== null) directories.add(directory);
      }
  // One library may lie in several places.
  const libraries = new Map(
    [...directories]
      .sort()
      .map(read)
      .map((each) => [`${each.name}@${each.version}`, each]),
  );
  checkLicences([...libraries.values()]);
  return [...libraries.values()];
}

const line = '-'.repeat(80);

/** All their texts, for whoever has the program. */
export function licencesText(libraries: Library[]): string {
  const chapters = libraries.map(
    ({name, version, licence, texts}) =>
      `${line}\n${name} ${version} (${licence})\n\n${texts.join('\n\n')}\n`,
  );
  return `magds holds these libraries, or parts of them. Their licences follow.\n\n${chapters.join('\n')}`;
}
