import {describe, expect, test} from 'vitest';
import {header} from '../../../../source/ui/frame.ts';
import type {Line} from '../../../../source/ui/kit/line.ts';
import {restoreSlice} from '../../../../source/ui/screens/restore/state.ts';
import {sessionsSlice} from '../../../../source/ui/screens/sessions/state.ts';
import type {AppAction, AppState} from '../../../../source/ui/state.ts';
import {frameText, lineText, screenOf} from '../../../support/frames.ts';
import {anAction, aRestorePlan} from '../../../support/restore-states.ts';
import {configured} from '../../../support/run-states.ts';
import {aLine, aStory, liveFile, sessionsRead, stoppedFound} from '../../../support/session-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const backupsScreen = screenOf('backups');

const sessionsScreen = screenOf('sessions');

const stoppedScreen = screenOf('stopped');
const progressScreen = screenOf('progress');
const restoreScreen = screenOf('restore');
const confirmScreen = screenOf('confirm');
const purposeScreen = screenOf('purpose');

const statusScreen = screenOf('status');

const id = idAt(3, 'nightly');
const into = '/var/tmp/drill-20261123_090000';
const app = (actions: AppAction[], size = {columns: 80, rows: 24}): AppState =>
  reduceAll(anApp([aRow(id)], {size}), configured(), ...actions);
/** Without empty lines. */
const told = (
  screen: (state: AppState) => Line[],
  actions: AppAction[],
  size?: {columns: number; rows: number},
) =>
  frameText(screen(app(actions, size)))
    .split('\n')
    .filter((line) => line !== '');

const asked: AppAction = restoreSlice.open({type: 'purpose opened', subject: {id, undoes: null}}, 'purpose');
const ticket: AppAction = restoreSlice.to({type: 'field written', text: 'INC-4711'});
const switched: AppAction = restoreSlice.to({type: 'purpose switched', to: 'drill'});
const fresh = (name: string) =>
  anAction(name, {action: 'create', live: {kind: 'absent', missing: []}, loses: null});
const drillPlan = aRestorePlan(id, [fresh('tenants'), fresh('ledger')], {into, safety: false});
const drillPlanned: AppAction[] = [
  asked,
  switched,
  ticket,
  restoreSlice.open({type: 'restore opened', subject: {id, undoes: null}}),
  restoreSlice.to({type: 'restore planned', plan: drillPlan, reasons: []}),
];

describe('what it is for', () => {
  test('of an incident, at 80x24', () => {
    expect(
      told(purposeScreen, [asked, ticket, restoreSlice.to({type: 'field chosen', how: 'next'})]),
    ).toEqual([
      ' NOTHING CHANGED YET',
      ` ${id}`,
      '   What is it for? All of it is optional: Enter goes on.',
      '   for          [incident]  drill    Left Right',
      '   ticket        INC-4711',
      ' > title         _',
      '   authorised by',
      '   Authorised by: who approved it beforehand, or "emergency" and why.',
      "   It goes into the session's record, with your name.",
    ]);
  });

  test('of a drill, at 60x16', () => {
    expect(told(purposeScreen, [asked, switched], {columns: 60, rows: 16})).toEqual([
      ' NOTHING CHANGED YET',
      ` ${id}`,
      '   What is it for? All of it is optional: Enter goes on.',
      '   for           incident  [drill]   Left Right',
      `   directory     ${into}`,
      ' > ticket        _',
      '   title',
      '   authorised by',
      '   A drill writes into that directory only, and makes it if',
      '   it is not there. No live file is touched.',
    ]);
  });
});

test('the header names the step while one is at it, and then keeps its room for the root', () => {
  expect(lineText(header(app([asked])))).toMatch(
    /^ magds > Backups > What for {2}db-01 .* \/srv\/magmoboce /,
  );
  expect(
    lineText(header(app([asked, restoreSlice.open({type: 'restore opened', subject: {id, undoes: null}})]))),
  ).toMatch(/^ magds > Backups > Restore {2}db-01 .* \/srv\/magmoboce /);
});

test('the plan says on the right what it is for, and which ticket', () => {
  const first = (...actions: AppAction[]) =>
    told(restoreScreen, [
      asked,
      ...actions,
      restoreSlice.open({type: 'restore opened', subject: {id, undoes: null}}),
    ])[0];
  expect(first(ticket)).toBe(
    ' NOTHING CHANGED YET                                          incident INC-4711',
  );
  expect(first(ticket, switched)).toBe(
    ' NOTHING CHANGED YET                                             drill INC-4711',
  );
  expect(first()).toMatch(/ incident, no ticket$/);
});

