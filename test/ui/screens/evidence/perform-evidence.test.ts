import {describe, expect, test} from 'vitest';
import {evidenceSlice} from '../../../../source/ui/screens/evidence/state.ts';
import {sessionsSlice} from '../../../../source/ui/screens/sessions/state.ts';
import {type AppAction, currentScreen} from '../../../../source/ui/state.ts';
import {aSigner, aWritten, evidenceMade, evidenceWritten} from '../../../support/evidence-states.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {configured} from '../../../support/run-states.ts';
import {aStory, sessionsRead, someSteps, stoppedFound} from '../../../support/session-states.ts';
import {anApp, aRow, idAt, noon, reduceAll} from '../../../support/states.ts';

const rows = [aRow(idAt(1)), aRow(idAt(3, 'nightly'))];
const at = (actions: AppAction[] = [], changes: Partial<Parameters<typeof anApp>[1]> = {}) =>
  keyboard(reduceAll(anApp(rows, changes), configured(), ...actions));
const session = {kind: 'restore', session: 12} as const;
const onStep = (story = aStory(), changes = {}) => {
  const board = at(
    [sessionsRead(story), sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist')],
    changes,
  );
  board.press('g', 'down', 'down');
  return board;
};
const shown = (actions: AppAction[] = [], changes = {}) => {
  const board = at([sessionsRead(aStory()), ...evidenceMade(session), ...actions], changes);
  board.paint();
  return board;
};
const theirs = aStory({
  owners: [{operator: 'bob', from: '10.0.0.2', screen: 'x', at: new Date(noon).toISOString()}],
});

describe('it is reached', () => {
  test.each(['enter', 'd', 'e'])('from its step of the checklist: %s; nothing is answered by that', (key) => {
    const board = onStep();
    board.press(key);
    expect(currentScreen(board.state())).toBe('evidence');
    expect(board.effects.previewEvidence).toHaveBeenCalledExactlyOnceWith(session);
    expect(board.effects.answer).not.toHaveBeenCalled();
    expect(board.state().prompt).toBeNull();
  });

  test('while the step may still fail, or be skipped, with a reason', () => {
    const board = onStep();
    board.press('s', ...'later', 'enter');
    const answer = {step: 'evidence', state: 'skipped', machine: false, note: 'later'};
    expect(board.effects.answer).toHaveBeenCalledExactlyOnceWith(12, answer);
  });

  test('where the step is answered, signed off or only watched', () => {
    for (const story of [
      aStory({steps: someSteps({step: 'evidence', state: 'skipped', note: 'x'})}),
      aStory({closed: true}),
      theirs,
    ])
      for (const key of ['enter', 'e']) {
        const board = onStep(story);
        board.press(key);
        expect(board.effects.previewEvidence).toHaveBeenCalledExactlyOnceWith(session);
      }
  });

  test('by d on an answer that is there: it asks whether that is replaced', () => {
    const board = onStep(aStory({steps: someSteps({step: 'evidence', state: 'skipped', note: 'x'})}));
    board.press('d');
    expect(board.state().prompt).toMatchObject({kind: 'replace', id: 'evidence', note: 'done'});
  });

  test('from the sessions, open or past, and from the list for the verification of a backup', () => {
    const board = at([sessionsRead(aStory(), aStory({number: 11, closed: true}))]);
    board.press('s', 'down', 'e', 'escape', 'escape', 'down', 'e');
    expect(board.effects.previewEvidence.mock.calls).toEqual([
      [{kind: 'restore', session: 11}],
      [{kind: 'verification', id: idAt(3, 'nightly')}],
    ]);
  });

  test('only where there is a project', () => {
    const board = keyboard(anApp(rows, {place: {root: null, backups: '/srv/backups'}}));
    board.press('e');
    expect(board.state().message?.text).toBe(
      'e not now: a directory of backups alone (--backups) can only be browsed and verified.',
    );
    expect(board.effects.previewEvidence).not.toHaveBeenCalled();
  });
});

describe('export', () => {
  test('Enter writes nothing: it is not among the keys that are shown', () => {
    const board = shown();
    board.press('enter');
    board.paint();
    board.press('enter');
    expect(board.effects.exportEvidence).not.toHaveBeenCalled();
  });

  test('x writes what has been on the screen, once', () => {
    const key = 'x';
    const board = shown();
    board.press(key);
    expect(board.effects.exportEvidence).toHaveBeenCalledOnce();
    board.store.dispatch(evidenceSlice.to({type: 'evidence writing'}));
    board.press(key);
    expect(board.state().message?.text).toBe(
      'x not now: evidence is being written, and only one thing writes at a time.',
    );
    board.store.dispatch(evidenceWritten());
    board.press(key);
    expect(board.state().message?.text).toMatch(/it is written already/);
    expect(board.effects.exportEvidence).toHaveBeenCalledOnce();
  });

  test('what is typed ahead of it writes nothing', () => {
    const board = onStep();
    board.press('enter', 'enter', 'x');
    expect(board.state().message?.text).toBe('x not now: the preview is still being made.');
    board.store.dispatch(evidenceSlice.to({type: 'evidence made', text: 'one\n', lacks: []}));
    board.press('x');
    expect(board.effects.exportEvidence).not.toHaveBeenCalled();
    board.paint();
    board.press('x');
    expect(board.effects.exportEvidence).toHaveBeenCalledOnce();
  });

  test('--read-only shows it, and says why it is not written', () => {
    const board = shown([], {readOnly: true});
    board.press('x');
    expect(board.state().message?.text).toBe('x not now: it writes, and --read-only forbids that.');
    board.press('k');
    expect(board.state().prompt).toBeNull();
    expect(board.effects.exportEvidence).not.toHaveBeenCalled();
  });

  test('of a restore that stopped halfway is made before it is decided', () => {
    const board = shown([stoppedFound()]);
    board.press('x');
    expect(board.effects.exportEvidence).toHaveBeenCalledOnce();
  });

  test('where nothing could be made there is nothing to be written', () => {
    const board = at([
      evidenceSlice.open({type: 'evidence opened', subject: session}),
      evidenceSlice.to({type: 'evidence failed', problem: 'There is no session 12.'}),
    ]);
    board.press('x');
    expect(board.state().message?.text).toBe('x not now: there is nothing to write.');
  });
});

describe('where the login is shared', () => {
  const unnamed = (actions: AppAction[] = []) =>
    shown(actions, {isUnnamed: true, me: {operator: 'root', from: '10.0.0.2', screen: null}});

  test('a name is asked for once, and what was asked for is written after it', () => {
    const board = unnamed();
    board.press('x');
    board.paint();
    expect(board.effects.exportEvidence).not.toHaveBeenCalled();
    board.press(...'Kim', 'enter');
    expect(board.effects.callOperator).toHaveBeenCalledExactlyOnceWith('Kim');
    expect(board.effects.exportEvidence).toHaveBeenCalledOnce();
    expect(board.effects.previewEvidence).not.toHaveBeenCalled();
    board.press('x');
    expect(board.state().prompt).toBeNull();
  });

  test('an Enter too many says nothing; that there is no name is said with -', () => {
    const board = unnamed();
    board.press('x', 'enter');
    expect(board.state()).toMatchObject({
      prompt: {kind: 'who'},
      message: {text: 'Type your name; - goes on without one.'},
    });
    expect(board.effects.callOperator).not.toHaveBeenCalled();
    board.press('-');
    board.paint();
    board.press('enter');
    expect(board.effects.callOperator).toHaveBeenCalledExactlyOnceWith('');
    expect(board.effects.exportEvidence).toHaveBeenCalledOnce();
  });

  test('the name that this login has typed last from this address is offered, and no other one', () => {
    const [at, later] = [noon, noon + 60_000].map((each) => new Date(each).toISOString()) as [string, string];
    const owner = {operator: 'root', from: '10.0.0.2', screen: 'x', at};
    const board = unnamed([
      sessionsRead(
        aStory({number: 14, owners: [{...owner, operator: 'bob', person: 'Bob'}]}),
        aStory({number: 13, owners: [owner]}),
        aStory({
          owners: [
            {...owner, person: 'Ann'},
            {...owner, at: later, person: 'Kim'},
          ],
        }),
        aStory({owners: [{...owner, from: '10.0.0.3', at: later, person: 'Eve'}]}),
      ),
    ]);
    board.press('x', 'enter');
    expect(board.effects.callOperator).toHaveBeenCalledExactlyOnceWith('Kim');
  });
});

test('k asks for a key, takes a pasted path, and offers the one that was named before', () => {
  const board = shown();
  board.press('k', ...'~/.ssh/id', 'enter');
  expect(board.effects.chooseKey).toHaveBeenCalledExactlyOnceWith('~/.ssh/id');
  board.store.dispatch(
    evidenceSlice.to({type: 'evidence key chosen', key: {path: '/root/.ssh/id', signer: aSigner}}),
  );
  board.store.dispatch(evidenceSlice.to({type: 'evidence made', text: 'one\n', lacks: []}));
  board.press('k');
  expect(board.state().prompt).toMatchObject({kind: 'key', text: '/root/.ssh/id'});
  board.press('ctrl+u', 'enter');
  expect(board.effects.chooseKey).toHaveBeenLastCalledWith('');
  board.press('k', 'escape');
  expect(currentScreen(board.state())).toBe('evidence');
});

test('y copies the path of what was written, and of nothing else', () => {
  const board = shown();
  board.press('y');
  expect(board.state().message?.text).toBe('y not now: nothing is written yet.');
  board.store.dispatch(evidenceWritten());
  board.press('y');
  expect(board.effects.copy).toHaveBeenCalledExactlyOnceWith(aWritten().file);
});

test('quitting while it is written asks first', () => {
  const board = shown([evidenceSlice.to({type: 'evidence writing'})]);
  board.press('ctrl+c');
  expect(board.state().message?.text).toBe('Evidence is being written: Ctrl+C again quits as soon as it is.');
  expect(board.effects.quit).not.toHaveBeenCalled();
});
