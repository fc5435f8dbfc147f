import {describe, expect, test} from 'vitest';
import type {Finished} from '../../../source/engine/restore/request.ts';
import {runbookSteps} from '../../../source/engine/session/checklist.ts';
import {header} from '../../../source/ui/frame.ts';
import type {Line} from '../../../source/ui/kit/line.ts';
import {bodyHeight} from '../../../source/ui/layout.ts';
import {restoreSlice} from '../../../source/ui/screens/restore/state.ts';
import {recordLines, sessionsSlice} from '../../../source/ui/screens/sessions/state.ts';
import {stoppedSlice} from '../../../source/ui/screens/stopped/state.ts';
import type {AppAction, AppState} from '../../../source/ui/state.ts';
import {frameText, lineText, screenOf} from '../../support/frames.ts';
import {
  anAction,
  aRestorePlan,
  aWrite,
  restorePlanned,
  restoreWatched,
} from '../../support/restore-states.ts';
import {configured} from '../../support/run-states.ts';
import {aLine, aStory, sessionsRead, someSteps, stoppedFound} from '../../support/session-states.ts';
import {anApp, aRow, idAt, noon, reduceAll} from '../../support/states.ts';

const backupsScreen = screenOf('backups');

const sessionsScreen = screenOf('sessions');
const recordScreen = screenOf('record');
const checklistScreen = screenOf('checklist');

const stoppedScreen = screenOf('stopped');
const progressScreen = screenOf('progress');
const confirmScreen = screenOf('confirm');

const statusScreen = screenOf('status');

const id = idAt(3, 'nightly');
const standard = {columns: 80, rows: 24};
const app = (actions: AppAction[], size = standard): AppState =>
  reduceAll(anApp([aRow(id)], {size}), configured(), ...actions);
/** Without empty lines. */
const told = (screen: (state: AppState) => Line[], actions: AppAction[], size = standard): string[] =>
  frameText(screen(app(actions, size)))
    .split('\n')
    .filter((line) => line !== '');

