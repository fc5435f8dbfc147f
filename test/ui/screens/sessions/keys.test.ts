import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {finished} from '../../../../source/engine/restore/request.ts';
import {noTimes, withTime} from '../../../../source/engine/session/times.ts';
import {paste} from '../../../../source/ui/handle.ts';
import {chosenSession, sessionsSlice} from '../../../../source/ui/screens/sessions/state.ts';
import {stoppedSlice} from '../../../../source/ui/screens/stopped/state.ts';
import {type AppAction, currentScreen} from '../../../../source/ui/state.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {configured} from '../../../support/run-states.ts';
import {aStory, sessionsRead, someSteps, stoppedFound} from '../../../support/session-states.ts';
import {anApp, aRow, idAt, noon, reduceAll} from '../../../support/states.ts';

const rows = [aRow(idAt(1)), aRow(idAt(3, 'nightly'))];
const onList = (actions: AppAction[] = [], readOnly = false) =>
  keyboard(reduceAll(anApp(rows, {readOnly}), configured(), ...actions));
const onChecklist = (story = aStory(), readOnly = false) => {
  const board = onList([sessionsRead(story)], readOnly);
  board.press('a');
  return board;
};
const allAnswered = someSteps(
  {step: 'verified', state: 'done', note: null},
  {step: 'evidence', state: 'skipped', note: 'later'},
  {step: 'service', state: 'failed', note: 'disk'},
);

test('the session that was chosen in the list stays chosen when others begin', () => {
  const board = onList([sessionsRead(aStory({number: 13}), aStory())]);
  board.press('s', 'down');
  expect(chosenSession(board.state())?.number).toBe(12);
  board.store.dispatch(sessionsRead(aStory({number: 14}), aStory({number: 13}), aStory()));
  expect(chosenSession(board.state())?.number).toBe(12);
  board.store.dispatch(sessionsRead(aStory({number: 14})));
  expect(chosenSession(board.state())?.number).toBe(14);
});

