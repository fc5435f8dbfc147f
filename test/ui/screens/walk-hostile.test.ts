import fc from 'fast-check';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import type {RestorePlan} from '../../../source/engine/restore/action.ts';
import type {Story} from '../../../source/engine/session/story.ts';
import {header} from '../../../source/ui/frame.ts';
import type {Line} from '../../../source/ui/kit/line.ts';
import {bodyHeight, type Size} from '../../../source/ui/layout.ts';
import {restoreSlice} from '../../../source/ui/screens/restore/state.ts';
import {sessionsSlice} from '../../../source/ui/screens/sessions/state.ts';
import {statusSlice} from '../../../source/ui/screens/status/state.ts';
import {stoppedSlice} from '../../../source/ui/screens/stopped/state.ts';
import type {AppAction, AppState} from '../../../source/ui/state.ts';
import {lineText, screenOf} from '../../support/frames.ts';
import {hostile, unprintable} from '../../support/hostile.ts';
import {
  anAction,
  aRestorePlan,
  aWrite,
  restorePlanned,
  restoreWatched,
} from '../../support/restore-states.ts';
import {aLine, aStory, sessionsRead, someSteps, stoppedFound} from '../../support/session-states.ts';
import {anApp, aRow, noon, reduceAll} from '../../support/states.ts';

const sessionsScreen = screenOf('sessions');
const recordScreen = screenOf('record');
const checklistScreen = screenOf('checklist');

const stoppedScreen = screenOf('stopped');
const progressScreen = screenOf('progress');
const restoreScreen = screenOf('restore');
const confirmScreen = screenOf('confirm');
const purposeScreen = screenOf('purpose');
const serviceScreen = screenOf('service');

const statusScreen = screenOf('status');

const size = fc.record({columns: fc.integer({min: 60, max: 180}), rows: fc.integer({min: 16, max: 60})});
const moves = fc
  .array(fc.constantFrom('up', 'down', 'pageUp', 'pageDown', 'first', 'last'), {maxLength: 8})
  .map((all) => all.map((how): AppAction => ({type: 'moved', how: how as 'up'})));

const plan: fc.Arbitrary<RestorePlan> = fc
  .record({
    names: fc.uniqueArray(hostile, {minLength: 1, maxLength: 12}),
    kinds: fc.array(fc.constantFrom('create', 'overwrite', 'unchanged', 'remove', 'refused'), {
      minLength: 12,
      maxLength: 12,
    }),
    text: hostile,
    writing: fc.option(fc.nat({max: 59})),
    createdAt: fc.option(hostile),
  })
  .map(({names, kinds, text, writing, createdAt}) =>
    aRestorePlan(
      `20261123_090000_${text}`,
      names.map((name, index) =>
        anAction(name, {
          action: kinds[index] as 'create',
          reason: text,
          recorded: text,
          target: text,
          writers: {openBy: [text, text], writing, unseen: 3},
        }),
      ),
      {
        createdAt,
        php: [text],
        leaves: [text],
        unseen: 3,
        openSessions: [{number: 3, owner: {operator: text, from: text, screen: null}, restored: [text]}],
        leftOut: [{name: text, reason: 'not in the backup'}],
        space: [{where: text, needed: 5, free: 1}],
      },
    ),
  );

const story: fc.Arbitrary<Story> = fc
  .record({
    text: hostile,
    state: fc.constantFrom('at work', 'stopped', 'done', 'rolled-back', 'refused', 'unreadable'),
    closed: fc.boolean(),
    at: fc.option(hostile),
    undoes: fc.option(fc.integer({min: 1, max: 1e8})),
  })
  .map(({text, state, closed, at, undoes}) =>
    aStory({
      id: text,
      ticket: text,
      operator: text,
      purpose: text,
      title: text,
      authorisedBy: text,
      reason: text,
      broken: text,
      torn: closed,
      openedAt: at,
      state: state as 'done',
      closed,
      undoes,
      steps: someSteps({step: 'evidence', state: 'failed', note: text}).map((step) => ({
        ...step,
        title: text,
        help: text,
      })),
      lines: [aLine(text, {[text]: text, list: [text]}), aLine('finished', {beware: [text, text]})],
    }),
  );

