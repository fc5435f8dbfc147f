import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {paste} from '../../source/ui/handle.ts';
import {evidenceSlice} from '../../source/ui/screens/evidence/state.ts';
import {pruneSlice} from '../../source/ui/screens/prune/state.ts';
import {restoreSlice, wordOf} from '../../source/ui/screens/restore/state.ts';
import {sessionsSlice} from '../../source/ui/screens/sessions/state.ts';
import {stoppedSlice} from '../../source/ui/screens/stopped/state.ts';
import {type AppAction, currentScreen} from '../../source/ui/state.ts';
import {byteKeyboard} from '../support/byte-keyboard.tsx';
import {evidenceMade, evidenceWritten} from '../support/evidence-states.ts';
import {key} from '../support/key-codes.ts';
import {keyboard} from '../support/keyboard.ts';
import {anAction, aRestorePlan, restorePlanned} from '../support/restore-states.ts';
import {configured, verdict} from '../support/run-states.ts';
import {aStory, sessionsRead, stoppedFound} from '../support/session-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../support/states.ts';

const id = idAt(1, 'nightly');
const session = 12;
const plan = aRestorePlan(id);
const other = aRestorePlan(id, [anAction('tenants')], {hash: 'other'});
const undo = aRestorePlan(id, undefined, {undoes: session});
const follow: AppAction = {type: 'follow started', show: true, session: 13, id, undoes: null, estimate: 35};
const ended = (outcome: 'done' | 'refused' | 'needs-recovery'): AppAction => ({
  type: 'follow event',
  session: 13,
  event: {type: 'finished', finished: {outcome, exit: 0, reason: null, beware: [], commands: []}},
});
const toPrune: AppAction = pruneSlice.open({
  type: 'prune opened',
  verdicts: [verdict('a', false), verdict('b', false), verdict(id, true)],
  php: [],
});

/** Where a walk may have come to. */
const begins: Record<string, AppAction[]> = {
  'the list': [],
  'what it is for': [restoreSlice.open({type: 'purpose opened', subject: {id, undoes: null}}, 'purpose')],
  'the plan': restorePlanned(plan),
  'the last step': [...restorePlanned(plan), restoreSlice.open({type: 'confirm opened'}, 'confirm')],
  'the last step of an undo': [
    ...restorePlanned(undo),
    restoreSlice.open({type: 'confirm opened'}, 'confirm'),
  ],
  'what stopped halfway': [stoppedFound()],
  'a checklist': [
    sessionsRead(aStory()),
    sessionsSlice.open({type: 'checklist opened', session}, 'checklist'),
  ],
  'what is to be pruned': [toPrune],
  'the evidence': [sessionsRead(aStory()), ...evidenceMade({kind: 'restore', session})],
};

/** What comes in between, whenever it likes. */
const events: AppAction[] = [
  restoreSlice.to({type: 'restore planned', plan, reasons: []}),
  restoreSlice.to({type: 'restore planned', plan: other, reasons: []}),
  restoreSlice.to({type: 'purpose switched', to: 'drill'}),
  restoreSlice.to({type: 'restore planned', plan, reasons: ['tenants: no']}),
  restoreSlice.to({type: 'restore refused', problem: 'the disk is gone'}),
  restoreSlice.leave({type: 'restore held back', plan: other, reasons: []}, 'confirm'),
  restoreSlice.to({type: 'restore looking', bytes: 5}),
  {type: 'minute passed', now: 0},
  {type: 'resized', size: {columns: 60, rows: 16}},
  {type: 'resized', size: {columns: 40, rows: 10}},
  {type: 'resized', size: {columns: 80, rows: 24}},
  sessionsRead(aStory()),
  sessionsRead(aStory({closed: true}), aStory({number: 11})),
  stoppedFound(),
  stoppedFound({phase: 'prepare', files: []}),
  {type: 'stopped settled'},
  stoppedSlice.to({type: 'recovery failed'}),
  follow,
  ended('done'),
  ended('refused'),
  ended('needs-recovery'),
  toPrune,
  ...evidenceMade({kind: 'restore', session}),
  evidenceWritten({session}),
  evidenceSlice.to({type: 'evidence failed', problem: 'the disk is full'}),
  {type: 'said', message: {text: 'something', tone: 'bad'}},
];

type Step =
  | {type: 'bytes'; text: string}
  | {type: 'paint'}
  | {type: 'pause'}
  | {type: 'event'; action: AppAction}
  /** Milliseconds for which the screen has been there. */
  | {type: 'shown'; milliseconds: number};

let bytes: Awaited<ReturnType<typeof byteKeyboard>>;
beforeAll(async () => {
  bytes = await byteKeyboard();
});
afterAll(() => bytes.close());

const leaving = ['escape', 'q', 'ctrl+c'];

