import path from 'node:path';
import type {Variables} from './env-file.ts';
import {callFunction, complaintOnCall} from './functions.ts';
import {classOf, constantOf, magicOf, numberOf} from './literals.ts';
import {cast, complaintOn, operate, unary} from './operators.ts';
import {
  isIntegerKey,
  isTruthy,
  type Origin,
  type PhpArray,
  type Scalar,
  toKey,
  toText,
  type Value,
} from './php-value.ts';
import {
  callName,
  hasByteEscapes,
  isNestedTernary,
  isNode,
  type Node,
  quote,
  regrouped,
  superglobal,
} from './syntax.ts';

export type World = {
  /** Absolute path of the file that is evaluated. */
  file: string;
  /** What getenv() finds. */
  environment: Variables;
  /** Nothing of this file is quoted: it is, or is required from, a secret layer. */
  secret: boolean;
  /** It is UTF-8 throughout; else what could not be decoded is unknown. */
  isText: boolean;
  /** PHP's error handler ends the boot here. */
  refuse(line: number, message: string): void;
  /** Evaluates another file, for require: in the same scope, as PHP does. */
  include(file: string, from: Origin, scope: Scope, secret: boolean): Value;
};

/** The variables; once something may have set any of them, none is known. */
export type Scope = {variables: Map<string, Value>; tainted: boolean};

/** What an expression of a configuration file comes to; `unknown` where that cannot be told without running PHP. */
export class Expressions {
  readonly #world: World;
  readonly #scope: Scope;
  /** Names of classes mean something else here than what is written. */
  namespaced = false;
  /** No argument of a function becomes a string by itself. */
  strict = false;

  constructor(world: World, scope: Scope) {
    this.#world = world;
    this.#scope = scope;
  }

  variable(node: Node, name: string): Value {
    return (this.#scope.tainted ? undefined : this.#scope.variables.get(name)) ?? this.unknown(node);
  }

  #origin = (node: Node): Origin => ({file: this.#world.file, line: node.loc?.start.line ?? 0});

  #scalar = (node: Node, value: Scalar): Value => ({...this.#origin(node), kind: 'scalar', value});

  #refuse(node: Node, message: string): Value {
    this.#world.refuse(node.loc?.start.line ?? 0, message);
    return this.unknown(node);
  }

