import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {decode, parseEnvFile} from '../../source/engine/config/env-file.ts';
import {execute} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

/** What `config.php` answers to all of these, of one process. */
async function php<T>(command: string, given: unknown): Promise<T> {
  const stdin = path.join(temporaryDirectory(), 'given.json');
  fs.writeFileSync(stdin, JSON.stringify(given));
  const {code, stdout, stderr} = await execute(
    'php',
    [path.join(import.meta.dirname, 'config.php'), command],
    {
      stdin,
    },
  );
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  return JSON.parse(stdout) as T;
}

test('a .env file of any bytes means the same to PHP and here', async () => {
  const pieces = [
    'A',
    'b',
    '=',
    '=',
    '"',
    "'",
    '#',
    ' ',
    '\t',
    '\r',
    '\n',
    '\n',
    '\v',
    '\f',
    '\0',
    '\\',
    '$A',
  ];
  const piece = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom(...pieces, 'export ', 'MOBO_ENV', '.', '-', '1', '\ufeff', '\u00a0', 'é'),
    },
    {weight: 1, arbitrary: fc.string({unit: 'binary', maxLength: 4})},
  );
  const file = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.array(piece, {maxLength: 60, size: 'max'}).map((parts) => Buffer.from(parts.join(''))),
    },
    {weight: 1, arbitrary: fc.uint8Array({maxLength: 60}).map((bytes) => Buffer.from(bytes))},
  );
  const files = fc.sample(file, 2000);
  const read = await php<[string, string][][]>(
    'env',
    files.map((data) => data.toString('base64')),
  );
  const text = (base64: string) => decode(Buffer.from(base64, 'base64').toString('latin1'));
  let told = 0;
  for (const [index, pairs] of read.entries()) {
    const expected = pairs.flatMap(([name, value]) => {
      const known = text(value);
      // Nobody asks for a name that is no text; a value that is none is unknown.
      return text(name) === null ? [] : [[text(name), known?.includes('\0') ? null : known]];
    });
    expect(
      [...parseEnvFile(files[index] as Buffer)],
      JSON.stringify(files[index]?.toString('latin1')),
    ).toEqual(expected);
    told += expected.length;
  }
  // Or they would agree on nothing.
  expect(told).toBeGreaterThan(1000);
});
