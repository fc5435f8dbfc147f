import {expect, test} from 'vitest';
import type {Holder} from '../../../../source/engine/restore/holders.ts';
import {restoreSlice} from '../../../../source/ui/screens/restore/state.ts';
import type {AppAction} from '../../../../source/ui/state.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {aRestorePlan, aWrite, restoreWatched} from '../../../support/restore-states.ts';
import {configured} from '../../../support/run-states.ts';
import {anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const serviceScreen = screenOf('service');

const id = idAt(3, 'nightly');
const plan = aRestorePlan(id, undefined, {unseen: 12});
const watched = restoreWatched(plan, [aWrite('tenants', {times: 14})]);
const fpm: Holder = {
  pids: ['2211', '2212', '2213', '2214'],
  name: 'php-fpm8.2',
  user: 'www-data',
  why: 'open',
  unit: {name: 'php8.2-fpm.service', ofUser: false},
};
const byHand: Holder = {pids: ['71'], name: 'import\u001b[2J', user: 'amira', why: 'root', unit: null};
const shown = (actions: AppAction[], size = {columns: 80, rows: 24}): string =>
  frameText(serviceScreen(reduceAll(anApp([aRow(id)], {size}), configured(), ...actions))).trimEnd();
const found = (...holders: Holder[]): AppAction[] => [
  ...watched,
  restoreSlice.open({type: 'service opened'}, 'service'),
  restoreSlice.to({type: 'service found', holders}),
];

test('who has the files open, and how that is stopped', () => {
  expect(shown(found(fpm, byHand))).toBe(
    [
      ' THIS STOPS NOTHING',
      '   x WRITING tenants: 14 times in 60s',
      '',
      '   ! php-fpm8.2 2211, 2212, 2213 and 1 more, user www-data: has the live',
      '     files open',
      '     systemctl stop php8.2-fpm.service',
      '   ! import\\u{1b}[2J 71, user amira: works in the root',
      '     no service of systemd: stop it the way it was started',
      '   ? 12 processes of others cannot be seen: you are not root.',
      '',
      '   To have it done by each restore, in storage/runbook/config.json:',
      '     "hooks": {',
      '       "before_restore": [["systemctl", "stop", "..."]],',
      '       "after_restore": [["systemctl", "start", "..."]]}',
    ].join('\n'),
  );
});

test('nobody is seen: that proves little', () => {
  const text = shown(found()).replace(/\s+/g, ' ');
  expect(text).toContain('No process has the files open, or works in the root. PHP opens a file for each');
});

test('hooks do it by themselves', () => {
  const settings = {
    before: [['sudo', '-n', 'systemctl', 'stop', 'php8.2-fpm']],
    after: [['sudo', '-n', 'systemctl', 'start', 'php8.2-fpm']],
  };
  const actions: AppAction[] = [
    ...restoreWatched(plan, [aWrite('tenants')], settings),
    restoreSlice.open({type: 'service opened'}, 'service'),
  ];
  expect(shown(actions)).toBe(
    [
      ' THIS STOPS NOTHING',
      '   x WRITING tenants: 5 times in 60s',
      '',
      '   Hooks stop it. Once the id is typed, before anything changes:',
      '     sudo -n systemctl stop php8.2-fpm',
      '   Afterwards, however it ended, unless it stopped halfway:',
      '     sudo -n systemctl start php8.2-fpm',
      '   A hook that fails stops the restore, and nothing is changed.',
    ].join('\n'),
  );
});

test('at 60x16 it scrolls to its end', () => {
  const many = Array.from({length: 9}, (_, index) => ({...fpm, pids: [String(index)]}));
  const small = {columns: 60, rows: 16};
  expect(shown(found(...many), small)).toMatch(/^ THIS STOPS NOTHING {3}lines 1-12 of \d+ {3}PgDn more/);
  expect(shown([...found(...many), {type: 'moved', how: 'last'}], small)).toMatch(
    /"after_restore": \[\["systemctl", "start", "\.\.\."\]\]\}$/,
  );
});
