import fs from 'node:fs';
import {expect, test, vi} from 'vitest';
import {noIncident} from '../../source/engine/session/incident.ts';
import {incidentWork} from '../../source/ui/incident.ts';
import {reduce} from '../../source/ui/reduce.ts';
import {restoreSlice} from '../../source/ui/screens/restore/state.ts';
import {type AppState, currentScreen} from '../../source/ui/state.ts';
import {createStore} from '../../source/ui/store.ts';
import type {Workplace} from '../../source/ui/work.ts';
import {keyboard} from '../support/keyboard.ts';
import {configured} from '../support/run-states.ts';
import {anApp, aRow, idAt, noon} from '../support/states.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const iso = (hoursAgo: number): string => new Date(noon - hoursAgo * 3_600_000).toISOString();
const said = (value: string, by = 'bob') => ({value, by, at: iso(0)});
const [newer, older] = [idAt(1), idAt(5, 'nightly')];
const app = (incident: Partial<AppState['incident']> = {}): AppState =>
  reduce(
    {
      ...reduce(anApp([aRow(newer), aRow(older)]), configured()),
      me: {operator: 'amira', from: null, screen: null},
    },
    {type: 'incident told', incident: {...noIncident, ...incident}},
  );

test('what t is told is kept at once, and what takes it back too', () => {
  const board = keyboard(app());
  board.press('t', ...'10:00', 'enter');
  expect(board.effects.sayIncident.mock.calls).toEqual([[{badSince: iso(2)}, {}]]);
  const again = keyboard(app({badSince: said(iso(2))}));
  expect(again.state().badSince).toEqual({at: noon - 2 * 3_600_000, by: 'bob'});
  again.press('t', 'enter');
  expect(again.effects.sayIncident).not.toHaveBeenCalled();
  // It was bob who said it.
  expect(again.state().badSince).toEqual({at: noon - 2 * 3_600_000, by: 'bob'});
  again.press('t', 'ctrl+u', 'enter');
  expect(again.effects.sayIncident.mock.calls).toEqual([[{badSince: null}, {}]]);
});

test('what another operator has said stands in the form, and only what is new of it is said', () => {
  const board = keyboard(app({ticket: said('INC-7'), title: said('ledger')}));
  board.press('down', 'r');
  expect(restoreSlice.of(board.state())).toMatchObject({ticket: 'INC-7', title: 'ledger', authorisedBy: ''});
  board.press('down', 'ctrl+u', ...'both', 'enter');
  expect(board.effects.sayIncident.mock.calls).toEqual([[{title: 'both'}, {}]]);
});

test('a drill says nothing of it', () => {
  const board = keyboard(app());
  board.press('r', 'right', ...'DRILL-4', 'enter');
  expect(board.effects.planRestore).toHaveBeenCalled();
  expect(board.effects.sayIncident).not.toHaveBeenCalled();
});

test('a backup that is not from before is asked about once, and counts only once that could be read', () => {
  const board = keyboard(app({badSince: said(iso(2))}));
  board.press('up', 'r');
  const asks = `${newer} is not from before 10:00Z, and may hold the damage. r again goes on with it.`;
  expect(board.state().message?.text).toBe(asks);
  board.press('r');
  expect(currentScreen(board.state())).toBe('backups');
  board.paint();
  board.press('r');
  expect(currentScreen(board.state())).toBe('purpose');
  const other = keyboard(app({badSince: said(iso(2))}));
  other.press('down', 'r');
  expect(currentScreen(other.state())).toBe('purpose');
});

/** Work in a root of its own, with the messages that it gives. */
function working(root: string | null, readOnly = false) {
  const start = {...app(), place: {root, backups: '/nowhere'}, readOnly};
  const store = createStore(start, reduce);
  const place = {
    store,
    signal: new AbortController().signal,
    run: (work: Promise<void>) => void work,
    tell: vi.fn<Workplace['tell']>(),
  };
  return {store, tell: place.tell, work: incidentWork(place as unknown as Workplace)};
}

test('what is said in one app is seen in another, kept in the state directory that is made for it', () => {
  const root = temporaryDirectory();
  fs.mkdirSync(`${root}/storage`);
  const [one, two] = [working(root), working(root)];
  one.work.say({ticket: 'INC-7', badSince: iso(2)});
  expect(one.tell).not.toHaveBeenCalled();
  expect(fs.readdirSync(`${root}/storage/runbook`).toSorted()).toEqual(['incident.jsonl', 'version']);
  two.work.say({ticket: 'INC-8'});
  expect(two.store.get()).toMatchObject({
    incident: {ticket: {value: 'INC-8', by: 'amira'}, badSince: {value: iso(2)}},
    badSince: {at: noon - 2 * 3_600_000},
  });
});

test.each([
  ['with --read-only', true, true],
  ['without a project', false, false],
])('%s it is kept in memory, and that is said', (why, hasRoot, readOnly) => {
  const root = temporaryDirectory();
  fs.mkdirSync(`${root}/storage`);
  const {work, tell, store} = working(hasRoot ? root : null, readOnly);
  work.say({ticket: 'INC-7'});
  work.say({title: 'ledger'});
  expect(tell).toHaveBeenLastCalledWith(
    `Beware: ${why} it is kept in memory only, and gone when you leave.`,
    'beware',
  );
  expect(store.get().incident).toMatchObject({ticket: {value: 'INC-7'}, title: {value: 'ledger'}});
  expect(fs.existsSync(`${root}/storage/runbook`)).toBe(false);
});

test('where it cannot be written it counts all the same, and why is said', () => {
  const root = temporaryDirectory();
  const {work, tell, store} = working(root);
  work.say({badSince: iso(2)});
  expect(tell.mock.calls[0]?.[0]).toContain('it is kept in memory only, and gone when you leave. ');
  expect(tell.mock.calls[0]?.[0]).toContain(`${root}/storage`);
  expect(store.get().badSince?.at).toBe(noon - 2 * 3_600_000);
});
