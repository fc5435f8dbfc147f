import fs from 'node:fs';
import path from 'node:path';
import {readSmallFile} from '../files.ts';
import {describeError, errorCode} from '../problem.ts';
import {readEnvFile, type Variables} from './env-file.ts';
import {type Chosen, chooseEnvironment} from './environment.ts';
import {Evaluator} from './evaluate.ts';
import type {Scope, World} from './expressions.ts';
import {merge, type Origin, type PhpArray, type Value} from './php-value.ts';
import type {Node} from './syntax.ts';

/** What is wrong with a configuration file, and where. */
export type Fault = Origin & {message: string};

/** The only parts that are kept: everything else may be a secret, and is nobody's business here. */
const keptParts: string[][] = [
  ['magds', 'backup'],
  // Its name stands in every manifest; the connection's own settings do not.
  ['magds', 'primary', 'connection'],
  ['security', 'audit_log'],
  ['kernel'],
  ['observability', 'metrics'],
];

export type Layered = Omit<Chosen, 'variables'> & {
  /** The parts that matter to us, all layers merged. */
  merged: Value;
  /** The file that `.env` is a link to; null where it is none. */
  envLeadsTo: string | null;
  faults: Fault[];
  files: string[];
};

const largestFile = 4 * 1024 * 1024;
/** Files required in all: a configuration that needs more was not written by hand. */
const mostRequired = 500;

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
  readonly #environment: Variables;
  /** Files being evaluated: one that requires itself is not read again. */
  readonly #stack: string[] = [];
  #left = mostRequired;

  constructor(parser: Parser, environment: Variables) {
    this.#parser = parser;
    this.#environment = environment;
  }

  /** What a layer's file returns; undefined, with a fault, where that cannot be told. */
  file(file: string): Value | undefined {
    const scope: Scope = {variables: new Map(), tainted: false};
    const value = this.#evaluate(file, scope, file.includes('/config/secrets/'));
    if (value === null) return undefined;
    if (value?.kind === 'array') return value;
    const message = value?.kind === 'unknown' ? notStatic(value) : 'does not return an array';
    this.faults.push({file, line: value?.line ?? 1, message});
    return undefined;
  }

  /** Null where there is a fault already. */
  #evaluate(file: string, scope: Scope, secret: boolean): Value | null | undefined {
    const tree = this.#parse(file);
    if (!tree) return null;
    this.#stack.push(file);
    const include: World['include'] = (...required) => this.#include(...required);
    try {
      return new Evaluator({file, environment: this.#environment, secret, include}, scope).file(tree);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.faults.push({file, line: 1, message: 'is nested too deep to be read'});
      return null;
    } finally {
      this.#stack.pop();
    }
  }

  #include(target: string, from: Origin, scope: Scope, secret: boolean): Value {
    const known = !this.#stack.includes(target) && this.#left-- > 0;
    const value = known ? this.#evaluate(target, scope, secret) : null;
    // What could not be evaluated may have set any variable.
    if (value === null) scope.tainted = true;
    return (
      value ?? {
        ...from,
        kind: 'unknown',
        expression: secret ? '(not quoted: a secret layer)' : `require ${target}`,
      }
    );
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
    // A scalar or an unknown on the way stands over everything below, as in PHP.
    if (key === undefined || value.kind !== 'array') return value;
    const inner = value.items.get(key);
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
    const names = fs.readdirSync(directory).filter((name) => name.endsWith('.php') && !name.startsWith('.'));
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

/**
 * Reads the layered PHP configuration of a root without running PHP (FORMAT.md, "Configuration").
 * @param given the environment that the operator named, which settles what `.env` and the process disagree about
 */
export async function loadLayers(root: string, process: NodeJS.ProcessEnv, given?: string): Promise<Layered> {
  const faults: Fault[] = [];
  const {values: inFile, leadsTo, fault} = readEnvFile(root, largestFile);
  if (fault !== null) faults.push({file: path.join(root, '.env'), line: 0, message: fault});
  const {variables, ...chosen} = chooseEnvironment(inFile, process, given);
  const loader = new Loader(await loadParser(), variables);
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
    if (!layer) return below;
    try {
      return merge(below, keep(layer));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      faults.push({file, line: 1, message: 'is nested too deep to be read'});
      return below;
    }
  }, start);
  return {...chosen, envLeadsTo: leadsTo, merged, faults: [...faults, ...loader.faults], files: loader.files};
}
