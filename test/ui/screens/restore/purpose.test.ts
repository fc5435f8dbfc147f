import os from 'node:os';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {lengthOf} from '../../../../source/engine/session/about.ts';
import {noIncident} from '../../../../source/engine/session/incident.ts';
import {helpSlice} from '../../../../source/ui/screens/help/state.ts';
import {purposeTyping} from '../../../../source/ui/screens/restore/keys.ts';
import {fieldsOf, whyNotPlan} from '../../../../source/ui/screens/restore/purpose.ts';
import {drillInto, drillOf, restoreSlice} from '../../../../source/ui/screens/restore/state.ts';
import type {RestoreTask} from '../../../../source/ui/screens/restore/task.ts';
import {typingIn} from '../../../../source/ui/screens.ts';
import type {AppAction, AppState} from '../../../../source/ui/state.ts';
import {aRestorePlan} from '../../../support/restore-states.ts';
import {anApp, aRow, idAt, noon, reduceAll} from '../../../support/states.ts';

const id = idAt(3, 'nightly');
const another = idAt(5, 'nightly');
const asked = (of = id): AppAction =>
  restoreSlice.open({type: 'purpose opened', subject: {id: of, undoes: null}}, 'purpose');
const goesOn = (of = id, undoes: number | null = null): AppAction =>
  restoreSlice.open({
    type: 'restore opened',
    subject: {id: of, undoes},
  });
const planned: AppAction = restoreSlice.to({type: 'restore planned', plan: aRestorePlan(id), reasons: []});
const typed = (text: string): AppAction => restoreSlice.to({type: 'field written', text});
const next: AppAction = restoreSlice.to({type: 'field chosen', how: 'next'});
const previous: AppAction = restoreSlice.to({type: 'field chosen', how: 'previous'});
const switched: AppAction = restoreSlice.to({type: 'purpose switched', to: 'drill'});
const incident: AppAction = restoreSlice.to({type: 'purpose switched', to: 'incident'});
const back: AppAction = {type: 'went back'};
const appAfter = (...actions: AppAction[]): AppState =>
  reduceAll(anApp([aRow(id), aRow(another)]), ...actions);
function taskAfter(...actions: AppAction[]): RestoreTask {
  const restore = restoreSlice.of(appAfter(asked(), ...actions));
  if (!restore) throw new Error('there is no task');
  return restore;
}

describe('what was said of the incident', () => {
  const told = (
    text: Partial<Record<'ticket' | 'title', string>>,
    badSince: number | null = null,
  ): AppAction => ({
    type: 'incident told',
    incident: {
      ...noIncident,
      ...Object.fromEntries(Object.entries(text).map(([what, value]) => [what, saidBy(value)])),
      badSince: badSince === null ? null : saidBy(new Date(badSince).toISOString()),
    },
  });
  const saidBy = (value: string) => ({value, by: 'bob', at: ''});
  const incidentNow = (state: AppState): AppAction =>
    restoreSlice.open(
      {type: 'purpose opened', subject: {id, undoes: null}, incident: state.incident},
      'purpose',
    );
  const hour = 3_600_000;

  test('and was not typed here is what is said of it now, until it is over', () => {
    const before = appAfter(told({ticket: 'INC-1', title: 'ours'}, noon - 2 * hour));
    const planning = reduceAll(before, incidentNow(before), next, typed('mine'), goesOn(), planned);
    const changed = reduceAll(planning, told({ticket: 'INC-2', title: 'theirs'}, noon - hour));
    expect(restoreSlice.of(changed)).toMatchObject({
      ticket: 'INC-2',
      title: 'mine',
      badSince: {at: noon - hour, by: 'bob'},
    });
    const over = reduceAll(changed, told({}), back, back);
    expect(restoreSlice.of(reduceAll(over, incidentNow(over)))).toMatchObject({ticket: '', title: 'mine'});
  });
});

test('it is an incident of which nothing is said, until somebody says something', () => {
  expect(taskAfter()).toMatchObject({
    state: 'asking',
    plan: null,
    purpose: 'incident',
    ticket: '',
    title: '',
    authorisedBy: '',
    field: 'ticket',
  });
  expect(drillInto(taskAfter())).toBeNull();
  expect(whyNotPlan(taskAfter(), id)).toBeNull();
  expect(typingIn(appAfter(asked()))).toBe(purposeTyping);
});

