import {escapeCharacter} from '../base/escape.ts';

/**
 * How an evidence file is written: ASCII markdown that says the same in a pull request, in `less` and in a ticket.
 *
 * What a record holds may have been written by anybody. It stands in code spans and fences only, where markdown sees
 * neither links nor emphasis, mentions nor HTML; everything outside of them is this program's own. What could end a span,
 * a cell or a fence, or look like one of the file's own marks, is written as `\u{…}`.
 */

/** Columns of prose; tables and hashes may be wider. */
const width = 79;
/** Of what has to be seen at one look, and of the lists of an annex, which hold digests. */
export const wideWidth = 100;

export const notRecorded = 'not recorded';

/** The marks that the record is found by, with `sed` (EVIDENCE.md, "The file"). */
export const beginMark = '<!-- BEGIN EVIDENCE JSON -->';
export const endMark = '<!-- END EVIDENCE JSON -->';
/** What stands around the record between them. */
export const recordFence = '````json\n';
export const recordFenceEnd = '\n````\n';
export const digestMark = 'Record SHA-256: ';

/** Characters that are no printable ASCII; a backslash that would look like one of our escapes. */
const foreign = /[^\x20-\x7e]|\\(?=u\{)/gu;
/** The R of what only the file's last line may begin with. */
const forged = /R(?=ecord SHA-256)/g;
/** What ends a span or a cell, opens HTML or a link; spaces that markdown would swallow. */
const special = /[`|<[]|^ | $|(?<= ) /g;
/** What ends a fence, opens a comment. */
const ending = /`(?=``)|<(?=!--)/g;

const escapeAll = (text: string, what: RegExp): string =>
  text.replace(foreign, escapeCharacter).replace(forged, escapeCharacter).replace(what, escapeCharacter);

/** Text of a record within prose or a table's cell: `` `like this` ``; null is "not recorded". */
export function code(text: string | null): string {
  if (text === null) return notRecorded;
  return text === '' ? '(empty)' : `\`${escapeAll(text, special)}\``;
}

/** Lines of a record in a fence, verbatim but for what would end it; with the empty line after it. */
export const fence = (lines: string[]): string[] => [
  '```',
  ...lines.map((line) => escapeAll(line, ending)),
  '```',
  '',
];

/** Text of several lines, as `fence` takes it. */
export const textLines = (text: string): string[] => text.replace(/\n$/, '').split('\n');

/**
 * Words that a line of a paragraph may begin with: nothing that would begin a list, a heading, a quote, a rule. `[not
 * recorded]` stays one.
 */
const breaks = / (?<!\[not )(?=[A-Za-z(/`"']|\d+(?![.)\d]))/;

/** `text` in lines that are broken at spaces, in a code span too, where that is the same to markdown. */
export function wrap(text: string, first = '', rest = first, columns = width): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(breaks)) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** A paragraph, with the empty line after it. */
export const paragraph = (text: string, columns = width): string[] => [...wrap(text, '', '', columns), ''];

/** A point of a list. */
const point = (text: string, columns = width): string[] => wrap(text, '- ', '  ', columns);

/** A list of what is recorded, a point for each name, with the empty line after it; null leaves its point out. */
export const facts = (all: Record<string, string | null>, columns = width): string[] => [
  ...Object.entries(all).flatMap(([name, text]) =>
    text === null ? [] : point(`**${name}**: ${text}`, columns),
  ),
  '',
];

/** A list, with the empty line after it; without points `none`. */
export const list = (points: string[], none: string): string[] =>
  points.length === 0 ? paragraph(none) : [...points.flatMap((each) => point(each)), ''];

/** Columns up to which cells are filled up, so that a table is one in `less` as well. */
const widest = 40;

/** A table of cells that are markdown already, with the empty line after it. */
export function table(head: string[], rows: string[][]): string[] {
  const widths = head.map((name, column) =>
    rows.reduce(
      (most, row) => {
        const length = row[column]?.length ?? 0;
        return length <= widest ? Math.max(most, length) : most;
      },
      Math.max(3, name.length),
    ),
  );
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((each) => '-'.repeat(each)).join(' | ')} |`, ...rows.map(line), ''];
}

/** The first so many texts, and how many there are beside. */
export const firstFew = (texts: string[], most: number): string[] =>
  texts.length <= most ? texts : [...texts.slice(0, most), `${texts.length - most} more are in the record.`];

/** What the operator must not overlook. */
export const bewareText = (text: string): string => `**Beware**: ${text}`;
