import fc from 'fast-check';
import {fromMarkdown} from 'mdast-util-from-markdown';
import {gfmFromMarkdown} from 'mdast-util-gfm';
import {gfm} from 'micromark-extension-gfm';
import {expect, test} from 'vitest';
import {pageName, pageParts} from '../../../source/engine/evidence/page.ts';
import {renderEvidence} from '../../../source/engine/evidence/render.ts';
import {type EvidenceRecord, recordSchema} from '../../../source/engine/evidence/schema.ts';
import {goldenRecords, hashOf} from '../../support/evidence-records.ts';
import {hostileMarkdown} from '../../support/hostile-markdown.ts';
import {arbitraryOf} from '../../support/zod-arbitrary.ts';

type Element = {name: string; attributes: string; children: (Element | string)[]};

const phrasing = ['#text', 'code', 'strong'];
/** What each element may hold; `#text` is text that is not empty. */
const contents: Record<string, string[]> = {
  '#document': ['html'],
  html: ['head', 'body'],
  head: ['meta', 'title', 'style'],
  title: ['#text'],
  style: ['#text'],
  meta: [],
  body: ['p', 'main'],
  main: ['h1', 'h2', 'p', 'ul', 'pre', 'table'],
  h1: phrasing,
  h2: phrasing,
  p: phrasing,
  ul: ['li'],
  li: phrasing,
  table: ['thead', 'tbody'],
  thead: ['tr'],
  tbody: ['tr'],
  tr: ['th', 'td'],
  th: phrasing,
  td: phrasing,
  strong: ['#text', 'code'],
  code: ['#text'],
  pre: ['#text'],
};
const attributes = [
  '',
  ' lang="en"',
  ' id="original"',
  ' charset="utf-8"',
  ` http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"`,
  ' name="viewport" content="width=device-width, initial-scale=1"',
];

const characters = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
]);

/** The elements of a page. @throws Error for whatever is not closed, not escaped, or in a place that is not its own */
function parse(page: string): Element {
  const doctype = '<!DOCTYPE html>\n';
  if (!page.startsWith(doctype)) throw new Error('no doctype');
  const root: Element = {name: '#document', attributes: '', children: []};
  const open = [root];
  const top = (): Element => open.at(-1) ?? root;
  const allow = (name: string): void => {
    if (!contents[top().name]?.includes(name)) throw new Error(`${name} in ${top().name}`);
  };
  for (const token of page.slice(doctype.length).match(/<[^>]*>|[^<]+|</g) ?? []) {
    const [, closing, name = '', rest = ''] =
      /^<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")*)>$/.exec(token) ?? [];
    if (closing === undefined) {
      if (!/^(?:[^<>&]|&(?:amp|lt|gt);)*$/.test(token)) throw new Error(`not escaped: ${token}`);
      if (token.trim() !== '') allow('#text');
      top().children.push(token.replace(/&\w+;/g, (each) => characters.get(each) ?? ''));
    } else if (closing === '/') {
      if (open.pop()?.name !== name) throw new Error(`${token} closes another one`);
    } else {
      allow(name);
      if (!attributes.includes(rest)) throw new Error(token);
      const element = {name, attributes: rest, children: []};
      top().children.push(element);
      if (name !== 'meta') open.push(element);
    }
  }
  if (open.length !== 1) throw new Error(`${top().name} is not closed`);
  return root;
}

const elements = ({children}: Element): Element[] => children.filter((each) => typeof each !== 'string');
const find = (within: Element, name: string): Element[] =>
  elements(within).flatMap((each) => [...(each.name === name ? [each] : []), ...find(each, name)]);
const textOf = ({name, children}: Element): string => {
  const text = children.map((each) => (typeof each === 'string' ? each : textOf(each))).join('');
  return name === 'code' || name === 'strong' ? `{${name} ${text}}` : text;
};

/** A line for each thing that is read one after the other. */
const readPage = (element: Element): string[] =>
  elements(element).flatMap((each) =>
    ['ul', 'table', 'thead', 'tbody', 'tr'].includes(each.name)
      ? readPage(each)
      : [`${each.name} ${each.name === 'pre' ? textOf(each).replace(/^\n/, '') : textOf(each)}`],
  );

type Node = {type: string; children?: Node[]; value?: string; depth?: number};

const inline = ({type, children = [], value = ''}: Node): string => {
  const text = children.map(inline).join('') || value.replaceAll('\n', ' ');
  const names: Record<string, string> = {strong: `{strong ${text}}`, inlineCode: `{code ${text}}`};
  return names[type] ?? text;
};

/** The same of the markdown, as a parser of markdown has it. */
const readMarkdown = (node: Node): string[] =>
  (node.children ?? []).flatMap((each, index): string[] => {
    switch (each.type) {
      case 'heading':
        return [`h${each.depth} ${inline(each)}`];
      case 'paragraph':
        return [`p ${inline(each)}`];
      case 'listItem':
        return [`li ${inline(each)}`];
      case 'tableRow':
        return (each.children ?? []).map((cell) => `${index === 0 ? 'th' : 'td'} ${inline(cell)}`);
      case 'code':
        return [`pre ${each.value ?? ''}`];
      case 'html':
        return [];
      default:
        return readMarkdown(each);
    }
  });

const original = {name: '20261124_031500_session-7.md', sha256: hashOf('5')};

const pageOf = (record: EvidenceRecord, of: typeof original): string => [...pageParts(record, of)].join('');

function check(record: EvidenceRecord): void {
  const markdown = renderEvidence(record);
  const page = parse(pageOf(record, original));
  const [main] = find(page, 'main');
  const tree = fromMarkdown(markdown, {extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()]});
  expect(readPage(main as Element)).toEqual(readMarkdown(tree));
}

test('of any record it says what the markdown says, in the same order, and nothing in it is a tag', () => {
  fc.assert(fc.property(arbitraryOf(recordSchema, hostileMarkdown), check), {numRuns: 60});
});

test('of the records that are kept too', () => Object.values(goldenRecords).forEach(check));

test('it names the original and its digest first, and loads and runs nothing', () => {
  const text = pageOf(goldenRecords['good'] as EvidenceRecord, {
    ...original,
    name: '<b>&.md',
  });
  const page = parse(text);
  const [first] = find(page, 'body').flatMap(elements);
  expect(first?.attributes).toBe(' id="original"');
  expect(textOf(first as Element)).toContain(
    `The original is the file {code <b>&.md}, SHA-256 {code ${original.sha256}}.`,
  );
  expect(find(page, 'title').map(textOf)).toEqual(['Evidence of a restore']);
  const [style = ''] = find(page, 'style').map(textOf);
  expect(style).toContain('@media print {');
  expect(style).not.toMatch(/url\(|@import/);
});

test.each([
  ['evidence.md', 'evidence.html'],
  ['evidence', 'evidence.html'],
  ['evidence.html', 'evidence.html.html'],
])('of %s it is %s', (name, due) => expect(pageName(name)).toBe(due));
