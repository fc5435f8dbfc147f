import widthOf from 'string-width';

/** What is never broken: something in quotes, a command after a colon, and a word, which a path is. */
const unit = /( *)([^\s"]*"[^"]{0,80}"[^\s"]*(?= |$)|(?<=: )(?:sudo )?magds .*?(?:[.;](?= |$)|$)|\S+)/g;

/** Spaces and a mark, before what is said. */
const start = /^ *([-+x!?=*] +)?/;

/**
 * A line by words in lines of at most `width` columns, those after the first set in. What is wider than that, and must
 * not be broken, has a line of its own, at the edge: so it can be copied.
 */
export function prose(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const [before = '', mark] = start.exec(line) ?? [];
  const hang = ' '.repeat(before.length + (mark === undefined ? 2 : 0));
  const lines: string[] = [];
  let last: string | null = null;
  for (const [, gap = '', text = ''] of line.slice(before.length).matchAll(unit)) {
    if (last === null) last = before + text;
    else if (widthOf(last + gap + text) <= width) last += gap + text;
    else {
      lines.push(last);
      last = widthOf(hang + text) <= width ? hang + text : text;
    }
  }
  return [...lines, last ?? line];
}