describe('the last step before files change', () => {
  const plan = aRestorePlan(id, [
    anAction('tenants', {writers: {openBy: ['php-fpm 2211'], writing: null, unseen: 0}}),
    anAction('ledger'),
  ]);
  const confirming = (typed: string, at?: number): AppAction[] => [
    ...restorePlanned(plan, [], at),
    restoreSlice.open({type: 'confirm opened'}, 'confirm'),
    restoreSlice.to({type: 'word written', text: typed}),
  ];

  test('at 80x24', () => {
    expect(told(confirmScreen, confirming(id.slice(0, 13)))).toEqual([
      ' LAST STEP BEFORE FILES CHANGE ON db-01',
      '   tenants, ledger go back to 09:00:00Z (3h00m).',
      '   Safety backup first.',
      '   + verified just now              + no writes for at least 45s',
      '   + space                          + audit log writable',
      '   + plan unchanged                 ! restart php-fpm 2211 after',
      "   Type the backup's id, then Enter. Paste does nothing.",
      '     20261123_090000_nightly',
      '   > 20261123_0900_',
      '     13 of 23, right so far',
      '   About 35s. Connection lost? It goes on; run magds again.',
    ]);
  });

  test.each([
    [noon - 189 * 3_600_000, '11-15 15:00Z (7d)'],
    [null, 'a time that is not known'],
  ] as const)('says how far back as other screens do', (at, said) => {
    const createdAt = at === null ? null : new Date(at).toISOString();
    const actions = restorePlanned({...plan, createdAt});
    const lines = told(confirmScreen, [...actions, restoreSlice.open({type: 'confirm opened'}, 'confirm')]);
    expect(lines[1]).toBe(`   tenants, ledger go back to ${said}.`);
  });

  test.each([standard, {columns: 60, rows: 16}])(
    'repeats that the backup is from after bad since',
    (size) => {
      const about = (at: number) => [
        restoreSlice.open({
          type: 'restore opened',
          subject: {id, undoes: null},
          badSince: {at, by: 'kim'},
        }),
        ...restorePlanned(plan).slice(1),
        restoreSlice.open({type: 'confirm opened'}, 'confirm'),
      ];
      expect(told(confirmScreen, about(noon - 6 * 3_600_000), size).join('\n')).toContain(
        '! BAD SINCE 06:00Z (kim): NOT from before it',
      );
      expect(told(confirmScreen, about(noon), size).join('\n')).not.toContain('BAD SINCE');
    },
  );

  test('says how long nobody has written, and what it means to restore what is written', () => {
    const quiet = [aWrite('tenants', {times: 0, quiet: 15, last: noon - 15_000})];
    const about = (actions: AppAction[], size = standard) =>
      told(
        confirmScreen,
        [
          ...actions,
          restoreSlice.open({type: 'confirm opened'}, 'confirm'),
          restoreSlice.to({type: 'word written', text: id}),
        ],
        size,
      );
    expect(about(restoreWatched(plan, quiet))[3]).toBe(
      '   + verified just now              ! no writes for 15s',
    );
    const although: AppAction[] = [
      ...restoreWatched(plan, [aWrite('tenants')]),
      restoreSlice.to({type: 'although written'}),
      restoreSlice.to({
        type: 'restore planned',
        plan: aRestorePlan(id, [anAction('tenants', {volatile: true}), anAction('ledger')]),
        reasons: [],
        at: noon - 200_000,
      }),
    ];
    expect(about(although).slice(3)).toEqual([
      ' x WRITING   tenants: 5 times in 60s: what is written until the switch is lost;',
      '             the safety backup keeps what was there when it was made',
      '   + verified 3m20s ago             x being written',
      '   + space                          + audit log writable',
      '   + plan unchanged',
      "   Type the backup's id, then Enter. Paste does nothing.",
      `     ${id}`,
      `   > ${id}_`,
      '     + 23 of 23: Enter restores',
      '   About 35s. Connection lost? It goes on; run magds again.',
    ]);
    expect(about(although, {columns: 60, rows: 16}).slice(3)).toEqual([
      ' x WRITING   tenants: 5 times in 60s: what is written until',
      '             the switch is lost; the safety backup keeps',
      '             what was there when it was made',
      '   ... more in the plan: Esc',
      "   Type the backup's id, then Enter. Paste does nothing.",
      `     ${id}`,
      `   > ${id}_`,
      '     + 23 of 23: Enter restores',
      '   About 35s. Connection lost? It goes on; run magds again.',
    ]);
  });

  test('written to while it is typed, the whole id does not do', () => {
    const lines = told(confirmScreen, [
      ...confirming(id, noon - 5000),
      restoreSlice.to({type: 'targets watched', writes: [aWrite('tenants', {times: 1})]}),
    ]);
    expect(lines.slice(3, 7)).toEqual([
      ' x WRITING   tenants: once in 60s. Stop the service first: s',
      '   + verified just now              x being written',
      '   + space                          + audit log writable',
      '   x changed since the plan         ! restart php-fpm 2211 after',
    ]);
    expect(lines.at(-2)).toBe('     x blocked: tenants is being written; Esc, back to the plan');
  });

  test('says what is wrong with it, that it is whole, and that it looks once more', () => {
    const said = (...actions: AppAction[]) => told(confirmScreen, actions).at(-2);
    expect(said(...confirming('2026x'))).toBe('     x wrong from character 5 on: Backspace, or ^U');
    expect(said(...confirming(id))).toBe('     + 23 of 23: Enter restores');
    expect(said(...confirming(id), restoreSlice.to({type: 'restore starting'}))).toMatch(
      /- looking once more \.\.\./,
    );
  });

  test('at 60x16 the word to be typed is seen, however much there is to say', () => {
    const lines = told(confirmScreen, confirming('2'), {columns: 60, rows: 16});
    expect(lines.at(-4)).toBe('     20261123_090000_nightly');
    expect(lines.at(-3)).toBe('   > 2_');
  });
});

