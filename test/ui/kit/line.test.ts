import fc from 'fast-check';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {escapeText} from '../../../source/engine/base/escape.ts';
import {cut} from '../../../source/presenters/graphemes.ts';
import {bar, clip, cutStart, fill, pad, percent, plain, rule} from '../../../source/ui/kit/line.ts';
import {lineText} from '../../support/frames.ts';
import {hostile, unprintable} from '../../support/hostile.ts';

const text = hostile.map(escapeText);
const width = fc.nat({max: 60});

test('what fits stays, what is cut says so', () => {
  expect(cut('tenants', 7)).toBe('tenants');
  expect(cut('tenants', 6)).toBe('tenan~');
  expect(cut('漢字漢字', 5)).toBe('漢字~');
  expect(cut('漢字漢字', 4)).toBe('漢~');
  expect(cut('tenants', 0)).toBe('');
});

test('a path is cut at its start', () => {
  expect(cutStart('/srv/magmoboce/storage', 8)).toBe('~storage');
  expect(cutStart('/srv', 8)).toBe('/srv');
});

test('a path of other characters keeps them whole when it is cut at its start', () => {
  expect(cutStart('/srv/😀/😀', 4)).toBe('~/😀');
  expect(cutStart('/srv/e\u0301/e\u0301', 4)).toBe('~\u00e9/\u00e9'.normalize('NFD'));
});

test('cutting never leaves half a character, and never more than the width', () => {
  fc.assert(
    fc.property(text, width, (whole, columns) => {
      for (const shown of [cut(whole, columns), cutStart(whole, columns)]) {
        expect(stringWidth(shown)).toBeLessThanOrEqual(columns);
        expect(shown).not.toMatch(unprintable);
      }
      expect(whole.startsWith(cut(whole, columns).replace(/~$/, ''))).toBe(true);
      expect(whole.endsWith(cutStart(whole, columns).replace(/^~/, ''))).toBe(true);
    }),
  );
});

test('a cell is exactly as wide as its column', () => {
  fc.assert(
    fc.property(text, width, (whole, columns) => {
      expect(stringWidth(pad(whole, columns))).toBe(columns);
    }),
  );
});

test('a line of several segments ends at the edge', () => {
  fc.assert(
    fc.property(fc.array(text), width, (parts, columns) => {
      const line = clip(
        parts.flatMap((part) => plain(part, {color: 'red'})),
        columns,
      );
      expect(stringWidth(lineText(line))).toBeLessThanOrEqual(columns);
    }),
  );
});

test('a bar is full only when all is done, and never wider or narrower', () => {
  expect(bar(0.999, 10)).toBe('#########.');
  expect(bar(1, 10)).toBe('##########');
  expect(bar(0, 3)).toBe('...');
  fc.assert(
    fc.property(fc.double({min: 0, max: 2, noNaN: true}), fc.integer({min: 1, max: 60}), (part, columns) => {
      expect(bar(part, columns)).toMatch(/^#*\.*$/);
      expect(bar(part, columns)).toHaveLength(columns);
    }),
  );
});

test('percent rounds down, so that 100% means all', () => {
  expect([0, 0.999, 1, 1.2].map(percent)).toEqual(['  0%', ' 99%', '100%', '100%']);
});

test('exactly so many lines', () => {
  expect(fill([plain('a'), plain('b')], 1)).toEqual([plain('a')]);
  expect(fill([plain('a')], 3)).toEqual([plain('a'), [], []]);
  expect(fill([], -2)).toEqual([]);
});

test('a rule reaches the edge and no further', () => {
  fc.assert(
    fc.property(text, fc.integer({min: 10, max: 100}), (title, columns) => {
      expect(stringWidth(lineText(rule(title, columns)))).toBeLessThanOrEqual(columns);
    }),
  );
});
