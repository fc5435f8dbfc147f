import {describe, expect, test} from 'vitest';
import type {Finished} from '../../source/engine/restore/request.ts';
import {phases} from '../../source/presenters/followed-restore.ts';
import {helpSlice} from '../../source/ui/screens/help/state.ts';
import {progressSlice} from '../../source/ui/screens/progress/state.ts';
import {wanted} from '../../source/ui/screens/restore/choice.ts';
import {restoreSlice, whyNotGoOn} from '../../source/ui/screens/restore/state.ts';
import type {RestoreTask} from '../../source/ui/screens/restore/task.ts';
import {openSession, sessionsSlice} from '../../source/ui/screens/sessions/state.ts';
import {decisionOf, decisions, stoppedSlice} from '../../source/ui/screens/stopped/state.ts';
import type {AppAction, AppState} from '../../source/ui/state.ts';
import {anAction, aRestorePlan, restorePlanned} from '../support/restore-states.ts';
import {aLine, aStory, sessionsRead, someSteps, stoppedFound} from '../support/session-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../support/states.ts';

const id = idAt(3, 'nightly');
const plan = aRestorePlan(id);
const appAfter = (...actions: AppAction[]): AppState => reduceAll(anApp([aRow(id)]), ...actions);

const typedIn = (...actions: AppAction[]): string => stoppedSlice.of(appAfter(...actions)).typed;

const back: AppAction = {type: 'went back'};
const confirm: AppAction = restoreSlice.open({type: 'confirm opened'}, 'confirm');
const starting: AppAction = restoreSlice.to({type: 'restore starting'});
const typed = (text: string): AppAction => restoreSlice.to({type: 'word written', text});
const planned = (made = plan): AppAction =>
  restoreSlice.to({type: 'restore planned', plan: made, reasons: []});
const opened: AppAction = restoreSlice.open({type: 'restore opened', subject: {id, undoes: null}});
const started: AppAction = {type: 'follow started', show: true, session: 12, id, undoes: null, estimate: 35};
const openChecklist = sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist');
const ended = (outcome: Finished['outcome'], session = 12): AppAction => ({
  type: 'follow event',
  session,
  event: {type: 'finished', finished: {outcome, exit: 0, reason: 'why', beware: [], commands: []}},
});
const told = (type: string): AppAction => ({
  type: 'follow event',
  session: 12,
  event: {type: 'record', line: aLine(type)},
});
const at = (stage: 'saving' | 'staging' | 'switching' | 'checking'): AppAction => ({
  type: 'follow event',
  session: 12,
  event: {type: 'progress', progress: {stage, done: 1, total: 2}},
});

describe('back', () => {
  test('from the last step leads to the plan as it was, and from there to the list', () => {
    const state = appAfter(
      ...restorePlanned(plan),
      restoreSlice.to({type: 'ticket given', text: 'INC-1'}),
      confirm,
      typed('2026'),
      back,
    );
    expect(state).toMatchObject({
      screens: ['backups', 'restore'],
      slices: {restore: {plan, state: 'ready', ticket: 'INC-1'}},
    });
    expect(reduceAll(state, back).screens).toEqual(['backups']);
    expect(reduceAll(state, back, back, back).screens).toEqual(['backups']);
  });

  test('and on again: choice and ticket are as they were, the id is typed anew', () => {
    const chosen: AppAction[] = [
      restoreSlice.to({type: 'restore toggled'}),
      planned(),
      restoreSlice.to({type: 'ticket given', text: 'INC-1'}),
    ];
    const again = appAfter(...restorePlanned(plan), ...chosen, confirm, typed(id), back, back, opened);
    expect(restoreSlice.of(again)).toMatchObject({
      ticket: 'INC-1',
      chosen: new Set(['ledger']),
      plan: null,
      typed: '',
    });
    // Nothing is confirmed from what was seen before.
    expect(whyNotGoOn(restoreSlice.of(again) as RestoreTask)).toBe('the plan is still being made');
    const ready = reduceAll(again, planned(), confirm);
    expect(wanted(restoreSlice.of(ready) as RestoreTask)).toEqual(['ledger']);
    expect(restoreSlice.of(ready)?.typed).toBe('');
  });

  test('never ends at a screen twice, however often one goes round', () => {
    const round = [confirm, back, confirm, back];
    expect(appAfter(...restorePlanned(plan), ...round, ...round, confirm).screens).toEqual([
      'backups',
      'restore',
      'confirm',
    ]);
  });
});

