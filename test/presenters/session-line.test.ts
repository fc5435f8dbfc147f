import {expect, test} from 'vitest';
import {nothingRestored, restoredSentence} from '../../source/presenters/session-line.ts';
import {aLine, aStory, liveFile} from '../support/session-states.ts';
import {noon} from '../support/states.ts';

const hour = 3_600_000;
const ended = aStory().endedAt;
const said = (changes: Parameters<typeof aStory>[0] = {}) => {
  const {long, short} = restoredSentence(aStory(changes), noon);
  return [`${long.mark} ${long.text}`, ...short];
};

test('whoever comes back reads first how it ended, of which datasets, and what is open', () => {
  expect(said()).toEqual([
    '+ RESTORED 11:58:20Z: tenants, ledger. Session 12, 1 of 4 answered:',
    '+ RESTORED 11:58:20Z',
    ': 2 datasets',
    '. Session 12, 1 of 4:',
  ]);
  const lines = [aLine('opened', {only: ['ledger']}), aLine('switched', {live: [liveFile('ledger')]})];
  expect(said({lines})[0]).toBe('+ RESTORED 11:58:20Z: ledger, as chosen. Session 12, 1 of 4 answered:');
  expect(said({lines, undoes: 3})[0]).toBe(
    '+ UNDONE 11:58:20Z: ledger, as chosen. Session 12, which took back session 3, 1 of 4 answered:',
  );
  expect(said({lines: []})[0]).toBe('+ RESTORED 11:58:20Z. Session 12, 1 of 4 answered:');
});

test.each([
  [{phase: null, endedAt: null, lines: []}, 'x NOT RESTORED: session 12 stopped before anything had begun.'],
  [
    {phase: null, endedAt: null, lines: [aLine('hook-begins', {command: ['x']})]},
    'x NOT RESTORED: session 12: a hook had begun, no file was changed.',
  ],
  [{phase: null, endedAt: ended}, 'x NOT RESTORED: session 12 was refused; nothing was changed.'],
  [{state: 'cancelled'}, '! NOT RESTORED: session 12 was cancelled; nothing was changed.'],
  [{state: 'rolled-back'}, 'x NOT RESTORED: session 12 was taken back; files are as before.'],
] as [Parameters<typeof aStory>[0], string][])('%j is told: %s', (changes, text) => {
  const story = aStory({state: 'refused', closed: true, ...changes});
  const told = nothingRestored([story], noon);
  expect(`${told?.mark} ${told?.text}`).toBe(text);
  // Beside the key that shows it, in a line of 80 columns.
  expect(text.length).toBeLessThanOrEqual(67);
  expect(nothingRestored([story], noon + 2 * hour)).toBeNull();
  expect(nothingRestored([aStory({number: 13}), story], noon)).toBeNull();
});

test('of none there is nothing to say', () => expect(nothingRestored([], noon)).toBeNull());