describe('a restore at work', () => {
  const started: AppAction = {
    type: 'follow started',
    show: true,
    session: 12,
    id,
    undoes: null,
    estimate: 35,
  };
  const event = (of: Extract<AppAction, {type: 'follow event'}>['event']): AppAction => ({
    type: 'follow event',
    session: 12,
    event: of,
  });
  const finished = (outcome: 'done' | 'cancelled' | 'refused' | 'rolled-back' | 'needs-recovery') =>
    event({
      type: 'finished',
      finished: {outcome, exit: 1, reason: 'the disk is full', beware: ['kept: x'], commands: []},
    });

  test('while it prepares', () => {
    const half = event({type: 'progress', progress: {stage: 'staging', done: 50, total: 100}});
    const lines = told(progressScreen, [started, half]);
    expect(lines.slice(0, 7)).toEqual([
      ` ${id}   session 12`,
      '   - prepare ...      nothing changes yet; ^C cancels',
      '   - switch           all files at once, under a second',
      '   - done             u on the checklist undoes it',
      `   safety backup     [${'#'.repeat(40)}] 100%`,
      `   staged, hashed    [${'#'.repeat(20)}${'.'.repeat(20)}]  50%`,
      `   live files hashed [${'.'.repeat(40)}]   0%`,
    ]);
    expect(lines.at(-1)).toBe('   About 35s in all. Connection lost? It goes on; run magds again.');
  });

  test.each([
    ['done', /\+ RESTORED/],
    ['cancelled', /! CANCELLED: nothing was changed/],
    ['refused', /x REFUSED: the disk is full\.[\s\S]*No live file was touched/],
    ['rolled-back', /x FAILED, and rolled back: the disk is full\.[\s\S]*are what they were before/],
    ['needs-recovery', /x STOPPED: the disk is full\.[\s\S]*keep the service stopped/],
  ] as const)('%s', (outcome, wanted) => {
    expect(told(progressScreen, [started, finished(outcome)]).join('\n')).toMatch(wanted);
  });

  test('what stopped before it changed anything keeps no service stopped', () => {
    const reason = 'its process is gone';
    const result: Finished = {
      outcome: 'needs-recovery',
      exit: 6,
      reason,
      beware: [],
      commands: [],
      untouched: true,
    };
    const lines = told(progressScreen, [started, event({type: 'finished', finished: result})]);
    expect(lines.slice(-2)).toEqual([`   x STOPPED: ${reason}.`, '   No live file was touched.']);
  });

  test('in the smallest terminal it shows how far it is, too', () => {
    const half = event({type: 'progress', progress: {stage: 'staging', done: 50, total: 100}});
    const size = {columns: 60, rows: 16};
    const lines = told(progressScreen, [started, half], size);
    expect(lines).toContainEqual(expect.stringMatching(/^ {3}staged, hashed .* 50%$/));
    expect(lines.at(-1)).toBe('     magds again.');
  });

  test('what was cancelled has not failed', () => {
    const lines = told(progressScreen, [started, finished('cancelled')]);
    expect(lines).toContain('   ! prepare          cancelled');
  });

  test('a reason that is sentences ends once', () => {
    const reason = 'Locked. Wait until it is done.';
    const result: Finished = {outcome: 'refused', exit: 11, reason, beware: [], commands: []};
    const lines = told(progressScreen, [started, event({type: 'finished', finished: result})]);
    expect(lines).toContain(`   x REFUSED: ${reason}`);
  });

  test.each([
    ['refused', 'No live file was touched.'],
    ['rolled-back', 'The live files are what they were before.'],
    ['needs-recovery', 'Files may be half old, half new: keep the service stopped.'],
  ] as const)(
    '%s says what that means for the live files, however much else is to be said',
    (outcome, means) => {
      for (const words of [1, 20, 60, 500])
        for (const size of [standard, {columns: 60, rows: 16}]) {
          const reason = 'reason '.repeat(words).trim();
          const result: Finished = {outcome, exit: 1, reason, beware: [reason], commands: [reason]};
          const lines = told(progressScreen, [started, event({type: 'finished', finished: result})], size);
          expect(lines.length).toBeLessThanOrEqual(bodyHeight(size));
          expect(lines.join(' ').replace(/\s+/g, ' ')).toContain(means);
          // What does not fit is somewhere else.
          if (words > 1) expect(lines.at(-1)).toMatch(/reason|\.\.\. all of it: magds session show 12$/);
          if (words === 500) expect(lines.at(-1)).toBe('   ... all of it: magds session show 12');
        }
    },
  );

  test('is said in the header and above the list', () => {
    const state = app([started, {type: 'went back'}]);
    expect(lineText(header(state))).toContain('RESTORING');
    expect(lineText(backupsScreen(state)[0] ?? [])).toBe(' A restore is running: prepare.  r shows it');
  });
});

