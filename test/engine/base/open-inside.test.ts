import fs from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {Walk} from '../../../source/engine/base/open-inside.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

let base: string;
let walk: Walk;
const open = (): number => fs.readdirSync('/proc/self/fd').length;

beforeEach(() => {
  base = temporaryDirectory();
  walk = new Walk();
});
afterEach(() => walk.close());

/** Directories one in the other, each with a file that holds its depth. */
function makeChain(depth: number): string[][] {
  const ways = [];
  for (let way: string[] = []; way.length <= depth; way = [...way, 'd']) {
    fs.mkdirSync(path.join(base, ...way), {recursive: true});
    fs.writeFileSync(path.join(base, ...way, 'file'), String(way.length));
    ways.push(way);
  }
  return ways;
}

const readAt = (way: string[]): string => {
  const opened = walk.to(base, way);
  return 'status' in opened ? opened.status : fs.readFileSync(`${opened.path}/file`, 'utf8');
};

test.each(['inwards', 'outwards'])(
  'a deep tree, %s: every directory is opened a few times at most',
  (how) => {
    const ways = makeChain(300);
    const before = open();
    const opens = vi.spyOn(fs, 'openSync');
    const read = (how === 'inwards' ? ways : ways.toReversed()).map((way) => {
      const opened = walk.to(base, way);
      return 'path' in opened && fs.existsSync(`${opened.path}/file`);
    });
    expect(read).toEqual(ways.map(() => true));
    expect(opens.mock.calls.length).toBeLessThan(ways.length * 20);
    expect(open() - before).toBeLessThan(ways.length / 10);
    opens.mockRestore();
    walk.close();
    expect(open()).toBe(before);
  },
);

test('goes from anywhere to anywhere', () => {
  const ways = makeChain(40);
  for (const way of [3, 40, 17, 16, 0, 33, 33, 1]) expect(readAt(ways[way] as string[])).toBe(String(way));
  fs.mkdirSync(path.join(base, 'd/e'));
  fs.writeFileSync(path.join(base, 'd/e/file'), 'beside');
  expect(readAt(['d', 'e'])).toBe('beside');
  expect(readAt(['d', 'd', 'gone'])).toBe('missing');
  expect(readAt(['d', 'file', 'd'])).toBe('missing');
  expect(readAt(['d', 'e'])).toBe('beside');
});

test('never goes through a link, nor on behind one', () => {
  const ways = makeChain(3);
  fs.symlinkSync('d', path.join(base, 'link'));
  expect(walk.to(base, ['link', 'd'], 'the target')).toEqual({
    status: 'unsafe',
    reason: 'link on the way to the target is a link',
  });
  expect(walk.to(base, ['link', 'd', 'd'])).toMatchObject({status: 'unsafe'});
  expect(readAt(ways[2] as string[])).toBe('2');
});

test('another base is another way, whatever the names below it', () => {
  makeChain(2);
  expect(readAt(['d'])).toBe('1');
  const opened = walk.to(path.join(base, 'd'), ['d']);
  expect('path' in opened && fs.readFileSync(`${opened.path}/file`, 'utf8')).toBe('2');
});