describe('the checklist', () => {
  test('is opened at the first step without an answer', () => {
    const board = onChecklist();
    expect(currentScreen(board.state())).toBe('checklist');
    expect(sessionsSlice.of(board.state())).toMatchObject({opened: 12, steps: {cursor: 1}});
  });

  test('is that of the session that is open, whatever was followed last', () => {
    const board = onList([
      sessionsRead(aStory({number: 13, drill: true, closed: true, steps: []}), aStory()),
    ]);
    const event = {type: 'finished' as const, finished: finished('done', 0, null)};
    const drill = {session: 13, id: idAt(3), undoes: null, estimate: null};
    board.store.dispatch({type: 'follow started', show: false, ...drill});
    board.store.dispatch({type: 'follow event', session: 13, event});
    board.press('a');
    expect(currentScreen(board.state())).toBe('checklist');
    expect(sessionsSlice.of(board.state()).opened).toBe(12);
  });

  test('Enter has a machine do what it can, and asks for a word otherwise', () => {
    const board = onChecklist();
    board.press('enter');
    expect(board.effects.check).toHaveBeenCalledExactlyOnceWith(12, 'verified');
    board.press('down', 'down', 'enter', ...'ticket d', 'enter', 'enter');
    const answer = {step: 'service', state: 'done', machine: false, note: 'ticket d'};
    expect(board.effects.answer).toHaveBeenCalledExactlyOnceWith(12, answer, expect.any(Number));
    expect(board.effects.check).toHaveBeenCalledTimes(1);
  });

  test.each(['enter', 'd', 'f', 's', 'w', 'T'])(
    'where the login is shared %s asks for a name, once',
    (key) => {
      const owner = {operator: 'bob', from: '10.0.0.2', screen: 'x', at: ''};
      const story = aStory(key === 'T' ? {owners: [owner]} : {});
      const board = keyboard(reduceAll({...anApp(rows), isUnnamed: true}, configured(), sessionsRead(story)));
      board.press('a', key);
      expect(board.state().prompt?.kind).toBe('who');
      board.press('K', 'i', 'm', 'enter');
      expect(board.state().me.person).toBe('Kim');
      if (key === 'enter') expect(board.effects.check).toHaveBeenCalledExactlyOnceWith(12, 'verified');
      else expect(board.state().prompt?.kind).toMatch(/^(done|failed|skipped|time|takeOver)$/);
    },
  );

  test('done needs no note; failed and skipped need a reason', () => {
    const board = onChecklist();
    board.press('d', 'enter');
    expect(board.effects.answer).toHaveBeenLastCalledWith(
      12,
      expect.objectContaining({state: 'done', note: null}),
    );
    for (const [key, state] of [
      ['f', 'failed'],
      ['s', 'skipped'],
    ] as const) {
      board.effects.answer.mockClear();
      board.press(key, ' ', 'enter');
      expect(board.effects.answer).not.toHaveBeenCalled();
      expect(board.state().message?.text).toMatch(/Say why/);
      board.press('x', 'enter');
      expect(board.effects.answer).toHaveBeenCalledExactlyOnceWith(
        12,
        expect.objectContaining({state, note: 'x'}),
      );
    }
  });

  test('that the service is back is recorded with when: empty is now', () => {
    const board = onChecklist();
    board.press('down', 'down', 'enter', ...'cache warm', 'enter');
    expect(board.effects.answer).not.toHaveBeenCalled();
    expect(board.state().prompt).toEqual({kind: 'back', id: 'service', text: '', note: 'cache warm'});
    board.press(...'10.00', 'enter');
    expect(board.state().message?.text).toMatch(/^That is not a time\./);
    board.press('ctrl+u', ...'10:00', 'enter');
    expect(board.state().message?.text).toMatch(
      /^Is that right: service back .* is before the end of the restore/,
    );
    expect(board.effects.answer).not.toHaveBeenCalled();
    board.paint();
    board.press('enter');
    const answer = {step: 'service', state: 'done', machine: false, note: 'cache warm'};
    expect(board.effects.answer).toHaveBeenCalledExactlyOnceWith(12, answer, Date.UTC(2026, 10, 23, 10));
    const before = Date.now();
    board.press('d', 'enter', 'enter');
    expect(board.effects.answer).toHaveBeenLastCalledWith(12, {...answer, note: null}, expect.any(Number));
    expect(board.effects.answer.mock.lastCall?.[2]).toBeGreaterThanOrEqual(before);
    board.press('d', 'enter', 'escape');
    expect(board.effects.answer).toHaveBeenCalledTimes(2);
  });

  test('that the service is back now may be said, and that it was never stopped', () => {
    const board = onChecklist();
    const before = Date.now();
    board.press('down', 'down', 'd', 'enter', ...'now', 'enter');
    expect(board.effects.answer.mock.lastCall?.[2]).toBeGreaterThanOrEqual(before);
    const answer = {step: 'service', state: 'done', machine: false};
    for (const [note, word, said] of [
      ['', 'never', 'the service was never stopped'],
      ['read only', '-', 'read only; the service was never stopped'],
    ] as const) {
      board.press('d', ...note, 'enter', ...word, 'enter');
      expect(board.effects.answer).toHaveBeenLastCalledWith(12, {...answer, note: said}, undefined);
    }
    board.press('w', 'enter', ...'now', 'enter', ...'never', 'enter');
    expect(board.effects.recordTime).toHaveBeenCalledExactlyOnceWith(12, 'declared', noon);
    expect(board.state()).toMatchObject({
      prompt: null,
      message: {text: expect.stringMatching(/never stopped/)},
    });
  });

  test('that it is back now is by the real clock, though the one of the screen is behind', () => {
    const board = onChecklist();
    const before = Date.now();
    board.press('w', 'enter', 'enter', ...'now', 'enter');
    expect(board.effects.recordTime).toHaveBeenCalledExactlyOnceWith(12, 'service-back', expect.any(Number));
    expect(board.effects.recordTime.mock.lastCall?.[2]).toBeGreaterThanOrEqual(before);
  });

  test('where it is recorded as back, never is refused, and Enter takes what is recorded', () => {
    const board = onChecklist(aStory({times: withTime(noTimes, 'service-back', noon)}));
    board.press('down', 'down', 'd', 'enter');
    const {text = ''} = board.state().prompt ?? {};
    expect(text).not.toBe('');
    for (const _ of text) board.press('backspace');
    board.press(...'never', 'enter');
    expect(board.state()).toMatchObject({
      prompt: {kind: 'back', text},
      message: {text: `It is recorded as back at ${text}: Enter takes that, or type another time.`},
    });
    board.press('enter');
    expect(board.effects.answer.mock.lastCall?.[2]).toBe(noon);
    board.press('w', 'enter', 'enter');
    for (const _ of text) board.press('backspace');
    board.press(...'never', 'enter');
    expect(board.state().message?.text).toBe(`Nothing is changed: it is recorded as back at ${text}.`);
  });

  test('an answered step leads to the next open one; one that failed or is replaced stays chosen', () => {
    const cursor = () => sessionsSlice.of(board.state()).steps.cursor;
    const answered = (...steps: Parameters<typeof someSteps>) =>
      board.store.dispatch(sessionsRead(aStory({steps: someSteps(...steps)})));
    const board = onChecklist();
    const verified = {step: 'verified', state: 'done', note: null} as const;
    const service = {step: 'service', state: 'done', note: null} as const;
    answered(verified);
    expect(cursor()).toBe(2);
    board.press('down');
    answered(verified, service);
    expect(cursor()).toBe(2);
    answered(verified, service, {step: 'evidence', state: 'failed', note: 'x'});
    expect(cursor()).toBe(2);
    board.press('up');
    answered({...verified, note: 'again'}, service);
    expect(cursor()).toBe(1);
  });

  test('w asks when it was noticed, declared and over; empty or as before leaves a time as it is', () => {
    const times = {noticed: '2026-11-23T01:20:00.000Z', declared: null, serviceBack: null};
    const board = onChecklist(aStory({times}));
    board.press('w');
    expect(board.state().prompt).toMatchObject({kind: 'time', id: 'noticed', text: '2026-11-23 01:20Z'});
    board.press('enter', ...'2999-01-01 00:00', 'enter');
    expect(board.state()).toMatchObject({
      prompt: {id: 'declared'},
      message: {text: expect.stringMatching(/future/)},
    });
    board.press('ctrl+u', ...'01:30', 'enter');
    expect(board.state()).toMatchObject({
      prompt: {id: 'service-back', text: ''},
      message: {text: 'Declared 2026-11-23 01:30Z, 10h ago.'},
    });
    board.press('enter');
    expect(board.state().prompt).toBeNull();
    const at = Date.UTC(2026, 10, 23, 1, 30);
    expect(board.effects.recordTime).toHaveBeenCalledExactlyOnceWith(12, 'declared', at);
  });

  test('a time that can hardly be meant is asked about, and taken once that could be read', () => {
    const board = onChecklist(
      aStory({
        times: {noticed: '2026-11-23T01:20:00.000Z', declared: null, serviceBack: null},
      }),
    );
    board.press('w', 'enter', ...'01:10', 'enter', 'enter');
    const asks =
      'Is that right: declared (2026-11-23 01:10Z) is before noticed (2026-11-23 01:20Z)? Enter again keeps it.';
    expect(board.state().message).toEqual({text: asks, tone: 'beware'});
    expect(board.effects.recordTime).not.toHaveBeenCalled();
    board.paint();
    // Another time is asked about anew.
    board.press('backspace', '1', 'enter');
    expect(board.state().message?.text).toContain('declared (2026-11-23 01:11Z)');
    expect(board.effects.recordTime).not.toHaveBeenCalled();
    board.paint();
    board.press('enter');
    expect(board.effects.recordTime).toHaveBeenCalledExactlyOnceWith(
      12,
      'declared',
      Date.UTC(2026, 10, 23, 1, 11),
    );
  });

  test.each([
    ['enter', 'check'],
    ['d', 'done'],
    ['f', 'failed'],
    ['s', 'skipped'],
  ] as const)('%s on a step with an answer asks first whether it is replaced', (key, how) => {
    const board = onChecklist(aStory({steps: someSteps({step: 'verified', state: 'failed', note: 'x'})}));
    board.press('g', 'down', key);
    expect(board.state().prompt).toEqual({kind: 'replace', id: 'verified', text: '', note: how});
    // What is typed ahead has not read the question.
    board.press('x', 'enter', 'enter');
    expect(board.state().prompt?.text).toBe('');
    expect(board.effects.check).not.toHaveBeenCalled();
    board.paint();
    board.press('enter');
    if (how === 'check') expect(board.effects.check).toHaveBeenCalledExactlyOnceWith(12, 'verified');
    else expect(board.state().prompt).toEqual({kind: how, id: 'verified', text: ''});
    board.press('escape', 'd');
    board.paint();
    board.press('escape');
    expect(board.state().prompt).toBeNull();
    expect(board.effects.answer).not.toHaveBeenCalled();
  });

  test('Esc takes a question back without an answer', () => {
    const board = onChecklist();
    board.press('d', 'x', 'escape');
    expect(board.effects.answer).not.toHaveBeenCalled();
    expect(currentScreen(board.state())).toBe('checklist');
  });

  test('C asks before it signs off, once every step has an answer but evidence, which it writes', () => {
    const open = onChecklist();
    open.press('C');
    expect(open.effects.planSignOff).not.toHaveBeenCalled();
    expect(open.state().message?.text).toMatch(
      /3 steps are still open \(signing off writes the evidence itself\)/,
    );
    const answered = onChecklist(aStory({steps: allAnswered}));
    answered.press('C');
    expect(answered.effects.planSignOff).toHaveBeenCalledExactlyOnceWith(12);
  });

  test('u plans the undo', () => {
    const board = onChecklist();
    board.press('u');
    const subject = {id: idAt(3, 'nightly'), undoes: 12};
    expect(board.effects.planRestore).toHaveBeenCalledExactlyOnceWith(subject, null, null);
    expect(currentScreen(board.state())).toBe('restore');
  });

  test('of a session that is signed off is only read', () => {
    const board = onList([sessionsRead(aStory({closed: true}))]);
    board.press('a');
    expect(board.state().message?.text).toMatch(/^a not now: no session is open \(s shows all of them\)\.$/);
    board.press('s', 'a', 'enter', 'd', 'f', 's', 'C');
    for (const effect of [board.effects.check, board.effects.answer, board.effects.planSignOff])
      expect(effect).not.toHaveBeenCalled();
    expect(board.state().message?.text).toMatch(/signed off/);
  });

  test('with --read-only is only read', () => {
    const board = onChecklist(aStory({steps: allAnswered}), true);
    board.press('enter', 'd', 'f', 's', 'C', 'u', 'enter');
    for (const effect of [board.effects.check, board.effects.answer, board.effects.planSignOff])
      expect(effect).not.toHaveBeenCalled();
  });
});