describe('the checklist', () => {
  const opened = (story = aStory()): AppAction[] => [
    sessionsRead(story),
    sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist'),
  ];

  test('at 80x24', () => {
    expect(told(checklistScreen, opened())).toEqual([
      ' + RESTORED 11:58:20Z, 2 files, 33s                      NOT SIGNED OFF: 1 of 4',
      ' session 12   20261123_090000_nightly   INC-4711   amira',
      '     STEP                                BY       AT           ANSWER',
      '   + 1 restored files match the manifest machine  11:59:00Z    2 of 2',
      ' > - 2 backup verified again                                   open',
      '   - 3 evidence captured                                       open',
      '   - 4 service resumed                                         open',
      ' -- backup verified again -----------------------------------------------------',
      '   Hashes the restored copies again, and tells the rest of that backup apart.',
      '   bad since ?   noticed ?   declared ?   service back ?',
      '   ! tenants: it has already been written to since',
      '   u undoes it, with a plan first; also after you sign off (C).',
      ' 3 steps left. Enter: hashes the copies again, and answers it',
    ]);
  });

  test('says when it went wrong, was noticed and was over, in as many lines as that takes', () => {
    const story = aStory({
      badSince: '2026-11-23T01:10:00.000Z',
      times: {noticed: '2026-11-23T01:20:00.000Z', declared: null, serviceBack: '2026-11-23T11:59:30.000Z'},
    });
    expect(told(checklistScreen, opened(story))).toContain(
      '   bad since 01:10Z   noticed 01:20Z   declared ?   service back 11:59:30Z',
    );
    expect(told(checklistScreen, opened(story), {columns: 60, rows: 24}).join('\n')).toContain(
      '   bad since 01:10Z, noticed 01:20Z, declared ?, service\n     back 11:59:30Z\n',
    );
  });

  test('whose answer is to be replaced, and was replaced before', () => {
    const [manifest, verified, ...others] = someSteps({step: 'verified', state: 'done', note: 'by hand'});
    if (!manifest || !verified?.answer) throw new Error('there is no answer');
    const before = {...verified.answer, machine: true, state: 'failed' as const, note: '3 of 4 copies match'};
    const steps = [manifest, {...verified, replaced: [before]}, ...others];
    const lines = told(checklistScreen, [
      ...opened(aStory({steps})),
      {type: 'moved', how: 'up'},
      {type: 'asked', kind: 'replace', id: 'verified', text: '', note: 'failed'},
    ]);
    expect(lines).toContain('   + done by amira, 11:59:00Z: by hand');
    expect(lines).toContain('   replaced: x failed by machine, 11:59:00Z: 3 of 4 copies match');
    expect(lines.at(-1)).toBe(' Answered by amira 11:59:00Z: Enter asks, then replaces it, Esc keeps it');
  });

  test('while a step is checked', () => {
    const checking: AppAction[] = [
      {type: 'check started', session: 12, step: 'verified'},
      {type: 'check progress', done: 5e8, total: 1e9},
    ];
    expect(told(checklistScreen, [...opened(), ...checking])).toContain(
      '   - checking ... 500 MB of 1.0 GB hashed   ^C stops it',
    );
  });

  test('whose steps are answered can be signed off; signed off, it says what failed', () => {
    const steps = someSteps(
      {step: 'verified', state: 'done', note: null},
      {step: 'evidence', state: 'skipped', note: 'later'},
      {step: 'service', state: 'failed', note: 'the disk'},
    );
    const lines = told(checklistScreen, opened(aStory({steps})));
    expect(lines.at(-1)).toBe(' All are answered: C signs it off, with final evidence');
    expect(lines.join('\n')).toMatch(
      /! 3 evidence captured .* skipped: later\n.* x 4 service.* failed: the disk/,
    );
    expect(told(checklistScreen, opened(aStory({steps, closed: true})))[0]).toMatch(/SIGNED OFF: 1 FAILED/);
    expect(told(checklistScreen, opened(aStory({steps, closed: true, undoneBy: 13})))[0]).toMatch(
      / UNDONE BY SESSION 13$/,
    );
  });

  test('at 60x16 keeps to its columns', () => {
    const lines = told(checklistScreen, opened(), {columns: 60, rows: 16});
    expect(lines[0]).toMatch(/^ \+ RESTORED 11:58:20Z.* NOT SIGNED OFF: 1 of 4$/);
    expect(lines[4]).toBe(' > - 2 backup verified again             open');
    // The undo does not fit below what the step means, and what is to be known.
    expect(lines.at(-2)).toBe('   ... more: l, its record');
  });
});

