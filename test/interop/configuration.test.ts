import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Configuration, Setting} from '../../source/engine/config/configuration.ts';
import {loadConfiguration} from '../../source/engine/config/effective.ts';
import {decode, parseEnvFile} from '../../source/engine/config/env-file.ts';
import {type Variant, variants} from '../support/php-variants.ts';
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

type Booted = {refused: string} | {values: Record<string, unknown>};

/** A root of the variant, and beside it a php.ini. */
function lay({files, env = {}, order = 'GPCS'}: Variant) {
  const parent = temporaryDirectory();
  const root = path.join(parent, 'root');
  fs.mkdirSync(root);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    fs.mkdirSync(name.endsWith('/') ? file : path.dirname(file), {recursive: true});
    if (!name.endsWith('/')) fs.writeFileSync(file, content);
  }
  fs.writeFileSync(path.join(parent, 'php.ini'), `variables_order = "${order}"\n`);
  return {root, env, order, ini: parent};
}

/** What we make of it: refused, or each value, or why it is not told. */
function ours(configuration: Configuration): Booted {
  const {faults, refused} = configuration;
  const why = [...refused, ...faults].map(({message}) => message);
  if (why.length === 0 && configuration.environment.problem) why.push(configuration.environment.problem);
  if (why.length > 0) return {refused: why.join('; ')};
  const told = <T>({value, problem}: Setting<T>, show: (value: T) => unknown = (each) => each): unknown =>
    problem?.includes('cannot be told') ? 'not told' : show(value);
  const {environment, enabled, algorithm, maxCount, auditLog, metrics, connection, phpOff, datasets} =
    configuration;
  return {
    values: {
      environment: environment.value,
      enabled: told(enabled),
      path: told(configuration.path),
      datasets: told(datasets, (list) => list.map(({name, source}) => [name, source])),
      algorithm: told(algorithm),
      maxCount: told(maxCount),
      auditLog: told(auditLog),
      connection,
      magdb: phpOff === null,
      metrics: told(metrics, path.dirname),
    },
  };
}

/** Paths as they would be opened. */
const resolved = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(resolved)
    : typeof value === 'string' && value.startsWith('/')
      ? path.resolve(value)
      : value;

test('PHP and we make the same of every way to configure a root', {timeout: 240_000}, async () => {
  const laid = variants.map(lay);
  const booted = await php<Booted[]>('boot', laid);
  const differ: unknown[] = [];
  const untold: string[] = [];
  for (const [index, {name}] of variants.entries()) {
    const {root, env, ini} = laid[index] as ReturnType<typeof lay>;
    const here = ours(await loadConfiguration(root, {...env, PHPRC: ini}));
    const there = booted[index] as Booted;
    if ('refused' in here || 'refused' in there) {
      if (!('refused' in here && 'refused' in there)) differ.push({name, here, there});
      continue;
    }
    const differing = Object.keys(there.values).filter(
      (key) => JSON.stringify(resolved(here.values[key])) !== JSON.stringify(resolved(there.values[key])),
    );
    if (differing.length === 0) continue;
    if (differing.every((key) => here.values[key] === 'not told')) untold.push(name);
    else
      differ.push({
        name,
        ...Object.fromEntries(differing.map((key) => [key, [here.values[key], there.values[key]]])),
      });
  }
  expect(differ).toEqual([]);
  // That is said, too: never guessed. Where the process wins, .env does not matter.
  expect(untold).toEqual(
    variants.map(({name}) => name).filter((name) => name.includes('not told: ') && !name.endsWith('EGPCS')),
  );
  expect(variants.length - untold.length).toBeGreaterThan(220);
});