  /** A text that was written out; unknown where the parser's idea of it is not PHP's, byte for byte. */
  #text(node: Node, value: unknown): Value {
    const undecoded = typeof value === 'string' && value.includes('\ufffd') && !this.#world.isText;
    return typeof value !== 'string' || undecoded || hasByteEscapes(node)
      ? this.unknown(node)
      : this.#scalar(node, value);
  }

  readonly unknown = (node: Node): Value => ({
    ...this.#origin(node),
    kind: 'unknown',
    expression: this.#world.secret ? '(not quoted: a secret layer)' : quote(node.loc?.source ?? node.kind),
  });

  #child(node: Node, name: string): Value {
    const child = node[name];
    return isNode(child) ? this.value(child) : this.unknown(node);
  }

  value(node: Node): Value {
    switch (node.kind) {
      case 'string':
      case 'nowdoc':
        return this.#text(node, node['value']);
      case 'number':
        return this.#told(node, numberOf(node));
      case 'boolean':
        return this.#scalar(node, node['value'] === true);
      case 'nullkeyword':
        return this.#scalar(node, null);
      case 'array':
        return this.#array(node);
      case 'variable':
        return typeof node['name'] === 'string' ? this.variable(node, node['name']) : this.unknown(node);
      case 'encapsed':
        return this.#encapsed(node);
      case 'bin':
        return this.#binary(node);
      case 'unary':
        return this.#unary(node);
      case 'cast':
        return this.#cast(node);
      case 'retif':
        return this.#ternary(node);
      case 'magic':
        return this.#told(node, magicOf(node, this.#world.file));
      case 'name':
        return this.#told(node, constantOf(node));
      case 'staticlookup':
        return this.#told(node, classOf(node, this.namespaced));
      case 'offsetlookup':
        return this.#offset(node);
      case 'call':
        return this.#call(node);
      case 'include':
        return this.#include(node);
      default:
        return this.unknown(node);
    }
  }

  #told(node: Node, value: Scalar | undefined): Value {
    return value === undefined ? this.unknown(node) : this.#scalar(node, value);
  }

  #array(node: Node): Value {
    const items: PhpArray = new Map();
    let next = 0;
    const put = (key: string, value: Value): void => {
      items.set(key, value);
      if (isIntegerKey(key)) next = Math.max(next, Number(key) + 1);
    };
    for (const entry of (node['items'] as (Node | null)[] | undefined) ?? []) {
      if (!entry) continue;
      const isEntry = entry.kind === 'entry';
      const unpacked = isEntry ? entry['unpack'] === true : entry.kind === 'spread';
      const value = isEntry
        ? this.#child(entry, 'value')
        : unpacked
          ? this.#child(entry, 'what')
          : this.value(entry);
      if (unpacked) {
        if (value.kind !== 'array') return this.unknown(node);
        for (const [key, item] of value.items) put(isIntegerKey(key) ? String(next) : key, item);
        continue;
      }
      const keyNode = isEntry ? entry['key'] : null;
      if (!isNode(keyNode)) {
        put(String(next), value);
        continue;
      }
      const key = this.value(keyNode);
      // Under an unknown key anything may stand.
      if (key.kind !== 'scalar') return this.unknown(node);
      if (typeof key.value === 'number' && !Number.isInteger(key.value))
        this.#refuse(keyNode, 'a key is a number with a fraction, which is deprecated');
      put(toKey(key.value), value);
    }
    return {...this.#origin(node), kind: 'array', items};
  }

  #encapsed(node: Node): Value {
    if (node['type'] === 'shell' || hasByteEscapes(node)) return this.unknown(node);
    let text = '';
    for (const part of (node['value'] as Node[] | undefined) ?? []) {
      const value = this.#child(part, 'expression');
      if (value.kind === 'array') return this.#refuse(node, 'an array stands where a text should');
      if (value.kind !== 'scalar') return this.unknown(node);
      text += toText(value.value);
    }
    return this.#scalar(node, text);
  }

  #binary(written: Node): Value {
    const node = regrouped(written);
    const operator = String(node['type']);
    if (operator === '??') {
      const left = this.#quiet(node['left']);
      if (left === undefined || (left.kind === 'scalar' && left.value === null))
        return this.#child(node, 'right');
      return left;
    }
    const left = this.#child(node, 'left');
    if (operator === '&&' || operator === '||') {
      if (left.kind === 'unknown') return this.unknown(node);
      if (isTruthy(left) === (operator === '||')) return this.#scalar(node, operator === '||');
      const right = this.#child(node, 'right');
      return right.kind === 'unknown' ? this.unknown(node) : this.#scalar(node, isTruthy(right));
    }
    return this.operate(operator, left, this.#child(node, 'right'), node);
  }

  /** The left of `??`: a variable or key that does not exist is no error there. */
  #quiet(node: unknown): Value | undefined {
    if (!isNode(node)) return undefined;
    if (node.kind === 'variable' && typeof node['name'] === 'string') {
      return this.#scope.tainted ? this.unknown(node) : this.#scope.variables.get(node['name']);
    }
    if (node.kind === 'offsetlookup') {
      const what = this.#quiet(node['what']);
      const offset = isNode(node['offset']) ? this.value(node['offset']) : undefined;
      if (what?.kind === 'array' && offset?.kind === 'scalar') return what.items.get(toKey(offset.value));
      if (what === undefined && !superglobal(node['what'])) return undefined;
      return this.value(node);
    }
    return this.value(node);
  }

  operate(operator: string, left: Value, right: Value, node: Node): Value {
    if (operator === '+' && left.kind === 'array' && right.kind === 'array') {
      return {
        ...this.#origin(node),
        kind: 'array',
        items: new Map([...left.items, ...[...right.items].filter(([key]) => !left.items.has(key))]),
      };
    }
    if (left.kind === 'unknown' || right.kind === 'unknown') return this.unknown(node);
    const complaint = complaintOn(operator, left, right);
    if (complaint !== null) return this.#refuse(node, complaint);
    if (left.kind !== 'scalar' || right.kind !== 'scalar') return this.unknown(node);
    return this.#told(node, operate(operator, left.value, right.value));
  }

  #unary(node: Node): Value {
    const what = this.#child(node, 'what');
    const result = what.kind === 'unknown' ? undefined : unary(String(node['type']), what);
    return this.#told(node, result);
  }

  #cast(node: Node): Value {
    const value = this.#child(node, 'expr');
    if (value.kind === 'unknown') return this.unknown(node);
    const type = String(node['type']);
    if (type === 'array') {
      if (value.kind === 'array') return value;
      const items: PhpArray = value.value === null ? new Map() : new Map([['0', value]]);
      return {...this.#origin(node), kind: 'array', items};
    }
    return this.#told(node, cast(type, value));
  }

  #ternary(node: Node): Value {
    if (isNestedTernary(node)) return this.unknown(node);
    const test = this.#child(node, 'test');
    if (test.kind === 'unknown') return this.unknown(node);
    if (!isTruthy(test)) return this.#child(node, 'falseExpr');
    return isNode(node['trueExpr']) ? this.value(node['trueExpr']) : test;
  }

  #offset(node: Node): Value {
    // Debian's PHP leaves $_ENV empty (FORMAT.md).
    if (superglobal(node['what']) && isNode(node['offset'])) return this.unknown(node);
    const what = this.#child(node, 'what');
    const offset = this.#child(node, 'offset');
    if (what.kind !== 'array' || offset.kind !== 'scalar') return this.unknown(node);
    return what.items.get(toKey(offset.value)) ?? this.unknown(node);
  }

  #call(node: Node): Value {
    const given = ((node['arguments'] as Node[] | undefined) ?? []).map((argument) => this.value(argument));
    const name = callName(node);
    const complaint = complaintOnCall(name, given, this.strict);
    if (complaint !== null) return this.#refuse(node, complaint);
    const result = callFunction(name, given, this.#world.environment);
    if (result === undefined) return this.unknown(node);
    return typeof result === 'object' && result !== null ? result : this.#scalar(node, result);
  }

  #include(node: Node): Value {
    const target = this.#child(node, 'target');
    // A relative path means PHP's working directory.
    if (target.kind !== 'scalar' || typeof target.value !== 'string' || !path.isAbsolute(target.value)) {
      this.#scope.tainted = true;
      return this.unknown(node);
    }
    return this.#world.include(
      path.normalize(target.value),
      this.#origin(node),
      this.#scope,
      this.#world.secret,
    );
  }
}
