import fs from 'node:fs';
import path from 'node:path';
import {readSmallFile} from '../files.ts';
import {describeError, errorCode} from '../problem.ts';
import {parseEnvFile} from './env-file.ts';
import {Evaluator, type Node} from './evaluate.ts';
import {merge, type Origin, type PhpArray, type Value} from './php-value.ts';

/** What is wrong with a configuration file, and where. */
export type Fault = Origin & {message: string};

/** What the kernel calls an environment it accepts (FORMAT.md, "Configuration"). */
export const environments = ['development', 'testing', 'staging', 'production'];

/** The only parts that are kept: everything else may be a secret, and is nobody's business here. */
const keptParts: string[][] = [
  ['magds', 'backup'],
  ['security', 'audit_log'],
  ['kernel'],
  ['observability', 'metrics'],
];

export type Layered = {
  /** The parts that matter to us, all layers merged. */
  merged: Value;
  environment: string;
  /** Where the environment's name comes from. */
  environmentFrom: '--env' | '.env' | 'MOBO_ENV' | 'default';
  /** `.env` and the process name different environments: nothing is written before `--env` decides. */
  conflict: {file: string; process: string} | null;
  faults: Fault[];
  files: string[];
};

const largestFile = 4 * 1024 * 1024;
const deepestRequire = 16;

type Parser = {parseCode(code: string, file: string): unknown};

export async function loadParser(): Promise<Parser> {
  const module = (await import('php-parser')) as unknown as Record<string, unknown> & {
    default?: Record<string, unknown>;
  };
  const Engine = (module['Engine'] ?? module.default?.['Engine'] ?? module.default) as new (
    options: unknown,
  ) => Parser;
  return new Engine({
    parser: {extractDoc: false, suppressErrors: false},
    ast: {withPositions: true, withSource: true},
  });
}

class Loader {
  readonly faults: Fault[] = [];
  readonly files: string[] = [];
  readonly #parser: Parser;
  readonly #environment: ReadonlyMap<string, string>;
  #depth = 0;

  constructor(parser: Parser, environment: ReadonlyMap<string, string>) {
    this.#parser = parser;
    this.#environment = environment;
  }

