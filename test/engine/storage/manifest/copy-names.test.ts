import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {copyNames} from '../../../../source/engine/storage/manifest/copy-names.ts';
import {anyKey} from '../../../support/arbitraries.ts';
import {hostile} from '../../../support/hostile.ts';

type Dataset = Parameters<typeof copyNames>[0][number];

const file = (name: string, source: string): Dataset => ({name, basename: path.basename(source)});
const directory = (name: string): Dataset => ({name, basename: null});
const names = (...datasets: Dataset[]) => copyNames(datasets).map((segments) => segments.join('/'));

test('a file goes where PHP puts it', () => {
  expect(names(file('tenants', '/srv/a/t.json'), file('ledger', '/srv/b/l é.sqlite'))).toEqual([
    't.json',
    'l é.sqlite',
  ]);
});

test('files with one basename get a directory each, and others keep theirs', () => {
  const datasets = [file('tenants', '/a/data.json'), file('x', '/x.json'), file('ledger', '/b/data.json')];
  expect(names(...datasets)).toEqual(['tenants/data.json', 'x.json', 'ledger/data.json']);
});

test('a directory goes to one named after the dataset', () => {
  expect(names(directory('media'))).toEqual(['media']);
});

test('never where a file is', () => {
  expect(names(directory('media'), file('m', '/srv/media'), file('n', '/srv/media-2'))).toEqual([
    'media-3',
    'media',
    'media-2',
  ]);
  expect(names(file('x', '/a/same'), file('same', '/b/same'))).toEqual(['x/same', 'same-2/same']);
});

test('names that become the same are numbered', () => {
  expect(names(directory('a/b'), directory('a b'), directory('a-b'), directory('a-b-2'))).toEqual([
    'a-b',
    'a-b-2',
    'a-b-3',
    'a-b-2-2',
  ]);
});

test.each([
  ['.', 'dataset-'],
  ['..', 'dataset--'],
  ['', 'dataset'],
  ['../../etc', '..-..-etc'],
  ['/', '-'],
  ['a\0b\n', 'a-b-'],
  ['é"漢', '---'],
  ['😀', '--'],
  ['.hidden', '.hidden'],
  ['x'.repeat(300), 'x'.repeat(100)],
])('the directory of a dataset named %j is %j', (name, plain) => {
  expect(names(directory(name))).toEqual([plain]);
});

describe('whatever is configured', () => {
  const part = fc.oneof(
    fc.oneof(anyKey, hostile).map((text) => text.replaceAll('/', '') || 'x'),
    fc.constantFrom('data.json', 'media', 'media-2', 'a-b', 'dataset-', '.', '..'),
  );
  const name = fc.oneof(anyKey, hostile, fc.constantFrom('media', 'a/b', 'a b', 'data.json', '.', '..'));
  const dataset = fc.record({
    name,
    basename: fc.option(
      fc
        .array(part, {minLength: 1, maxLength: 3})
        .map((parts) => path.basename(path.resolve('/srv', ...parts))),
      {freq: 2},
    ),
  });
  const configured = fc.uniqueArray(dataset, {selector: (each) => each.name, maxLength: 8});

  test('no copy is another, or lies inside another', () => {
    fc.assert(
      fc.property(configured, (datasets) => {
        const places = copyNames(datasets);
        expect(places).toHaveLength(datasets.length);
        places.forEach((a, index) => {
          const clash = places.find(
            (b, other) => other !== index && a.every((segment, depth) => b[depth] === segment),
          );
          expect(clash).toBeUndefined();
        });
      }),
      {numRuns: 500},
    );
  });

  test('no copy leads out of the backup', () => {
    fc.assert(
      fc.property(configured, (datasets) => {
        for (const segments of copyNames(datasets)) {
          expect(segments.length).toBeGreaterThan(0);
          for (const segment of segments) {
            expect(['', '.', '..']).not.toContain(segment);
            expect(segment).not.toContain('/');
          }
        }
      }),
      {numRuns: 500},
    );
  });

  test('a basename that is alone stays as PHP has it', () => {
    fc.assert(
      fc.property(configured, (datasets) => {
        const places = copyNames(datasets);
        const bases = datasets.map(({basename}) => basename);
        bases.forEach((base, index) => {
          if (!base) return;
          const alone = bases.filter((each) => each === base).length === 1;
          if (alone) expect(places[index]).toEqual([base]);
          else expect(places[index]).toEqual([expect.any(String), base]);
        });
      }),
    );
  });
});
