import fc from 'fast-check';
import {expect, test} from 'vitest';
import {didYouMean, nearest} from '../../source/commands/did-you-mean.ts';

const known = ['backup list', 'backup show', 'backup run', 'restore', '--dry-run', '--max-age'];

test.each([
  ['backup lsit', 'backup list'],
  ['backup lis', 'backup list'],
  ['resotre', 'restore'],
  ['--dry-rnu', '--dry-run'],
  ['--dryrun', '--dry-run'],
  ['rest', 'restore'],
])('%s is taken for %s', (given, meant) => {
  expect(nearest(given, known)).toBe(meant);
  expect(didYouMean(given, known)).toBe(` Did you mean "${meant}"?`);
});

test.each([
  ['--bad-since', ['--since', '--noticed'], '--since'],
  ['--since', ['--bad-since', '--id'], '--bad-since'],
  ['--bad-since', ['--since', '--until-bad-since'], null],
  ['--dataset', ['--id', '--to'], null],
])('%s of %j is taken for %s: a flag by its end', (given, flags, meant) => {
  expect(nearest(given, flags)).toBe(meant);
});

test.each(['', 'verify', 'backup', 'x', 'x'.repeat(100_000)])('%j is like nothing', (given) => {
  expect(nearest(given, known)).toBeNull();
  expect(didYouMean(given, known)).toBe('');
});

test('a word with one slip in it is found, and what is found is always one of those known', () => {
  const word = fc.string({minLength: 6, maxLength: 20});
  fc.assert(
    fc.property(word, fc.nat(), fc.array(word), (meant, at, others) => {
      const place = at % meant.length;
      const slipped = meant.slice(0, place) + meant.slice(place + 1);
      expect([meant, ...others]).toContain(nearest(slipped, [meant, ...others]));
    }),
  );
});
