import {describe, expect, test} from 'vitest';
import type {AppAction} from '../../../source/state/app.ts';
import {restoreScreen} from '../../../source/ui/screens/restore.ts';
import {frameText} from '../../support/frames.ts';
import {anAction, aRestorePlan, restorePlanned} from '../../support/restore-states.ts';
import {configured} from '../../support/run-states.ts';
import {anApp, aRow, idAt, noon, reduceAll} from '../../support/states.ts';

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
    expect(shown(restorePlanned(plan))).toBe(
      [
        ' NOTHING CHANGED YET                                        incident, no ticket',
        ' 20261123_090000_nightly   + unaltered, just hashed',
        '       DATASET  DOES       LIVE NOW              BECOMES',
        ' > [*] tenants  overwrite   3.0 kB  11:00:00Z     2.0 kB  09:00:00Z',
        '   [*] ledger   create           -                2.0 kB  09:00:00Z',
        '   [=] media    same        3.0 kB  11:00:00Z',
        '',
        ' ! YOU LOSE  writes since 09:00:00Z (3h00m); the safety backup keeps them',
        ' x WRITING   tenants 4s ago: stop the service first',
        ' ! OPEN      tenants, php-fpm 2211: sees the old file until restarted',
        ' ! BESIDE    tenants.sqlite-wal: moved aside with it',
        '   TIME      about 35s; the switch itself under a second',
        '   SPACE     5.0 kB of 1.0 GB free on the disk of /srv/magmoboce/storage',
        '   WAY BACK  undo (u on its checklist)',
        '',
        '',
        '',
        '',
        '',
        '',
        ' Enter goes on: it is typed before it is done',
      ].join('\n'),
    );
  });

  test('a refusal is read to its end, and Enter does not go on', () => {
    const why = `tenants: the target has 2 other hard links, which would keep the old content: ${'x'.repeat(60)} END`;
    const text = shown(restorePlanned(plan, [why]), {columns: 60, rows: 16});
    expect(text).toContain('x refused');
    expect(text).toContain('Enter not yet: x has to be settled, or left out (Space)');
    const all: AppAction[] = Array(20).fill({type: 'moved', how: 'down'});
    const scrolled = [0, 4, 8].map((steps) =>
      shown([...restorePlanned(plan, [why]), ...all.slice(0, steps)], {columns: 60, rows: 16}),
    );
    expect(scrolled.join('\n').replaceAll(/\s+/g, ' ')).toContain(' END ');
  });

  test('while it is made, and where there is none', () => {
    const opened: AppAction = {type: 'restore opened', subject: {id, undoes: null}};
    expect(shown([opened, {type: 'restore looking', bytes: 412e6}])).toMatch(
      /- looking \.\.\. 412 MB hashed/,
    );
    expect(shown([opened, {type: 'restore refused', problem: 'it has no manifest.json'}])).toMatch(
      /x REFUSED {3}it has no manifest\.json/,
    );
  });

  test('a dataset that is left out says by whom', () => {
    expect(shown([...restorePlanned(plan), {type: 'restore toggled'}])).toMatch(
      /> \[ \] tenants {2}leave {6}\(your choice\)/,
    );
  });

  test('--read-only says so instead of going on', () => {
    expect(shown(restorePlanned(plan), undefined, true)).toMatch(/Enter not yet: --read-only/);
  });
});
