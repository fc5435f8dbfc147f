import fs from 'node:fs';
import {afterEach, expect, test, vi} from 'vitest';
import {Look} from '../../../source/engine/restore/look.ts';
import {lookAtTarget, noNumber, type TargetState} from '../../../source/engine/restore/target.ts';
import {phpHash} from '../../support/backups.ts';
import {temporaryDirectory} from '../../support/temporary.ts';
import {pool} from '../../support/verifying.ts';

afterEach(() => vi.restoreAllMocks());

const overlay = {type: 0x794c7630} as fs.StatsFs;

type Live = Extract<TargetState, {kind: 'file'}>;

/** Two files of one size that were made in the same moment, as a restore makes them. */
function makeTwo() {
  const base = temporaryDirectory();
  return ['one', 'two'].map((name) => {
    fs.writeFileSync(`${base}/${name}`, `${name}\n`);
    fs.utimesSync(`${base}/${name}`, 1e9, 1e9);
    return {name, place: {path: `${base}/${name}`, base, segments: [name]}};
  });
}

test('where files have no lasting number, each has the hash of its own content', async () => {
  vi.spyOn(fs, 'statfsSync').mockReturnValue(overlay);
  const look = new Look(pool, new AbortController().signal);
  const files = makeTwo().map(({name, place}) => {
    const seen = lookAtTarget(place, look.targets) as Live;
    expect(seen.stamp.ino).toBe(noNumber);
    return {name, place, seen};
  });
  // Alike to the nanosecond, as no test can make two real ones.
  const [first] = files as [(typeof files)[number]];
  for (const {name, place, seen} of files) {
    const alike = {...seen, ctimeNs: first.seen.ctimeNs, stamp: first.seen.stamp};
    expect(await look.hash(place, alike, 'sha256')).toEqual({hash: phpHash('sha256', `${name}\n`)});
  }
  // That is what could be mixed up.
  expect(look.known.size).toBeGreaterThan(0);
});
