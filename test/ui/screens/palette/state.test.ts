import {expect, test} from 'vitest';
import {chosenItem, paletteItems} from '../../../../source/ui/screens/palette/state.ts';
import type {AppAction} from '../../../../source/ui/state.ts';
import {aManifest, openedManifest} from '../../../support/manifests.ts';
import {anApp, aRow, idAt, reduceAll} from '../../../support/states.ts';

const id = idAt(1);
const manifest = openedManifest(aManifest({id}), id);
const open = (...actions: AppAction[]) => reduceAll(anApp([aRow(id)]), ...actions, {type: 'palette opened'});
const actions = (...before: AppAction[]) => paletteItems(open(...before)).map(({binding}) => binding.id);

test('offers what can be done on the screen below it', () => {
  expect(actions()).toContain('open');
  expect(actions()).not.toContain('copyHash');
  expect(actions({type: 'manifest opened', manifest})).toContain('copyHash');
  expect(actions({type: 'manifest opened', manifest})).not.toContain('open');
});

test('offers neither itself nor what only leaves it', () => {
  for (const id of ['palette', 'choose', 'back', 'interrupt']) expect(actions()).not.toContain(id);
});

test('says why something cannot be done', () => {
  const item = paletteItems(open()).find(({binding}) => binding.id === 'watch');
  expect(item?.reason).toMatch(/nothing has been verified/);
  expect(item?.label).toContain(item?.reason);
});

test('goes round at both ends', () => {
  const state = open();
  const items = paletteItems(state);
  const at = (palette: number) => chosenItem({...state, palette})?.binding.id;
  expect(at(0)).toBe(items[0]?.binding.id);
  expect(at(-1)).toBe(items.at(-1)?.binding.id);
  expect(at(items.length)).toBe(items[0]?.binding.id);
  expect(at(-items.length - 1)).toBe(items.at(-1)?.binding.id);
});
