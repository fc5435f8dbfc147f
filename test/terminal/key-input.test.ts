import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {byteKeyboard} from '../support/byte-keyboard.tsx';
import {key} from '../support/key-codes.ts';

type Board = Awaited<ReturnType<typeof byteKeyboard>>;
let board: Board;
beforeAll(async () => {
  board = await byteKeyboard();
});
afterAll(() => board.close());

/** What is made of chunks that come one after the other; null, or milliseconds: a pause. */
function heard(...chunks: (string | number | null)[]): {keys: string[]; pasted: string[]} {
  const keys: string[] = [];
  const pasted: string[] = [];
  board.listen({key: (each) => keys.push(each), paste: (text) => pasted.push(text)});
  for (const chunk of chunks) {
    if (chunk === null) board.pause();
    else if (typeof chunk === 'number') board.pause(chunk);
    else board.arrive(Buffer.from(chunk));
  }
  board.pause();
  return {keys, pasted};
}

const pieces = (text: string, pause: boolean): (string | null)[] =>
  [...text].flatMap((each) => (pause ? [each, null] : [each]));

test.each([true, false])('a paste that comes a byte at a time is one; with pauses: %s', (pause) => {
  const {keys, pasted} = heard(...pieces(key.paste('20261123'), pause));
  expect(pasted).toEqual(['20261123']);
  // The mark's first byte may have been taken for the key that it is.
  expect(keys.filter((each) => each !== 'escape')).toEqual([]);
});

test.each([1, 2, 3, 4, 5])('a mark that is cut after %s bytes, with a pause, stays a mark', (at) => {
  const whole = key.paste('abc');
  const {keys, pasted} = heard(whole.slice(0, at), null, whole.slice(at));
  expect({keys, pasted}).toEqual({keys: at === 1 ? ['escape'] : [], pasted: ['abc']});
});

test('Escape right before a paste is a key, and the paste stays one', () => {
  expect(heard(`${key.escape}${key.paste('abc')}`)).toEqual({keys: ['escape'], pasted: ['abc']});
  expect(heard(`x${key.escape.repeat(3)}${key.paste('abc')}y`)).toEqual({
    keys: ['x', 'escape', 'escape', 'escape', 'y'],
    pasted: ['abc'],
  });
  expect(heard(key.escape, key.paste('abc'))).toMatchObject({pasted: ['abc']});
  expect(heard(key.escape, null, key.paste('abc'))).toEqual({keys: ['escape'], pasted: ['abc']});
});

test('keys are what they were', () => {
  expect(heard('\u001b[', 'A', '\u001b', '[B').keys).toEqual(['up', 'down']);
  expect(heard('\u001b[2', null, '0~q').keys).toEqual(['q']);
  expect(heard('\u0003', `${key.escape}j`).keys).toEqual(['ctrl+c', 'escape', 'j']);
  expect(heard(`${key.escape}P`, null, 'j', `${key.escape}Pj`).keys).toEqual([
    ...['escape', 'P', 'j'],
    ...['escape', 'P', 'j'],
  ]);
  expect(heard(`${key.escape}O`, null, '[').keys).toEqual(['escape', 'O', '[']);
  expect(heard('\u001b[[A\u001b[7$j').keys).toEqual(['home', 'j']);
  expect(heard('\u001b[1;\u0003').keys).toEqual(['ctrl+c']);
});

test('an arrow that a link cuts apart is an arrow, and one that comes too late is nothing', () => {
  expect(heard('\u001b', 25, '[', 25, 'B').keys).toEqual(['down']);
  expect(heard('\u001b[', 900, 'B').keys).toEqual(['down']);
  expect(heard('\u001b', null, '[B', 'j').keys).toEqual(['escape', 'j']);
  expect(heard('\u001b', null, '[', 500, 'B', 'j').keys).toEqual(['escape', 'j']);
  expect(heard('\u001b', null, 'OB', 'j').keys).toEqual(['escape', 'j']);
  expect(heard('\u001b', null, ']11;rgb:ffff/ffff/ffff\u0007', 'j').keys).toEqual(['escape', 'j']);
  expect(heard('\u001b', 2000, '[', 'j').keys).toEqual(['escape', '[', 'j']);
});

const answers = [
  '\u001b]11;rgb:ffff/ffff/ffff\u0007',
  '\u001b]10;rgb:0000/0000/0000\u001b\\',
  '\u001bP>|xterm(390)\u001b\\',
  '\u001bP1+r524742=382F382F38\u001b\\',
  '\u001b_Gi=31;OK\u001b\\',
  '\u001b[?62;22c',
  '\u001b[24;80R',
  '\u001b[?2026;2$y',
];

test('what a terminal answers is no key, however it is cut', () => {
  fc.assert(
    fc.property(fc.constantFrom(...answers), fc.nat(), fc.nat(), (answer, one, other) => {
      const [from, to] = [one % answer.length, other % answer.length].toSorted((a, b) => a - b);
      const cut = [answer.slice(0, from), 20, answer.slice(from, to), 20, answer.slice(to)];
      expect(heard('k', ...cut, 'j').keys).toEqual(['k', 'j']);
    }),
  );
});

test('a string that never ends does not take the keyboard away', () => {
  expect(heard('\u001b]11;rgb:ff', 1500, 'j').keys).toEqual(['j']);
  expect(heard('\u001b]11;rgb:ff\u0003j').keys).toEqual(['ctrl+c', 'j']);
  expect(heard(`\u001b]11;rgb:ff${key.down}j`).keys).toEqual(['down', 'j']);
});

test('however the bytes are cut, and whatever comes before it, what is pasted is never a key', () => {
  const typed = fc.constantFrom(
    'x',
    'é',
    key.escape,
    key.escape.repeat(2),
    key.up,
    key.enter,
    '[',
    '\u001b[',
    '\u001bO',
  );
  const token = fc.oneof(
    typed.map((text) => ({text, pasted: false})),
    fc.constantFrom('1', '11\r', '1é1', '\u0003', '1[200~').map((text) => ({text, pasted: true})),
  );
  fc.assert(
    fc.property(
      fc.array(token, {maxLength: 8}),
      fc.array(fc.tuple(fc.nat(), fc.boolean()), {maxLength: 12}),
      (tokens, cuts) => {
        const bytes = Buffer.from(tokens.map(({text, pasted}) => (pasted ? key.paste(text) : text)).join(''));
        const keys: string[] = [];
        const pasted: string[] = [];
        board.listen({key: (each) => keys.push(each), paste: (text) => pasted.push(text)});
        let from = 0;
        const places = cuts.map(([at, pause]): [number, boolean] => [at % (bytes.length + 1), pause]);
        for (const [at, pause] of places.toSorted(([a], [b]) => a - b)) {
          board.arrive(bytes.subarray(from, at));
          if (pause) board.pause();
          from = at;
        }
        board.arrive(bytes.subarray(from));
        board.pause();
        expect(keys).not.toContain('1');
        expect(keys).not.toContain('ctrl+c');
        expect(pasted).toEqual(tokens.filter((each) => each.pasted).map(({text}) => text));
      },
    ),
    {numRuns: 2000},
  );
});

test('a key that is held down for long is not lost', () => {
  expect(heard('\u007f'.repeat(5001)).keys).toEqual(Array.from({length: 5001}, () => 'backspace'));
});