test('sessions, newest first, and one of them like a log', () => {
  const undone = aStory({
    number: 11,
    state: 'refused',
    reason: 'the plan has changed',
    steps: [],
    closed: true,
  });
  const read = sessionsRead(aStory(), undone);
  const lines = told(sessionsScreen, [read, sessionsSlice.open({type: 'sessions opened'})]);
  expect(lines.slice(0, 3)).toEqual([
    '    NO  OPENED (UTC)  BACKUP                          OUTCOME      STEPS  TOOK',
    ' >  12  11:57:47Z     20261123_090000_nightly         ! OPEN       1 of 4 33s',
    '    11  11:57:47Z     20261123_090000_nightly         - refused    -      33s',
  ]);
  expect(lines.slice(3)).toEqual([
    ' -- session 12 ----------------------------------------------------------------',
    '   by amira, INC-4711, 2 files',
    '   open: backup verified again, evidence captured, service resumed',
  ]);
  expect(
    told(sessionsScreen, [
      read,
      sessionsSlice.open({type: 'sessions opened'}),
      {type: 'moved', how: 'down'},
    ]).at(-1),
  ).toBe('   x the plan has changed');
  const record = told(recordScreen, [
    read,
    sessionsSlice.open({type: 'record opened', session: 12}, 'record'),
  ]);
  expect(record[1]).toBe(' 2026-11-23 11:58:20Z amira OPENED id: 20261123_090000_nightly');
  const story = aStory({
    lines: [
      aLine('checklist', {steps: runbookSteps}),
      aLine('plan', {
        actions: [
          {dataset: 'tenants', action: 'overwrite', hash: 'ab', reason: null, loses: 'writes since noon'},
          {dataset: 'ledger', action: 'unchanged', hash: 'cd', live: {bytes: 4}},
        ],
      }),
      aLine('context', {who: {login: 'amira', ssh_key: null}, host: {name: 'db-01', kernel: 'Linux'}}),
      aLine('switched', {
        seconds: 0.00084749,
        live: [
          {dataset: 'tenants', written: false},
          {dataset: 'ledger', written: true},
        ],
      }),
    ],
  });
  expect(
    told(recordScreen, [
      sessionsRead(story),
      sessionsSlice.open({type: 'record opened', session: 12}, 'record'),
    ]).slice(1),
  ).toEqual([
    ' 2026-11-23 11:58:20Z amira CHECKLIST steps: restored files match the',
    '     manifest, backup verified again, evidence captured, service resumed',
    ' 2026-11-23 11:58:20Z amira PLAN actions: tenants overwrite (loses writes',
    '     since noon), ledger unchanged',
    ' 2026-11-23 11:58:20Z amira CONTEXT who: (login: amira), host: db-01',
    ' 2026-11-23 11:58:20Z amira SWITCHED seconds: 0.001, live: tenants, ledger',
    '     (written to since)',
  ]);
});

test('a session that is signed off shows in the list what failed', () => {
  const steps = someSteps({step: 'service', state: 'failed', note: 'the disk'});
  const read = sessionsRead(aStory({steps, closed: true}), aStory({number: 11, steps}));
  const lines = told(sessionsScreen, [read, sessionsSlice.open({type: 'sessions opened'})]);
  expect(lines[1]).toMatch(/^ > {2}12 .* x 1 FAILED +2 of 4 /);
  expect(lines[2]).toMatch(/^ {4}11 .* ! OPEN /);
  expect(lines).toContain('   x signed off, failed: service resumed');
});