describe('a session that somebody else has', () => {
  const at = '2026-11-23T11:20:00.000Z';
  const owners = [{operator: 'bob', from: '10.0.0.2', screen: 'b', at}];
  const watched = () => onChecklist(aStory({owners, steps: allAnswered}));

  test('is watched: its keys are refused with the reason', () => {
    const board = watched();
    board.press('enter', 'd', 'f', 's', 'w', 'enter', 'u', 'C');
    for (const effect of ['check', 'answer', 'recordTime', 'planSignOff', 'planRestore'] as const)
      expect(board.effects[effect]).not.toHaveBeenCalled();
    expect(board.state().message?.text).toBe(
      'C not now: session 12 is with bob from 10.0.0.2 since 11:20Z; T takes it over.',
    );
  });

  test('is taken over by typing its number', () => {
    const board = watched();
    board.press('T', '2', 'enter');
    expect(board.effects.takeOver).not.toHaveBeenCalled();
    expect(board.state().message?.text).toBe("Type 12, the session's number; Esc leaves it where it is.");
    board.press('backspace', '1', '2', 'enter');
    expect(board.effects.takeOver).toHaveBeenCalledExactlyOnceWith(12);
  });

  test('is not taken over by whoever has it, nor with --read-only', () => {
    const mine = onChecklist();
    mine.press('T');
    expect(mine.state().message?.text).toBe('T not now: it is yours already.');
    const board = onChecklist(aStory({owners}), true);
    board.press('T', '1', '2', 'enter');
    expect(board.effects.takeOver).not.toHaveBeenCalled();
  });
});

