import fs from 'node:fs';
import {openInside} from '../open-inside.ts';
import {describeError} from '../problem.ts';
import {canonicalJson} from './canonical-json.ts';
import {type DiffLine, diffLines, type LineLimits, usualLimits} from './lines.ts';
import type {FileAt} from './sides.ts';
import {type Content, contentOf, linesOf, longestLine, mostReadable} from './text.ts';

/** How two files differ, as far as it can be shown. Text in it is as it was read: to be escaped where it is shown. */
export type Difference =
  | {kind: 'same'; bytes: number}
  /** JSON that says the same in other bytes. */
  | {kind: 'formatting'; offset: number}
  | {
      kind: 'lines';
      as: 'json' | 'text';
      lines: DiffLine[];
      removed: number;
      added: number;
      /** What the reader has to know of how they were compared, a sentence each. */
      notes: string[];
    }
  /** Only where the bytes differ first, and why no more. */
  | {kind: 'bytes'; why: string; offset: number}
  /** One cannot be read: nothing can be said. */
  | {kind: 'none'; why: string};

export type DifferenceEvent =
  | {type: 'reading'; bytesDone: number; totalBytes: number}
  | {type: 'finished'; difference: Difference};

const blockSize = 1024 * 1024;

const read = (fd: number, buffer: Buffer, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    fs.read(fd, buffer, 0, buffer.length, position, (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });

/** Fills a block as far as the file goes: a read may return less than there is. */
async function readBlock(fd: number, buffer: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const count = await read(fd, buffer.subarray(filled), position + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** Where two blocks differ first; the length of the shorter one where it begins the longer; null where they are equal. */
export function firstDifference(one: Uint8Array, other: Uint8Array): number | null {
  if (Buffer.compare(one, other) === 0) return null;
  const shorter = Math.min(one.length, other.length);
  let at = 0;
  while (at < shorter && one[at] === other[at]) at++;
  return at;
}

/** Reads both up to where they differ; yields the bytes compared so far, returns the offset, null where there is none. */
async function* findOffset(
  one: number,
  other: number,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<number, number | null, undefined> {
  const [left, right] = [Buffer.allocUnsafe(blockSize), Buffer.allocUnsafe(blockSize)];
  // What grows without end must not be read without end.
  for (let position = 0; position <= size; position += blockSize) {
    signal.throwIfAborted();
    const [a, b] = await Promise.all([readBlock(one, left, position), readBlock(other, right, position)]);
    const at = firstDifference(a, b);
    if (at !== null) return position + at;
    if (a.length < blockSize) return null;
    yield position + blockSize;
  }
  return null;
}

function whyNoLines(one: Content, other: Content): string {
  const texts = [one, other].filter(({kind}) => kind === 'text').length;
  const why = [one, other].find((content) => content.kind === 'bytes')?.why ?? '';
  return texts === 1 ? `one side is text, and of the other ${why}` : why;
}

/** How two texts differ whose bytes do, first at `offset`. Pure but for the time that matching takes. */
export function compareTexts(
  one: string,
  other: string,
  offset: number,
  limits: LineLimits = usualLimits,
): Difference {
  const bare = (text: string): string => text.replace(/^\ufeff/, '');
  const [first, second] = [canonicalJson(bare(one)), canonicalJson(bare(other))];
  const json = 'lines' in first && 'lines' in second;
  if (json && first.lines.join('\n') === second.lines.join('\n')) return {kind: 'formatting', offset};
  const notes: string[] = [];
  if ('reason' in first !== 'reason' in second) {
    const [side, reason] =
      'reason' in first ? ['-', first.reason] : ['+', 'reason' in second ? second.reason : ''];
    notes.push(`The ${side} side is not JSON, the other is (${reason}): compared as text.`);
  }
  const [left, right] = json ? [foldAll(first.lines), foldAll(second.lines)] : [linesOf(one), linesOf(other)];
  const {lines, removed, added, coarse, left: hidden} = diffLines(left, right, limits);
  if (json) notes.push('Keys sorted, one value a line: how it is formatted is no difference.');
  if (coarse)
    notes.push('Too different to be matched line by line: first all of the one, then all of the other.');
  if (hidden > 0) notes.push(`${hidden} more lines are not shown.`);
  if (lines.some(({text}) => text.length >= longestLine))
    notes.push(`Lines are cut into pieces of ${longestLine} characters.`);
  return {kind: 'lines', as: json ? 'json' : 'text', lines, removed, added, notes};
}

/** Pieces of what is too long for one line; JSON has no last line that could lack its end. */
const foldAll = (lines: string[]): string[] => linesOf(`${lines.join('\n')}\n`);

/**
 * How two files differ: text and JSON up to 1 MB by lines, everything else by where its bytes differ first. Reads only,
 * follows no link. What cannot be opened is said, not thrown.
 * @throws what the signal is aborted with
 */
export async function* readDifference(
  one: FileAt,
  other: FileAt,
  signal: AbortSignal,
  limits: LineLimits = usualLimits,
): AsyncGenerator<DifferenceEvent, void, undefined> {
  const none = (why: string): DifferenceEvent => ({type: 'finished', difference: {kind: 'none', why}});
  const first = openInside(one.directory, one.segments);
  if ('status' in first) {
    yield none(`on the - side ${first.reason}`);
    return;
  }
  const second = openInside(other.directory, other.segments);
  try {
    if ('status' in second) {
      yield none(`on the + side ${second.reason.replace('the copy', 'the file')}`);
      return;
    }
    const sizes = [first.stats.size, second.stats.size] as const;
    const totalBytes = Math.min(...sizes);
    const search = findOffset(first.fd, second.fd, totalBytes, signal);
    let step = await search.next();
    while (!step.done) {
      yield {type: 'reading', bytesDone: step.value, totalBytes};
      step = await search.next();
    }
    const offset = step.value;
    if (offset === null) {
      yield {type: 'finished', difference: {kind: 'same', bytes: totalBytes}};
      return;
    }
    const larger = Math.max(...sizes);
    if (larger > mostReadable) {
      const head = await readBlock(first.fd, Buffer.allocUnsafe(16), 0);
      const content = contentOf(Buffer.from(head));
      const sqlite = content.kind === 'bytes' && content.why.includes('SQLite');
      const why = sqlite ? content.why : 'it is larger than 1 MB';
      yield {type: 'finished', difference: {kind: 'bytes', why, offset}};
      return;
    }
    const texts = [];
    for (const [fd, size] of [
      [first.fd, sizes[0]],
      [second.fd, sizes[1]],
    ] as const)
      texts.push(contentOf(await readBlock(fd, Buffer.alloc(size), 0)));
    const [left, right] = texts as [Content, Content];
    const difference: Difference =
      left.kind === 'text' && right.kind === 'text'
        ? compareTexts(left.text, right.text, offset, limits)
        : {kind: 'bytes', why: whyNoLines(left, right), offset};
    yield {type: 'finished', difference};
  } catch (error) {
    signal.throwIfAborted();
    yield none(`it cannot be read: ${describeError(error)}`);
  } finally {
    fs.closeSync(first.fd);
    if (!('status' in second)) fs.closeSync(second.fd);
  }
}
