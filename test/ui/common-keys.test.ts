import {describe, expect, test} from 'vitest';
import {commonKeys} from '../../source/ui/common-keys.ts';
import {keyName} from '../../source/ui/keys.ts';
import {linesOf} from '../../source/ui/kit/part.tsx';
import {bindingFor, hints, layersOf} from '../../source/ui/meaning.ts';
import {activitySlice} from '../../source/ui/screens/activity/state.ts';
import {backupsSlice} from '../../source/ui/screens/backups/state.ts';
import {differencesSlice} from '../../source/ui/screens/differences/state.ts';
import {helpSlice} from '../../source/ui/screens/help/state.ts';
import {helpText} from '../../source/ui/screens/help/View.tsx';
import {manifestSlice} from '../../source/ui/screens/manifest/state.ts';
import {paletteSlice} from '../../source/ui/screens/palette/state.ts';
import {restoreSlice} from '../../source/ui/screens/restore/state.ts';
import {sessionsSlice} from '../../source/ui/screens/sessions/state.ts';
import {signOffSlice} from '../../source/ui/screens/sign-off/state.ts';
import {statusSlice} from '../../source/ui/screens/status/state.ts';
import {stoppedSlice} from '../../source/ui/screens/stopped/state.ts';
import {screenOf, screens} from '../../source/ui/screens.ts';
import type {AppAction} from '../../source/ui/state.ts';
import {activityRead, aLogged} from '../support/activity-states.ts';
import {differenceRead, differencesCompared, tablesRead} from '../support/difference-states.ts';
import {everyKey} from '../support/every-key.ts';
import {evidenceMade, evidenceWritten} from '../support/evidence-states.ts';
import {keyboard} from '../support/keyboard.ts';
import {aManifest, openedManifest} from '../support/manifests.ts';
import {aRestorePlan, restorePlanned} from '../support/restore-states.ts';
import {aStory, sessionsRead, stoppedFound} from '../support/session-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../support/states.ts';

const rows = [aRow(idAt(1)), aRow(idAt(2))];
const id = idAt(1);
const manifest = openedManifest(aManifest({id}), id);
const after = (...actions: AppAction[]) => reduceAll(anApp(rows), ...actions);

test.each([
  [
    'help',
    after(helpSlice.open({type: 'help opened'}), helpSlice.to({type: 'filter opened'})),
    'clear filter',
  ],
  [
    'help, kept',
    after(
      helpSlice.open({type: 'help opened'}),
      helpSlice.to({type: 'filter written', text: 'a'}),
      helpSlice.to({type: 'filter kept'}),
    ),
    'clear filter',
  ],
  [
    'activity, of one event',
    after(...activityRead([aLogged(0)]), activitySlice.to({type: 'next event sought'})),
    'clear filter',
  ],
  [
    'manifest',
    after(manifestSlice.open({type: 'manifest opened', manifest}), manifestSlice.to({type: 'filter opened'})),
    'end search',
  ],
  ['help, unfiltered', after(helpSlice.open({type: 'help opened'})), 'back'],
] as const)('Esc says what it does now: %s', (_, state, hint) => {
  expect(hints(state).find(({key}) => key === 'Esc')?.hint).toBe(hint);
});

test.each([
  [
    'a recovery that was decided',
    after(stoppedFound(), stoppedSlice.to({type: 'recovery started'})),
    'What was decided of session 12 is being done: Ctrl+C again quits as soon as it is.',
  ],
  [
    'a session that is being signed off',
    after(
      sessionsRead(aStory()),
      signOffSlice.open({type: 'sign-off opened', session: 12}),
      signOffSlice.to({
        type: 'sign-off planned',
        plan: {session: 12, goes: {files: [], bytes: 0, databases: []}, safety: null, held: null},
      }),
      signOffSlice.to({type: 'number written', text: '12'}),
      signOffSlice.to({type: 'signing begun'}),
    ),
    'Session 12 is being signed off: Ctrl+C again quits as soon as it is.',
  ],
])('quitting says what is being done to its end: %s', (_, state, text) => {
  const board = keyboard(state);
  board.press('ctrl+c');
  expect(board.state().message?.text).toBe(text);
});

