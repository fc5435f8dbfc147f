import {isUtf8} from 'node:buffer';
import fs from 'node:fs';
import path from 'node:path';
import {readSmallFile} from '../base/files.ts';
import {describeError, errorCode} from '../base/problem.ts';
import type {Fault, Layered} from './configuration.ts';
import {readEnvFile, type Variables} from './env-file.ts';
import {chooseEnvironment, isPlainName} from './environment.ts';
import {Evaluator} from './evaluate.ts';
import type {Scope, World} from './expressions.ts';
import {merge, type Origin, type PhpArray, type Value} from './php-value.ts';
import {refusedBySchema, refusedInCode} from './refused.ts';
import type {Node} from './syntax.ts';

/** The only parts that are kept: everything else may be a secret, and is not read. */
const keptParts: string[][] = [
  ['magds', 'backup'],
  // Its name stands in every manifest; the connection's own settings do not.
  ['magds', 'primary', 'connection'],
  ['security', 'audit_log'],
  ['kernel'],
  ['observability', 'metrics'],
  ['components', 'MagDB', 'enabled'],
];
const largestFile = 4 * 1024 * 1024;
/** Files required in all: a configuration that needs more was not written by hand. */
const mostRequired = 500;

type Parser = {parseCode(code: string, file: string): unknown};

export async function loadParser(): Promise<Parser> {
  const {Engine} = (await import('php-parser')) as unknown as {Engine: new (options: unknown) => Parser};
  return new Engine({
    parser: {extractDoc: false, suppressErrors: false},
    ast: {withPositions: true, withSource: true},
  });
}

const isSecret = (file: string): boolean => /\/config\/secrets(?:\/|\.php$)/.test(file);

class Loader {
  readonly faults: Fault[] = [];
  readonly refused: Fault[] = [];
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
    const value = this.#evaluate(file, scope, isSecret(file));
    if (value === null) return undefined;
    if (value?.kind === 'array') return value;
    const message = value?.kind === 'unknown' ? notStatic(value) : 'does not return an array';
    this.faults.push({file, line: value?.line ?? 1, message});
    return undefined;
  }

  /** Null where there is a fault already. */
  #evaluate(file: string, scope: Scope, secret: boolean): Value | null | undefined {
    const parsed = this.#parse(file);
    if (!parsed) return null;
    const {tree, isText} = parsed;
    this.#stack.push(file);
    const include: World['include'] = (...required) => this.#include(...required);
    const refuse: World['refuse'] = (line, message) => void this.refused.push({file, line, message});
    try {
      for (const {line, message} of refusedInCode(tree)) refuse(line, message);
      const world = {file, environment: this.#environment, secret, isText, include, refuse};
      return new Evaluator(world, scope).file(tree);
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

  #parse(file: string): {tree: Node; isText: boolean} | null {
    const read = readSmallFile(file, largestFile);
    if (!('data' in read)) {
      this.faults.push({file, line: 1, message: 'missing' in read ? 'is not there' : read.reason});
      return null;
    }
    this.files.push(file);
    try {
      const code = read.data.toString('utf8');
      return {tree: this.#parser.parseCode(code, file) as Node, isText: isUtf8(read.data)};
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
function keep(layer: Value, parts: string[][]): Value {
  const pick = (value: Value, path: string[]): Value | undefined => {
    const [key, ...rest] = path;
    // A scalar or an unknown on the way stands over everything below, as in PHP.
    if (key === undefined || value.kind !== 'array') return value;
    const inner = value.items.get(key);
    const picked = inner && pick(inner, rest);
    return picked && {...value, kind: 'array', items: new Map([[key, picked]])};
  };
  const empty: Value = {file: layer.file, line: layer.line, kind: 'array', items: new Map() as PhpArray};
  return parts.reduce<Value>((kept, path) => {
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

const kindOf = (file: string): 'directory' | 'other' | null => {
  try {
    const stats = fs.statSync(file, {throwIfNoEntry: false});
    return stats ? (stats.isDirectory() ? 'directory' : 'other') : null;
  } catch {
    return null;
  }
};

/** The files of a directory; where nothing of its name is there, not even a file, the PHP file beside it. */
function filesOf(named: string, faults: Fault[]): string[] {
  const kind = kindOf(named);
  if (kind === 'directory') return phpFiles(named, faults);
  return kind === null && kindOf(`${named}.php`) !== null ? [`${named}.php`] : [];
}

/** One file may be a layer twice. */
const unique = (faults: Fault[]): Fault[] => [
  ...new Map(faults.map((fault) => [`${fault.file}\0${fault.line}\0${fault.message}`, fault])).values(),
];

/**
 * Reads the layered PHP configuration of a root without running PHP (FORMAT.md, "Configuration").
 * @param given the environment that the operator named, which settles what `.env` and the process disagree about
 * @param parts the paths of keys that are kept: all else is not read
 */
export async function loadLayers(
  root: string,
  process: NodeJS.ProcessEnv,
  given?: string,
  parts: string[][] = keptParts,
): Promise<Layered> {
  const faults: Fault[] = [];
  const {values: inFile, leadsTo, fault} = readEnvFile(root, largestFile);
  if (fault !== null) faults.push({file: path.join(root, '.env'), line: 0, message: fault});
  const {variables, ...chosen} = chooseEnvironment(inFile, process, given);
  const loader = new Loader(await loadParser(), variables);
  const config = path.join(root, 'config');
  const {environment} = chosen;
  const of = (...names: string[]) => filesOf(path.join(config, ...names), faults);
  const hasLayers = isPlainName(environment);
  const layers = [
    ...phpFiles(path.join(config, 'base'), faults),
    ...(hasLayers ? of('environments', environment) : []),
    ...of('secrets'),
    // Once more, where it has no directory.
    ...(hasLayers ? of('secrets', environment) : []),
  ];
  const start: Value = {file: config, line: 0, kind: 'array', items: new Map()};
  const merged = layers.reduce<Value>((below, file) => {
    const layer = loader.file(file);
    if (!layer) return below;
    try {
      return merge(below, keep(layer, parts));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      faults.push({file, line: 1, message: 'is nested too deep to be read'});
      return below;
    }
  }, start);
  faults.push(...loader.faults);
  const refused = [...loader.refused, ...refusedBySchema(merged, config, faults.length === 0)];
  return {
    ...chosen,
    envLeadsTo: leadsTo,
    merged,
    faults: unique(faults),
    refused: loader.files.length > 0 ? unique(refused) : [],
    files: loader.files,
  };
}
