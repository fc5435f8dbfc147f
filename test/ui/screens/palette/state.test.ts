import {expect, test} from 'vitest';
import {commonKeys} from '../../../../source/ui/common-keys.ts';
import {manifestSlice} from '../../../../source/ui/screens/manifest/state.ts';
import {chosenItem, paletteItems, paletteSlice} from '../../../../source/ui/screens/palette/state.ts';
import {screens} from '../../../../source/ui/screens.ts';
import type {AppAction} from '../../../../source/ui/state.ts';
import {aManifest, openedManifest} from '../../../support/manifests.ts';
import {anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const id = idAt(1);
const manifest = openedManifest(aManifest({id}), id);
const open = (...actions: AppAction[]) =>
  reduceAll(anApp([aRow(id)]), ...actions, paletteSlice.open({type: 'palette opened'}));
const items = (...before: AppAction[]) => paletteItems(open(...before), screens, commonKeys);
const labels = (...before: AppAction[]) => items(...before).map(({binding}) => binding.label);
const copyHash = 'copy the recorded hash of the dataset';

test('offers what can be done on the screen below it', () => {
  expect(labels()).toContain('open the manifest');
  expect(labels()).not.toContain(copyHash);
  expect(labels(manifestSlice.open({type: 'manifest opened', manifest}))).toContain(copyHash);
  expect(labels(manifestSlice.open({type: 'manifest opened', manifest}))).not.toContain('open the manifest');
});

test('offers neither itself nor what only leaves it', () => {
  const keys = items().flatMap(({binding}) => binding.keys);
  for (const key of [':', 'escape', 'ctrl+c']) expect(keys).not.toContain(key);
  expect(labels()).not.toContain('do it');
});

test('says why something cannot be done', () => {
  const item = items().find(({binding}) => binding.keys.includes('w'));
  expect(item?.reason).toMatch(/nothing has been verified/);
  expect(item?.short).toMatch(/ {3}not now$/);
});

test('goes round at both ends', () => {
  const all = items();
  expect(chosenItem(all, {line: 0, filter: ''})).toBe(all[0]);
  expect(chosenItem(all, {line: -1, filter: ''})).toBe(all.at(-1));
  expect(chosenItem(all, {line: all.length, filter: ''})).toBe(all[0]);
  expect(chosenItem(all, {line: -all.length - 1, filter: ''})).toBe(all.at(-1));
});

test('shows what holds what is typed, wherever it is said', () => {
  const typed = (text: string) =>
    paletteItems(reduceAll(open(), paletteSlice.to({type: 'palette written', text})), screens, commonKeys);
  expect(typed('MANIFEST').map(({label}) => label)).toContain('open the manifest');
  expect(typed('no such thing')).toEqual([]);
});
