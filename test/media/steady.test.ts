import {expect, test} from 'vitest';
import {replaced, steadied} from '../../media/steady.ts';
import type {Cell} from '../../media/svg.ts';

const row = (text: string): Cell[] =>
  Array.from(text, (character) => ({text: character, width: 1, color: null, bold: false}));
const text = (cells: Cell[]): string => cells.map((each) => each.text || ' ').join('');

test('what stands after a gap stays where it is, whether the words get longer or shorter', () => {
  expect(text(replaced(row('in 41 ms, all    2 of 4'), /41 ms/, '0.5s'))).toBe('in 0.5s, all     2 of 4');
  expect(text(replaced(row('in 4 ms    2 of 4'), /4 ms/, '1234 ms'))).toBe('in 1234 ms 2 of 4');
  expect(text(replaced(row('nothing of it'), /41 ms/, '0.5s'))).toBe('nothing of it');
  expect(replaced(row('4 ms  '), /4 ms/, '123456 ms')).toHaveLength(6);
});

test('the path is that of a server, whole or cut on the left', () => {
  const shown = (line: string) => text(steadied(row(line), '/tmp/magAb3dEf', '/srv/magmoboce'));
  expect(shown('db-01 /tmp/magAb3dEf   03:04Z')).toBe('db-01 /srv/magmoboce   03:04Z');
  expect(shown('db-01 ~b3dEf 03:04Z')).toBe('db-01 ~oboce 03:04Z');
});
