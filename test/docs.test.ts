import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';

/** What comments cite is in docs/, under the heading that they name; what docs/ARCHITECTURE.md names is there. */
const filesBelow = (directory: string, kind: RegExp): string[] =>
  fs
    .readdirSync(directory, {recursive: true, encoding: 'utf8'})
    .filter((name) => kind.test(name))
    .map((name) => path.join(directory, name));

const headingsOf = (document: string): string[] =>
  [...fs.readFileSync(document, 'utf8').matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => heading as string);

const documents = fs.readdirSync('docs').filter((name) => name.endsWith('.md'));
const headings = new Map(documents.map((name) => [name, headingsOf(`docs/${name}`)]));

type Citation = {from: string; document: string; heading: string | null};

/** `FORMAT.md`, `FORMAT.md, "Identifier"`, `docs/every-night.md`, `EVIDENCE.md, "Who" and "Plan and times"`, `FORMAT.md ("lock")`. */
function citationsIn(from: string, text: string): Citation[] {
  const cited = /\b((?<=docs\/)[a-z-]+\.md|[A-Z]{4,}\.md)((?:(?:,|:| and| \()? ?"[^"]+")*)/g;
  return [...text.matchAll(cited)].flatMap(([, document = '', quoted = '']) => {
    const named = [...quoted.matchAll(/"([^"]+)"/g)].map(([, heading]) => heading as string);
    return [null, ...named].map((heading) => ({from, document, heading}));
  });
}

/** Comments in one line each, so that a citation may be broken between two. */
const commentsOf = (source: string): string =>
  (source.match(/\/\*[\s\S]*?\*\/|\/\/.*(?:\n\s*\/\/.*)*/g) ?? [])
    .map((comment) => comment.replace(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' '))
    .join('\n');

const code = ['source', 'test', 'bench', 'media'].flatMap((each) => filesBelow(each, /\.(tsx?|php)$/));
const inCode = code.flatMap((file) => citationsIn(file, commentsOf(fs.readFileSync(file, 'utf8'))));
const inDocs = documents.flatMap((name) => {
  const prose = fs.readFileSync(`docs/${name}`, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  return citationsIn(`docs/${name}`, prose.replace(/\s*\n\s*/g, ' '));
});

const elsewhere = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];
const isThere = ({document, heading}: Citation): boolean =>
  heading === null
    ? documents.includes(document) || elsewhere.includes(document)
    : (headings.get(document)?.includes(heading) ?? false);

test('comments cite documents and headings that there are', () => {
  expect(inCode.length).toBeGreaterThan(80);
  expect(inCode.filter(({heading}) => heading !== null).length).toBeGreaterThan(30);
  expect(inCode.filter((citation) => !isThere(citation))).toEqual([]);
});

test('documents cite documents and headings that there are', () => {
  expect(inDocs.filter((citation) => !isThere(citation))).toEqual([]);
});

test('a citation of what is not there is found', () => {
  const cited = citationsIn(
    'x',
    commentsOf('/** As (FORMAT.md,\n * "Identifier" and "No such heading"). */'),
  );
  expect(cited.map(({heading}) => heading)).toEqual([null, 'Identifier', 'No such heading']);
  expect(cited.map(isThere)).toEqual([true, true, false]);
  expect(citationsIn('x', 'see NOTHING.md').map(isThere)).toEqual([false]);
});

/** As a link names a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');

type Link = {page: string; file: string; anchor: string | undefined};

const linksOf = (page: string): Link[] =>
  [...fs.readFileSync(page, 'utf8').matchAll(/\]\(([^)#:]*)(?:#([^)]+))?\)/g)].map(([, to = '', anchor]) => ({
    page,
    file: to === '' ? page : path.join(path.dirname(page), to),
    anchor,
  }));

const leadsToHeading = ({file, anchor}: Link): boolean =>
  fs.existsSync(file) && (anchor === undefined || headingsOf(file).map(anchorOf).includes(anchor));

test('the README leads to every document, and each link of a page to a file and a heading that there are', () => {
  const named = new Set(linksOf('README.md').map(({file}) => file));
  expect(documents.filter((name) => !named.has(`docs/${name}`))).toEqual([]);
  const links = ['README.md', ...documents.map((name) => `docs/${name}`)].flatMap(linksOf);
  expect(links.filter(({anchor}) => anchor !== undefined).length).toBeGreaterThan(10);
  expect(links.filter((link) => !leadsToHeading(link))).toEqual([]);
  expect(leadsToHeading({page: '', file: 'README.md', anchor: 'no-such-heading'})).toBe(false);
});

const architecture = fs.readFileSync('docs/ARCHITECTURE.md', 'utf8');

/** Where a path of docs/ARCHITECTURE.md may begin. */
const bases = ['.', 'source', 'source/engine'];

/** Whether something lies at a path, in which `<name>` stands for any name. */
function leadsSomewhere(base: string, [step, ...rest]: string[]): boolean {
  if (step === undefined || step === '') return fs.existsSync(base);
  const names = /^<\w+>/.test(step) ? (fs.existsSync(base) ? fs.readdirSync(base) : []) : [step];
  const end = step.replace(/^<\w+>/, '');
  return names
    .filter((name) => name.endsWith(end))
    .some((name) => {
      const at = path.join(base, name);
      if (!fs.existsSync(at)) return false;
      return rest.length === 0 || (fs.statSync(at).isDirectory() && leadsSomewhere(at, rest));
    });
}

const prose = architecture.replace(/^```[\s\S]*?^```$/gm, '');
const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span as string);
const paths = spans.filter((span) =>
  /^(?:[\w.<>-]+\/)*[\w.<>-]+\.(?:tsx?|json|md)$|^(?:[\w.<>-]+\/)+$/.test(span),
);

test('docs/ARCHITECTURE.md names files that there are', () => {
  expect(paths.length).toBeGreaterThan(40);
  const missing = paths.filter((each) => !bases.some((base) => leadsSomewhere(base, each.split('/'))));
  // Of a root, not of this repository.
  expect(missing.filter((each) => each !== 'config.json')).toEqual([]);
  expect(bases.some((base) => leadsSomewhere(base, ['ui', 'no-such-file.ts']))).toBe(false);
});

/** Each room of the engine with its floor, as the drawing has it; what is said of a floor stands further to the right. */
const drawing = /^```\n([\s\S]*?)^```$/m.exec(architecture)?.[1] ?? '';
const floors = new Map(
  [...drawing.matchAll(/ (\d+) {2}(\S.*)$/gm)].flatMap(([, floor, line = '']) =>
    (line.split(/ {5,}/)[0] ?? '').split(/ +/).map((room): [string, number] => [room, Number(floor)]),
  ),
);

test('the floors are drawn as the linter keeps them', () => {
  const rooms = fs.readdirSync('source/engine').toSorted();
  expect([...floors.keys()].toSorted()).toEqual(rooms);
  const {overrides} = JSON.parse(fs.readFileSync('biome.json', 'utf8')) as {
    overrides: {
      includes: string[];
      linter: {
        rules: {style: {noRestrictedImports: {options: {patterns: {group: string[]; message: string}[]}}}};
      };
    }[];
  };
  for (const room of rooms) {
    const override = overrides.find(({includes}) => includes.includes(`source/engine/${room}/**`));
    const {patterns} = override?.linter.rules.style.noRestrictedImports.options ?? {patterns: []};
    const refused = patterns.find(({message}) => message.startsWith('Floors'))?.group ?? [];
    const above = rooms.filter((each) => each !== room && (floors.get(each) ?? 0) >= (floors.get(room) ?? 0));
    expect({room, refused: refused.toSorted()}).toEqual({
      room,
      refused: above.map((each) => `**/${each}/**`),
    });
  }
});
