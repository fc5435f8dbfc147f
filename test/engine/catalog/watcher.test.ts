import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {type CatalogEvent, CatalogWatcher} from '../../../source/engine/catalog/watcher.ts';
import {makeBackup, makeRoot} from '../../support/backups.ts';

const now = Date.parse('2026-11-24T00:00:00Z');
const summary = (events: CatalogEvent[]) =>
  events.map((event) => {
    if (event.type === 'listed') return ['listed', ...event.listing.ids];
    return event.type === 'rows' ? ['rows', ...event.rows.map(({id}) => id)] : [event.type];
  });

/** A watcher that has seen these backups once. */
function watching(...labels: string[]) {
  const {backups} = makeRoot();
  const built = labels.map((label) => makeBackup({backups, label}));
  const watcher = new CatalogWatcher(backups);
  const round = () => summary(watcher.round(now));
  return {backups, built, watcher, round, first: round()};
}

describe('the first round', () => {
  test('lists, reads every row, newest first, and is done', () => {
    const {first, round, watcher} = watching('a', 'b');
    const ids = ['20261123_131813_b', '20261123_131813_a'];
    expect(first).toEqual([['listed', ...ids], ['rows', ...ids], ['complete']]);
    expect(watcher.busy).toBe(false);
    expect(round()).toEqual([]);
  });

  test('of many backups leaves the rest to the next', () => {
    const {backups} = makeRoot();
    for (let index = 0; index < 501; index++)
      fs.mkdirSync(path.join(backups, `20261123_131813_${String(index).padStart(3, '0')}`));
    const watcher = new CatalogWatcher(backups);
    expect(watcher.round(now).map(({type}) => type)).toEqual(['listed', 'rows']);
    expect(watcher.busy).toBe(true);
    expect(summary(watcher.round(now))).toEqual([['rows', '20261123_131813_000'], ['complete']]);
    expect(watcher.busy).toBe(false);
  });
});

describe('a later round tells only what changed', () => {
  test('a new backup', () => {
    const {backups, built, round} = watching('a');
    const {id} = makeBackup({backups, label: 'b'});
    expect(round()).toEqual([
      ['listed', id, built[0]?.id],
      ['rows', id],
    ]);
    expect(round()).toEqual([]);
  });

  test('a backup gone, and back again', () => {
    const {backups, built, round} = watching('a');
    const directory = built[0]?.directory ?? '';
    fs.renameSync(directory, path.join(path.dirname(backups), 'aside'));
    expect(round()).toEqual([['listed']]);
    fs.renameSync(path.join(path.dirname(backups), 'aside'), directory);
    expect(round()).toEqual([
      ['listed', built[0]?.id],
      ['rows', built[0]?.id],
    ]);
  });

  test('a manifest written', () => {
    const {built, round} = watching('a', 'b');
    fs.unlinkSync(built[0]?.manifestFile ?? '');
    expect(round()).toEqual([['rows', built[0]?.id]]);
    expect(round()).toEqual([]);
  });

  test('a copy that grew, where it is on the screen', () => {
    const {built, round, watcher} = watching('a', 'b');
    watcher.setVisible(built.map(({id}) => id));
    expect(round()).toEqual([]);
    fs.appendFileSync(built[1]?.copy('tenants') ?? '', 'x');
    expect(round()).toEqual([['rows', built[1]?.id]]);
  });
});

test('no directory yet, then one', () => {
  const backups = path.join(makeRoot().root, 'later');
  const watcher = new CatalogWatcher(backups);
  expect(summary(watcher.round(now))).toEqual([['complete']]);
  fs.mkdirSync(backups);
  expect(summary(watcher.round(now))).toEqual([['listed']]);
});

test('a directory that cannot be listed is told, and forgotten once it can', () => {
  const {backups, built, round} = watching('a');
  fs.renameSync(backups, `${backups}.aside`);
  fs.writeFileSync(backups, '');
  expect(round()).toEqual([['failed']]);
  fs.unlinkSync(backups);
  fs.renameSync(`${backups}.aside`, backups);
  expect(round()).toEqual([['listed', built[0]?.id]]);
  fs.unlinkSync(built[0]?.manifestFile ?? '');
  expect(round()).toEqual([['rows', built[0]?.id]]);
});
