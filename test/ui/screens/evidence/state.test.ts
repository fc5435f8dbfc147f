import {describe, expect, test} from 'vitest';
import {Notices} from '../../../../source/ui/kit/words.tsx';
import {
  evidenceHead,
  evidenceHeight,
  previewLines,
  stepOf,
} from '../../../../source/ui/screens/evidence/head.ts';
import {evidenceFacts, evidenceSlice} from '../../../../source/ui/screens/evidence/state.ts';
import {typingIn} from '../../../../source/ui/screens.ts';
import {type AppAction, type AppState, currentScreen} from '../../../../source/ui/state.ts';
import {answerTyping} from '../../../../source/ui/typings.ts';
import {aFile, aSigner, aWritten, evidenceMade, evidenceWritten} from '../../../support/evidence-states.ts';
import {lineText} from '../../../support/frames.ts';
import {aStory, sessionsRead, someSteps} from '../../../support/session-states.ts';
import {anApp, aRow, idAt, noon, reduceAll} from '../../../support/states.ts';

const id = idAt(3, 'nightly');
const session = {kind: 'restore', session: 12} as const;
const app = (...actions: AppAction[]): AppState => reduceAll(anApp([aRow(id)]), ...actions);
const heads = (state: AppState): string[] =>
  Notices.lines(evidenceHead(evidenceFacts(state)), {...state.size, height: 21}).map((line) =>
    lineText(line).slice(3),
  );

describe('the lines of the file', () => {
  test('are escaped, whatever is in them; the last line feed is no line', () => {
    expect(previewLines('a\u001b[2J\u202eb\r\n\u{e000}\n')).toEqual([
      'a\\u{1b}[2J\\u{202e}b\\u{d}',
      '\\u{e000}',
    ]);
  });

  test('the record, a line of any length, is cut, and says so', () => {
    const lines = previewLines(aFile());
    expect(lines).toHaveLength(40);
    expect(lines[38]).toBe('{"asset":"aa ... cut here, 2012 characters in the file');
    expect(Math.max(...previewLines('x'.repeat(1000)).map(({length}) => length))).toBe(1000);
  });
});

test('it is opened over where one is, empty until it was made; a key that was chosen stays', () => {
  const opened = app(evidenceSlice.open({type: 'evidence opened', subject: session}));
  expect(opened.screens).toEqual(['backups', 'evidence']);
  expect(evidenceSlice.of(opened)).toMatchObject({
    opened: {subject: session, state: 'making', lines: null},
    key: null,
  });
  const key = {path: '/root/.ssh/id_ed25519', signer: aSigner};
  const again = reduceAll(
    opened,
    evidenceSlice.to({type: 'evidence key chosen', key}),
    {type: 'went back'},
    evidenceSlice.open({type: 'evidence opened', subject: {kind: 'verification', id}}),
  );
  expect(evidenceSlice.of(again)).toMatchObject({opened: {subject: {id}, state: 'making', lines: null}, key});
});

test('what could not be made, signed or written is said, and what is shown stays', () => {
  const failed = app(
    ...evidenceMade(session),
    evidenceSlice.to({type: 'evidence writing'}),
    evidenceSlice.to({
      type: 'evidence failed',
      problem: 'Locked by bob, pid 7.',
    }),
  );
  expect(evidenceSlice.of(failed).opened).toMatchObject({
    state: 'ready',
    written: null,
    problem: 'Locked by bob, pid 7.',
  });
  expect(evidenceSlice.of(failed).opened?.lines).toHaveLength(40);
  expect(heads(failed)[0]).toBe('x Locked by bob, pid 7.');
  expect(
    evidenceSlice.of(reduceAll(failed, evidenceSlice.to({type: 'evidence writing'}))).opened?.problem,
  ).toBeNull();
});

test('what was written is the text that is shown, and is kept until the end', () => {
  const written = app(
    ...evidenceMade(session),
    evidenceWritten({beware: ['it is not in the list']}, 'one\ntwo\n'),
  );
  expect(evidenceSlice.of(written).opened).toMatchObject({
    state: 'ready',
    lines: ['one', 'two'],
    written: aWritten({beware: ['it is not in the list']}),
  });
  expect(heads(written)).toEqual([
    '/srv/magmoboce/storage/runbook/evidence/20261123_120000_session-12.md',
    `SHA-256 ${'ab'.repeat(32)}`,
    '! it is not in the list',
    '! unsigned: shows corruption only',
  ]);
  const other = reduceAll(
    written,
    evidenceSlice.open({type: 'evidence opened', subject: {kind: 'verification', id}}),
  );
  expect(evidenceSlice.of(other).written.map(({file}) => file)).toEqual([aWritten().file]);
  expect(evidenceSlice.of(other).opened?.written).toBeNull();
});

