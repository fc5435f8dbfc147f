import fs from 'node:fs';
import {expect, test} from 'vitest';
import {directory} from '../../../source/engine/datasets/directory.ts';
import {neededSpace, roomAt} from '../../../source/engine/datasets/space.ts';
import type {PlannedDataset} from '../../../source/engine/datasets/type.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const prefix = '/srv/app/storage/backups/20261123_100000';

/** A directory with files that take so many bytes. */
const tree = (...allocated: number[]): PlannedDataset => ({
  dataset: {name: 'many', source: '/srv/app/storage/many', type: directory, from: 'default'},
  base: '/srv/app/storage/many',
  files: allocated.map((bytes, index) => ({
    name: `many/${index}`,
    segments: [`${index}`],
    below: [`${index}`],
    bytes,
    allocated: bytes,
    produce: null,
  })),
  leftOut: [],
  missing: null,
  copyAt: ['many'],
});

const needed = (block: number, ...allocated: number[]): number =>
  neededSpace([tree(...allocated)], {free: 0, block}, prefix);

test('each file takes whole blocks', () => {
  const none = needed(4096);
  expect(needed(4096, 0)).toBeGreaterThan(none);
  expect(needed(4096, 1) - needed(4096, 0)).toBe(4096);
  expect(needed(4096, 4096) - needed(4096, 1)).toBe(0);
  expect(needed(4096, 4097) - needed(4096, 1)).toBe(4096);
  expect(needed(65_536, 1) - needed(65_536, 0)).toBe(65_536);
});

test('what is said of 20,000 small files counts too', () => {
  const files = Array.from({length: 20_000}, () => 1);
  const bytes = needed(4096, ...files) - 20_000 * 4096;
  expect(bytes).toBeGreaterThan(10 * 1024 * 1024);
  expect(bytes).toBeLessThan(20 * 1024 * 1024);
});

test('a directory that is yet to be made lies where the one above it does', () => {
  const above = temporaryDirectory();
  const room = roomAt(`${above}/not/there`);
  expect(room).toEqual({free: expect.any(Number), block: roomAt(above)?.block});
});

test('a file system that has no size does not say what is free', () => {
  expect(fs.statfsSync('/proc').blocks).toBe(0);
  expect(roomAt('/proc')).toEqual({free: null, block: expect.any(Number)});
});
