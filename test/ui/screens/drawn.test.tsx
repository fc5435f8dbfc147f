import {describe, expect, test} from 'vitest';
import {roomOf} from '../../../source/ui/frame.ts';
import {sessionsSlice} from '../../../source/ui/screens/sessions/state.ts';
import {screenNamed} from '../../../source/ui/screens.ts';
import type {AppAction} from '../../../source/ui/state.ts';
import {rows, verified} from '../../support/catalog.ts';
import {differencesCompared, tablesRead} from '../../support/difference-states.ts';
import {lineText, screenOf} from '../../support/frames.ts';
import {inked} from '../../support/inked.tsx';
import {aPlan, begun, configured, planned, twoDatasets} from '../../support/run-states.ts';
import {aStory, sessionsRead, stoppedFound} from '../../support/session-states.ts';
import {anApp, reduceAll, started} from '../../support/states.ts';

const plan = aPlan(twoDatasets);
const sessions = sessionsRead(aStory());
const reading = started(verified, ['tenants', 'ledger']);

/** What leads to a screen that has something to show. */
const shown: [string, AppAction[]][] = [
  ['backups', []],
  ['config', [configured()]],
  ['differences', differencesCompared(verified)],
  ['difference', [...differencesCompared(verified), ...tablesRead()]],
  ['help', []],
  ['run', planned(plan, 'nightly')],
  ['run', begun(plan)],
  ['sessions', [sessions]],
  ['checklist', [sessions, sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist')]],
  ['record', [sessions, sessionsSlice.open({type: 'record opened', session: 12}, 'record')]],
  ['status', []],
  ['stopped', [stoppedFound()]],
  [
    'verify',
    [
      {type: 'verify started', id: verified},
      {type: 'verify event', event: reading, seconds: 1},
    ],
  ],
];

describe.each([
  {columns: 60, rows: 16},
  {columns: 80, rows: 24},
  {columns: 100, rows: 30},
])('at $columns x $rows', (size) => {
  test.each(shown)('Ink draws the lines that the parts of %s say', (name, actions) => {
    const state = reduceAll(anApp(rows, {size}), ...actions);
    const {View, slice} = screenNamed(name);
    const {lines} = inked(<View state={state} slice={slice.of(state)} />, roomOf(state));
    const said = screenOf(name)(state).map((line) => lineText(line).trimEnd());
    // What turns is at any of its signs.
    const still = (text: string): string => text.trimEnd().replace(/^ [-\\|/] (?=reading|copying)/, ' - ');
    expect(lines.map(still)).toEqual(said.map(still));
    expect(lines.filter((line) => line.trim() !== '').length).toBeGreaterThan(2);
  });
});
