import {beginMark, endMark} from './markdown.ts';
import {evidenceParts, headingsOf} from './render.ts';
import type {EvidenceRecord} from './schema.ts';

/**
 * An evidence file as one page: no script, nothing that is loaded, to be printed or to lie in a ticket. It is made of the
 * lines that `evidenceParts` gives and of nothing else, so it knows the few blocks of markdown that stand there.
 */

const style = `
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #111; background: #fff; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2rem; border-bottom: 1px solid #bbb; }
code, pre { font: 0.875em/1.4 ui-monospace, monospace; background: #f3f3f3; }
code, td { overflow-wrap: anywhere; }
pre { padding: 0.5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.2rem 0.5rem; border: 1px solid #bbb; text-align: left; vertical-align: top; }
#original { padding: 0.5rem 1rem; border: 2px solid #111; }
@page { margin: 18mm 15mm; }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 9pt; }
  h1, h2 { break-after: avoid; }
  tr, li { break-inside: avoid; }
  thead { display: table-header-group; }
}
`;

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

/** Text between tags: there is no attribute that holds any. */
const escaped = (text: string): string => text.replace(/[&<>]/g, (found) => entities.get(found) ?? '');

/** Prose, with its code spans and its strong words. */
function inline(text: string): string {
  let isStrong = false;
  const parts = text.split(/(`[^`]*`|\*\*)/).map((part) => {
    if (part.startsWith('`') && part.length > 1) return `<code>${escaped(part.slice(1, -1))}</code>`;
    if (part !== '**') return escaped(part);
    isStrong = !isStrong;
    return isStrong ? '<strong>' : '</strong>';
  });
  return `${parts.join('')}${isStrong ? '</strong>' : ''}`;
}

// What a cell holds never has a bar in it: `code` escapes it.
const row = (line: string, tag: 'td' | 'th'): string => {
  const cells = line.slice(1, -1).split('|');
  return `<tr>${cells.map((cell) => `<${tag}>${inline(cell.trim())}</${tag}>`).join('')}</tr>`;
};

/** The lines of one block that is no fence, none of them empty. */
function block(lines: string[]): string[] {
  const [first = '', , ...others] = lines;
  const [, marks, heading] = /^(##?) (.*)$/.exec(first) ?? [];
  if (marks !== undefined && heading !== undefined)
    return [`<h${marks.length}>${inline(heading)}</h${marks.length}>`];
  if (first.startsWith('| '))
    return [
      `<table><thead>${row(first, 'th')}</thead><tbody>`,
      ...others.map((line) => row(line, 'td')),
      '</tbody></table>',
    ];
  if (!first.startsWith('- ')) return [`<p>${inline(lines.join(' '))}</p>`];
  const points: string[] = [];
  for (const line of lines)
    if (line.startsWith('- ')) points.push(line.slice(2));
    else points.push(`${points.pop()} ${line.trimStart()}`);
  return ['<ul>', ...points.map((point) => `<li>${inline(point)}</li>`), '</ul>'];
}

/** The lines of a text that comes in parts. */
function* linesOf(parts: Iterable<string>): Iterable<string> {
  let begun: string[] = [];
  for (const part of parts) {
    const [first = '', ...others] = part.split('\n');
    begun.push(first);
    const last = others.pop();
    if (last === undefined) continue;
    yield begun.join('');
    yield* others;
    begun = [last];
  }
  yield begun.join('');
}

/** The lines of a fence's text. A record is long: none is kept for longer than until the next one is there. */
function* fenced(lines: Iterator<string>, fence: string): Iterable<string> {
  // A line feed right after <pre> is none of its text.
  let before = '<pre>';
  for (let next = lines.next(); next.done !== true && next.value !== fence; next = lines.next()) {
    yield before;
    before = escaped(next.value);
  }
  yield `${before}</pre>`;
}

/** The lines of the blocks of the markdown, in their order. */
function* blocks(parts: Iterable<string>): Iterable<string> {
  const all = linesOf(parts)[Symbol.iterator]();
  let lines: string[] = [];
  for (let next = all.next(); next.done !== true; next = all.next()) {
    const line = next.value;
    const [fence] = /^```+/.exec(line) ?? [];
    const isMark = line === beginMark || line === endMark;
    if (lines.length > 0 && (line === '' || fence !== undefined || isMark)) {
      yield* block(lines);
      lines = [];
    }
    if (fence !== undefined) yield* fenced(all, fence);
    else if (line !== '' && !isMark) lines.push(line);
  }
}

/** `evidence.md` gives `evidence.html`. */
export const pageName = (name: string): string => `${name.replace(/\.md$/, '')}.html`;

/**
 * The page in parts: a large one is never held as one text.
 * @param original its name and the SHA-256 of its bytes
 */
export function* pageParts(
  record: EvidenceRecord,
  {name, sha256}: {name: string; sha256: string},
): Iterable<string> {
  const [title = ''] = headingsOf(record);
  yield `${[
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<p id="original">This page is a copy to read and to print. The original is the file <code>${escaped(name)}</code>, SHA-256 <code>${sha256}</code>. What is said below of this file, of its signature and of how to check it, is said of the original. This page proves nothing on its own.</p>`,
    '<main>',
  ].join('\n')}\n`;
  for (const line of blocks(evidenceParts(record))) yield `${line}\n`;
  yield '</main>\n</body>\n</html>\n';
}
