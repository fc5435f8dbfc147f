import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {parse} from '../source/commands/parse.ts';
import {exitCode} from '../source/engine/base/problem.ts';
import {opsItems} from '../source/engine/ops/catalog.ts';
import {readable, textsOf} from './support/well-formed.ts';

/** What the README says is what is there: its pictures, commands, exit codes and messages. */
const readme = fs.readFileSync('README.md', 'utf8');
const pictures = [...readme.matchAll(/!\[[^\]]+\]\(([^)]*)\)/g)].map(([, file]) => file as string);

const sectionOf = (heading: string): string => readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';

/** The first cell of each row of the table below this heading. */
const table = (heading: string): string[] =>
  [...sectionOf(heading).matchAll(/^\| ([^|]+) \|/gm)].map(([, cell]) => cell as string).slice(2);

test('every picture of the README is there, and every picture there is in it', () => {
  const there = fs.readdirSync('media').filter((name) => name.endsWith('.svg'));
  expect(pictures.toSorted()).toEqual(there.map((name) => `media/${name}`).toSorted());
});

test.each(pictures)('%s is small, well-formed, and names nothing of the machine that made it', (file) => {
  const picture = fs.readFileSync(file, 'utf8');
  expect(picture.length).toBeLessThan(60_000);
  const text = readable(textsOf(picture).join('\n'));
  expect(text).toContain('magds > ');
  expect(text).not.toContain('/tmp/');
});

/** What a shell puts in is one word. */
const blocks = [...readme.replace(/\$\([a-z]+ -[^)]*\)/g, 'WORD').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
  .filter(([, language]) => language === '')
  .map(([, , block]) => block as string);
const called = blocks
  .flatMap((block) => block.split('\n'))
  .flatMap((line) => [...line.matchAll(/(?<![\w./-])magds(?= [a-z-])[^|#)]*?(?=\s*(?:[|#)]|2>&1|$))/g)])
  .map(([command]) => command);

test('the README calls commands', () => expect(called.length).toBeGreaterThan(20));

test.each([...new Set(called)])('%s is a command with flags that there are', async (command) => {
  const argv = (command.match(/(?:"[^"]*"|\S)+/g) ?? []).slice(1).map((word) => word.replaceAll('"', ''));
  const {named} = await parse(argv);
  expect(named?.name.split(' ')).toEqual(argv.slice(0, named?.name.split(' ').length));
});

test('its exit codes are those that there are', () => {
  expect(table('Exit codes').map(Number)).toEqual(Object.values(exitCode).toSorted((a, b) => a - b));
});

const source = fs
  .readdirSync('source', {recursive: true, encoding: 'utf8'})
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => fs.readFileSync(path.join('source', name), 'utf8'))
  .join('\n');

test.each(table('Trouble, by message'))('%s is what the program says', (cell) => {
  const spans = [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, span]) => (span as string).split('…'));
  const parts = spans.map((part) => part.trim()).filter((part) => /\w/.test(part));
  expect(parts).not.toEqual([]);
  expect(parts.filter((part) => !source.includes(part))).toEqual([]);
});

test('each file of "magds ops" that it names is one that there is', () => {
  const named = [...readme.matchAll(/magds ops (?:--\S+ )*([a-z][\w.-]*\w)/g)].map(
    ([, name]) => name as string,
  );
  expect(named).not.toEqual([]);
  const there = opsItems.map(({name}) => name);
  expect(named.filter((name) => !there.includes(name))).toEqual([]);
});