type On = {
  size: Size;
  plan: RestorePlan;
  story: Story;
  text: string;
  moves: AppAction[];
  host: string;
  reasons: string[];
};

const walk: fc.Arbitrary<On> = fc.record({
  size,
  plan,
  story,
  text: hostile,
  moves,
  host: hostile,
  reasons: fc.array(hostile, {maxLength: 3}),
});

/** Every live file of a plan was written to after it was made; nobody writes now, or somebody does. */
const written = ({actions}: RestorePlan, quiet: number) =>
  actions.map(({dataset}) => aWrite(dataset, {quiet, last: noon + 1}));

type Drawn = {screen: (state: AppState) => Line[]; actions: (on: On) => AppAction[]};

/** A drill as its record tells it. */
const drillTold = (text: string): AppAction[] => [
  {type: 'follow started', show: true, session: 1, id: text, undoes: null, estimate: 3},
  ...[aLine('opened', {into: text, ticket: text}), aLine('switched', {live: [text, {written: text}]})].map(
    (line): AppAction => ({type: 'follow event', session: 1, event: {type: 'record', line}}),
  ),
];

/** What it is for, all of it typed. */
const purposeTyped = (id: string, text: string): AppAction[] => [
  restoreSlice.open({type: 'purpose opened', subject: {id, undoes: null}}, 'purpose'),
  restoreSlice.to({type: 'purpose switched', to: 'drill'}),
  ...Array.from({length: 4}, (): AppAction[] => [
    restoreSlice.to({type: 'field written', text}),
    restoreSlice.to({type: 'field chosen', how: 'next'}),
  ]).flat(),
];

