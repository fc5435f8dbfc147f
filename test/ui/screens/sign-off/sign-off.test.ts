import {describe, expect, test} from 'vitest';
import type {SignOffPlan} from '../../../../source/engine/checklist/sign-off.ts';
import {signOffFacts, signOffHead, worthLines, worthOf} from '../../../../source/presenters/sign-off.ts';
import {sessionsSlice} from '../../../../source/ui/screens/sessions/state.ts';
import {signOffSlice} from '../../../../source/ui/screens/sign-off/state.ts';
import {currentScreen} from '../../../../source/ui/state.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {configured} from '../../../support/run-states.ts';
import {aStory, sessionsRead, someSteps} from '../../../support/session-states.ts';
import {anApp, idAt, noon, reduceAll} from '../../../support/states.ts';

const day = 86_400_000;
const id = idAt(3, 'nightly');
const aPlan = (changes: Partial<SignOffPlan> = {}): SignOffPlan => ({
  session: 12,
  goes: {files: ['tenants.json', 'ledger.sqlite'], bytes: 238_000, databases: []},
  safety: {id: '20261123_120000_before-restore-12', until: noon + 30 * day},
  held: {id, until: noon + 7 * day},
  ...changes,
});

/** The screen that asks, with what it lets go. */
function asked(plan: SignOffPlan | null = aPlan()) {
  const board = keyboard(
    reduceAll(
      anApp(),
      sessionsRead(aStory()),
      signOffSlice.open({type: 'sign-off opened', session: 12}),
      ...(plan ? [signOffSlice.to({type: 'sign-off planned', plan})] : []),
    ),
  );
  board.paint();
  return board;
}

test('it is signed off once its number was typed, and could be read', () => {
  const board = asked();
  board.press('1', '2', 'enter');
  expect(board.effects.signOff).not.toHaveBeenCalled();
  // All of it is there, and what is wanting is only that it is read.
  expect(board.state().message?.text).toBe('All of it is there now: Enter once more.');
  board.paint();
  board.press('enter', 'enter');
  expect(board.effects.signOff).toHaveBeenCalledExactlyOnceWith(12);
});

test.each([['1'], ['1', '3'], ['1', '2', '2'], []])('%j signs nothing off', (...typed) => {
  const board = asked();
  board.press(...typed);
  board.paint();
  board.press('enter');
  expect(board.effects.signOff).not.toHaveBeenCalled();
  expect(board.state().message?.text).toBe("Type 12, the session's number, then Enter: nothing was changed.");
});

test('that somebody else has signed it off meanwhile is said, and nothing is asked any more', () => {
  const board = asked();
  board.press('1');
  board.store.dispatch(sessionsRead(aStory({closed: true})));
  const text = frameText(screenOf('signOff')(board.state()));
  expect(text).toContain('Session 12 is signed off by now, in another terminal.');
  expect(text).not.toContain('Type the session');
  board.press('2', 'enter');
  expect(board.effects.signOff).not.toHaveBeenCalled();
});

test('nothing is signed off before it is known what goes', () => {
  const board = asked(null);
  board.press('1', '2');
  board.paint();
  board.press('enter');
  expect(board.effects.signOff).not.toHaveBeenCalled();
});

test('what is planned for another session is not taken, and Esc changes nothing', () => {
  const board = asked(null);
  board.store.dispatch(signOffSlice.to({type: 'sign-off planned', plan: aPlan({session: 11})}));
  expect(signOffSlice.of(board.state())?.plan).toBeNull();
  board.press('escape');
  expect(currentScreen(board.state())).toBe('backups');
});

