import {fromMarkdown} from 'mdast-util-from-markdown';
import {gfmFromMarkdown} from 'mdast-util-gfm';
import {gfm} from 'micromark-extension-gfm';
import {bold, escapeRoff, paragraph, section, term, verbatim} from './roff.ts';

/** As much of a tree of Markdown as the pages in `docs/` need. */
type Node = {
  type: string;
  value?: string;
  depth?: number;
  url?: string;
  ordered?: boolean | null;
  children?: Node[];
};

const inline = (nodes: Node[] = []): string => nodes.map(inlineOf).join('');

function inlineOf({type, value = '', children, url = ''}: Node): string {
  switch (type) {
    case 'text':
      return escapeRoff(value.replaceAll('\n', ' '));
    case 'inlineCode':
      return bold(value.replaceAll('\n', ' '));
    case 'strong':
    case 'emphasis':
      return `\\fI${inline(children)}\\fR`;
    case 'link':
      // What a link within the pages leads to is not in the manual.
      return /^https?:/.test(url) ? `${inline(children)} <${escapeRoff(url)}>` : inline(children);
    case 'break':
      return '\n.br\n';
    default:
      throw new Error(`${type} is nothing that a page of the manual can hold`);
  }
}

const cells = (row: Node): string[] => (row.children ?? []).map(({children}) => inline(children));

/** Each row but the first, which says what the columns are: what stands first, and below it the rest. */
const rows = (table: Node): string[] =>
  (table.children ?? []).slice(1).map((row) => {
    const [first = '', ...others] = cells(row);
    return term(first, others.filter((each) => each !== '').join('. '));
  });

function item({children = []}: Node, mark: string): string {
  const [first, ...others] = children;
  const more = others.flatMap(block).map((roff) => roff.replace(/^\.PP\n/, '.sp\n'));
  return [
    `.IP ${mark} 3`,
    inline(first?.children),
    ...(more.length > 0 ? ['.RS 3', ...more, '.RE'] : []),
  ].join('\n');
}

function block(node: Node): string[] {
  const {type, children = [], value = '', depth = 1} = node;
  switch (type) {
    case 'heading':
      return depth === 1 ? [] : [depth === 2 ? section(plain(node)) : `.SS ${inline(children)}`];
    case 'paragraph':
      return [paragraph(inline(children).replace(/^(?=[.'])/, '\\&'))];
    case 'code':
      return [verbatim(value)];
    case 'list':
      return children.map((each, index) => item(each, node.ordered ? `${index + 1}.` : '\\(bu'));
    case 'table':
      return rows(node);
    default:
      throw new Error(`${type} is nothing that a page of the manual can hold`);
  }
}

const plain = ({value = '', children = []}: Node): string => value + children.map(plain).join('');

/** What a page of `docs/` says, as parts of a page of the manual. */
export const manOf = (markdown: string): string[] =>
  (
    fromMarkdown(markdown, {extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()]}) as Node
  ).children?.flatMap(block) ?? [];
