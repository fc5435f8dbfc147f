import fs from 'node:fs';
import {expect, test, vi} from 'vitest';
import {Walk} from '../../../source/engine/base/open-inside.ts';
import {findParent, stampAt} from '../../../source/engine/restore/place.ts';
import {lookAtTarget, placeTarget, type TargetPlace} from '../../../source/engine/restore/target.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

test('a link that is put on the way to a target after it was resolved leads nowhere', () => {
  const above = temporaryDirectory();
  for (const site of ['site', 'other']) fs.mkdirSync(`${above}/${site}/storage/data`, {recursive: true});
  const root = `${above}/site`;
  const place = placeTarget(root, `${root}/storage/data/tenants.json`, new Set()) as TargetPlace;
  const parent = findParent(place);
  expect(parent?.real).toBe(`${root}/storage/data`);
  parent?.close();
  fs.renameSync(root, `${above}/away`);
  fs.symlinkSync('other', root);
  expect(() => findParent(place)).toThrow(`${root}/storage leads elsewhere by now`);
});

test('of many files in one directory its file system is asked for once', () => {
  const above = temporaryDirectory();
  fs.mkdirSync(`${above}/site/storage/data`, {recursive: true});
  const root = `${above}/site`;
  const places = Array.from({length: 100}, (_, number) => {
    const file = `${root}/storage/data/${number}.json`;
    fs.writeFileSync(file, '{}');
    return placeTarget(root, file, new Set()) as TargetPlace;
  });
  const asked = vi.spyOn(fs, 'statfsSync');
  const walk = new Walk();
  for (const place of places) {
    expect(lookAtTarget(place, walk)).toMatchObject({kind: 'file'});
    const parent = findParent(place, walk);
    expect(parent && stampAt(parent, place.segments.at(-1) as string)).toMatchObject({size: 2});
    expect(parent && stampAt(parent, 'none')).toBeNull();
  }
  walk.close();
  // By a look at the target, and by a look through its directory.
  expect(asked.mock.calls.length).toBeLessThanOrEqual(2);
  asked.mockRestore();
});
