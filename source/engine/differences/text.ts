import {isSqlite} from '../storage/content.ts';
/** Bytes up to which a file is shown: 1 MB is what an operator can look through. */
export const mostReadable = 1_000_000;

export type Content =
  | {kind: 'text'; text: string}
  /** It is not shown; why, said of "it". */
  | {kind: 'bytes'; why: string};

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** What the bytes of a file are, which may be anything; at most `mostReadable` of them. */
export function contentOf(data: Buffer): Content {
  if (isSqlite(data)) return {kind: 'bytes', why: 'it is an SQLite database'};
  if (data.includes(0)) return {kind: 'bytes', why: 'it is binary'};
  try {
    return {kind: 'text', text: utf8.decode(data)};
  } catch {
    return {kind: 'bytes', why: 'it is binary: no UTF-8 text'};
  }
}

/** Characters of a line that are compared and shown as one: a dump may be one line of a megabyte. */
export const longestShown = 1000;

const folded = new RegExp(`.{1,${longestShown}}`, 'gsu');

/** The lines of a text, very long ones in pieces; the end of a last one without a newline is said. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.pop();
  if (last) lines.push(`${last} (no newline at the end)`);
  return lines.flatMap((line) => (line.length > longestShown ? (line.match(folded) ?? [line]) : [line]));
}