describe('a record that cannot be relied on', () => {
  const broken = 'line 3 is no line of a record';
  const read = sessionsRead(aStory({broken, torn: true}));

  test('is said among the sessions, at its checklist, and above the record itself', () => {
    expect(told(sessionsScreen, [read, sessionsSlice.open({type: 'sessions opened'})])).toContain(
      `   x record BROKEN: ${broken}`,
    );
    expect(
      told(checklistScreen, [
        read,
        sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist'),
      ]).join('\n'),
    ).toMatch(/! the record of this session cannot be relied on: line 3 is no line of a\s+record/);
    const record = told(recordScreen, [
      read,
      sessionsSlice.open({type: 'record opened', session: 12}, 'record'),
    ]);
    expect(record[0]).toMatch(/lines 1-\d+ of \d+ {3}x BROKEN$/);
    expect(record[1]).toBe(` x BROKEN, do not rely on it: ${broken}.`);
    expect(record.at(-1)).toBe(' ! its last line was cut short; the next one repairs that, and says so.');
  });

  test('may hold a line of any size: its beginning is shown, and where the rest is', () => {
    const story = aStory({lines: [aLine('hook', {output: 'x'.repeat(5e6)})]});
    const began = performance.now();
    const lines = recordLines(story, 80);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(lines.length).toBeLessThan(100);
    expect(lines.join('').replace(/\s+/g, ' ')).toMatch(/ 4996\d{3} more characters: magds session show 12$/);
    // Drawn for every key that is pressed, and made once.
    expect(recordLines(story, 80)).toBe(lines);
    expect(recordLines(story, 60)).not.toBe(lines);
  });
});

test('the record names a checklist by its steps, and says that there is more', () => {
  const lines = [
    aLine('checklist', {steps: someSteps().slice(0, 2)}),
    ...Array.from({length: 30}, () => aLine('saved', {bytes: 3})),
  ];
  const record = told(recordScreen, [
    {type: 'sessions read', stories: [aStory({lines})]},
    sessionsSlice.open({type: 'record opened', session: 12}, 'record'),
  ]);
  expect(record.slice(0, 4)).toEqual([
    ' Record of session 12 (UTC)   lines 1-20 of 32   PgDn more',
    ' 2026-11-23 11:58:20Z amira CHECKLIST steps: restored files match the',
    '     manifest, backup verified again',
    ' 2026-11-23 11:58:20Z amira SAVED bytes: 3',
  ]);
});

describe('a restore that stopped halfway', () => {
  test('at 80x24', () => {
    expect(
      told(stoppedScreen, [stoppedFound(), stoppedSlice.to({type: 'decision written', text: 'fin'})]),
    ).toEqual([
      ' x A RESTORE STOPPED HALFWAY. Nothing happens until you choose.',
      '   session   12  20261123_090000_nightly  INC-4711  amira',
      '   stopped   11:48:00Z, 12m ago; process 31877 gone',
      '   tenants  NEW  + as in the backup',
      '   ledger   OLD  + as before the restore',
      '   x mixed: keep the service stopped',
      '   finish    all NEW, about 1s   SUGGESTED: it was confirmed',
      '   rollback  all OLD, about 1s',
      '   look      its record; changes nothing',
      '   Type one, then Enter. Paste does nothing.',
      '   > fin_',
    ]);
  });

  test('at 60x16 its files are named too', () => {
    const lines = told(stoppedScreen, [stoppedFound()], {columns: 60, rows: 16});
    expect(lines[0]).toBe(' x A RESTORE STOPPED HALFWAY. Now you choose.');
    expect(lines).toContain('   tenants  NEW  + as in the backup');
    expect(lines.at(-1)).toBe('   > _');
  });

  test('and was written to since names what decides it', () => {
    const files = [{dataset: 'tenants', target: '/srv/x', standing: 'written' as const}];
    const lines = told(stoppedScreen, [stoppedFound({files})]).join('\n');
    expect(lines).toMatch(/tenants {2}\? {4}x written to since: you decide/);
    expect(lines).toMatch(/magds restore --resume or\s+--rollback, with --keep=NAME/);
    expect(lines).not.toMatch(/finish/);
  });

  test('before it changed anything says that everywhere, and offers no way on', () => {
    const found = stoppedFound({phase: 'prepare', files: []});
    const lines = told(stoppedScreen, [found]);
    expect(lines[0]).toBe(' x A RESTORE STOPPED BEFORE IT CHANGED ANYTHING. Only rollback cleans up.');
    expect(lines).toContain('   + All files are OLD, as before.');
    expect(lines).toContain('   rollback  cleans up what it had saved and staged');
    expect(told(stoppedScreen, [found], {columns: 60, rows: 16})[0]).toBe(
      ' x A RESTORE STOPPED BEFORE IT CHANGED ANYTHING.',
    );
    const status = told(statusScreen, [found], {columns: 180, rows: 24}).join(' ');
    const above = lineText(backupsScreen(app([found, {type: 'went back'}]))[0] ?? []);
    expect(above).toMatch(/Session 12 stopped before it changed anything: decide/);
    expect([...lines, status, above].join()).not.toMatch(/halfway|finish|stay stopped/i);
  });

  test('is said in the header, and above the list', () => {
    const state = app([stoppedFound(), {type: 'went back'}]);
    expect(lineText(header(state))).toContain('STOPPED 12');
    expect(lineText(backupsScreen(state)[0] ?? [])).toBe(
      ' x Session 12 stopped halfway: decide.  r shows it',
    );
  });
});

