import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {HeldEntry, Stray} from '../../../../source/engine/catalog/list.ts';
import type {Configuration} from '../../../../source/engine/config/configuration.ts';
import {openCatalog} from '../../../../source/presenters/catalog.ts';
import {doomedByPhp} from '../../../../source/ui/screens/backups/notice.tsx';
import type {AppState} from '../../../../source/ui/state.ts';
import {configured} from '../../../support/run-states.ts';
import {aHold, anApp, idAt, reduceAll} from '../../../support/states.ts';

const backups = '/srv/magmoboce/storage/backups';
const ids = [1, 2, 3, 4].map((hours) => idAt(hours)) as [string, string, string, string];

const stray = (name: string, isDirectory = false): Stray => ({name, reason: 'not a directory', isDirectory});

const deletedOf = (state: AppState) => doomedByPhp(state).deletes;

/** The app on these backups, with PHP keeping so many of them. */
function app(
  names: string[],
  maxCount: number | null,
  more: {held?: HeldEntry[]; strays?: Stray[]; php?: Configuration['php']} = {},
): AppState {
  const catalog = openCatalog(
    {ids: names, strays: more.strays ?? [], held: more.held ?? [], exists: true},
    [],
  );
  return reduceAll(anApp([], {catalog}), configured({php: more.php ?? {path: backups, maxCount}}));
}

test('its own new backup counts, so that keeping four of four deletes the oldest', () => {
  expect(deletedOf(app([...ids], 5))).toEqual([]);
  expect(deletedOf(app([...ids], 4))).toEqual([ids[3]]);
  expect(deletedOf(app([...ids], 2))).toEqual([ids[3], ids[2], ids[1]]);
});

test('one that keeps all deletes nothing', () => {
  expect(deletedOf(app([...ids], null))).toEqual([]);
});

test('nothing is said while the configuration is unknown, or where PHP keeps its backups elsewhere', () => {
  const catalog = openCatalog({ids: [...ids], strays: [], held: [], exists: true}, []);
  expect(deletedOf(anApp([], {catalog}))).toEqual([]);
  expect(deletedOf(app([...ids], 1, {php: {path: '/elsewhere', maxCount: 1}}))).toEqual([]);
});

test('a stray file counts, and costs a backup, but is not named', () => {
  expect(deletedOf(app([...ids], 5, {strays: [stray('README.txt')]}))).toEqual([ids[3]]);
  // Sorted before the backups it is what PHP would delete, and cannot.
  expect(deletedOf(app([...ids], 5, {strays: [stray('.gitignore')]}))).toEqual([]);
});

test('a stray directory that sorts first is deleted', () => {
  expect(deletedOf(app([...ids], 5, {strays: [stray('0-old', true)]}))).toEqual(['0-old']);
});

test('of a link it empties what that leads to, and goes no further', () => {
  const link = {...stray('2020_archive', true), leadsTo: '/tmp/archive'};
  expect(doomedByPhp(app([...ids], 3, {strays: [link]}))).toEqual({
    deletes: [],
    empties: {link: '2020_archive', target: '/tmp/archive'},
  });
  const between = {...stray(`${ids[3]}_archive`, true), leadsTo: '/tmp/archive'};
  expect(doomedByPhp(app([...ids], 3, {strays: [between]}))).toEqual({
    deletes: [ids[3]],
    empties: {link: between.name, target: '/tmp/archive'},
  });
  // Not yet its turn.
  expect(doomedByPhp(app([...ids], 6, {strays: [link]}))).toEqual({deletes: [], empties: null});
  // One to a file is unlinked, or counted, as a file is.
  expect(doomedByPhp(app([...ids], 5, {strays: [stray('2020_file')]}))).toEqual({deletes: [], empties: null});
});

test('what is held is not lost, and does not have to be named', () => {
  expect(deletedOf(app([...ids], 3, {held: [aHold(ids[3])]}))).toEqual([ids[2]]);
});

test('what is held only does not lie where PHP counts', () => {
  expect(deletedOf(app([...ids], 4, {held: [aHold(ids[3], {only: true})]}))).toEqual([]);
});

test('but a husk that PHP left of it does, and is not named', () => {
  const husk = aHold(ids[3], {only: true, counted: true});
  expect(deletedOf(app([...ids], 4, {held: [husk]}))).toEqual([]);
  expect(deletedOf(app([...ids], 3, {held: [husk]}))).toEqual([ids[2]]);
});

test('the backup that PHP makes itself is not named, though it may be the one that it deletes', () => {
  expect(deletedOf(app([], 1, {strays: [stray('zz')]}))).toEqual([]);
  expect(deletedOf(app([idAt(-48)], 1))).toEqual([]);
});

test('for any catalog: only what is there and not held, oldest first, and never the newest where one may stay', () => {
  const catalog = fc.record({
    hours: fc.uniqueArray(fc.integer({min: 0, max: 999}), {maxLength: 12}),
    keep: fc.option(fc.integer({min: 1, max: 14}), {nil: null, freq: 8}),
    heldAt: fc.array(fc.nat({max: 11}), {maxLength: 4}),
    only: fc.boolean(),
    strays: fc.uniqueArray(fc.constantFrom('README.txt', '.gitignore', '0-old', 'zz', '漢字'), {
      maxLength: 3,
    }),
  });
  fc.assert(
    fc.property(catalog, ({hours, keep, heldAt, only, strays}) => {
      const names = hours.toSorted((a, b) => a - b).map((hour) => idAt(hour));
      const holds = [...new Set(heldAt)].flatMap((at) => names[at] ?? []).map((id) => aHold(id, {only}));
      const state = app(names, keep, {held: holds, strays: strays.map((name) => stray(name))});
      const deleted = deletedOf(state);
      expect(deleted.toSorted()).toEqual(deleted);
      const isHeld = new Set(holds.map(({id}) => id));
      for (const id of deleted) {
        expect(names).toContain(id);
        expect(isHeld.has(id)).toBe(false);
      }
      if (keep === null) expect(deleted).toEqual([]);
      else {
        // What PHP counts, with the one that it makes, less what it keeps.
        const counted = names.filter((id) => !(only && isHeld.has(id))).length + strays.length + 1;
        expect(deleted.length).toBeLessThanOrEqual(Math.max(0, counted - keep));
        const mark = deleted.at(-1) ?? '';
        for (const id of names.filter((each) => each < mark && !isHeld.has(each)))
          expect(deleted).toContain(id);
      }
    }),
    {numRuns: 500},
  );
});