describe('a plan', () => {
  test('that was refused says why, and is made again by opening it', () => {
    const state = appAfter(
      opened,
      restoreSlice.to({type: 'restore refused', problem: 'ledger: not readable'}),
    );
    expect(restoreSlice.of(state)).toMatchObject({
      state: 'ready',
      plan: null,
      problem: 'ledger: not readable',
    });
    expect(whyNotGoOn(restoreSlice.of(state) as RestoreTask)).toBe('there is no plan');
    expect(restoreSlice.of(reduceAll(state, opened, planned()))).toMatchObject({problem: null, plan});
  });

  test('that comes while one has been confirmed changes nothing of what was confirmed', () => {
    const other = aRestorePlan(id, [anAction('tenants')], {hash: 'other'});
    const state = appAfter(...restorePlanned(plan), confirm, typed(id), starting);
    expect(restoreSlice.of(reduceAll(state, planned(other)))).toMatchObject({
      state: 'starting',
      plan,
      typed: id,
    });
    expect(reduceAll(state, restoreSlice.to({type: 'restore toggled'}), typed('x'), starting)).toEqual(state);
  });

  test('that has changed meanwhile leads back to it, with nothing typed', () => {
    const other = aRestorePlan(id, [anAction('tenants')], {hash: 'other'});
    const held: AppAction = restoreSlice.leave(
      {
        type: 'restore held back',
        plan: other,
        reasons: ['tenants: no'],
      },
      'confirm',
    );
    const state = appAfter(...restorePlanned(plan), confirm, typed(id), starting, held);
    expect(state).toMatchObject({
      screens: ['backups', 'restore'],
      slices: {restore: {state: 'ready', plan: other, typed: ''}},
    });
    expect(whyNotGoOn(restoreSlice.of(state) as RestoreTask)).toBe(
      'fix what has an x, or leave it out (Space)',
    );
    // It comes too late where nothing is being started.
    expect(restoreSlice.of(reduceAll(appAfter(...restorePlanned(plan)), held))?.plan).toBe(plan);
  });

  test('that cannot be begun leads back to it as it was', () => {
    const held: AppAction = restoreSlice.leave(
      {type: 'restore held back', plan: null, reasons: []},
      'confirm',
    );
    const state = appAfter(...restorePlanned(plan), confirm, typed(id), starting, held);
    expect(state).toMatchObject({
      screens: ['backups', 'restore'],
      slices: {restore: {state: 'ready', plan, typed: ''}},
    });
  });

  test('nothing is typed into, planned or started where there is none', () => {
    const none: AppAction[] = [typed(id), starting, planned(), restoreSlice.to({type: 'restore toggled'})];
    const state = appAfter(...none);
    expect(state).toMatchObject({screens: ['backups'], follow: null});
    expect(restoreSlice.of(state)).toBeNull();
  });
});

describe('a restore at work', () => {
  test('takes the place of its plan, and Esc leaves it at work', () => {
    const state = appAfter(...restorePlanned(plan), confirm, typed(id), starting, started);
    expect(state).toMatchObject({
      screens: ['backups', 'progress'],
      slices: {restore: null},
      follow: {session: 12, finished: null},
    });
    expect(reduceAll(state, back)).toMatchObject({screens: ['backups'], follow: {finished: null}});
    expect(reduceAll(state, back, progressSlice.open(null)).screens).toEqual(['backups', 'progress']);
  });

  test("that somebody else has begun is followed without leaving one's screen", () => {
    const state = appAfter(...restorePlanned(plan), {...started, show: false} as AppAction);
    expect(state).toMatchObject({
      screens: ['backups', 'restore'],
      slices: {restore: {plan}},
      follow: {session: 12},
    });
  });

  test.each<[string, AppAction[], object]>([
    ['begun', [], {prepare: 'at work', switch: 'waiting', done: 'waiting'}],
    ['staging', [at('staging')], {prepare: 'at work', switch: 'waiting', done: 'waiting'}],
    ['switching', [at('switching')], {prepare: 'over', switch: 'at work', done: 'waiting'}],
    ['switched', [at('checking'), told('switched')], {prepare: 'over', switch: 'over', done: 'at work'}],
    ['done', [told('switched'), ended('done')], {prepare: 'over', switch: 'over', done: 'over'}],
    ['refused', [ended('refused')], {prepare: 'failed', switch: 'waiting', done: 'waiting'}],
    [
      'cancelled',
      [at('staging'), ended('cancelled')],
      {prepare: 'cancelled', switch: 'waiting', done: 'waiting'},
    ],
    [
      'rolled back',
      [at('switching'), ended('rolled-back')],
      {prepare: 'over', switch: 'failed', done: 'waiting'},
    ],
    [
      'stopped',
      [at('switching'), ended('needs-recovery')],
      {prepare: 'over', switch: 'failed', done: 'waiting'},
    ],
  ])('%s is in this phase', (_, actions, expected) => {
    const {follow, screens} = appAfter(started, ...actions);
    expect(follow && phases(follow)).toEqual(expected);
    expect(screens).toEqual(['backups', 'progress']);
  });

  test('is told by its own record alone, and by nothing after its end', () => {
    const state = appAfter(started, ended('done', 11), ended('refused'), ended('done'), told('switched'));
    expect(state.follow).toMatchObject({lines: [], finished: {outcome: 'refused'}});
    expect(reduceAll(state, {type: 'follow stopping'}).follow?.stopping).toBe(false);
    expect(reduceAll(appAfter(started), {type: 'follow stopping'}).follow?.stopping).toBe(true);
  });

  test('that is done leads to its checklist, at what there is to do; back from there is the list', () => {
    const state = appAfter(started, ended('done'), sessionsRead(aStory()), openChecklist);
    expect(state.screens).toEqual(['backups', 'checklist']);
    expect(sessionsSlice.of(state)).toMatchObject({opened: 12, steps: {cursor: 1}});
    expect(reduceAll(state, back).screens).toEqual(['backups']);
  });
});