test('that another one is still being verified is said as long as it is', () => {
  const board = keyboard(after({type: 'verify started', id: idAt(2)}, {type: 'went back'}));
  board.press('v');
  expect(board.state().message?.text).toBe(`${idAt(2)} is still being verified: wait, or stop it first.`);
  board.store.dispatch({
    type: 'verify event',
    event: {type: 'finished', results: [], seconds: 1},
    seconds: 1,
  });
  expect(board.state().message).toBeNull();
});

test('what is copied out of a backup is not cut off without a question', () => {
  const board = keyboard(after({type: 'extract began', dataset: 'tenants'}));
  board.press('q');
  expect(board.effects.quit).not.toHaveBeenCalled();
  expect(board.state().message?.text).toBe(
    'tenants is being copied out: q again stops that and quits. Nothing of it stays.',
  );
  board.store.dispatch({type: 'extract ended', dataset: 'tenants'});
  expect(board.state().message).toBeNull();
  board.press('q');
  expect(board.effects.quit).toHaveBeenCalledOnce();
});

const states = {
  nothing: anApp(),
  list: after(),
  filtered: after(
    backupsSlice.to({type: 'filter written', text: '2026'}),
    backupsSlice.to({type: 'filter kept'}),
  ),
  typing: after(backupsSlice.to({type: 'filter opened'})),
  manifest: after(manifestSlice.open({type: 'manifest opened', manifest})),
  differences: after(...differencesCompared(id)),
  difference: after(...differencesCompared(id), ...differenceRead(['a'], ['b'])),
  rows: after(
    ...differencesCompared(id),
    ...tablesRead(),
    differencesSlice.open({type: 'rows opened'}, 'rows'),
  ),
  others: after(...differencesCompared(id), differencesSlice.open({type: 'others opened'}, 'others')),
  verify: after({type: 'verify started', id}),
  purpose: after(restoreSlice.open({type: 'purpose opened', subject: {id, undoes: null}}, 'purpose')),
  restore: after(...restorePlanned(aRestorePlan(id))),
  service: after(...restorePlanned(aRestorePlan(id)), restoreSlice.open({type: 'service opened'}, 'service')),
  confirm: after(...restorePlanned(aRestorePlan(id)), restoreSlice.open({type: 'confirm opened'}, 'confirm')),
  progress: after({type: 'follow started', show: true, session: 3, id, undoes: null, estimate: 35}),
  checklist: after(
    sessionsRead(aStory()),
    sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist'),
  ),
  sessions: after(sessionsRead(aStory()), sessionsSlice.open({type: 'sessions opened'})),
  evidence: after(...evidenceMade({kind: 'verification', id})),
  'written evidence': after(...evidenceMade({kind: 'verification', id}), evidenceWritten()),
  activity: after(...activityRead([aLogged(0)])),
  'empty activity': after(...activityRead([])),
  event: after(...activityRead([aLogged(0)]), activitySlice.open({type: 'event opened'}, 'event')),
  record: after(sessionsRead(aStory()), sessionsSlice.open({type: 'record opened', session: 12}, 'record')),
  stopped: after(stoppedFound()),
  status: after(statusSlice.open(null)),
  help: after(helpSlice.open({type: 'help opened'})),
  palette: after(paletteSlice.open({type: 'palette opened'})),
};
const each = Object.entries(states);
const helpOf = (columns: number, from?: string) =>
  linesOf(helpText(screens, commonKeys, from), {columns, height: Number.POSITIVE_INFINITY});

test.each(each)('no key means two things that can both be done: %s', (_, state) => {
  for (const layer of layersOf(state)) {
    const enabled = layer.filter(({why}) => !why?.(state));
    const keys = enabled.flatMap((one) => one.keys);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  }
});

test('every key has a name that an operator can find on a keyboard', () => {
  for (const key of everyKey.flatMap(({binding}) => binding.keys))
    expect(keyName(key)).toMatch(/^(\^[A-Z]|[A-Z][A-Za-z]+|[!-~])$/);
  expect(['enter', 'escape', 'ctrl+c', 'pageup', 'G'].map(keyName)).toEqual([
    'Enter',
    'Esc',
    '^C',
    'PgUp',
    'G',
  ]);
});

