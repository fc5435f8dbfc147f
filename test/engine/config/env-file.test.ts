import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parseEnvFile} from '../../../source/engine/config/env-file.ts';

const parse = (text: string): Record<string, string> => Object.fromEntries(parseEnvFile(text));

test.each<[string, string, Record<string, string>]>([
  ['a line', 'A=b', {A: 'b'}],
  ['spaces around', '  A = b c  ', {A: 'b c'}],
  ['nothing', 'A=\nB=""', {A: '', B: ''}],
  ['double quotes', 'A="b # c"', {A: 'b # c'}],
  ['single quotes', 'A=\'b "c"\'', {A: 'b "c"'}],
  ['a quote that is not closed', 'A="b', {A: '"b'}],
  ['an = in the value', 'A=b=c==', {A: 'b=c=='}],
  ['a comment after a value', 'A=b # c', {A: 'b'}],
  ['a comment after quotes', 'A="b" # c "d"', {A: 'b'}],
  ['a # without a space before it', 'A=b#c', {A: 'b#c'}],
  ['only a comment for a value', 'A=# c\nB= # d', {A: '', B: ''}],
  ['comments and empty lines', '# A=b\n\n  # C=d\nE=f', {E: 'f'}],
  ['export', 'export A=b\nexport  B="c"', {A: 'b', B: 'c'}],
  ['CRLF', 'A=b\r\nB="c"\r\n', {A: 'b', B: 'c'}],
  ['a byte order mark', '\ufeffA=b', {A: 'b'}],
  ['one key twice: the last', 'A=b\nA=c', {A: 'c'}],
  ['what is no assignment', 'A\n=b\n1A=c\nA-B=d\nexport', {}],
  [
    'names of what every object inherits',
    'constructor=a\n__proto__=b',
    {constructor: 'a', ['__proto__']: 'b'},
  ],
])('%s', (_, text, expected) => {
  expect(parse(text)).toEqual(expected);
});

describe('of any text', () => {
  const line = fc
    .array(
      fc.constantFrom('A', 'b', '=', '"', "'", '#', ' ', '\t', '\r', '\\', 'export ', 'é', '\u2028', '\0'),
      {
        maxLength: 12,
      },
    )
    .map((parts) => parts.join(''));

  test('it never throws, and keys are names', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string({unit: 'binary'})), {maxLength: 6}), (lines) => {
        for (const key of parseEnvFile(lines.join('\n')).keys())
          expect(key).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      }),
    );
  });

  test('a value in quotes comes back as it is, whatever stands around it', () => {
    const value = fc.stringMatching(/^[a-z #=$\\.:/@-]{0,20}$/);
    fc.assert(
      fc.property(value, fc.constantFrom('"', "'"), line, (text, quote, noise) => {
        const file = `${noise.replaceAll('A', 'x')}\nexport A=${quote}${text}${quote} # c\r\n#A=no`;
        expect(parseEnvFile(file).get('A')).toBe(text);
      }),
    );
  });
});
