import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {relocateCopies} from '../../../source/engine/storage/manifest/edit.ts';
import {anyKey, anyText, jsonText, phpMap} from '../../support/arbitraries.ts';
import {type PhpValue, phpJson} from '../../support/php-json.ts';

const to = (recorded: string) => recorded.replace('/srv/backups/', '/srv/runbook/held/');
const lines = (...text: string[]) => text.join('\n');

const before = lines(
  '{',
  '    "id": "x",',
  '    "backup": "/srv/backups/x/datasets/top",',
  '    "datasets": {',
  '        "caf\\u00e9 \\"a\\\\b": {',
  '            "algorithm": "sha256",',
  '            "hash": false,',
  '            "source": "/srv/backups/x/datasets/s",',
  '            "backup": "/srv/backups/x/datasets/caf\\u00e9 \\"a\\\\b",',
  '            "ratio": 1.0,',
  '            "nested": {"backup": "/srv/backups/x/datasets/n"}',
  '        },',
  '        "backup": {"backup":"\\/srv\\/backups\\/x\\/datasets\\/b",  "n":12345678901234567890}',
  '    },',
  '    "metadata": {"backup": "/srv/backups/x/datasets/m", "extra": {}}',
  '}',
);
const after = before
  .replace('"/srv/backups/x/datasets/caf', '"/srv/runbook/held/x/datasets/caf')
  .replace('"\\/srv\\/backups\\/x\\/datasets\\/b"', '"/srv/runbook/held/x/datasets/b"');

test('names other places for the copies, and touches nothing else', () => {
  expect(relocateCopies(before, to)).toBe(after);
});

test('each recorded place is asked for as it is meant, in order', () => {
  const asked: string[] = [];
  const same = relocateCopies(before, (recorded) => {
    asked.push(recorded);
    return null;
  });
  expect(asked).toEqual(['/srv/backups/x/datasets/café "a\\b', '/srv/backups/x/datasets/b']);
  expect(same).toBe(before);
});

test('writes a place as PHP does', () => {
  const text = phpJson({datasets: {a: {backup: '/old'}}});
  expect(relocateCopies(text, () => '/é/"\\\u2028😀\n')).toBe(
    text.replace('/old', '/\\u00e9/\\"\\\\\\u2028\\ud83d\\ude00\\n'),
  );
});

describe('whatever its style', () => {
  test.each([
    ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['tabs', (text: string) => text.replaceAll('    ', '\t')],
    ['no line breaks', (text: string) => text.replaceAll(/\n */g, '')],
    ['spaces before and behind', (text: string) => ` \r\n\t${text}\n\n `],
    ['keys in escapes', (text: string) => text.replaceAll('"backup":', '"b\\u0061ckup":')],
    ['more keys in escapes', (text: string) => text.replace('"datasets"', '"\\u0064\\u0061tasets"')],
  ])('%s', (_, restyle) => {
    expect(relocateCopies(restyle(before), to)).toBe(restyle(after));
  });
});

describe('datasets that are a list', () => {
  test('are those named 0, 1, 2', () => {
    const entry = (root: string, name: string) => ({hash: 'ab', backup: `${root}/x/datasets/${name}`});
    const build = (root: string) => phpJson({id: 'x', datasets: [entry(root, 'a'), entry(root, 'b')]});
    expect(build('/srv/backups')).toContain('"datasets": [\n');
    expect(relocateCopies(build('/srv/backups'), to)).toBe(build('/srv/runbook/held'));
  });
});

test.each([
  '{"id":"x"}',
  '{"datasets":[]}',
  '{"datasets":{}}',
  '{"datasets":null}',
  '{"datasets":"backup"}',
  '{"datasets":{"a":null,"b":[],"c":"/srv/backups/x","d":{},"e":{"backup":null},"f":{"backup":1}}}',
  '{"datasets":{"a":{"backup":["/srv/backups/x"]},"b":{"backup":{"backup":"/srv/backups/x"}}}}',
  '{"datasets":[["/srv/backups/x"],[{"backup":"/srv/backups/x"}]]}',
  '{"other":{"datasets":{"a":{"backup":"/srv/backups/x"}}}}',
  '[]',
])('nothing to be moved is left as it is: %s', (text) => {
  expect(relocateCopies(text, () => 'moved')).toBe(text);
});

test('the same datasets elsewhere, as PHP would have written them', () => {
  const dataset = fc.record({
    name: anyKey,
    first: phpMap('backup'),
    place: anyText,
    second: phpMap('backup'),
  });
  const datasets = fc.uniqueArray(dataset, {selector: ({name}) => name, maxLength: 4});
  fc.assert(
    fc.property(datasets, phpMap('datasets'), anyText, (each, extra, other) => {
      const build = (placeOf: (place: string) => string): string => {
        const entries = each.map(({name, first, place, second}): [string, PhpValue] => [
          name,
          new Map<string, PhpValue>([...first, ['backup', placeOf(place)], ...second]),
        ]);
        return phpJson(new Map<string, PhpValue>([...extra, ['datasets', new Map(entries)]]));
      };
      const text = build((place) => place);
      expect(relocateCopies(text, (place) => other + place)).toBe(build((place) => other + place));
    }),
    {numRuns: 300},
  );
});

test('every byte beside the places stays, in JSON of any style', () => {
  const key = fc.constantFrom('"backup"', '"b\\u0061ckup"', '"\\u0062ackup"');
  const entry = fc.tuple(key, jsonText, jsonText, fc.constantFrom('', ' ', '\r\n', '\t\t'));
  const wrap = fc.constantFrom<[string, string]>(['{', '}'], ['[', ']']);
  fc.assert(
    fc.property(fc.array(entry, {maxLength: 4}), wrap, jsonText, (entries, [open, close], extra) => {
      const build = (place: string): string => {
        const items = entries.map(
          ([backup, before, after, gap], index) =>
            `${open === '{' ? `"d${index}":` : ''}${gap}{"x":${before},${backup}${gap}:${gap}${place},"y":${after}}${gap}`,
        );
        return `{"a":${extra},"datasets":${open}${items.join(',')}${close},"z":${extra}}`;
      };
      expect(relocateCopies(build('"\\/o\\u006cd"'), (old) => `${old}/new`)).toBe(build('"/old/new"'));
    }),
    {numRuns: 300},
  );
});
