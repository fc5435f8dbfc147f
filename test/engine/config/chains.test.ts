import {expect, test} from 'vitest';
import {Expressions, type World} from '../../../source/engine/config/expressions.ts';
import type {Node} from '../../../source/engine/config/syntax.ts';

const world: World = {
  file: '/config.php',
  environment: new Map(),
  secret: false,
  isText: true,
  refuse: () => {},
  include: () => {
    throw new Error('there is nothing to include');
  },
};
const evaluate = (node: Node) => new Expressions(world, {variables: new Map(), tainted: false}).value(node);

/** `first op 1 op 1 …`; counts how often the first part is looked at. */
function chain(operator: string, length: number, first: Node): {node: Node; looks: () => number} {
  let looks = 0;
  const watched = {
    ...first,
    get kind() {
      looks++;
      return first.kind;
    },
  };
  let node: Node = watched;
  for (let count = 0; count < length; count++)
    node = {kind: 'bin', type: operator, left: node, right: {kind: 'number', value: '1', raw: '1'}};
  return {node, looks: () => looks};
}

test.each(['+', '-'])('a long chain of %s is grouped once, not again for each of its parts', (operator) => {
  const {node, looks} = chain(operator, 500, {kind: 'number', value: '1', raw: '1'});
  expect(evaluate(node)).toMatchObject({kind: 'scalar', value: operator === '+' ? 501 : -499});
  expect(looks()).toBeLessThan(10);
});

test('a sum behind a text is grouped once, too', () => {
  const joined: Node = {
    kind: 'bin',
    type: '.',
    left: {kind: 'string', value: 'n', raw: "'n'", isDoubleQuote: false},
    right: {kind: 'number', value: '1', raw: '1'},
  };
  const {node, looks} = chain('+', 500, joined);
  expect(evaluate(node)).toMatchObject({kind: 'scalar', value: 'n501'});
  expect(looks()).toBeLessThan(10);
});

test('the parts of a long expression that nobody can know are not each quoted', () => {
  let node: Node = {kind: 'variable', name: 'x'};
  const source = (length: number) => `$x${'+1'.repeat(length)}`;
  for (let length = 1; length < 5000; length++)
    node = {
      kind: 'bin',
      type: '*',
      left: node,
      right: {kind: 'number', value: '1', raw: '1'},
      loc: {start: {line: 1}, source: source(length)},
    };
  const value = new Expressions(world, {variables: new Map(), tainted: false}).unknown(node);
  expect(value).toMatchObject({expression: 'an expression of 10000 characters'});
});
