import {Expressions, type Scope, type World} from './expressions.ts';
import type {Value} from './php-value.ts';
import {isStrict} from './refused.ts';
import {byValue, callName, children, effects, isNode, type Node, returns, visit} from './syntax.ts';

/**
 * Evaluates a configuration file's tree without running anything: literals, arithmetic and concatenation, casts,
 * ternary, `?:`, `??`, variables assigned above, `__DIR__`, `dirname()`, `getenv()`, `env()`, `require`, `Foo::class`
 * (FORMAT.md, "Configuration"). Everything else is `unknown`, and so is what is computed from it.
 */
export class Evaluator {
  readonly #scope: Scope;
  readonly #expressions: Expressions;

  constructor(world: World, scope: Scope = {variables: new Map(), tainted: false}) {
    this.#scope = scope;
    this.#expressions = new Expressions(world, scope);
  }

  /** What the file returns; undefined where it returns nothing. */
  file(program: Node): Value | undefined {
    return this.#statements((program['children'] as Node[] | undefined) ?? []);
  }

  #statements(nodes: Node[]): Value | undefined {
    for (const node of nodes) {
      switch (node.kind) {
        case 'return':
          return isNode(node['expr']) ? this.#evaluate(node['expr']) : undefined;
        case 'namespace':
        case 'block': {
          this.#expressions.namespaced ||= node.kind === 'namespace';
          const returned = this.#statements((node['children'] as Node[] | undefined) ?? []);
          if (returned) return returned;
          break;
        }
        case 'expressionstatement':
          this.#assign(node['expression']);
          break;
        case 'usegroup':
          this.#expressions.namespaced = true;
          break;
        case 'declare':
          this.#expressions.strict ||= isStrict(node);
          break;
        case 'function':
        case 'class':
        case 'trait':
        case 'enum':
        case 'interface':
        case 'inline':
        case 'noop':
          break;
        default:
          // An if, a loop: what it may assign, or return, cannot be told.
          this.#forget(node);
          if (returns(node)) return this.#expressions.unknown(node);
      }
    }
    return undefined;
  }

  #assign(node: unknown): void {
    if (!isNode(node)) return;
    if (node.kind === 'include') {
      this.#expressions.value(node);
      return;
    }
    const left = node['left'];
    const simple =
      node.kind === 'assign' && isNode(left) && left.kind === 'variable' && typeof left['name'] === 'string';
    if (!simple || !isNode(node['right'])) {
      this.#forget(node);
      return;
    }
    const name = left['name'] as string;
    const right = this.#evaluate(node['right']);
    const before = this.#expressions.variable(node, name);
    const operator = String(node['operator']).slice(0, -1);
    const isSet = before.kind !== 'scalar' || before.value !== null;
    this.#scope.variables.set(
      name,
      operator === '??' && before.kind !== 'unknown'
        ? isSet
          ? before
          : right
        : operator === ''
          ? right
          : this.#expressions.operate(operator, before, right, node),
    );
  }

  /** The value of a whole expression: what it may set on the way is unknown before it is read. */
  #evaluate(node: Node): Value {
    visit(node, (each) => {
      if (!effects.has(each.kind)) return;
      if (each.kind === 'call' && byValue.has(callName(each))) return;
      this.#forget(each);
    });
    return this.#expressions.value(node);
  }

  /** Every variable that a piece of code mentions is unknown from here on; all are, where that cannot be told. */
  #forget(node: Node): void {
    const forget = (each: Node, at: Node): void => {
      const where = each.kind === 'assign' ? each : at;
      if (each.kind === 'variable') {
        if (typeof each['name'] === 'string')
          this.#scope.variables.set(each['name'], this.#expressions.unknown(where));
        else this.#scope.tainted = true;
      }
      const dynamic = each.kind === 'call' && /^(extract|parse_str|eval)$/.test(callName(each));
      if (dynamic || each.kind === 'eval' || each.kind === 'include') this.#scope.tainted = true;
      for (const child of children(each)) forget(child, where);
    };
    forget(node, node);
  }
}
