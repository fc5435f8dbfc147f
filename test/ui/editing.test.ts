import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {paste} from '../../source/ui/handle.ts';
import {TextField} from '../../source/ui/kit/text-field.tsx';
import {backupsSlice} from '../../source/ui/screens/backups/state.ts';
import {frameText} from '../support/frames.ts';
import {keyboard} from '../support/keyboard.ts';
import {configured} from '../support/run-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../support/states.ts';

/** The filter, with this typed. */
function filtering(...keys: string[]) {
  const board = keyboard(reduceAll(anApp([aRow(idAt(1, 'nightly'))]), configured()));
  board.press('/', ...keys);
  return board;
}

const filterOf = (board: ReturnType<typeof filtering>): string => backupsSlice.of(board.state()).filter;
const edited = (...keys: string[]): string => filterOf(filtering(...'one two', ...keys, '|'));

describe('a line that is typed', () => {
  test.each<[string[], string]>([
    [[], 'one two|'],
    [['left', 'left'], 'one t|wo'],
    [['left', 'right', 'right'], 'one two|'],
    [['home'], '|one two'],
    [['ctrl+a', 'right'], 'o|ne two'],
    [['ctrl+a', 'ctrl+e'], 'one two|'],
    [['home', 'end'], 'one two|'],
    [['left', 'backspace'], 'one t|o'],
    [['home', 'backspace'], '|one two'],
    [['left', 'left', 'left', 'ctrl+u'], '|two'],
    [['left', 'left', 'left', 'ctrl+k'], 'one |'],
    [['ctrl+w'], 'one |'],
    [['ctrl+w', 'ctrl+w'], '|'],
    [['left', 'ctrl+w'], 'one |o'],
    [['ctrl+u'], '|'],
  ])('%j makes %s of "one two"', (keys, wanted) => {
    expect(edited(...keys)).toBe(wanted);
  });

  test('goes by characters as one reads them', () => {
    expect(filterOf(filtering('a', '😀', 'e\u0301', 'left', 'left', 'x'))).toBe('ax😀e\u0301');
  });

  test('takes what is pasted where the cursor is, and says why where nothing is taken', () => {
    const board = filtering(...'ad', 'left');
    paste(board.store, 'bc\n');
    expect(filterOf(board)).toBe('abcd');
    paste(board.store, 'two\nlines');
    expect(board.state().message?.text).toBe('Pasted text is ignored here: it is more than one line.');
    board.press('escape', 'escape');
    paste(board.store, 'q');
    expect(board.state().message?.text).toBe('Pasted text is ignored here: it would be taken for keys.');
  });

  test('is shown with the cursor where it is', () => {
    const shown = (behind: number, columns = 40): string =>
      frameText(
        TextField.lines(
          {asks: '> ', text: 'one two'},
          {columns, height: 1, caret: {text: 'one two', behind}},
        ),
      );
    expect(shown(0)).toBe('> one two_');
    expect(shown(3)).toBe('> one |two');
    expect(shown(7)).toBe('> |one two');
    expect(shown(2, 8)).toBe('> ~e t|~');
    expect(
      frameText(
        TextField.lines({asks: '', text: 'x'}, {columns: 9, height: 1, caret: {text: 'y', behind: 1}}),
      ),
    ).toBe('x_');
  });

  test('is what an editor would make of it', () => {
    const key = fc.constantFrom(
      'a',
      'b',
      ' ',
      '帳',
      'left',
      'right',
      'home',
      'end',
      'backspace',
      'ctrl+k',
      'ctrl+u',
    );
    fc.assert(
      fc.property(fc.array(key, {maxLength: 30}), (keys) => {
        let before: string[] = [];
        let after: string[] = [];
        for (const each of keys) {
          const all = [...before, ...after];
          if (each === 'home') [before, after] = [[], all];
          else if (each === 'end') [before, after] = [all, []];
          else if (each === 'ctrl+k') after = [];
          else if (each === 'ctrl+u') before = [];
          else if (each === 'backspace') before.pop();
          else if (each === 'left') after.unshift(...before.splice(-1));
          else if (each === 'right') before.push(...after.splice(0, 1));
          else before.push(each);
        }
        expect(filterOf(filtering(...keys))).toBe([...before, ...after].join(''));
      }),
    );
  });
});
