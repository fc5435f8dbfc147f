import {expect, test} from 'vitest';
import {hints} from '../../../source/ui/meaning.ts';
import {restoreSlice} from '../../../source/ui/screens/restore/state.ts';
import {status} from '../../../source/ui/screens/status/index.tsx';
import {statusHead, statusSlice, statusText} from '../../../source/ui/screens/status/state.ts';
import {currentScreen} from '../../../source/ui/state.ts';
import {keyboard} from '../../support/keyboard.ts';
import {aRestorePlan, restorePlanned} from '../../support/restore-states.ts';
import {
  aLine,
  aStory,
  liveFile,
  sessionsRead,
  someSteps,
  stoppedFound,
} from '../../support/session-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../../support/states.ts';

/** Names alone: the times are those of whoever runs this. */
const said = (...actions: Parameters<typeof reduceAll>[1][]) =>
  statusText(reduceAll(anApp(), ...actions)).map((text) => text.replace(/ \(\d\d:\d\d local time\)/g, ''));

const action = (dataset: string, does: string) => ({
  dataset,
  role: 'dataset',
  action: does,
  reason: null,
  algorithm: 'sha256',
  hash: 'x',
  copy: `datasets/${dataset}`,
  bytes: 1,
  target: `/srv/${dataset}`,
  recorded: null,
  mode: 0o644,
  live: null,
  loses: null,
  volatile: false,
  openBy: [],
});
const plan = (...actions: ReturnType<typeof action>[]) =>
  aLine('plan', {
    createdAt: null,
    actions,
    leftOut: [],
    leaves: 0,
    unseen: 0,
    php: [],
    brokenInside: [],
  });
const switched = (...names: string[]) => aLine('switched', {live: names.map(liveFile)});

test('names what is back, what is lost of which, and which check failed', () => {
  const lines = [
    aLine('opened', {safety: true}),
    plan(action('ledger', 'overwrite'), action('rates', 'create'), action('media', 'unchanged')),
    switched('ledger', 'rates'),
  ];
  const steps = someSteps({step: 'verified', state: 'failed', note: 'x'});
  expect(said(sessionsRead(aStory({lines, steps})))).toEqual([
    'Since 11:58 UTC ledger, rates are as of 09:00 UTC again, and nothing else was changed; the service has not been reported back yet.',
    'What was written to ledger between 09:00 UTC and 11:58 UTC is gone from the live data and kept in a safety backup; 2 of 4 checks of session 12 are open, and 1 failed: backup verified again.',
  ]);
});

test('a plan that was left is not being decided on any more', () => {
  const board = keyboard(reduceAll(anApp([aRow(idAt(3))]), ...restorePlanned(aRestorePlan(idAt(3)))));
  expect(statusText(board.state())[0]).toContain('is being decided on');
  board.store.dispatch(restoreSlice.to({type: 'ticket given', text: 'INC-1'}));
  expect(statusHead(board.state())).toContain('INC-1');
  board.press('escape');
  expect(statusText(board.state())[0]).toBe('Nothing is running: we are looking at the backups.');
  expect(statusHead(board.state())).not.toContain('INC-1');
});

test('is never said to be kept where it is not, nor lost where nothing was', () => {
  const opened = aLine('opened', {safety: false});
  const lost = said(
    sessionsRead(aStory({lines: [opened, plan(action('ledger', 'overwrite')), switched('ledger')]})),
  );
  expect(lost[0]).toContain('ledger is as of 09:00 UTC again');
  expect(lost[1]).toContain('is gone from the live data and kept nowhere;');
  const made = said(
    sessionsRead(aStory({lines: [opened, plan(action('rates', 'create')), switched('rates')]})),
  );
  expect(made[1]).toMatch(/^Nothing was there that could be lost;/);
});

test('of an undo, and of one that stopped halfway', () => {
  expect(said(sessionsRead(aStory({undoes: 3})))[1]).toMatch(
    /^Tenants, ledger are as before it, and nothing else was changed; 3 of 4/,
  );
  expect(said(stoppedFound())[0]).toContain(
    'the service has to stay stopped. tenants is restored, ledger is as before.',
  );
});

test('y copies it, in one line; any other key goes back', () => {
  const board = keyboard(reduceAll(anApp(), statusSlice.open(null)));
  board.press('y');
  expect(board.effects.copy).toHaveBeenCalledOnce();
  expect(board.effects.copy.mock.calls[0]?.[0]).toMatch(
    /^db-01, 12:00 UTC.*: Nothing is running: we are looking at the backups\. We have changed nothing/,
  );
  expect(currentScreen(board.state())).toBe('status');
  expect(hints(board.state()).map(({hint}) => hint)).toEqual(['copy', 'back']);
  board.press('ctrl+z');
  expect(board.effects.suspend).toHaveBeenCalledOnce();
  expect(currentScreen(board.state())).toBe('status');
  board.press('?');
  expect(currentScreen(board.state())).toBe('backups');
  expect(status.passing).toBe(true);
});

test('says what the last restore has done also once it is signed off, for a day', () => {
  const lines = [plan(action('ledger', 'overwrite')), switched('ledger')];
  const signedOff = (endedAt?: string) =>
    said(sessionsRead(aStory({lines, closed: true, ...(endedAt === undefined ? {} : {endedAt})})))[0];
  expect(signedOff()).toMatch(/^Since 11:58 UTC ledger is as of 09:00 UTC again/);
  expect(signedOff('2026-11-22T11:00:00Z')).toBe('Nothing is running: we are looking at the backups.');
});