/** The app, its keyboard at the end of a line that brings bytes in whatever chunks. What must never happen fails. */
function walkFrom(actions: AppAction[]) {
  const board = keyboard(reduceAll(anApp([aRow(id)]), configured(), ...actions));
  const {effects, store} = board;
  board.paint();
  const begun = {restores: 0, undos: 0, recoveries: 0, prunes: 0};
  effects.restore.mockImplementation(() => {
    const seen = effects.painted();
    const restore = restoreSlice.of(board.state());
    if (!restore) throw new Error('there is nothing to restore');
    const word = wordOf(restore);
    expect(word).toBe(restore.subject.undoes === null ? id : String(session));
    expect([currentScreen(seen), currentScreen(board.state())]).toEqual(['confirm', 'confirm']);
    expect([restoreSlice.of(seen)?.typed, restore.typed]).toEqual([word, word]);
    expect(restoreSlice.of(seen)?.plan).toBe(restore.plan);
    expect(restoreSlice.of(seen)?.state).toBe('ready');
    expect(effects.shownFor()).toBeGreaterThanOrEqual(300);
    if (restore.subject.undoes === null) begun.restores++;
    else begun.undos++;
  });
  effects.recover.mockImplementation((direction) => {
    const seen = effects.painted();
    const word = direction === 'forward' ? 'finish' : 'rollback';
    expect([currentScreen(seen), stoppedSlice.of(seen).typed, stoppedSlice.of(board.state()).typed]).toEqual([
      'stopped',
      word,
      word,
    ]);
    expect(effects.shownFor()).toBeGreaterThanOrEqual(300);
    begun.recoveries++;
    store.dispatch(stoppedSlice.to({type: 'recovery started'}));
  });
  effects.prune.mockImplementation((expected) => {
    const prune = pruneSlice.of(effects.painted());
    expect([prune?.typed, prune?.verdicts]).toEqual([
      String(expected.length),
      pruneSlice.of(board.state())?.verdicts,
    ]);
    begun.prunes++;
    store.dispatch(pruneSlice.to({type: 'prune started'}));
  });
  effects.exportEvidence.mockImplementation(() => {
    const lines = evidenceSlice.of(board.state()).opened?.lines;
    expect(lines).toBeTruthy();
    expect(evidenceSlice.of(effects.painted()).opened?.lines).toBe(lines);
    store.dispatch(evidenceSlice.to({type: 'evidence writing'}));
  });
  const starting = [
    effects.restore,
    effects.recover,
    effects.prune,
    effects.run,
    effects.hold,
    effects.letGo,
    effects.verify,
    effects.answer,
    effects.check,
    effects.planSignOff,
    effects.exportEvidence,
  ];
  const calls = () => starting.map(({mock}) => mock.calls.length);
  bytes.listen({
    key(each) {
      const before = calls();
      board.press(each);
      if (leaving.includes(each)) expect(calls()).toEqual(before);
    },
    paste(text) {
      const before = calls();
      paste(store, text);
      expect(calls()).toEqual(before);
    },
  });
  return {
    board,
    begun,
    /** @param cuts where the bytes that come together are cut, one after the other */
    take(steps: Step[], cuts: number[]) {
      let cut = 0;
      for (const step of steps) {
        if (step.type === 'paint') board.paint();
        else if (step.type === 'pause') bytes.pause();
        else if (step.type === 'event') store.dispatch(step.action);
        else if (step.type === 'shown') effects.shownFor.mockReturnValue(step.milliseconds);
        else {
          const data = Buffer.from(step.text);
          const at = cuts.length === 0 ? 0 : (cuts[cut++ % cuts.length] as number) % (data.length + 1);
          bytes.arrive(data.subarray(0, at));
          // An odd cut takes longer than Ink waits.
          if (at % 2 === 1) bytes.pause();
          bytes.arrive(data.subarray(at));
        }
      }
      bytes.pause();
    },
    /** Quits, whatever there is, by keys that start nothing. */
    leave() {
      let shown = 1000;
      effects.shownFor.mockImplementation(() => (shown += 1000));
      store.dispatch({type: 'resized', size: {columns: 80, rows: 24}});
      for (let round = 0; round < 20 && board.state().screens.length > 1; round++) {
        board.paint();
        board.press(round % 2 === 0 ? 'escape' : 'q');
      }
      expect(board.state().screens).toEqual(['backups']);
      for (let round = 0; round < 4 && effects.quit.mock.calls.length === 0; round++) {
        board.paint();
        board.press(round === 0 ? 'escape' : 'q');
      }
      expect(effects.quit).toHaveBeenCalled();
    },
  };
}

const {enter, escape: back, ctrlC, tab, up, down, left, right} = key;
const clear = '\u0015';
const commands = [
  enter,
  back,
  ctrlC,
  tab,
  up,
  down,
  left,
  right,
  clear,
  '\u007f',
  '\u0014',
  ..."rqbhuaslTvPCdkf:?/x' ",
];

