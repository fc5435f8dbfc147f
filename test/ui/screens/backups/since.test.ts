import {expect, test} from 'vitest';
import {timeForms} from '../../../../source/engine/base/time-text.ts';
import {paste} from '../../../../source/ui/handle.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {aDataset, anApp, aRow, idAt, noon, verification} from '../../../support/states.ts';

const good = aRow(idAt(5, 'nightly'), {verification: verification('verified')});
const onList = (rows = [aRow(idAt(1)), good]) =>
  keyboard(anApp(rows, {me: {operator: 'amira', from: null, screen: null}}));
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
      `^Bad since 2026-11-23 10:00Z.*, 2h ago\\. Newest good copies from before it \\(\\*\\): tenants, ledger in ${good.id}\\.$`,
    ),
  );
});

test('says what to do where none is verified', () => {
  const board = onList([aRow(idAt(1)), aRow(idAt(5))]);
  board.press('t', ...'10:00', 'enter');
  expect(said(board)).toContain(
    `No copy of tenants, ledger is verified yet: v on ${idAt(5)}, the newest, verifies it.`,
  );
  board.press('t', 'ctrl+u', ...'06:00', 'enter');
  expect(said(board)).toContain('There is no good copy of tenants, ledger from before it.');
});

test('names each dataset with the backup that holds its newest good copy', () => {
  const newer = aRow(idAt(4), {...good, id: idAt(4), brokenInside: [{name: 'ledger', detail: 'no JSON'}]});
  const board = onList([newer, good]);
  board.press('t', ...'2h ago', 'enter');
  expect(said(board)).toContain(
    `Newest good copies from before it (*): tenants in ${newer.id}; ledger in ${good.id}.`,
  );
});

test('names what is newer than the good copies and was never verified, unless it is the same bytes', () => {
  const datasets = (tenants: string) => [
    aDataset('tenants', {content: `sha256:${tenants}`}),
    aDataset('ledger', {content: 'sha256:same'}),
  ];
  const verified = aRow(idAt(5, 'nightly'), {...good, datasets: datasets('old')});
  const board = onList([aRow(idAt(1)), aRow(idAt(3), {datasets: datasets('new')}), verified]);
  board.press('t', ...'2h ago', 'enter');
  expect(said(board)).toContain(
    `tenants, ledger in ${good.id}. Newer, but not verified: tenants in ${idAt(3)} (v on it verifies it).`,
  );
});

test('what is no time is said with what would be, and stays to be corrected', () => {
  const board = onList();
  board.press('t', ...'10.00', 'enter');
  expect(said(board)).toBe(`That is not a time. Give a time like ${timeForms}.`);
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
  expect(said(board)).toBe('The line is gone, and nothing is marked any more.');
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
