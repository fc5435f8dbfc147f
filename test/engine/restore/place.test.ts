import fs from 'node:fs';
import {expect, test} from 'vitest';
import {findParent} from '../../../source/engine/restore/place.ts';
import {placeTarget, type TargetPlace} from '../../../source/engine/restore/target.ts';
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
