import {expect, test} from 'vitest';
import {parseEnvFile} from '../../../source/engine/config/env-file.ts';

const parse = (text: string): Record<string, string | null> =>
  Object.fromEntries(parseEnvFile(Buffer.from(text)));

test.each<[string, string, Record<string, string | null>]>([
  ['a line', 'A=b', {A: 'b'}],
  ['spaces around', '  A = b c  ', {A: 'b c'}],
  ['nothing', 'A=\nB=""', {A: '', B: ''}],
  ['quotes, with what is in them', 'A=" b # c "', {A: ' b # c '}],
  ['quotes of any kind and number', 'A=\'"b "c"\'\nB="b\nC=b\'"', {A: 'b "c', B: 'b', C: 'b'}],
  ['an = in the value', 'A=b=c==', {A: 'b=c=='}],
  ['a # behind a value belongs to it', 'A=b # c\nB="b" # c\nC=# c', {A: 'b # c', B: 'b" # c', C: '# c'}],
  ['comments and empty lines', '# A=b\n\n  # C=d\nE=f', {E: 'f'}],
  ['export is part of the name', 'export A=b', {'export A': 'b'}],
  ['CRLF', 'A=b\r\nB="c"\r\n', {A: 'b', B: 'c'}],
  ['a CR alone ends no line', 'A=b\rB=c', {A: 'b\rB=c'}],
  ['no other space is one', '\u00a0A=b\u00a0\f', {'\u00a0A': 'b\u00a0\f'}],
  ['PHP takes these for spaces', '\v\0A\v=\0b\v\0', {A: 'b'}],
  ['a byte order mark', '\ufeffA=b\nB=c', {'\ufeffA': 'b', B: 'c'}],
  ['one name twice: the first', 'A=b\nA=c\nB=\nB=c', {A: 'b', B: ''}],
  ['a name may be anything', '1A=c\nA-B.c=d\né=f', {'1A': 'c', 'A-B.c': 'd', é: 'f'}],
  ['nothing is expanded', 'A=$B $(B) \\n', {A: '$B $(B) \\n'}],
  ['what is no assignment', 'A\n=b\nexport', {}],
  ['a NUL in a value, which PHP hands on or cuts off at', 'A=b\0c', {A: null}],
  [
    'names of what every object inherits',
    'constructor=a\n__proto__=b',
    {constructor: 'a', ['__proto__']: 'b'},
  ],
])('%s', (_, text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test('a value that is not UTF-8 is not guessed at, and one that only looks so is', () => {
  const data = Buffer.concat([Buffer.from('A='), Buffer.from([0xff]), Buffer.from('\nB=\ufffd\nA=later')]);
  expect(Object.fromEntries(parseEnvFile(data))).toEqual({A: null, B: '\ufffd'});
});

test('a run of spaces that ends nothing is no work', () => {
  expect(parse(`A=b${' '.repeat(1_000_000)}c`)['A']).toHaveLength(1_000_002);
});