describe('a drill', () => {
  test('has a plan into its directory, and loses nothing', () => {
    const lines = told(restoreScreen, drillPlanned);
    expect(lines.slice(2)).toEqual([
      '       DATASET DIR NOW                BECOMES',
      ' > [*] tenants       -                 2.0 kB   + 1',
      '   [*] ledger        -                 2.0 kB   + 1',
      `   INTO      ${into}, readable by you alone`,
      '   YOU LOSE  nothing: a drill touches no live file',
      '   TIME      about 35s; the switch itself under a second',
      '   SPACE     5.0 kB of 1.0 GB free on the disk of /srv/magmoboce/storage',
      '   WAY BACK  delete the directory',
      ' Enter goes on with tenants, ledger: the id is typed first',
    ]);
  });

  test('is confirmed as what it is', () => {
    const confirming: AppAction[] = [
      ...drillPlanned,
      restoreSlice.open({type: 'confirm opened'}, 'confirm'),
      restoreSlice.to({type: 'word written', text: id}),
    ];
    expect(told(confirmScreen, confirming)).toEqual([
      ' LAST STEP BEFORE THE DRILL ON db-01',
      '   Copies of tenants, ledger as of 09:00:00Z (3h00m), into',
      `   ${into}`,
      '   No live file is touched.',
      '   + verified just now              + space',
      '   + audit log writable',
      "   Type the backup's id, then Enter. Paste does nothing.",
      `     ${id}`,
      `   > ${id}_`,
      '     + 23 of 23: Enter begins the drill',
      '   About 35s. Connection lost? It goes on; run magds again.',
    ]);
  });

  test('is confirmed by name on a narrow screen too', () => {
    const confirming: AppAction[] = [...drillPlanned, restoreSlice.open({type: 'confirm opened'}, 'confirm')];
    expect(told(confirmScreen, confirming, {columns: 60, rows: 16}).slice(1, 4)).toEqual([
      '   Copies of tenants, ledger as of 09:00:00Z (3h00m), into',
      `   ${into}`,
      '   No live file is touched.',
    ]);
  });

  const record = (type: string, data: Record<string, unknown>): AppAction => ({
    type: 'follow event',
    session: 12,
    event: {type: 'record', line: aLine(type, data)},
  });
  const atWork: AppAction[] = [
    {type: 'follow started', show: true, session: 12, id, undoes: null, estimate: 35},
    record('opened', {into, ticket: 'DRILL-Q4'}),
  ];
  const ended = (outcome: 'done' | 'rolled-back' | 'refused' | 'needs-recovery'): AppAction => ({
    type: 'follow event',
    session: 12,
    event: {
      type: 'finished',
      finished: {outcome, exit: 0, reason: 'the disk is full', beware: [], commands: []},
    },
  });

  test('at work is told from a restore wherever it is said', () => {
    expect(told(progressScreen, atWork).slice(0, 6)).toEqual([
      ` Drill of ${id}   session 12`,
      '   - prepare ...      nothing changes yet; ^C cancels',
      '   - switch           all files at once, under a second',
      '   - done             all files are in its directory',
      `   staged, hashed    [${'.'.repeat(40)}]   0%`,
      `   new files hashed  [${'.'.repeat(40)}]   0%`,
    ]);
    const onList = app([...atWork, {type: 'went back'}]);
    expect(lineText(header(onList))).toContain('DRILL ');
    expect(lineText(backupsScreen(onList)[0] ?? [])).toBe(' A drill is running: prepare.  r shows it');
    expect(told(statusScreen, atWork).join(' ').replace(/\s+/g, ' ')).toMatch(
      /, DRILL-Q4: A drill of the backup of .* is running \(prepare\) and will be done .* no live data is touched, and none is lost\./,
    );
  });

  test('that is done says where its files are, and that nothing live was touched', () => {
    const live = ['tenants', 'ledger'].map(liveFile);
    const lines = told(progressScreen, [...atWork, record('switched', {live}), ended('done')]);
    expect(lines.slice(-5)).toEqual([
      '   + DRILL DONE 11:58:20Z, in 0s.',
      '   2 of 2 files are what the manifest says.',
      '   No live file was touched. A drill has no checklist.',
      `   Its files are in ${into}, readable by you alone:`,
      '     delete them when you have seen them.',
    ]);
    expect(lines.join('\n')).not.toMatch(/RESTORED|undo|safety/);
  });

  test.each([
    ['refused', 'No live file was touched.'],
    ['rolled-back', 'Its files are removed again. No live file was touched.'],
    ['needs-recovery', 'Files of the drill may be missing. No live file was touched.'],
  ] as const)('%s says what that means', (outcome, means) => {
    expect(told(progressScreen, [...atWork, ended(outcome)])).toContain(`   ${means}`);
  });
});

test('a drill that stopped halfway stops no service', () => {
  const found = stoppedFound({drill: true});
  const lines = told(stoppedScreen, [found]);
  expect(lines[0]).toBe(' x A DRILL STOPPED HALFWAY. Nothing happens until you choose.');
  expect(lines).toContain('   x mixed: of the drill only, no live file is touched');
  const text = told(statusScreen, [found]).join(' ').replace(/\s+/g, ' ');
  expect(text).toMatch(/INC-4711: The drill of the backup of .* no live data was touched\./);
  expect([...lines, text].join()).not.toMatch(/service/);
});

test('the status text names the ticket, of whatever it is about', () => {
  const head = (...actions: AppAction[]) => told(statusScreen, actions)[1];
  expect(head()).toMatch(/^ {3}db-01 \(\w+\), 12:00 UTC.*:$/);
  expect(head(asked, ticket)).toMatch(/, INC-4711:$/);
  expect(head(sessionsRead(aStory()))).toMatch(/, INC-4711:$/);
  expect(head(sessionsRead(aStory({ticket: null})))).not.toMatch(/INC/);
});

test('a session says what it was for, and who said yes', () => {
  const story = aStory({purpose: 'incident', title: 'tenants came back empty', authorisedBy: 'bob'});
  expect(
    told(sessionsScreen, [sessionsRead(story), sessionsSlice.open({type: 'sessions opened'})])
      .join(' ')
      .replace(/\s+/g, ' '),
  ).toContain('by amira, INC-4711, incident, tenants came back empty, authorised by bob, 2 files');
});
