import {expect, test} from 'vitest';
import {copiesOf} from '../../source/engine/catalog/copies.ts';
import type {BackupResult} from '../../source/engine/verify/record.ts';
import {openCatalog} from '../../source/presenters/catalog.ts';
import {noteAltered, noteDamage} from '../../source/presenters/damage.ts';
import {knownCopies} from '../../source/presenters/known-copies.ts';
import type {AppAction, AppState} from '../../source/ui/state.ts';
import {anApp, aRow, idAt, listing, noon, reduceAll, verification} from '../support/states.ts';

const rows = [1, 2].map((hours) => aRow(idAt(hours), {verification: verification('verified')}));
const ids = rows.map(({id}) => id) as [string, string];
const [newest, older] = ids;
const altered = {type: 'copies altered', id: newest, names: ['tenants'], at: noon} as const;
const tenantsIn = ({catalog}: AppState, id: string) =>
  copiesOf(catalog.rows.get(id) ?? aRow(id), []).get('tenants');
const readAgain = (at: string): AppAction => {
  const again = aRow(newest, {verification: verification('verified', {at})});
  return {type: 'catalog', event: {type: 'rows', rows: [again]}};
};

test('a copy that was hashed and does not match is good no longer, whatever was verified before', () => {
  const app = anApp([], {catalog: {...openCatalog(listing(ids), rows), complete: true}});
  const good = ({catalog}: AppState) => Object.fromEntries(knownCopies(catalog, null, noon).good);
  expect(good(app)).toEqual({tenants: newest, ledger: newest});
  const found = reduceAll(app, altered);
  expect(tenantsIn(found, newest)).toMatchObject({
    state: 'damaged',
    reason: 'the copy is not what the manifest recorded',
  });
  expect(tenantsIn(found, older)?.state).toBe('unaltered');
  expect(good(found)).toMatchObject({tenants: older});
  expect(reduceAll(found, altered)).toBe(found);
  // The disk still says what it said; only a verification from after that knows better.
  expect(tenantsIn(reduceAll(found, readAgain('2026-11-23T11:59:59+00:00')), newest)?.state).toBe('damaged');
  const verified = reduceAll(found, readAgain('2026-11-23T12:00:00+00:00'));
  expect(tenantsIn(verified, newest)?.state).toBe('unaltered');
});

test.each(['cancelled', 'gone', 'not checked', 'running'] as const)(
  'a verification that was %s forgets no damage',
  (result) => {
    const damaged = noteAltered(new Map(), newest, ['tenants'], noon);
    const cutOff = {id: newest, result, reason: null, datasets: [], recorded: null, note: null};
    expect(noteDamage(damaged, cutOff as unknown as BackupResult)).toBe(damaged);
  },
);