test('what it lacks is said before it is written', () => {
  expect(heads(app(...evidenceMade(session, aFile(), ['sessions without evidence: 3, 4'])))).toEqual([
    '! unsigned: shows corruption only; k names a key',
    '! sessions without evidence: 3, 4',
  ]);
});

describe('it scrolls', () => {
  const opened = app(...evidenceMade(session));
  const top = (...actions: AppAction[]) => evidenceSlice.of(reduceAll(opened, ...actions)).opened?.top;
  const height = evidenceHeight(evidenceFacts(opened));

  test('to its end, and no further', () => {
    expect(height).toBe(24 - 3 - 4);
    expect(top({type: 'moved', how: 'down'})).toBe(1);
    expect(top({type: 'moved', how: 'pageDown'})).toBe(height - 1);
    expect(top({type: 'moved', how: 'last'}, {type: 'moved', how: 'down'})).toBe(40 - height);
    expect(top({type: 'moved', how: 'last'}, {type: 'moved', how: 'first'})).toBe(0);
  });

  test('sideways as far as what is seen goes', () => {
    const left = (how: 'left' | 'right', from = opened) =>
      evidenceSlice.of(reduceAll(from, evidenceSlice.to({type: 'evidence sideways', how}))).opened?.left;
    const wide = app(...evidenceMade(session, `|${'x'.repeat(99)}\n`));
    expect(left('right')).toBe(0);
    expect(left('right', wide)).toBe(20);
    expect(left('right', reduceAll(wide, evidenceSlice.to({type: 'evidence sideways', how: 'right'})))).toBe(
      22,
    );
    expect(left('left', wide)).toBe(0);
  });

  test('and stays inside a text that is shorter, and a screen that is larger', () => {
    expect(
      top({type: 'moved', how: 'last'}, evidenceSlice.to({type: 'evidence made', text: 'one\n', lacks: []})),
    ).toBe(0);
    const larger: AppAction = {type: 'resized', size: {columns: 80, rows: 60}};
    expect(top({type: 'moved', how: 'last'}, larger)).toBe(0);
  });
});

test('however much there is to say, something of the text is seen', () => {
  const small: AppAction = {type: 'resized', size: {columns: 60, rows: 16}};
  const long = 'this is a long sentence about something '.repeat(20);
  const state = app(
    small,
    ...evidenceMade(session),
    evidenceSlice.to({type: 'evidence failed', problem: long}),
  );
  expect(evidenceHeight(evidenceFacts(state))).toBe(3);
  expect(heads(state)).toHaveLength(13 - 6);
});

test('which key signs it is typed as an answer', () => {
  const asked = app(...evidenceMade(session), {type: 'asked', kind: 'key', id: '', text: ''});
  expect([currentScreen(asked), typingIn(asked)]).toEqual(['evidence', answerTyping]);
});

describe('the step that it answers', () => {
  const step = (story = aStory(), actions: AppAction[] = evidenceMade(session)) =>
    stepOf(evidenceFacts(app(sessionsRead(story), ...actions)));
  const bob = {operator: 'bob', from: '10.0.0.2', screen: 'x', at: new Date(noon).toISOString()};

  test('is the one that is open', () => {
    expect(step()).toEqual({number: 3, watched: false});
    expect(step(aStory({owners: [bob]}))).toEqual({number: 3, watched: true});
  });

  test.each([
    ['it is answered', aStory({steps: someSteps({step: 'evidence', state: 'failed', note: 'x'})})],
    ['it is signed off', aStory({closed: true})],
    ['nothing was restored', aStory({state: 'refused', steps: []})],
  ])('is none where %s', (_, story) => {
    expect(step(story)).toBeNull();
  });

  test('is none for a backup', () => {
    expect(step(aStory(), evidenceMade({kind: 'verification', id}))).toBeNull();
  });
});