const around: fc.Arbitrary<Step>[] = [
  fc.constantFrom(...commands).map((text) => ({type: 'bytes', text})),
  fc.array(fc.constantFrom(...commands), {maxLength: 5}).map((all) => ({type: 'bytes', text: all.join('')})),
  fc.constant({type: 'paint'}),
  fc.constant({type: 'pause'}),
  fc.constantFrom(...events).map((action) => ({type: 'event', action})),
  fc.constantFrom(0, 299, 300, 1000).map((milliseconds) => ({type: 'shown', milliseconds})),
];
const words = [id, String(session), 'finish', 'rollback', '2'];
const pastes = words.flatMap((word) => [word, `${word}\r`, `${clear}${word}`]);
const pasted: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom('', back, clear, enter), fc.constantFrom(...pastes), fc.constantFrom('', enter))
  .map(([before, text, after]) => ({type: 'bytes', text: `${before}${key.paste(text)}${after}`}));
const typed: fc.Arbitrary<Step> = fc
  .tuple(
    fc.constantFrom('', clear, `r${enter}`, `${back}r${enter}`, `r${enter}${enter}`),
    fc.constantFrom(...words, id.slice(0, -1), '_'),
    fc.constantFrom('', enter, back),
  )
  .map((all) => ({type: 'bytes', text: all.join('')}));
/** As it is meant to be, so that it comes to that at all: at the last step, and from the list or the checklist on. */
const confirming = (word: string): Step[] => [
  {type: 'shown', milliseconds: 1000},
  {type: 'bytes', text: `${clear}${word}`},
  {type: 'paint'},
  {type: 'bytes', text: enter},
];
const planning = (letter: string, made: typeof plan): Step[] => [
  {type: 'bytes', text: letter},
  // What it is for may stay empty, or be what would confirm it; for an undo it is not asked.
  ...(letter === 'r' ? ([{type: 'bytes', text: `${id}${enter}`}] as const) : []),
  {type: 'event', action: restoreSlice.to({type: 'restore planned', plan: made, reasons: []})},
  // Nothing is chosen of an incident.
  ...(letter === 'r'
    ? ([
        {type: 'bytes', text: 'a'},
        {type: 'event', action: restoreSlice.to({type: 'restore planned', plan: made, reasons: []})},
      ] as const)
    : []),
  {type: 'paint'},
  {type: 'bytes', text: enter},
];
const asMeant: fc.Arbitrary<Step[]> = fc.constantFrom(
  ...words.map(confirming),
  [...planning('r', plan), ...confirming(id)],
  [...planning('u', undo), ...confirming(String(session))],
);

const restoring = [...planning('r', plan), ...confirming(id)];
const undoing = [...planning('u', undo), ...confirming(String(session))];
/** What begins something from there, as it is meant to be: chance alone may never come to it. */
const ways: Record<string, Step[]> = {
  'the list': restoring,
  // Without the key that leads there.
  'what it is for': restoring.slice(1),
  'the plan': [{type: 'bytes', text: enter}, ...confirming(id)],
  'the last step': confirming(id),
  'the last step of an undo': confirming(String(session)),
  'what stopped halfway': confirming('finish'),
  'a checklist': undoing,
  'what is to be pruned': confirming('2'),
  'the evidence': [{type: 'bytes', text: back}, {type: 'pause'}, ...restoring],
};

const cuts = fc.array(fc.nat({max: 40}), {maxLength: 6});
const single = (step: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> => step.map((each) => [each]);
const stepsOf = (...more: fc.Arbitrary<Step[]>[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.oneof(...around.map(single), ...more), {maxLength: 25}).map((all) => all.flat());

describe.each(Object.entries(begins))('from %s', (name, actions) => {
  test('what is typed whole and seen begins it', () => {
    const walk = walkFrom(actions);
    walk.take(ways[name] ?? [], []);
    expect(Object.values(walk.begun).reduce((sum, each) => sum + each, 0)).toBe(1);
  });

  test('nothing begins that was not typed whole and seen, no key that leaves begins anything, and one can always leave', () => {
    fc.assert(
      fc.property(stepsOf(single(pasted), single(typed), asMeant), cuts, (steps, places) => {
        const walk = walkFrom(actions);
        walk.take(steps, places);
        walk.leave();
      }),
      {numRuns: 150},
    );
  });

  test('what is pasted begins nothing, whatever else is typed that is not the word', () => {
    const seen: Step[] = [{type: 'shown', milliseconds: 1000}, {type: 'paint'}, {type: 'bytes', text: enter}];
    fc.assert(
      fc.property(stepsOf(single(pasted), fc.constant(seen)), cuts, (steps, places) => {
        const walk = walkFrom(actions);
        walk.take(steps, places);
        expect(walk.begun).toEqual({restores: 0, undos: 0, recoveries: 0, prunes: 0});
      }),
      {numRuns: 100},
    );
  });
});
