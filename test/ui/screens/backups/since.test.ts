import {expect, test} from 'vitest';
import {timeForms} from '../../../../source/engine/base/time-text.ts';
import {paste} from '../../../../source/ui/handle.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {anApp, aRow, idAt, noon, verification} from '../../../support/states.ts';

const good = aRow(idAt(5, 'nightly'), {verification: verification('verified')});
const onList = (rows = [aRow(idAt(1)), good]) => keyboard(anApp(rows));
const said = (board: ReturnType<typeof keyboard>) => board.state().message?.text;

test('t asks, and says how the answer was understood and what it suggests', () => {
  const board = onList();
  board.press('t', ...'2h ago', 'enter');
  expect(board.state()).toMatchObject({
    prompt: null,
    badSince: {at: noon - 2 * 3_600_000, by: 'amira'},
    slices: {backups: {selected: good.id}},
  });
  expect(said(board)).toMatch(
    new RegExp(
      `^Bad since 2026-11-23 10:00Z.*, 2h ago\\. ${good.id} is the newest verified one before it\\.$`,
    ),
  );
});

test('says what to do where none is verified', () => {
  const board = onList([aRow(idAt(1)), aRow(idAt(5))]);
  board.press('t', ...'10:00', 'enter');
  expect(said(board)).toContain(`None before it is verified yet: v on ${idAt(5)}, the newest, checks it.`);
  board.press('t', 'ctrl+u', ...'06:00', 'enter');
  expect(said(board)).toContain('No whole backup is from before it.');
});

test('says why a newer verified one is not suggested', () => {
  const newer = aRow(idAt(4), {...good, id: idAt(4), brokenInside: [{name: 'ledger', detail: 'no JSON'}]});
  const board = onList([newer, good]);
  board.press('t', ...'2h ago', 'enter');
  expect(said(board)).toContain(
    `${good.id} is suggested. ${newer.id} is verified too, but ledger is broken inside.`,
  );
});

test('what is no time is said with what would be, and stays to be corrected', () => {
  const board = onList();
  board.press('t', ...'10.00', 'enter');
  expect(said(board)).toBe(`That is no time. Give a time like ${timeForms}.`);
  expect(board.state()).toMatchObject({badSince: null, prompt: {kind: 'since', text: '10.00'}});
  board.press('backspace', 'backspace', 'backspace', ...':00', 'enter');
  expect(board.state().badSince?.at).toBe(noon - 2 * 3_600_000);
});

test('t again shows what was said, to be changed or taken away; Esc leaves it', () => {
  const board = onList();
  board.press('t', ...'10:00', 'enter', 't');
  expect(board.state().prompt?.text).toBe('2026-11-23 10:00Z');
  board.press('ctrl+u', ...'09:00', 'escape');
  expect(board.state().badSince?.at).toBe(noon - 2 * 3_600_000);
  board.press('t', 'enter');
  expect(board.state().badSince?.at).toBe(noon - 2 * 3_600_000);
  board.press('t', 'ctrl+u', ...'09:00', 'enter');
  expect(board.state().badSince?.at).toBe(noon - 3 * 3_600_000);
  board.press('t', 'ctrl+u', 'enter');
  expect(board.state().badSince).toBeNull();
  expect(said(board)).toBe('The line is gone, and no backup is suggested any more.');
  board.press('t', 'enter');
  expect(board.state()).toMatchObject({badSince: null, prompt: null, message: null});
});

test('a time may be pasted, as from the ticket', () => {
  const board = onList();
  board.press('t');
  paste(board.store, '2026-11-23 10:00Z\n');
  board.press('enter');
  expect(board.state().badSince?.at).toBe(noon - 2 * 3_600_000);
});
