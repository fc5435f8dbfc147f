import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {Problem} from '../../../../source/engine/base/problem.ts';
import {openPlace, openStorage, whyLed} from '../../../../source/engine/storage/runbook/way.ts';
import {giveAway, webUser, whileSwapped} from '../../../support/swapping.ts';
import {temporaryDirectory} from '../../../support/temporary.ts';

const isRoot = process.getuid?.() === 0;

/** A root of the web user's, and another directory that he has no business in. */
function makePlace() {
  const root = temporaryDirectory();
  const other = temporaryDirectory();
  fs.mkdirSync(`${root}/storage/backups`, {recursive: true});
  if (isRoot) giveAway(root);
  return {root, other, backups: `${root}/storage/backups`};
}

function linkAt(file: string, target: string, uid = 0): void {
  fs.rmSync(file, {recursive: true, force: true});
  fs.symlinkSync(target, file);
  if (isRoot) fs.lchownSync(file, uid, uid);
}

function opened(root: string, directory: string): string {
  const place = openPlace(root, directory);
  try {
    return place.real;
  } finally {
    place.close();
  }
}

describe('a configured directory', () => {
  test('is opened where it lies', () => {
    const {root, backups} = makePlace();
    expect(opened(root, backups)).toBe(backups);
    expect(() => opened(root, `${root}/storage/none`)).toThrow('ENOENT');
    expect(whyLed(root, `${root}/storage/none`)).toBeNull();
  });

  test('is opened through our own links, and those of what the operator named', () => {
    const {root, other, backups} = makePlace();
    const shared = temporaryDirectory();
    fs.mkdirSync(`${shared}/backups`);
    linkAt(`${root}/storage`, shared);
    linkAt(`${shared}/backups`, `../../../..${other}`);
    expect(opened(root, backups)).toBe(other);
    const named = `${temporaryDirectory()}/current`;
    linkAt(named, root, webUser);
    expect(opened(named, `${named}/storage/backups`)).toBe(other);
    linkAt(`${root}/circle`, 'circle');
    expect(() => opened(root, `${root}/circle`)).toThrow('links in a circle');
  });

  test.runIf(isRoot)('is not opened through a link of somebody else’s, which is named', () => {
    for (const at of ['storage', 'storage/backups', 'storage/one', 'storage/one/two']) {
      const {root, other} = makePlace();
      fs.mkdirSync(`${root}/storage/one/two/three`, {recursive: true});
      fs.mkdirSync(`${other}/two/three`, {recursive: true});
      linkAt(`${root}/${at}`, other, webUser);
      const directory = at === 'storage/backups' ? `${root}/${at}` : `${root}/storage/one/two/three`;
      const why = `${root}/${at} is a link of www-data's, and is not followed: only one of root's or yours is.`;
      expect(whyLed(root, directory)).toContain(why);
      expect(() => opened(root, directory)).toThrow(Problem);
      expect(fs.existsSync(`${other}/two/three`)).toBe(true);
    }
  });

  test.runIf(isRoot)('nor where it lies outside, or behind a link of ours', () => {
    const {root, other} = makePlace();
    const outside = temporaryDirectory();
    linkAt(`${outside}/disk`, other, webUser);
    expect(() => opened(root, `${outside}/disk`)).toThrow(`${outside}/disk is a link of www-data's`);
    linkAt(`${root}/storage`, `${outside}/disk`);
    expect(() => openStorage(root)).toThrow(`${outside}/disk is a link of www-data's`);
  });

  test.runIf(isRoot)(
    'is never another one, however it is swapped meanwhile',
    async () => {
      const {root, other, backups} = makePlace();
      const mine = temporaryDirectory();
      giveAway(mine);
      for (const own of [false, true]) {
        // Now a directory, now a link of root's, beside a link of his to where he may not go.
        if (own) linkAt(backups, mine);
        linkAt(`${root}/storage/lure`, other, webUser);
        await whileSwapped(backups, `${root}/storage/lure`, () => {
          const seen = new Set<string>();
          for (let times = 0; times < 200; times++) {
            try {
              seen.add(opened(root, backups));
            } catch {
              // Refused, or nothing there just now.
            }
          }
          expect([...seen]).not.toContain(other);
        });
      }
    },
    60_000,
  );
});
