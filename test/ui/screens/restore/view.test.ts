import {describe, expect, test} from 'vitest';
import type {RestoreAction} from '../../../../source/engine/restore/action.ts';
import type {Elsewhere} from '../../../../source/engine/restore/newer.ts';
import {restoreSlice} from '../../../../source/ui/screens/restore/state.ts';
import type {AppAction} from '../../../../source/ui/state.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {
  anAction,
  aRestorePlan,
  aWrite,
  restorePlanned,
  restoreWatched,
} from '../../../support/restore-states.ts';
import {configured} from '../../../support/run-states.ts';
import {anApp, aRow, idAt, noon, reduceAll} from '../../../support/states.ts';

const restoreScreen = screenOf('restore');

const id = idAt(3, 'nightly');
const plan = aRestorePlan(id, [
  anAction('tenants', {writers: {openBy: ['php-fpm 2211'], writing: 4, unseen: 0}}),
  anAction('ledger', {action: 'create', live: {kind: 'absent', missing: []}, loses: null}),
  anAction('media', {action: 'unchanged', loses: null}),
  {...anAction('tenants'), role: 'sidecar', action: 'remove', target: '/srv/x/tenants.sqlite-wal'},
]);
const shown = (actions: AppAction[], size = {columns: 80, rows: 24}, readOnly = false): string =>
  frameText(
    restoreScreen(reduceAll(anApp([aRow(id)], {size, readOnly, now: noon}), configured(), ...actions)),
  );