const screens: Record<string, Drawn> = {
  'what it is for': {
    screen: purposeScreen,
    actions: ({plan: made, text}) => purposeTyped(made.id, text),
  },
  'a plan of a drill': {
    screen: restoreScreen,
    actions: ({plan: made, text}) => [
      ...purposeTyped(made.id, text),
      ...restorePlanned({...made, into: text}),
    ],
  },
  'the last step of a drill': {
    screen: confirmScreen,
    actions: ({plan: made, text}) => [
      ...purposeTyped(made.id, text),
      ...restorePlanned({...made, into: text}),
      restoreSlice.open({type: 'confirm opened'}, 'confirm'),
    ],
  },
  'a drill at work': {screen: progressScreen, actions: ({text}) => drillTold(text)},
  'a drill that is done': {
    screen: progressScreen,
    actions: ({text}) => [
      ...drillTold(text),
      {
        type: 'follow event',
        session: 1,
        event: {
          type: 'finished',
          finished: {outcome: 'done', exit: 0, reason: null, beware: [text], commands: []},
        },
      },
    ],
  },
  'status of a drill': {
    screen: statusScreen,
    actions: ({text}) => [...drillTold(text), statusSlice.open(null)],
  },
  plan: {
    screen: restoreScreen,
    actions: ({plan: made, reasons, text}) => [
      ...restorePlanned(made, reasons),
      restoreSlice.to({type: 'ticket given', text}),
    ],
  },
  'a plan that was refused': {
    screen: restoreScreen,
    actions: ({plan: made, text}) => [
      restoreSlice.open({type: 'restore opened', subject: {id: made.id, undoes: null}}),
      restoreSlice.to({type: 'restore refused', problem: text}),
    ],
  },
  'a plan whose files are written': {
    screen: restoreScreen,
    actions: ({plan: made}) => restoreWatched(made, written(made, 0)),
  },
  'a plan whose files were written': {
    screen: restoreScreen,
    actions: ({plan: made}) => restoreWatched(made, written(made, 45)),
  },
  'how to stop the service': {
    screen: serviceScreen,
    actions: ({plan: made, text}) => [
      ...restoreWatched(made, written(made, 0)),
      restoreSlice.open({type: 'service opened'}, 'service'),
      restoreSlice.to({
        type: 'service found',
        holders: [
          {pids: [text], name: text, user: text, why: 'open', unit: null},
          {pids: ['1'], name: text, user: text, why: 'root', unit: {name: text, ofUser: true}},
        ],
      }),
    ],
  },
  'hooks that stop the service': {
    screen: serviceScreen,
    actions: ({plan: made, text}) => [
      ...restoreWatched(made, [], {before: [[text, text]], after: [[text]]}),
      restoreSlice.open({type: 'service opened'}, 'service'),
    ],
  },
  'a confirmation of what is written': {
    screen: confirmScreen,
    actions: ({plan: made, text}) => [
      ...restoreWatched(made, written(made, 5)),
      restoreSlice.to({type: 'although written'}),
      restoreSlice.to({type: 'restore planned', plan: made, reasons: []}),
      restoreSlice.open({type: 'confirm opened'}, 'confirm'),
      restoreSlice.to({type: 'word written', text}),
    ],
  },
  'a ticket': {
    screen: restoreScreen,
    actions: ({plan: made, text}) => [
      ...restorePlanned(made),
      {type: 'asked', kind: 'ticket', id: text, text},
    ],
  },
  confirmation: {
    screen: confirmScreen,
    actions: ({plan: made, text}) => [
      ...restorePlanned(made),
      restoreSlice.open({type: 'confirm opened'}, 'confirm'),
      restoreSlice.to({type: 'word written', text}),
    ],
  },
  progress: {
    screen: progressScreen,
    actions: ({text, story: {lines}}) => [
      {type: 'follow started', show: true, session: 1, id: text, undoes: null, estimate: 3},
      ...lines.map(
        (line): AppAction => ({
          type: 'follow event',
          session: 1,
          event: {type: 'record', line: {...line, type: 'beware'}},
        }),
      ),
    ],
  },
  'a failure': {
    screen: progressScreen,
    actions: ({text}) => [
      {type: 'follow started', show: true, session: 1, id: text, undoes: 3, estimate: null},
      {
        type: 'follow event',
        session: 1,
        event: {
          type: 'finished',
          finished: {outcome: 'needs-recovery', exit: 6, reason: text, beware: [text], commands: [text]},
        },
      },
    ],
  },
  checklist: {
    screen: checklistScreen,
    actions: ({story: each}) => [
      sessionsRead(each),
      sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist'),
    ],
  },
  'a question of a checklist': {
    screen: checklistScreen,
    actions: ({story: each, text}) => [
      sessionsRead(each),
      sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist'),
      {type: 'asked', kind: 'failed', id: 'evidence', text},
    ],
  },
  sessions: {
    screen: sessionsScreen,
    actions: ({story: each}) => [
      sessionsRead(each, {...each, number: 11}),
      sessionsSlice.open({type: 'sessions opened'}),
    ],
  },
  record: {
    screen: recordScreen,
    actions: ({story: each}) => [
      sessionsRead(each),
      sessionsSlice.open({type: 'record opened', session: 12}, 'record'),
    ],
  },
  'what stopped halfway': {
    screen: stoppedScreen,
    actions: ({text}) => [
      stoppedFound({
        id: text,
        operator: text,
        ticket: text,
        at: text,
        files: [text, text].map((dataset) => ({dataset, target: text, standing: 'written'})),
      }),
      stoppedSlice.to({type: 'decision written', text}),
    ],
  },
  'what stopped halfway and is not obeyed': {
    screen: stoppedScreen,
    actions: ({text}) => [stoppedFound({untrusted: text, files: []})],
  },
  status: {
    screen: statusScreen,
    actions: ({story: each}) => [sessionsRead(each), statusSlice.open(null)],
  },
};

test.each(Object.entries(screens))(
  '%s: no line too many or too wide, and nothing drives the terminal',
  (_, drawn) => {
    fc.assert(
      fc.property(walk, (on) => {
        const start = anApp([aRow(on.plan.id)], {size: on.size, host: on.host});
        const state = reduceAll(start, ...drawn.actions(on), ...on.moves);
        const lines = drawn.screen(state);
        expect(lines.length).toBeLessThanOrEqual(bodyHeight(on.size));
        for (const line of [...lines, header(state)]) {
          const text = lineText(line);
          expect(stringWidth(text), text).toBeLessThanOrEqual(on.size.columns);
          expect(text).not.toMatch(unprintable);
        }
      }),
      {numRuns: 50},
    );
  },
);
