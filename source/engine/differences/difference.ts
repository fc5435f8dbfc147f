import fs from 'node:fs';
import {openInside} from '../base/open-inside.ts';
import {describeError} from '../base/problem.ts';
import {compareInThread} from './compare-in-thread.ts';
import type {FileAt} from './sides.ts';
import {type Content, contentOf, mostReadable} from './text.ts';
import type {Difference} from './texts.ts';

export type {Difference} from './texts.ts';

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

/**
 * How two files differ: text and JSON up to 1 MB by lines, everything else by where its bytes differ first. Reads only,
 * follows no link. What cannot be opened is said, not thrown.
 * @throws what the signal is aborted with
 */
export async function* readDifference(
  one: FileAt,
  other: FileAt,
  signal: AbortSignal,
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
        ? await compareInThread({one: left.text, other: right.text, offset}, signal)
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
