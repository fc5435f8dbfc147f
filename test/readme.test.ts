import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {parse} from '../source/commands/parse.ts';
import {exitCode} from '../source/engine/base/problem.ts';
import {opsItems} from '../source/engine/ops/catalog.ts';
import {readable, textsOf} from './support/well-formed.ts';

/** What the README and the pages of docs/ say is what is there: their pictures, commands, exit codes and messages. */
const readme = fs.readFileSync('README.md', 'utf8');
const documents = fs.readdirSync('docs').filter((name) => name.endsWith('.md'));
/** Each with where it lies, as a page's links go from there. */
const pages = new Map([
  ['README.md', readme],
  ...documents.map((name): [string, string] => [`docs/${name}`, fs.readFileSync(`docs/${name}`, 'utf8')]),
]);
const everything = [...pages.values()].join('\n');
const pictures = [
  ...new Set(
    [...pages].flatMap(([page, text]) =>
      [...text.matchAll(/!\[[^\]]+\]\(([^)]*)\)/g)].map(([, file = '']) =>
        path.join(path.dirname(page), file),
      ),
    ),
  ),
];

/** The first cell of each row of the table below this heading of a page. */
const table = (page: string, heading: string): string[] => {
  const section = pages.get(page)?.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell]) => cell as string).slice(2);
};

test('the README is read in the first minute', () => {
  expect(readme.split(/\s+/).length).toBeLessThanOrEqual(1200);
});

test('every picture of a page is there, and every picture there is in one', () => {
  const there = fs.readdirSync('media').filter((name) => name.endsWith('.svg'));
  expect(pictures.toSorted()).toEqual(there.map((name) => `media/${name}`).toSorted());
});

test.each(pictures)('%s is small, well-formed, and names nothing of the machine that made it', (file) => {
  const picture = fs.readFileSync(file, 'utf8');
  expect(picture.length).toBeLessThan(300_000);
  const text = readable(textsOf(picture).join('\n'));
  expect(text).toContain('magds > ');
  expect(text).not.toContain('/tmp/');
});

/** What a shell puts in is one word. */
const blocks = [
  ...everything.replace(/\$\([a-z]+ -[^)]*\)/g, 'WORD').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm),
]
  .filter(([, language]) => language === '')
  .map(([, , block]) => block as string);
const called = blocks
  .flatMap((block) => block.split('\n'))
  .flatMap((line) => [...line.matchAll(/(?<![\w./@-])magds(?= [a-z-])[^|#)]*?(?=\s*(?:[|#)]|2>&1|$))/g)])
  .map(([command]) => command);

test('the pages call commands', () => expect(called.length).toBeGreaterThan(60));

test.each([...new Set(called)])('%s is a command with flags that there are', async (command) => {
  const argv = (command.match(/(?:"[^"]*"|\S)+/g) ?? []).slice(1).map((word) => word.replaceAll('"', ''));
  const {named} = await parse(argv);
  // A flag of the program itself, such as --version, names no command.
  const words = named?.name.split(' ') ?? [];
  expect(words).toEqual(argv.slice(0, words.length));
  expect(words.length > 0 || argv[0]?.startsWith('-')).toBe(true);
});

test('the exit codes are those that there are', () => {
  expect(table('docs/commands.md', 'Exit codes').map(Number)).toEqual(
    Object.values(exitCode).toSorted((a, b) => a - b),
  );
});

const source = fs
  .readdirSync('source', {recursive: true, encoding: 'utf8'})
  .filter((name) => /\.(tsx?|cjs)$/.test(name))
  .map((name) => fs.readFileSync(path.join('source', name), 'utf8'))
  .join('\n');

test('messages are looked up', () => {
  expect(table('docs/troubleshooting.md', 'By message').length).toBeGreaterThan(20);
});

test.each(table('docs/troubleshooting.md', 'By message'))('%s is what the program says', (cell) => {
  const spans = [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, span]) => (span as string).split('…'));
  const parts = spans.map((part) => part.trim()).filter((part) => /\w/.test(part));
  expect(parts).not.toEqual([]);
  expect(parts.filter((part) => !source.includes(part))).toEqual([]);
});

test('each file of "magds ops" that a page names is one that there is', () => {
  const named = [...everything.matchAll(/magds ops (?:--\S+ )*([a-z][\w.-]*\w)/g)].map(
    ([, name]) => name as string,
  );
  expect(named).not.toEqual([]);
  const there = opsItems.map(({name}) => name);
  const isThere = (name: string) => there.some((each) => each === name || each.startsWith(`${name}.`));
  expect(named.filter((name) => !isThere(name))).toEqual([]);
});