test('an open session is said before one quits, once', () => {
  const board = onList([sessionsRead(aStory())]);
  board.press('q');
  expect(board.state().message?.text).toMatch(
    /Session 12 is not signed off \(1 of 4 answered\): q again quits/,
  );
  expect(board.effects.quit).not.toHaveBeenCalled();
  board.paint();
  board.press('q');
  expect(board.effects.quit).toHaveBeenCalledTimes(1);
});

test('Ctrl+T shows the status text, and any key closes it and does nothing else', () => {
  const board = onList();
  board.press('ctrl+t', 'b');
  expect(currentScreen(board.state())).toBe('backups');
  expect(board.effects.planRun).not.toHaveBeenCalled();
});

test('a drill has no checklist to go to', () => {
  const board = onList([sessionsRead(aStory({drill: true, closed: true, steps: []}))]);
  board.press('s', 'a');
  expect(currentScreen(board.state())).toBe('sessions');
  expect(board.state().message?.text).toBe('a not now: a drill has no checklist.');
});

describe('a restore that stopped halfway', () => {
  const onStopped = (found = stoppedFound(), readOnly = false) => {
    const board = onList([found], readOnly);
    board.paint();
    return board;
  };

  test('comes first, and does nothing by itself', () => {
    const board = onStopped();
    expect(currentScreen(board.state())).toBe('stopped');
    board.press('enter', 'f', 'enter', 'escape');
    expect(currentScreen(board.state())).toBe('backups');
    board.press('b');
    expect(board.state().message?.text).toMatch(/stopped halfway: decide about it first/);
    board.press('r');
    expect(currentScreen(board.state())).toBe('stopped');
    expect(board.effects.recover).not.toHaveBeenCalled();
  });

  test.each([
    ['finish', 'forward'],
    ['rollback', 'back'],
  ] as const)('%s, once it was seen', (word, direction) => {
    const board = onStopped();
    board.press(...word, 'enter');
    expect(board.effects.recover).not.toHaveBeenCalled();
    board.paint();
    board.press('enter');
    expect(board.effects.recover).toHaveBeenCalledExactlyOnceWith(direction);
  });

  test.each([
    ['finish', 'forward'],
    ['rollback', 'back'],
  ] as const)('%s asks for a name first where the login is shared, once', (word, direction) => {
    const board = keyboard(reduceAll({...anApp(rows), isUnnamed: true}, configured(), stoppedFound()));
    board.paint();
    board.press(...word);
    board.paint();
    board.press('enter');
    expect(board.effects.recover).not.toHaveBeenCalled();
    expect(frameText(screenOf('stopped')(board.state()))).toContain(
      'Shared login. Your name, for the record:',
    );
    board.press('enter');
    expect(board.state().message?.text).toBe('Type your name; - goes on without one.');
    board.press('K', 'i', 'm', 'enter');
    expect(board.effects.callOperator).toHaveBeenCalledExactlyOnceWith('Kim');
    expect(board.effects.recover).toHaveBeenCalledExactlyOnceWith(direction);
  });

  test('look shows its record, and changes nothing', () => {
    const board = onStopped();
    board.press(...'look');
    board.paint();
    board.press('enter');
    expect(currentScreen(board.state())).toBe('record');
    expect(board.effects.recover).not.toHaveBeenCalled();
  });

  test('cannot be finished where nothing was changed, where somebody has written since, where its journal is not obeyed', () => {
    for (const [found, readOnly] of [
      [stoppedFound({phase: 'prepare', files: []}), false],
      [stoppedFound({files: [{dataset: 'tenants', target: '/srv/x', standing: 'written'}]}), false],
      [stoppedFound({untrusted: 'it belongs to somebody', files: []}), false],
      [stoppedFound(), true],
    ] as const) {
      const board = onStopped(found, readOnly);
      board.press(...'finish');
      board.paint();
      board.press('enter');
      expect(board.effects.recover).not.toHaveBeenCalled();
      expect(board.state().message).not.toBeNull();
    }
  });

  test('is not decided by keys of before it was on the screen', () => {
    const board = onStopped();
    board.effects.shownFor.mockReturnValue(299);
    board.press(...'rollback', 'enter');
    expect(stoppedSlice.of(board.state()).typed).toBe('');
  });

  test('no sequence of keys and pastes decides without the word, typed and seen', () => {
    const keys = fc.constantFrom('enter', 'escape', 'r', 'b', 'backspace', 'ctrl+u', 'ctrl+t', 'k');
    const step = fc.oneof(
      fc.array(keys, {maxLength: 4}).map((all) => ({keys: all})),
      fc.constantFrom('finish', 'rollback', 'look').map((word) => ({keys: [...word]})),
      fc.constantFrom('finish', 'rollback\r').map((text) => ({paste: text})),
      fc.constant({paint: true as const}),
    );
    let decided = 0;
    fc.assert(
      fc.property(fc.array(step, {maxLength: 30}), (steps) => {
        const board = onStopped();
        board.effects.recover.mockImplementation((direction) => {
          decided++;
          const seen = board.effects.painted();
          expect(currentScreen(seen)).toBe('stopped');
          expect(stoppedSlice.of(seen).typed).toBe(direction === 'forward' ? 'finish' : 'rollback');
          board.store.dispatch(stoppedSlice.to({type: 'recovery started'}));
        });
        for (const each of steps) {
          if ('keys' in each) board.press(...each.keys);
          else if ('paste' in each) paste(board.store, each.paste);
          else board.paint();
        }
      }),
      // The one that does decide comes first: chance alone may leave it out.
      {numRuns: 500, examples: [[[{paint: true}, {keys: [...'finish']}, {paint: true}, {keys: ['enter']}]]]},
    );
    expect(decided).toBeGreaterThan(0);
  });
});