  /** What a file returns; undefined, with a fault, where that cannot be told. */
  file(file: string): Value | undefined {
    const tree = this.#parse(file);
    if (!tree) return undefined;
    const include = (target: string, from: Origin): Value => this.#include(target, from);
    const value = new Evaluator({file, environment: this.#environment, include}).file(tree);
    if (value?.kind === 'array') return value;
    this.faults.push({
      file,
      line: value?.line ?? 1,
      message: value?.kind === 'unknown' ? notStatic(value) : 'does not return an array',
    });
    return undefined;
  }

  #include(target: string, from: Origin): Value {
    const unknown: Value = {...from, kind: 'unknown', expression: `require ${target}`};
    if (this.#depth >= deepestRequire) return unknown;
    this.#depth++;
    try {
      const tree = this.#parse(target);
      const include = (next: string, origin: Origin): Value => this.#include(next, origin);
      const value = tree && new Evaluator({file: target, environment: this.#environment, include}).file(tree);
      return value ?? unknown;
    } finally {
      this.#depth--;
    }
  }

  #parse(file: string): Node | null {
    const read = readSmallFile(file, largestFile);
    if (!('data' in read)) {
      this.faults.push({file, line: 1, message: 'missing' in read ? 'is not there' : read.reason});
      return null;
    }
    this.files.push(file);
    try {
      return this.#parser.parseCode(read.data.toString('utf8'), file) as Node;
    } catch (error) {
      const line = error instanceof Error && 'lineNumber' in error ? Number(error.lineNumber) : 1;
      this.faults.push({file, line, message: 'has a PHP syntax error'});
      return null;
    }
  }
}

const notStatic = (value: Value & {kind: 'unknown'}): string =>
  `cannot be told without running PHP: ${value.expression.slice(0, 80)}`;

/** Only what matters to us of a layer. */
function keep(layer: Value): Value {
  const pick = (value: Value, path: string[]): Value | undefined => {
    const [key, ...rest] = path;
    if (key === undefined || value.kind === 'unknown') return value;
    const inner = value.kind === 'array' ? value.items.get(key) : undefined;
    const picked = inner && pick(inner, rest);
    return picked && {...value, kind: 'array', items: new Map([[key, picked]])};
  };
  const empty: Value = {file: layer.file, line: layer.line, kind: 'array', items: new Map() as PhpArray};
  return keptParts.reduce<Value>((kept, path) => {
    const picked = pick(layer, path);
    return picked ? merge(kept, picked) : kept;
  }, empty);
}

function phpFiles(directory: string, faults: Fault[]): string[] {
  try {
    const names = fs.readdirSync(directory).filter((name) => name.endsWith('.php'));
    return names.sort().map((name) => path.join(directory, name));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') {
      faults.push({file: directory, line: 0, message: `cannot be listed: ${describeError(error)}`});
    }
    return [];
  }
}

const isDirectory = (directory: string): boolean => {
  try {
    return fs.statSync(directory, {throwIfNoEntry: false})?.isDirectory() ?? false;
  } catch {
    return false;
  }
};

/** Which environment, and who says so: `.env` wins over the process (Debian's PHP leaves `$_ENV` empty). */
function chooseEnvironment(
  file: ReadonlyMap<string, string>,
  process: NodeJS.ProcessEnv,
  given: string | undefined,
) {
  const [inFile, inProcess] = [file.get('MOBO_ENV'), process['MOBO_ENV']];
  const conflict =
    inFile && inProcess && inFile !== inProcess && given === undefined
      ? {file: inFile, process: inProcess}
      : null;
  if (given !== undefined) return {environment: given, environmentFrom: '--env' as const, conflict};
  if (inFile) return {environment: inFile, environmentFrom: '.env' as const, conflict};
  if (inProcess) return {environment: inProcess, environmentFrom: 'MOBO_ENV' as const, conflict};
  return {environment: 'development', environmentFrom: 'default' as const, conflict};
}

/**
 * Reads the layered PHP configuration of a root without running PHP (FORMAT.md, "Configuration").
 * @param given the environment that the operator named, which settles what `.env` and the process disagree about
 */
export async function loadLayers(root: string, process: NodeJS.ProcessEnv, given?: string): Promise<Layered> {
  const faults: Fault[] = [];
  const envPath = path.join(root, '.env');
  const env = readSmallFile(envPath, largestFile);
  if ('reason' in env) faults.push({file: envPath, line: 0, message: env.reason});
  const inFile = 'data' in env ? parseEnvFile(env.data.toString('utf8')) : new Map<string, string>();
  const chosen = chooseEnvironment(inFile, process, given);
  const fromProcess = Object.entries(process).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const environment = new Map([...fromProcess, ...inFile, ['MOBO_ENV', chosen.environment]]);
  const loader = new Loader(await loadParser(), environment);
  const config = path.join(root, 'config');
  const named = path.join(config, 'environments', chosen.environment);
  const safeName = /^[A-Za-z0-9_-]+$/.test(chosen.environment);
  const layers = [
    ...phpFiles(path.join(config, 'base'), faults),
    ...(!safeName
      ? []
      : isDirectory(named)
        ? phpFiles(named, faults)
        : fs.existsSync(`${named}.php`)
          ? [`${named}.php`]
          : []),
    ...phpFiles(path.join(config, 'secrets'), faults),
    ...(safeName ? phpFiles(path.join(config, 'secrets', chosen.environment), faults) : []),
  ];
  const start: Value = {file: config, line: 0, kind: 'array', items: new Map()};
  const merged = layers.reduce<Value>((below, file) => {
    const layer = loader.file(file);
    return layer ? merge(below, keep(layer)) : below;
  }, start);
  return {...chosen, merged, faults: [...faults, ...loader.faults], files: loader.files};
}
