import fs from 'node:fs';
import {expect, test} from 'vitest';
import {
  lyingIn,
  lyingName,
  mostLying,
  sourceNames,
} from '../../../../source/engine/storage/manifest/lying.ts';
import {temporaryDirectory} from '../../../support/temporary.ts';

test('files that lie below datasets/ are found, links are not followed', () => {
  const directory = temporaryDirectory();
  expect(lyingIn(directory)).toEqual([]);
  fs.mkdirSync(`${directory}/datasets/docs/deep`, {recursive: true});
  fs.writeFileSync(`${directory}/datasets/system.json`, '{}');
  fs.writeFileSync(`${directory}/datasets/docs/deep/a`, 'abc');
  fs.symlinkSync('/etc', `${directory}/datasets/etc`);
  fs.symlinkSync('/etc/passwd', `${directory}/datasets/passwd`);
  fs.writeFileSync(`${directory}/elsewhere`, '');
  expect(lyingIn(directory)).toMatchObject([
    {segments: ['datasets', 'system.json'], bytes: 2},
    {segments: ['datasets', 'docs', 'deep', 'a'], bytes: 3},
  ]);
});

test('of thousands of files as many are looked at as say that there are more', () => {
  const directory = temporaryDirectory();
  fs.mkdirSync(`${directory}/datasets`);
  for (let index = 0; index < mostLying + 20; index++) fs.writeFileSync(`${directory}/datasets/${index}`, '');
  expect(lyingIn(directory)).toHaveLength(mostLying + 1);
});

test('the configuration says which dataset a file is of; else its own name does', () => {
  const sources = sourceNames([
    {name: 'kernel_state', source: '/srv/storage/state/system.json'},
    {name: 'documents', source: '/srv/storage/docs'},
  ]);
  const name = (...segments: string[]): string =>
    lyingName({segments: ['datasets', ...segments], bytes: 0, mtimeMs: 0}, sources);
  expect(name('system.json')).toBe('kernel_state');
  expect(name('tenants.json')).toBe('tenants');
  expect(name('docs', 'a', 'b.txt')).toBe('documents/a/b.txt');
  expect(name('other', 'b.txt')).toBe('other/b.txt');
});