describe('a checklist', () => {
  const open = openChecklist;

  test('that is opened before it could be read begins at what there is to do, once', () => {
    const state = appAfter(open, sessionsRead(aStory()));
    expect(sessionsSlice.of(state).steps.cursor).toBe(1);
    const more = someSteps({step: 'verified', state: 'done', note: null});
    const moved = reduceAll(state, {type: 'moved', how: 'up'}, sessionsRead(aStory({steps: more})));
    expect(sessionsSlice.of(moved).steps.cursor).toBe(0);
  });

  test('whose session is gone meanwhile shows nothing, and can be left', () => {
    const state = appAfter(sessionsRead(aStory()), open, sessionsRead());
    expect(reduceAll(state, {type: 'moved', how: 'down'}, back).screens).toEqual(['backups']);
  });

  test('asks about one step, whatever is typed, until it is answered or taken back', () => {
    const asked: AppAction = {type: 'asked', kind: 'failed', id: 'service', text: ''};
    const state = appAfter(sessionsRead(aStory()), open, asked, {type: 'answer written', text: 'x'});
    expect(state.prompt).toEqual({kind: 'failed', id: 'service', text: 'x'});
    expect(reduceAll(state, {type: 'answer given'}).prompt).toBeNull();
  });

  test('of a drill, or of what was rolled back, is not open', () => {
    const states = [
      aStory({closed: true, drill: true}),
      aStory({state: 'rolled-back'}),
      aStory({state: 'refused'}),
    ];
    for (const story of states) expect(openSession(appAfter(sessionsRead(story)).sessions)).toBeNull();
    expect(
      openSession(appAfter(sessionsRead(aStory({state: 'stopped'}), aStory({number: 3}))).sessions)?.number,
    ).toBe(3);
  });
});

describe('what stopped halfway', () => {
  test('comes first on the list, once; elsewhere one stays', () => {
    expect(appAfter(stoppedFound()).screens).toEqual(['backups', 'stopped']);
    expect(appAfter(stoppedFound(), back, stoppedFound()).screens).toEqual(['backups']);
    expect(appAfter(...restorePlanned(plan), stoppedFound()).screens).toEqual(['backups', 'restore']);
    const asked: AppAction = {type: 'asked', kind: 'pin', id, text: ''};
    expect(appAfter(asked, stoppedFound()).screens).toEqual(['backups']);
  });

  test('that is found again keeps what was typed; opened again, or of another session, nothing', () => {
    const word: AppAction = stoppedSlice.to({type: 'decision written', text: 'fini'});
    expect(typedIn(stoppedFound(), word, stoppedFound())).toBe('fini');
    expect(typedIn(stoppedFound(), word, stoppedFound({session: 13}))).toBe('');
    expect(typedIn(stoppedFound(), word, stoppedSlice.open({type: 'stopped opened'}))).toBe('');
  });

  test('decides nothing by a word that no longer holds', () => {
    const word: AppAction = stoppedSlice.to({type: 'decision written', text: 'finish'});
    const decided = (...more: AppAction[]) => {
      const state = appAfter(stoppedFound(), word, ...more);
      const {stopped} = state;
      return stopped && {can: decisions(stopped), does: decisionOf(stopped, stoppedSlice.of(state))};
    };
    expect(decided()).toEqual({can: ['finish', 'rollback', 'look'], does: 'finish'});
    const files = [{dataset: 'tenants', target: '/srv/x', standing: 'written' as const}];
    expect(decided(stoppedFound({files}))).toEqual({can: ['look'], does: null});
    expect(decided(stoppedFound({phase: 'prepare', files: []}))).toEqual({
      can: ['rollback', 'look'],
      does: null,
    });
  });

  test('takes no word while it is being settled, and all of it anew where that failed', () => {
    const word: AppAction = stoppedSlice.to({type: 'decision written', text: 'rollback'});
    const working = appAfter(stoppedFound(), word, stoppedSlice.to({type: 'recovery started'}));
    expect(
      stoppedSlice.of(reduceAll(working, stoppedSlice.to({type: 'decision written', text: ''}), word)),
    ).toMatchObject({
      typed: 'rollback',
      working: true,
    });
    expect(stoppedSlice.of(reduceAll(working, stoppedSlice.to({type: 'recovery failed'})))).toMatchObject({
      typed: '',
      working: false,
    });
  });

  test('once settled, is left from wherever one is', () => {
    expect(
      appAfter(stoppedFound(), helpSlice.open({type: 'help opened'}), {type: 'stopped settled'}),
    ).toMatchObject({
      screens: ['backups', 'help'],
      stopped: null,
    });
  });
});
