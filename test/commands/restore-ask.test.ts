import fc from 'fast-check';
import {expect, test} from 'vitest';
import {askUntilKnown, namesIn} from '../../source/commands/restore-ask.ts';

const names = ['tenants', 'ledger', 'media_index', '7'];

test.each<[string, ReturnType<typeof namesIn>]>([
  ['', []],
  ['  ', []],
  ['ledger', ['ledger']],
  ['2', ['ledger']],
  ['3, 1', ['tenants', 'media_index']],
  ['ledger 2 ledger', ['ledger']],
  ['all', names],
  // A name counts before a number.
  ['7', ['7']],
  ['5', {unknown: '5'}],
  ['0', {unknown: '0'}],
  ['Ledger', {unknown: 'Ledger'}],
  ['all ledger', {unknown: 'all'}],
  ['-1', {unknown: '-1'}],
])('%j names %j', (answer, wanted) => {
  expect(namesIn(answer, names)).toEqual(wanted);
});

test('what is none of them is asked again', async () => {
  const answers = ['Ledger', '9', 'ledger'];
  expect(await askUntilKnown(names, async () => answers.shift() ?? '')).toEqual(['ledger']);
});

test('nothing is chosen that was not named', () => {
  const word = fc.oneof(fc.constantFrom(...names, '1', '2', 'all', ''), fc.string({maxLength: 4}));
  fc.assert(
    fc.property(fc.array(word, {maxLength: 5}), (words) => {
      const found = namesIn(words.join(' '), names);
      if ('unknown' in found) expect(words.join(' ')).toContain(found.unknown);
      else if (found.length < names.length)
        for (const name of found)
          expect(words.join(' ').split(/[\s,]+/)).toSatisfy((said: string[]) =>
            said.some((each) => each === name || names[Number(each) - 1] === name),
          );
    }),
  );
});