describe('the status text', () => {
  const said = (...actions: AppAction[]): string =>
    told(statusScreen, actions, {columns: 180, rows: 24})
      .slice(2, -1)
      .map((line) => line.trim())
      .join(' ');

  test('of an idle app', () => {
    expect(said()).toBe(
      'Nothing is running: we are looking at the backups. We have changed nothing and lost no data.',
    );
  });

  test('of a plan beside a session that is open', () => {
    expect(said(sessionsRead(aStory()), ...restorePlanned(aRestorePlan(id)))).toMatch(
      /^Session 12 is open: since 11:58 UTC.* tenants, ledger are as of 09:00 UTC.* again\. Nothing more has changed yet: a restore of tenants, ledger to 09:00 UTC/,
    );
    const undone = [aStory({number: 13, undoes: 11}), aStory()];
    expect(said(sessionsRead(...undone), ...restorePlanned(aRestorePlan(id)))).toMatch(
      /^Session 13 is open: the restore of session 11 was taken back at 11:58 UTC[^.]*\. Session 12 is open: since /,
    );
    expect(said(sessionsRead(aStory({closed: true})), ...restorePlanned(aRestorePlan(id)))).toMatch(
      /^Nothing has changed yet/,
    );
  });

  test('of a plan', () => {
    expect(said(...restorePlanned(aRestorePlan(id)))).toMatch(
      /^Nothing has changed yet: a restore of tenants, ledger to 09:00 UTC.* is being decided on\. It would take about 35s/,
    );
  });

  test('of a restore at work', () => {
    expect(said({type: 'follow started', show: true, session: 12, id, undoes: null, estimate: 120})).toMatch(
      /^A restore to 09:00 UTC.* is running \(prepare\) and will be done at about 12:02 UTC.*\. Nothing is lost yet: what was written since 09:00 UTC.* will be gone from the live data then, and kept in a safety backup\.$/,
    );
  });

  test('of one that stopped halfway', () => {
    expect(said(stoppedFound())).toMatch(
      /stopped halfway at 11:48 UTC.*, and the service has to stay stopped/,
    );
  });

  test('of one that is not signed off', () => {
    expect(said(sessionsRead(aStory()))).toMatch(
      /^Since 11:58 UTC.* tenants, ledger are as of 09:00 UTC.* again, and nothing else was changed; the service has not been reported back yet\. What was written to tenants, ledger between .*; 3 of 4 checks of session 12 are open\.$/,
    );
    const steps = someSteps({step: 'service', state: 'done', note: null});
    expect(said(sessionsRead(aStory({steps})))).toMatch(/the service is back/);
    const undo = aStory({undoes: 11, lines: [aLine('opened')]});
    expect(said(sessionsRead(undo))).toMatch(/^The restore of session 11 was taken back at 11:58 UTC/);
  });
});