describe('what is typed', () => {
  test('goes to the line that is chosen, which goes round', () => {
    const task = taskAfter(typed('INC-1'), next, typed('empty'), next, typed('amira'), next);
    expect(task).toMatchObject({
      ticket: 'INC-1',
      title: 'empty',
      authorisedBy: 'amira',
      field: 'ticket',
    });
    expect(taskAfter(previous).field).toBe('authorisedBy');
  });

  test('is bounded, whatever it is, and never cut inside a character', () => {
    const text = fc.string({unit: fc.constantFrom('x', '\u{1f525}', 'é', ' '), maxLength: 300});
    fc.assert(
      fc.property(fc.array(text, {maxLength: 4}), (all) => {
        const every = all.flatMap((each) => [typed(each), next]);
        const {ticket, title, authorisedBy} = taskAfter(...every, ...every);
        expect(lengthOf(ticket)).toBeLessThanOrEqual(64);
        expect(Math.max(lengthOf(title), lengthOf(authorisedBy))).toBeLessThanOrEqual(120);
        for (const each of [ticket, title, authorisedBy]) expect(each.isWellFormed()).toBe(true);
      }),
    );
    expect(lengthOf(taskAfter(typed('\u{1f525}'.repeat(70))).ticket)).toBe(64);
  });
});

test('a purpose that is chosen stays, and so does what was found for it', () => {
  expect(taskAfter(switched, switched).purpose).toBe('drill');
  expect(taskAfter(incident)).toEqual(taskAfter());
  const state = appAfter(asked(), switched, goesOn(), planned, back);
  expect(reduceAll(state, switched).slices).toEqual(state.slices);
});

describe('a drill', () => {
  test('has the directory that is not there yet, as far as that is known, and of this backup', () => {
    const into = '/var/tmp/drill-20261123_090000-2';
    const found: AppAction = restoreSlice.to({type: 'directory suggested', into});
    expect(drillInto(taskAfter(found, switched))).toBe(into);
    expect(drillInto(taskAfter(switched, previous, typed('/srv/drill'), found))).toBe('/srv/drill');
    expect(drillInto(taskAfter(switched, found, goesOn(another)))).toBe('/var/tmp/drill-20261123_070000');
  });

  test('has a directory, which is suggested, and can be another', () => {
    const drill = taskAfter(switched);
    expect(drill).toMatchObject({purpose: 'drill', field: 'ticket'});
    expect(fieldsOf(drill)).toEqual(['into', 'ticket', 'title', 'authorisedBy']);
    expect(drillInto(drill)).toBe('/var/tmp/drill-20261123_090000');
    expect(purposeTyping.text(appAfter(asked(), switched, previous))).toBe('/var/tmp/drill-20261123_090000');
    expect(drillInto(taskAfter(switched, previous, typed(' /srv/drill ')))).toBe('/srv/drill');
    expect(drillInto(taskAfter(switched, previous, typed('~/drill')))).toBe(`${os.homedir()}/drill`);
  });

  test.each(['', ' ', 'drill', '~drill', '../x'])('does not go to %j', (into) => {
    const task = taskAfter(switched, previous, typed(into));
    expect(whyNotPlan(task, id)).toBe('A drill needs a directory: its whole path, such as /var/tmp/drill.');
    expect(
      whyNotPlan(restoreSlice.of(reduceAll(appAfter(asked(), switched), incident)) as RestoreTask, id),
    ).toBeNull();
  });

  test('that is an incident after all has none, and what was typed of it is there again', () => {
    const task = taskAfter(switched, previous, typed('/srv/drill-2'), incident);
    expect(task).toMatchObject({purpose: 'incident', field: 'ticket'});
    expect(drillInto(task)).toBeNull();
    expect(drillInto(taskAfter(switched, previous, typed('/srv/drill-2'), incident, switched))).toBe(
      '/srv/drill-2',
    );
  });

  test('of a backup that holds dumps can load them on a server', () => {
    const open = restoreSlice.open(
      {type: 'purpose opened', subject: {id, undoes: null, hasDumps: true}},
      'purpose',
    );
    const taskOf = (...actions: AppAction[]) => restoreSlice.of(appAfter(open, ...actions)) as RestoreTask;
    expect(fieldsOf(taskOf(switched), true)).toEqual(['into', 'server', 'ticket', 'title', 'authorisedBy']);
    expect(drillOf(taskOf(switched))?.intoDatabase).toBeNull();
    const named = [switched, previous, typed(' scratch ')];
    expect(drillOf(taskOf(...named))).toMatchObject({intoDatabase: 'scratch'});
    expect(taskOf(...named, incident)).toMatchObject({purpose: 'incident', field: 'ticket'});
    expect(drillOf(taskOf(...named, incident))).toBeNull();
    expect(taskOf(switched, previous).field).toBe('server');
    // One without dumps has no such line: what is typed goes to one that is seen.
    const without = taskOf(switched, previous, back, asked(another), typed('INC-1'));
    expect(without).toMatchObject({field: 'ticket', server: '', ticket: 'INC-1'});
  });

  test('of a backup whose name holds anything suggests nothing of it', () => {
    const hostile = '../../etc/x';
    const restore = restoreSlice.of(appAfter(asked(hostile), switched));
    expect(restore && drillInto(restore)).toBe('/var/tmp/drill-magds');
  });
});

