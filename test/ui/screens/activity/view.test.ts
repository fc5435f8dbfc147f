import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {LoggedLine} from '../../../../source/engine/events/log/logged-line.ts';
import {widthOf} from '../../../../source/presenters/graphemes.ts';
import {footer} from '../../../../source/ui/frame.ts';
import {bodyHeight} from '../../../../source/ui/layout.ts';
import {hints} from '../../../../source/ui/meaning.ts';
import {activitySlice} from '../../../../source/ui/screens/activity/state.ts';
import {type AppAction, type AppState, currentScreen} from '../../../../source/ui/state.ts';
import {
  activityRead,
  aLogged,
  appended,
  failedVerification,
  logText,
  readText,
} from '../../../support/activity-states.ts';
import {frameText, lineText, screenOf} from '../../../support/frames.ts';
import {hostile, unprintable} from '../../../support/hostile.ts';
import {configured} from '../../../support/run-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const activityScreen = screenOf('activity');
const eventScreen = screenOf('event');

const id = idAt(3, 'nightly');
const standard = {columns: 80, rows: 24};
const narrow = {columns: 60, rows: 16};
const app = (actions: AppAction[], size = standard): AppState =>
  reduceAll(anApp([aRow(id)], {size}), configured(), ...actions);

/** The screen and its keys, as many lines as it has. */
function frame(state: AppState): string[] {
  const lines = currentScreen(state) === 'event' ? eventScreen(state) : activityScreen(state);
  expect(lines).toHaveLength(bodyHeight(state.size));
  return frameText([...lines, footer(state)]).split('\n');
}

const lines: LoggedLine[] = [
  failedVerification(0),
  aLogged(-1),
  aLogged(-2, {
    action: 'magdb.restore.started',
    payload: {
      id,
      session: 12,
      drill: false,
      undoes: null,
      purpose: null,
      ticket: 'INC-4711',
      authorised_by: null,
      plan: 'ab',
      datasets: ['tenants', 'ledger'],
      deviations: [],
    },
  }),
  readText('{"action":"magdb.', -3),
  aLogged(-90_000, {
    action: 'magdb.backup.completed',
    payload: {
      id,
      label: 'nightly',
      datasets: 4,
      missing: ['sessions'],
      bytes: 1_900_000_000,
      manifest_digest: null,
      seconds: 33,
      operator: {login: 'www-data'},
    },
  }),
];

describe('the list', () => {
  test('at 80x24', () => {
    expect(frame(app(activityRead(lines)))).toEqual([
      ' Backups and restores',
      '   TIME (UTC)     EVENT                   BACKUP           BY       RESULT',
      ' > 11:59:00Z    x backup.verify_failed    20261123_090000~ amira    ledger mism~',
      '   11:58:59Z    + backup.verify_completed 20261123_090000~ amira    passed, 4 d~',
      '   11:58:58Z    - restore.started         20261123_090000~ amira    tenants led~',
      '   ?            ! not a line of an audit log',
      '   11-22 10:59Z ! backup.completed        20261123_090000~ www-data without ses~',
      ...Array.from({length: 9}, () => ''),
      ' -- 1 of 5, back to 11-22 10:59Z: the log begins there ------------------------',
      '   x ledger mismatch',
      '   backup 20261123_090000_nightly, by amira as root',
      '   2026-11-23 11:59:00Z from 10.0.4.7 on db-01',
      '',
      ' Enter show  / filter  f event  b backup  a all actions  Esc back  ? help',
    ]);
  });

  test('at 60x16, filtered by event', () => {
    const state = app([...activityRead(lines), activitySlice.to({type: 'next event sought'})], narrow);
    expect(frame(state)).toEqual([
      ' Backups and restores  magdb.backup.completed',
      '   TIME (UTC)     EVENT                   BACKUP',
      ' > 11-22 10:59Z ! backup.completed        20261123_090000_n~',
      '',
      '',
      '',
      '',
      '',
      '',
      ' -- 1 of 5 pass, back to 11-22 10:59Z: the log begins there',
      '   ! without sessions, 4 datasets, 1.9 GB, 33s',
      '   backup 20261123_090000_nightly, by www-data',
      '   2026-11-22 10:59:00Z from 10.0.4.7 on db-01',
      ' Enter show  / filter  f event  Esc clear filter  ? help',
    ]);
  });

  test('of one backup has no column for it, and more room for what became of it', () => {
    const [head, , first] = frame(app(activityRead(lines, {backup: id})));
    expect(head).toBe(` Backups and restores  ${id}`);
    expect(first).toBe(' > 11:59:00Z    x backup.verify_failed    amira    ledger mismatch');
  });

  test('what comes while one reads further down is counted', () => {
    const many = Array.from({length: 60}, (_, index) => aLogged(0 - index));
    const state = app([
      ...activityRead(many),
      {type: 'moved', how: 'pageDown'},
      {type: 'moved', how: 'pageDown'},
      appended(aLogged(2), aLogged(1)),
    ]);
    expect(frame(state)[0]).toMatch(/^ Backups and restores {40,}! 2 new: g$/);
  });
});