describe('says', () => {
  const said = (plan: SignOffPlan) => signOffFacts(plan).map(({word, text}) => `${word}: ${text}`);

  test('what is deleted, kept and written', () => {
    expect(said(aPlan())).toEqual([
      'delete: the old tenants.json, ledger.sqlite set aside beside the live ones (238 kB); the safety backup holds the same bytes',
      'keep: the safety backup until 2026-12-23: undo stays possible from it',
      'keep: the backup, held until 2026-11-30, should it be needed again',
      'write: the final evidence: storage/runbook/evidence/…_session-12.md',
    ]);
  });

  test('where nothing else is left of the old files', () => {
    const goes = {files: ['ledger.sqlite'], bytes: 238_000, databases: []};
    const facts = signOffFacts(aPlan({safety: null, held: null, goes}));
    expect(facts[0]?.text).toBe('the old ledger.sqlite set aside beside the live one (238 kB)');
    expect(facts.find(({isGrave}) => isGrave)?.text).toBe(
      'there is no safety backup: nothing else is left of what was live before, and no undo is possible',
    );
  });

  test('of which datasets, and how the steps stand', () => {
    expect(signOffHead(aStory())).toBe(
      `Session 12, INC-4711: tenants, ledger from ${id}. 1 of 4 answered (signing off writes the evidence), none failed.`,
    );
    const failed = someSteps(
      {step: 'verified', state: 'failed', note: 'x'},
      {step: 'evidence', state: 'done', note: null},
      {step: 'service', state: 'done', note: null},
    );
    expect(signOffHead(aStory({undoes: 3, ticket: null, steps: failed}))).toBe(
      'Session 12: undo of session 3. 4 of 4 answered, 1 failed.',
    );
  });
});

describe('once it is signed off', () => {
  const file = '/srv/a b/storage/runbook/evidence/20261123_120000_session-12.md';
  const worth = worthOf({file, record: {signer: null}}, 12, '/srv/a b');

  test('what makes its evidence worth more is there, each with the command that y copies', () => {
    const board = asked();
    board.store.dispatch(signOffSlice.to({type: 'signed off', session: 12, worth}));
    board.press('y');
    board.press('j', 'y', 'j', 'y', 'j', 'y');
    const copied = board.effects.copy.mock.calls.map(([text]) => text);
    expect(copied).toEqual([
      "magds evidence export --session=12 --sign=KEY --root='/srv/a b'",
      `magds evidence timestamp '${file}' --tsq='${file}.tsq'`,
      `magds evidence approve '${file}' --sign=KEY`,
      `magds evidence approve '${file}' --sign=KEY`,
    ]);
    // The number that was typed signs nothing off once more.
    board.paint();
    board.press('1', '2', 'enter');
    expect(board.effects.signOff).not.toHaveBeenCalled();
    const shown = frameText(screenOf('signOff')(board.state()));
    expect(shown).toContain('> an approval   proves that a second person vouches for it');
    board.press('escape');
    expect(currentScreen(board.state())).toBe('backups');
  });

  test('one that is signed needs no signature', () => {
    const record = {signer: {fingerprint: 'SHA256:x'}};
    const [first] = worthLines({file, record}, 12);
    expect(first).toBe('signed with SHA256:x: that proves who vouches for every byte of it');
    const board = asked();
    board.store.dispatch(
      signOffSlice.to({type: 'signed off', session: 12, worth: worthOf({file, record}, 12)}),
    );
    board.press('y');
    expect(board.effects.copy).not.toHaveBeenCalled();
  });
});

test('where nothing names the person a name is asked once, and recorded as typed', () => {
  const sessions = sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist');
  const answered = someSteps(
    {step: 'verified', state: 'done', note: null},
    {step: 'service', state: 'done', note: null},
  );
  const board = keyboard(
    reduceAll({...anApp(), isUnnamed: true}, configured(), sessionsRead(aStory({steps: answered})), sessions),
  );
  board.press('C');
  expect(currentScreen(board.state())).toBe('checklist');
  expect(frameText(screenOf('checklist')(board.state()))).toContain(
    'Shared login. Your name, for the record:',
  );
  board.press('K', 'i', 'm', 'enter');
  expect(board.effects.callOperator).toHaveBeenCalledExactlyOnceWith('Kim');
  expect(currentScreen(board.state())).toBe('signOff');
  expect(board.state().message?.text).toBe('Will be recorded as typed, not verified: Kim.');
  board.press('escape', 'C');
  expect(currentScreen(board.state())).toBe('signOff');
  expect(board.effects.callOperator).toHaveBeenCalledOnce();
});