describe('back', () => {
  const said = [switched, typed('INC-1'), next, typed('empty')];
  const kept = {purpose: 'drill', ticket: 'INC-1', title: 'empty', field: 'title'};

  test('from the plan leads to it, and from there to the list; nothing typed is lost', () => {
    const onPlan = appAfter(asked(), ...said, goesOn(), planned);
    expect(onPlan).toMatchObject({screens: ['backups', 'purpose', 'restore'], slices: {restore: kept}});
    const again = reduceAll(onPlan, back);
    expect(again).toMatchObject({screens: ['backups', 'purpose'], slices: {restore: kept}});
    expect(reduceAll(again, back).screens).toEqual(['backups']);
    expect(restoreSlice.of(reduceAll(again, back, asked()))).toMatchObject({
      ...kept,
      state: 'asking',
      plan: null,
    });
  });

  test('and of another backup nothing is said yet, nor chosen', () => {
    const state = appAfter(
      asked(),
      ...said,
      goesOn(),
      planned,
      restoreSlice.to({type: 'restore toggled'}),
      back,
      back,
    );
    expect(restoreSlice.of(reduceAll(state, asked(another)))).toEqual(
      restoreSlice.of(appAfter(asked(another))),
    );
    expect(restoreSlice.of(reduceAll(state, asked()))).toMatchObject({...kept, chosen: new Set(['ledger'])});
  });

  test('a plan that was made for something else is gone', () => {
    const state = appAfter(asked(), goesOn(), planned, back, switched);
    expect(restoreSlice.of(state)).toMatchObject({state: 'asking', plan: null});
    // One that comes too late is none either.
    expect(restoreSlice.of(reduceAll(state, planned))).toMatchObject({state: 'asking', plan: null});
    const late: AppAction = restoreSlice.to({type: 'restore refused', problem: 'gone'});
    expect(restoreSlice.of(reduceAll(state, late))).toMatchObject({state: 'asking', problem: null});
  });

  test('never comes by a plan of before', () => {
    const state = appAfter(asked(), goesOn(), planned, helpSlice.open({type: 'help opened'}), asked(another));
    expect(state.screens).toEqual(['backups', 'help', 'purpose']);
  });
});

test('once it is carried out, the next one begins anew', () => {
  const about = {session: 3, id, undoes: null, estimate: 35};
  const state = appAfter(asked(), typed('INC-1'), goesOn(), planned, {
    type: 'follow started',
    show: true,
    ...about,
  });
  expect(restoreSlice.of(reduceAll(state, asked()))).toMatchObject({ticket: '', purpose: 'incident'});
});

test('of an undo it is not asked, and nothing is taken over from a restore', () => {
  const state = appAfter(asked(), switched, typed('INC-1'), goesOn(id, 12));
  expect(state.screens).toEqual(['backups', 'restore']);
  expect(restoreSlice.of(state)).toMatchObject({ticket: '', purpose: 'incident', state: 'planning'});
  expect(drillInto(restoreSlice.of(state) as RestoreTask)).toBeNull();
});