describe('an empty one says what that means, and what to do', () => {
  const found = (state: 'missing' | 'unreadable' | 'there', reason: string | null = null): AppAction =>
    activitySlice.to({
      type: 'activity found',
      log: {state, reason},
    });
  const went = (end: string | null = 'the log begins there'): AppAction =>
    activitySlice.to({
      type: 'activity went back',
      lines: [],
      end,
    });
  const opened: AppAction = activitySlice.open({type: 'activity opened', backup: null});

  test.each<[string, AppAction[], RegExp]>([
    ['before it is read', [opened], /Reading the audit log \.\.\./],
    [
      'missing',
      [opened, found('missing'), went()],
      /There is no audit log: \/srv\/magmoboce\/storage\/logs\/audit\.log\n +The first backup, verification or restore begins it/,
    ],
    [
      'unreadable',
      [opened, found('unreadable', 'permission denied: run as its owner, or as root'), went()],
      /x log unreadable[\s\S]*x \/srv\/\S+ cannot be read: permission denied:\s+run as its owner, or as root\./,
    ],
    [
      'none of ours',
      [opened, found('there'), went()],
      /says nothing of backups and restores\.\n +a shows all/,
    ],
    [
      'none of ours so far',
      [opened, found('there'), went(null)],
      /PgDn reads further back\.[\s\S]*-- PgDn reads further back --/,
    ],
    [
      'all filtered out',
      [
        ...activityRead(lines, {backup: 'x', end: null}),
        activitySlice.to({type: 'filter written', text: 'y'}),
      ],
      /Nothing that was read is about that\.\n +Esc ends the filter, b shows all backups, PgDn reads further back\./,
    ],
  ])('%s', (_, actions, wanted) => {
    expect(frame(app(actions)).join('\n')).toMatch(wanted);
    expect(frame(app(actions, narrow)).join('\n').replace(/\s+/g, ' ')).not.toContain('undefined');
  });
});

describe('one event', () => {
  test('at 80x24, from its end', () => {
    const state = app([
      ...activityRead(lines),
      activitySlice.open({type: 'event opened'}, 'event'),
      {type: 'moved', how: 'last'},
    ]);
    const shown = frame(state);
    expect(shown.slice(0, 3)).toEqual([
      ` x backup.verify_failed   2026-11-23 11:59:00Z   ${id}`,
      ' -- the line in the log, lines 18-36 of 36 ------------------------------------',
      '        }',
    ]);
    expect(shown.slice(-3)).toEqual([
      '    "created_at": "2026-11-23T11:59:00.000Z"',
      '  }',
      ' y copy line  Esc back  ? help',
    ]);
  });

  test('at 60x16: a value goes on in the next line, and ends', () => {
    const long = aLogged(0, {payload: {note: 'n'.repeat(70)}});
    const state = app(
      [
        ...activityRead([long]),
        activitySlice.open({type: 'event opened'}, 'event'),
        {type: 'moved', how: 'pageDown'},
      ],
      narrow,
    );
    const text = frame(state).join('\n');
    expect(text).toMatch(/ {6}"note": "n{40,}\n {8}n+"/);
  });

  test('a broken one says why, and shows what is there', () => {
    const state = app([
      ...activityRead([readText('magdb.\u001b[31m')]),
      activitySlice.open({type: 'event opened'}, 'event'),
    ]);
    expect(frame(state).slice(2, 5)).toEqual(['  ! not a line of an audit log', '', '  magdb.\\u{1b}[31m']);
  });

  test('one value of a megabyte is cut, and says so', () => {
    const state = app([
      ...activityRead([aLogged(0, {payload: {note: 'n'.repeat(1_000_000)}})]),
      activitySlice.open({type: 'event opened'}, 'event'),
      {type: 'moved', how: 'last'},
    ]);
    expect(frame(state).join('')).toContain('created_at');
    const all = activitySlice.of(state).opened;
    expect(all?.top).toBeLessThan(400);
  });
});

test('whatever the log says, nothing of it reaches the terminal raw, and every line fits', () => {
  const line = fc.oneof(
    hostile.map((text) => readText(text, 0)),
    fc
      .record({
        action: hostile,
        payload: fc.record({id: hostile, reason: hostile, operator: hostile}),
        address: hostile,
      })
      .map(({action, payload, address}) =>
        readText(logText({action, payload, changes: {ip_address: address}}), 0),
      ),
    hostile.map((reason) =>
      aLogged(0, {action: 'magdb.backup.failed', payload: {id: null, label: reason, reason}}),
    ),
  );
  const shown = fc.record({
    read: fc.array(line, {minLength: 1, maxLength: 4}),
    size: fc.constantFrom(standard, narrow, {columns: 133, rows: 40}),
    after: fc.constantFrom<AppAction[]>(
      [],
      [activitySlice.open({type: 'event opened'}, 'event')],
      [activitySlice.to({type: 'next event sought'})],
      [activitySlice.to({type: 'activity of backup'})],
    ),
  });
  fc.assert(
    fc.property(shown, hostile, ({read, size, after}, text) => {
      const numbered = read.map((each, index) => ({...each, number: 0 - index}));
      const state = app([...activityRead(numbered), ...after], size);
      const typed = reduceAll(
        state,
        activitySlice.to({type: 'filter opened'}),
        activitySlice.to({type: 'filter written', text}),
      );
      for (const each of [state, typed]) {
        const screen = currentScreen(each) === 'event' ? eventScreen(each) : activityScreen(each);
        for (const one of screen) {
          expect(lineText(one)).not.toMatch(unprintable);
          expect(widthOf(lineText(one))).toBeLessThanOrEqual(size.columns);
        }
      }
    }),
  );
});

test('the keys that are hinted at are those that do something', () => {
  const named = (actions: AppAction[]) => hints(app(actions)).map(({hint}) => hint);
  expect(named(activityRead(lines))).toEqual([
    'show',
    'filter',
    'event',
    'backup',
    'all actions',
    'copy id',
    'back',
    'help',
  ]);
  expect(named(activityRead([]))).toEqual(['all actions', 'back', 'help']);
});