test('the help names every action but those of the menu, which names its own', () => {
  const help = helpOf(200).map((line) => line.map(({text}) => text).join(''));
  for (const {of, binding} of everyKey.filter((each) => each.of !== 'palette')) {
    const {keys, label} = binding;
    const named = help.some((line) => line.includes(label) && line.includes(keys.map(keyName).join(' ')));
    expect(named, `${of}: ${label}`).toBe(true);
  }
});

test.each([
  [undefined, ' Backups'],
  ['checklist', ' Checklist'],
  ['confirm', ' Restore, the last step before files change'],
  ['purpose', ' Restore, what it is for'],
  ['run', ' Back up, before it starts'],
  ['stopped', ' A restore that stopped halfway'],
  ['config', ' Marks'],
] as const)('the help begins with the keys of where one is: %s', (screen, title) => {
  const help = helpOf(80, screen).map((line) => line.map(({text}) => text).join(''));
  const end = help.findIndex((line) => line.trim() === '');
  const marks = help.slice(0, end).join('');
  for (const mark of ['+', 'x', '!', '?', '-', '12', '=', '*', 'bad']) expect(marks).toContain(` ${mark}`);
  expect(help[end + 1]).toBe(title);
  expect(help.toSorted()).toEqual(
    helpOf(80)
      .map((line) => line.map(({text}) => text).join(''))
      .toSorted(),
  );
});

test.each(each)('everything hinted at can be done: %s', (_, state) => {
  const hinted = hints(state);
  expect(hinted.length).toBeGreaterThan(0);
  const all = everyKey.flatMap(({binding}) => binding.keys);
  const byName = (name: string) => all.find((key) => keyName(key) === name);
  for (const {key, hint} of hinted) {
    const binding = bindingFor(state, byName(key) ?? '');
    const named = typeof binding?.hint === 'function' ? binding.hint(state, screenOf(state)) : binding?.hint;
    expect(named).toBe(hint);
    expect(binding?.why?.(state) ?? null).toBeNull();
  }
});

describe('what a key means', () => {
  const meaning = (state: keyof typeof states, key: string) => bindingFor(states[state], key)?.label;

  test('depends on the screen', () => {
    expect(meaning('list', 'enter')).toMatch(/^differences: to the live files/);
    expect(meaning('list', 'm')).toBe('open the manifest');
    expect(meaning('manifest', 'enter')).toBe('table or raw JSON');
    expect(meaning('palette', 'enter')).toBe('do it');
    expect(meaning('typing', 'enter')).toBe('keep the filter');
  });

  test('letters are not keys while a filter is typed', () => {
    expect(meaning('typing', 'v')).toBeUndefined();
    expect(meaning('typing', 'j')).toBeUndefined();
  });

  test('Ctrl+C stops a verification that runs, and asks to quit everywhere else', () => {
    expect(meaning('verify', 'ctrl+c')).toMatch(/^stop the verification/);
    expect(meaning('list', 'ctrl+c')).toBe('twice: quit');
    expect(meaning('typing', 'ctrl+c')).toBe('twice: quit');
  });

  test('a key without a meaning has none', () => {
    expect(meaning('list', 'Z')).toBeUndefined();
    expect(meaning('help', 'v')).toBeUndefined();
  });

  test('what cannot be done says why', () => {
    const binding = bindingFor(states.nothing, 'v');
    expect(binding?.why?.(states.nothing)).toMatch(/no backup/);
  });
});

test('quit is hinted at on the first screen only, back everywhere else', () => {
  const named = (state: keyof typeof states) => hints(states[state]).map(({hint}) => hint);
  expect(named('list')).toContain('quit');
  expect(named('list')).not.toContain('back');
  expect(named('filtered')).toContain('clear filter');
  expect(named('manifest')).toContain('back');
  expect(named('manifest')).not.toContain('quit');
});
