import {describe, expect, test} from 'vitest';
import {paste} from '../../../../source/ui/handle.ts';
import {restoreSlice} from '../../../../source/ui/screens/restore/state.ts';
import {currentScreen} from '../../../../source/ui/state.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {aRestorePlan, restorePlanned} from '../../../support/restore-states.ts';
import {configured} from '../../../support/run-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const id = idAt(1, 'nightly');
const subject = {id, undoes: null};

/** What it is for is asked. */
function asked() {
  const board = keyboard(reduceAll(anApp([aRow(id)]), configured()));
  board.press('r');
  return board;
}

test('r asks what it is for, and looks at nothing yet; Enter goes on with everything empty', () => {
  const board = asked();
  expect(currentScreen(board.state())).toBe('purpose');
  expect(board.effects.planRestore).not.toHaveBeenCalled();
  expect(board.effects.suggestDirectory).toHaveBeenCalledTimes(1);
  board.press('enter');
  expect(currentScreen(board.state())).toBe('restore');
  expect(board.effects.planRestore).toHaveBeenCalledExactlyOnceWith(subject, null, null);
});

test('letters that are keys elsewhere are text, and Tab, arrows and Ctrl+U are not', () => {
  const board = asked();
  board.press(...'rq?:T', 'tab', ...'g G', 'down', 'x', 'backspace', ...'bo', 'up', 'up');
  expect(restoreSlice.of(board.state())).toMatchObject({
    ticket: 'rq?:T',
    title: 'g G',
    authorisedBy: 'bo',
    field: 'ticket',
  });
  board.press('ctrl+u', 'left');
  expect(restoreSlice.of(board.state())).toMatchObject({ticket: '', purpose: 'incident'});
  board.press('right', 'right');
  expect(restoreSlice.of(board.state())?.purpose).toBe('drill');
  board.press('left', 'left');
  expect(restoreSlice.of(board.state())?.purpose).toBe('incident');
});

describe('pasted text', () => {
  test('is taken, as a ticket is copied from somewhere, but for its line break', () => {
    const board = asked();
    paste(board.store, 'INC-4711\n');
    expect(restoreSlice.of(board.state())?.ticket).toBe('INC-4711');
    expect(currentScreen(board.state())).toBe('purpose');
  });

  test.each([
    ['a\nb', 'it is more than one line'],
    ['a\u001b[31m', 'it has a tab or another control character in it'],
    ['a\tb', 'it has a tab or another control character in it'],
    ['x'.repeat(65), 'it is too long'],
  ])('%j is refused', (text, why) => {
    const board = asked();
    paste(board.store, text);
    expect(restoreSlice.of(board.state())?.ticket).toBe('');
    expect(board.state().message?.text).toBe(`Pasted text is ignored here: ${why}.`);
  });
});

test('what does not fit is not taken, and that is said, wherever the cursor is', () => {
  const ticket = 'x'.repeat(63);
  const ofForm = asked();
  const ofPlan = keyboard(reduceAll(anApp([aRow(id)]), ...restorePlanned(aRestorePlan(id))));
  ofPlan.press('T');
  for (const [board, typed] of [
    [ofForm, () => restoreSlice.of(ofForm.state())?.ticket],
    [ofPlan, () => ofPlan.state().prompt?.text],
  ] as const) {
    board.press(...ticket, 'ctrl+a', 'a');
    expect(board.state().message).toBeNull();
    board.press('b');
    expect(typed()).toBe(`a${ticket}`);
    expect(board.state().message?.text).toBe('No more fits here.');
    paste(board.store, 'c');
    expect(board.state().message?.text).toBe('Pasted text is ignored here: it is too long.');
    board.press('backspace', 'd');
    expect(typed()).toBe(`d${ticket}`);
  }
});

test('a drill is planned into its directory, which has to be a whole path', () => {
  const board = asked();
  board.press('right', 'up', 'ctrl+u', ...'drill', 'enter');
  expect(currentScreen(board.state())).toBe('purpose');
  expect(board.state().message?.text).toMatch(/^A drill needs a directory: its whole path/);
  expect(board.effects.planRestore).not.toHaveBeenCalled();
  board.press('ctrl+u', ...'/srv/drill', 'enter');
  const drill = {into: '/srv/drill', intoDatabase: null};
  expect(board.effects.planRestore).toHaveBeenCalledExactlyOnceWith(subject, null, drill);
  board.store.dispatch(
    restoreSlice.to({
      type: 'restore planned',
      plan: aRestorePlan(id, undefined, {into: '/srv/drill'}),
      reasons: [],
    }),
  );
  board.press(' ');
  expect(board.effects.planRestore).toHaveBeenLastCalledWith(subject, ['ledger'], drill);
  board.press('r');
  expect(board.effects.planRestore).toHaveBeenLastCalledWith(subject, ['ledger'], drill);
});

test('Esc goes back, from the plan to it, and stops the plan that is being made', () => {
  const board = asked();
  board.press(...'INC-1', 'enter', 'escape');
  expect(board.effects.stopPlanning).toHaveBeenCalledTimes(1);
  expect(board.state()).toMatchObject({
    screens: ['backups', 'purpose'],
    slices: {restore: {ticket: 'INC-1'}},
  });
  board.press('escape');
  expect(board.state().screens).toEqual(['backups']);
  board.press('r');
  expect(restoreSlice.of(board.state())?.ticket).toBe('INC-1');
});

test('the ticket that T asks for on the plan is the same one, and as long at most', () => {
  const board = asked();
  board.press(...'INC-1', 'enter', 'T', ...'2'.repeat(100), 'enter', 'escape');
  expect(restoreSlice.of(board.state())?.ticket).toBe(`INC-1${'2'.repeat(59)}`);
});

test('the id typed there confirms nothing', () => {
  const board = asked();
  board.press(...id, 'enter');
  board.store.dispatch(restoreSlice.to({type: 'restore planned', plan: aRestorePlan(id), reasons: []}));
  board.paint();
  board.press('enter', 'enter');
  board.paint();
  board.press('enter');
  expect(board.effects.restore).not.toHaveBeenCalled();
  expect(restoreSlice.of(board.state())?.typed).toBe('');
});
