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

/** What is made of chunks that come one after the other; null: a pause. */
function heard(...chunks: (string | null)[]): {keys: string[]; pasted: string[]} {
  const keys: string[] = [];
  const pasted: string[] = [];
  board.listen({key: (each) => keys.push(each), paste: (text) => pasted.push(text)});
  for (const chunk of chunks) {
    if (chunk === null) board.pause();
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
  expect(heard(`${key.up}j${key.escape}`, null, '[', '2', 'x').keys).toEqual([
    'up',
    'j',
    'escape',
    '[',
    '2',
    'x',
  ]);
  expect(heard('\u001b[', 'A', '\u001b', '[B').keys).toEqual(['up', 'down']);
  expect(heard('\u001b[2', null, '0~q').keys).toEqual(['q']);
  expect(heard('\u0003', `${key.escape}j`).keys).toEqual(['ctrl+c', 'escape', 'j']);
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
