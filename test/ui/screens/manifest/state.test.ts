import fc from 'fast-check';
import {expect, test} from 'vitest';
import {rawLines} from '../../../../source/ui/screens/manifest/state.ts';
import {hostile, unprintable} from '../../../support/hostile.ts';

test('the text of a file holds nothing that a terminal would obey', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      for (const line of rawLines(text)) expect(line).not.toMatch(unprintable);
    }),
  );
});

test('tabs become spaces and either line end ends a line', () => {
  expect(rawLines('a\tb\r\nc\nd\re')).toEqual(['a    b', 'c', 'd\\u{d}e']);
});