describe('the plan of a restore', () => {
  test('at 80x24: what it does, what is lost, who writes, what it costs', () => {
    const writes = [aWrite('tenants', {times: 14}), aWrite('ledger', {times: 1, quiet: 30}), aWrite('media')];
    const entries = {of: 'entries' as const, counts: [{name: '', onlyLive: 13, differ: 2, onlyCopy: 0}]};
    const loss = {of: ':null :null', counts: {...entries, isWhole: true}};
    const counted = restoreSlice.to({type: 'loss counted', dataset: 'tenants', loss});
    expect(shown([...restoreWatched(plan, writes), counted])).toBe(
      [
        ' NOTHING CHANGED YET                                        incident, no ticket',
        ' 20261123_090000_nightly   + unaltered, just hashed',
        '       DATASET LIVE NOW               BECOMES        YOU LOSE',
        ' > [*] tenants  3.0 kB  11:00:00Z      2.0 kB   + 1  15 entries',
        '   [*] ledger        -                 2.0 kB   + 1  -',
        '   [=] media    3.0 kB  11:00:00Z        same        -',
        '',
        ' x WRITING   tenants: 14 times, ledger: once in 60s. 45s to go, if nobody',
        '             writes. How to stop the service: s',
        ' ! YOU LOSE  tenants: 13 entries only in live; the live values of 2 entries;',
        '             changes between 09:00:00Z and 11:00:00Z (2h00m); the safety backup',
        '             keeps what is live now',
        ' ! OPEN      tenants, php-fpm 2211: sees the old file until restarted',
        ' ! BESIDE    tenants.sqlite-wal: moved aside with it',
        '   TIME      about 35s; the switch itself under a second',
        '   SPACE     5.0 kB of 1.0 GB free on the disk of /srv/magmoboce/storage',
        '   WAY BACK  undo, from a safety backup that is made first',
        '',
        '',
        '',
        ' Enter not yet: written now, 45s to go',
      ].join('\n'),
    );
  });

  test('at 60x16 who writes is seen', () => {
    const small = {columns: 60, rows: 16};
    const two = aRestorePlan(id);
    expect(shown(restoreWatched(two, [aWrite('tenants', {times: 14})]), small)).toBe(
      [
        ' NOTHING CHANGED YET                    incident, no ticket',
        ' 20261123_090000_nightly   + unaltered, just hashed',
        '       DATASET LIVE NOW  BECOMES        YOU LOSE',
        ' > [*] tenants  3.0 kB    2.0 kB   + 1  counting',
        '   [*] ledger   3.0 kB    2.0 kB   + 1  counting',
        '',
        ' x WRITING   tenants: 14 times in 60s. Stop the service',
        '             first: s',
        ' ! YOU LOSE  tenants: changes between 09:00:00Z and',
        '             11:00:00Z (2h00m)',
        ' !           ledger: changes between 09:00:00Z and',
        '',
        ' Enter not yet: written now, 45s to go   ... 6 more: PgDn',
      ].join('\n'),
    );
  });

  test('a session that is open, until the id is typed', () => {
    const owner = {operator: 'olaf', person: null, from: null, screen: null};
    const openSessions = [{number: 3, owner, restored: ['tenants', 'kernel_state']}];
    const text =
      /^ ! SESSION {3}3, with olaf, is open and has restored tenants: its checks and its\n {13}undo are about what is live now$/m;
    const chosen = restorePlanned(aRestorePlan(id, undefined, {openSessions}));
    expect(shown(chosen)).toMatch(text);
    const confirm = restoreSlice.open({type: 'confirm opened'}, 'confirm');
    const at = reduceAll(anApp([aRow(id)], {now: noon}), configured(), ...chosen, confirm);
    expect(frameText(screenOf('confirm')(at))).toMatch(text);
    const other = aRestorePlan(id, [anAction('ledger')], {openSessions});
    expect(shown(restorePlanned(other))).toMatch(
      /^ {3}SESSION {3}3, with olaf, is open; it has restored none of these$/m,
    );
  });

  test('who writes, where that holds nothing up', () => {
    const always = aRestorePlan(id, [anAction('kernel_state', {volatile: true})]);
    expect(shown(restoreWatched(always, [aWrite('kernel_state', {times: 2})]))).toMatch(
      /^ ! WRITING {3}kernel_state: 2 times in 60s; always changes, holds nothing up$[\s\S]* Enter goes on/m,
    );
    const hooked = restoreWatched(aRestorePlan(id), [aWrite('tenants')], {
      before: [['systemctl', 'stop', 'x']],
    });
    expect(shown(hooked)).toMatch(
      /^ ! WRITING {3}tenants: 5 times in 60s; hooks\.before_restore runs first, to stop$[\s\S]* Enter goes on/m,
    );
    const over = restoreWatched(aRestorePlan(id), [aWrite('tenants', {quiet: 45, last: noon + 1})]);
    expect(shown(over)).toMatch(
      /^ ! CHANGED {3}tenants: written to since this plan was made\. Look again: r$[\s\S]* Enter not yet: tenants was written to since this plan was made: r looks again/m,
    );
  });

  test('a refusal is read to its end, and Enter does not go on', () => {
    const why = `tenants: the target has 2 other hard links, which would keep the old content: ${'x'.repeat(60)} END`;
    const text = shown(restorePlanned(plan, [why]), {columns: 60, rows: 16});
    expect(text).toContain('x refused');
    expect(text).toContain('Enter not yet: fix what has an x, or leave it out (Space)');
    const all: AppAction[] = Array(20).fill({type: 'moved', how: 'down'});
    const scrolled = [0, 4, 8].map((steps) =>
      shown([...restorePlanned(plan, [why]), ...all.slice(0, steps)], {columns: 60, rows: 16}),
    );
    expect(scrolled.join('\n').replaceAll(/\s+/g, ' ')).toContain(' END ');
  });

  test('while it is made, and where there is none', () => {
    const opened: AppAction = restoreSlice.open({type: 'restore opened', subject: {id, undoes: null}});
    expect(shown([opened, restoreSlice.to({type: 'restore looking', bytes: 412e6})])).toMatch(
      /- looking \.\.\. 412 MB hashed/,
    );
    expect(
      shown([opened, restoreSlice.to({type: 'restore refused', problem: 'it has no manifest.json'})]),
    ).toMatch(/x REFUSED {3}it has no manifest\.json/);
  });

  test('what is not chosen stands there as it is, and its writers are told apart; nothing chosen says how to choose', () => {
    const part = [
      ...restorePlanned(plan),
      restoreSlice.to({type: 'restore toggled'}),
      restoreSlice.to({type: 'restore planned', plan, reasons: []}),
      restoreSlice.to({type: 'targets watched', writes: [aWrite('tenants')]}),
    ];
    expect(shown(part)).toMatch(
      /> \[ \] tenants {2}3\.0 kB[\s\S]*! ELSEWHERE the service writes tenants: not chosen, stays[\s\S]*Enter goes on with ledger: the id/,
    );
    const none = [
      restoreSlice.open({type: 'restore opened', subject: {id, undoes: null}}),
      restoreSlice.to({type: 'restore planned', plan, reasons: ['ledger: the copy is missing']}),
    ];
    expect(shown(none)).toMatch(
      /\+ unaltered, just hashed[\s\S]*YOU LOSE {2}nothing yet: Space chooses one, a all[\s\S]*Enter not yet: nothing is chosen/,
    );
  });

  test('what cannot be restored says why in its line', () => {
    const refused = anAction('media', {action: 'refused', reason: 'the copy is missing', loses: null});
    const made = aRestorePlan(id, [anAction('tenants'), refused]);
    expect(shown(restorePlanned(made))).toContain('! 1 of 2 cannot be restored');
    expect(shown(restorePlanned(made))).toMatch(/^ {4}x {2}media {3}cannot: the copy is missing$/m);
  });

  test('what comes from the bad time of an incident that is over says so', () => {
    const time = {from: noon - 5e7, to: noon, datasets: new Set(['ledger']), restored: '', of: 'INC-4411'};
    const badTimes = new Map([['ledger', time]]);
    const all = shown([
      restoreSlice.open({type: 'restore opened', subject: {id, undoes: null}, badTimes}),
      restoreSlice.to({type: 'restore planned', plan: aRestorePlan(id), reasons: []}),
      restoreSlice.to({type: 'all toggled'}),
      restoreSlice.to({type: 'restore planned', plan: aRestorePlan(id), reasons: []}),
    ]);
    expect(all.replace(/\s+/g, ' ')).toContain(
      '! BAD TIME ledger: this copy is from it (11-22 22:06Z to 12:00Z, INC-4411), and may hold the damage',
    );
    expect(all).not.toContain('tenants: this copy is from it');
  });

  test('what cannot be restored is not called the same, and the rest is', () => {
    const made = aRestorePlan(id, [
      anAction('tenants', {action: 'refused', reason: 'the copy is missing', loses: null}),
      anAction('ledger', {action: 'unchanged', loses: null}),
    ]);
    const badSince = {at: noon, by: 'kim'};
    const rest = aRestorePlan(id, made.actions.slice(1));
    const all = shown([
      restoreSlice.open({type: 'restore opened', subject: {id, undoes: null}, badSince}),
      restoreSlice.to({type: 'restore planned', plan: made, reasons: []}),
      restoreSlice.to({type: 'all toggled'}),
      restoreSlice.to({type: 'restore planned', plan: rest, reasons: []}),
    ]);
    const why = 'tenants cannot be restored, the rest is the same already';
    expect(all).toContain(`YOU LOSE  nothing: ${why}`);
    expect(all).toMatch(/BAD SINCE .* \(kim\); this backup is from before it/);
    expect(all).toContain(`Enter not yet: ${why}`);
    expect(all).not.toContain('the live files are what it holds');
  });

  test('where the backup is to blame, the good copy elsewhere is named', () => {
    const about = {action: 'refused', reason: 'the copy is missing', loses: null} as const;
    const other = {dataset: 'tenants', id: 'X', version: 3, isGood: true};
    const text = (action: RestoreAction, copies: Elsewhere[] = [other]) =>
      shown([
        ...restorePlanned(aRestorePlan(id, [action, anAction('ledger')])),
        restoreSlice.to({type: 'elsewhere found', elsewhere: {of: '', rows: new Map(), copies}}),
      ]);
    const copy = anAction('tenants', {...about, badCopy: true});
    expect(text(copy)).toMatch(/^ ! GOOD COPY tenants: version 3, in X; o goes there$/m);
    expect(text(copy, [{...other, isGood: false}])).toContain(
      'none is verified; version 3, in X, may be one',
    );
    expect(text(copy, [{...other, id: null}])).toContain('tenants: none is known in another backup');
    expect(text(anAction('tenants', about))).not.toContain('GOOD COPY');
  });

  test('what is the same already is not gone on with, and the first name stands there whole', () => {
    const names = ['kernel_state', 'tenants', 'ledger', 'media'];
    const made = aRestorePlan(
      id,
      names.map((name) => anAction(name, name === 'kernel_state' ? {action: 'unchanged', loses: null} : {})),
    );
    expect(shown(restorePlanned(made))).toContain(
      'Enter goes on with tenants, ledger, media: the id is typed first',
    );
    const small = shown(restorePlanned(made), {columns: 60, rows: 16});
    expect(small).toMatch(/Enter goes on with tenants and 2 more {3}\.\.\. \d+ more: PgDn$/m);
  });

  test('--read-only says so instead of going on', () => {
    expect(shown(restorePlanned(plan), undefined, true)).toMatch(/Enter not yet: --read-only/);
  });
});
