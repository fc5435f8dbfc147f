import fs from 'node:fs';
import fc from 'fast-check';
import {expect, test, vi} from 'vitest';
import {openOnWay, placesOf, WayWalk} from '../../../source/engine/base/readers.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

/** Directories with rights of their own, two levels of three names. */
function makeTree(): {top: string; ways: string[][]} {
  const top = temporaryDirectory();
  const ways: string[][] = [[]];
  for (const [at, a] of ['a', 'b', 'c'].entries()) {
    ways.push([a]);
    for (const [below, b] of ['d', 'e', 'f'].entries()) {
      fs.mkdirSync(`${top}/${a}/${b}`, {recursive: true});
      fs.chmodSync(`${top}/${a}/${b}`, [0o755, 0o750, 0o711][below] as number);
      ways.push([a, b]);
    }
    fs.chmodSync(`${top}/${a}`, [0o755, 0o701, 0o710][at] as number);
  }
  return {top, ways};
}

test('a way that goes on from the last one has the rights of one that is walked from the top', () => {
  const {top, ways} = makeTree();
  const common = placesOf(temporaryDirectory());
  const step = fc.constantFrom(...ways, ['none'], ['a', 'none']);
  fc.assert(
    fc.property(fc.array(step, {maxLength: 8}), (steps) => {
      const walk = new WayWalk();
      try {
        for (const segments of steps) {
          const along = walk.to(top, segments, 'it', common);
          const fresh = openOnWay(top, segments, 'it', common);
          if ('status' in along || 'status' in fresh) {
            expect(along).toEqual(fresh);
            continue;
          }
          expect(along.way).toEqual(fresh.way);
          expect(fs.fstatSync(along.fd).ino).toBe(fs.fstatSync(fresh.fd).ino);
          fs.closeSync(fresh.fd);
        }
      } finally {
        walk.close();
      }
    }),
  );
});

test('directories in each other are opened once each, not once for each below them', () => {
  const top = temporaryDirectory();
  const levels = 100;
  const all = Array.from({length: levels}, () => 'd');
  fs.mkdirSync(`${top}/${all.join('/')}`, {recursive: true});
  const opens = vi.spyOn(fs, 'openSync');
  const walk = new WayWalk();
  try {
    for (let depth = 1; depth <= levels; depth++)
      expect(walk.to(top, all.slice(0, depth), 'it', [])).not.toHaveProperty('status');
    // Once to go through it and once to read it; and the base.
    expect(opens.mock.calls.length).toBeLessThanOrEqual(2 * levels + 1);
  } finally {
    walk.close();
    opens.mockRestore();
  }
});

test('nothing stays open', () => {
  const {top, ways} = makeTree();
  const count = () => fs.readdirSync('/proc/self/fd').length;
  const before = count();
  const walk = new WayWalk();
  for (const segments of ways) walk.to(top, segments, 'it', []);
  walk.close();
  for (const segments of [...ways, ['none']]) {
    const opened = openOnWay(top, segments, 'it', []);
    if (!('status' in opened)) fs.closeSync(opened.fd);
  }
  expect(count()).toBe(before);
});
