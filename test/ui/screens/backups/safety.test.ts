import {expect, test} from 'vitest';
import {backupsSlice} from '../../../../source/ui/screens/backups/state.ts';
import {differencesSlice} from '../../../../source/ui/screens/differences/state.ts';
import {manifestSlice} from '../../../../source/ui/screens/manifest/state.ts';
import type {AppAction} from '../../../../source/ui/state.ts';
import {currentScreen} from '../../../../source/ui/state.ts';
import {lineText, screenOf} from '../../../support/frames.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {aManifest, openedManifest} from '../../../support/manifests.ts';
import {configured} from '../../../support/run-states.ts';
import {
  aDataset,
  anApp,
  aRow,
  badSinceGiven,
  idAt,
  noon,
  reduceAll,
  verification,
} from '../../../support/states.ts';

const verified = {verification: verification('verified')};
const of = (content: string) => [aDataset('tenants', {content: `sha256:${content}`})];
const rows = [
  aRow(idAt(2, 'nightly'), {...verified, datasets: of('2')}),
  aRow(idAt(9, 'nightly'), {...verified, datasets: of('1')}),
];
const saved = aRow(idAt(5, 'before-restore-1'), {
  ...verified,
  label: 'before restore, session 1',
  datasets: of('1'),
});
const found: AppAction = {type: 'catalog', event: {type: 'safety', rows: [saved]}};
const linesOf = (state: Parameters<ReturnType<typeof screenOf>>[0]): string[] =>
  screenOf('backups')(state).map((line) => lineText(line).trimEnd());

test('what restores saved stands below a line, with the numbers of the same bytes, and is never marked', () => {
  const state = reduceAll(anApp(rows), found, badSinceGiven(noon - 4 * 3_600_000));
  const lines = linesOf(state);
  expect(lines[3]).toMatch(/_100000_nightly .*\+ 2$/);
  expect(lines[4]).toMatch(/^ --- bad since 08:00Z/);
  expect(lines[5]).toMatch(/> .*_030000_nightly .*\+ 1 \*$/);
  expect(lines[6]).toMatch(/^ --- 1 safety backup: live files, saved by restores -+$/);
  expect(lines[7]).toMatch(/_before-restore-1 .*\+ 1$/);
});

test('its details say what it is, where it lies, and until when', () => {
  const state = reduceAll(
    anApp(rows),
    found,
    {type: 'moved', how: 'last'},
    backupsSlice.to({type: 'safety days read', days: 30}),
    backupsSlice.to({type: 'detail opened', id: saved.id}),
  );
  expect(linesOf(state).join(' ').replaceAll(/ +/g, ' ')).toContain(
    'Live files, saved by a restore; in storage/runbook/safety, until 2026-12-23 at least.',
  );
});

test('its manifest leads to what the list leads to, and to no plan of a backup', () => {
  const board = keyboard(reduceAll(anApp(rows), configured(), found, {type: 'moved', how: 'last'}));
  board.store.dispatch(
    manifestSlice.open({
      type: 'manifest opened',
      manifest: openedManifest(aManifest({id: saved.id}), saved.id),
    }),
  );
  board.press('r');
  expect(board.state().message?.text).toMatch(/r not now: it is a safety backup: undoing its session/);
  board.press('d');
  expect(differencesSlice.of(board.state())).toMatchObject({
    id: saved.id,
    safetyIn: '/srv/magmoboce/storage/runbook/safety',
  });
});

test('it is compared with the live files, and neither restored nor held', () => {
  const board = keyboard(reduceAll(anApp(rows), found, {type: 'moved', how: 'last'}));
  board.press('r');
  expect(board.state().message?.text).toMatch(/r not now: it is a safety backup: undoing its session/);
  board.press('h');
  expect(board.state().message?.text).toMatch(/h not now: it is a safety backup/);
  board.press('enter');
  expect(currentScreen(board.state())).toBe('differences');
  expect(differencesSlice.of(board.state())).toMatchObject({
    id: saved.id,
    safetyIn: '/srv/magmoboce/storage/runbook/safety',
  });
  expect(board.effects.compare).toHaveBeenCalledWith(saved.id, null);
});

test('the cursor stays in the list and on the screen, with all lines between', () => {
  const many = Array.from({length: 30}, (_, hour) => aRow(idAt(hour + 1)));
  let state = reduceAll(anApp(many), found, badSinceGiven(noon - 8 * 3_600_000));
  for (const how of ['last', 'up', 'pageUp', 'first', 'pageDown', 'down', 'last'] as const) {
    state = reduceAll(state, {type: 'moved', how});
    const lines = linesOf(state);
    expect(lines.filter((line) => line.startsWith(' > '))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith(' --- '))).toHaveLength(2);
  }
});
