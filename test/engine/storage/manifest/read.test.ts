import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {
  maxManifestBytes,
  parseManifest,
  readManifest,
} from '../../../../source/engine/storage/manifest/read.ts';
import {makeBackup} from '../../../support/backups.ts';
import {makePipe, temporaryDirectory} from '../../../support/temporary.ts';

const parse = (text: string | Uint8Array) => parseManifest(Buffer.from(text));
const reason = (text: string | Uint8Array) => {
  const parsed = parse(text);
  return 'reason' in parsed ? parsed.reason : null;
};

describe('the file', () => {
  test('as PHP wrote it', () => {
    const backup = makeBackup({label: 'before é'});
    const read = readManifest(backup.directory);
    if (read.state !== 'read') throw new Error(read.state);
    expect(read.manifest).toMatchObject({
      id: '20261123_131813_before---',
      createdAt: '2026-11-23T13:18:13+00:00',
      label: 'before é',
      text: backup.manifest,
      hasBom: false,
    });
    expect(read.manifest.stats.size).toBe(backup.manifest.length);
  });

  test('missing', () => {
    expect(readManifest(makeBackup({manifest: () => null}).directory)).toEqual({state: 'missing'});
  });

  const spoiled: [string, (file: string) => void, string][] = [
    ['a pipe', makePipe, 'manifest.json is a pipe (FIFO), not a file'],
    ['a directory', (file) => fs.mkdirSync(file), 'manifest.json is a directory, not a file'],
    ['a link', (file) => fs.symlinkSync('elsewhere.json', file), 'manifest.json is a link, not a file'],
    [
      'one byte too long',
      (file) => {
        fs.writeFileSync(file, '');
        fs.truncateSync(file, maxManifestBytes + 1);
      },
      'manifest.json is 16777217 bytes long; more than 16777216 is not read',
    ],
  ];
  test.each(spoiled)('%s', (_, spoil, expected) => {
    const directory = temporaryDirectory();
    fs.writeFileSync(path.join(directory, 'elsewhere.json'), '{"datasets":[]}');
    spoil(path.join(directory, 'manifest.json'));
    expect(readManifest(directory)).toEqual({state: 'unreadable', reason: expected, isOurs: false});
  });

  test('of the largest size is read', () => {
    const directory = temporaryDirectory();
    const text = '{"datasets":[]}';
    fs.writeFileSync(
      path.join(directory, 'manifest.json'),
      text + ' '.repeat(maxManifestBytes - text.length),
    );
    expect(readManifest(directory).state).toBe('read');
  });

  test('in a directory that is a file', () => {
    const file = path.join(temporaryDirectory(), 'file');
    fs.writeFileSync(file, '');
    expect(readManifest(file)).toEqual({
      state: 'unreadable',
      reason: 'manifest.json cannot be read: not a directory',
      isOurs: false,
    });
  });
});

describe('the bytes', () => {
  test.each([
    [
      'nothing',
      '',
      'manifest.json is empty: PHP writes that when a label or path is not UTF-8, or the disk is full',
    ],
    ['Latin-1', Buffer.from('{"id":"\xe9"}', 'latin1'), 'manifest.json is not UTF-8 text'],
    ['an encoded surrogate', Buffer.from('22eda08022', 'hex'), 'manifest.json is not UTF-8 text'],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), 'manifest.json is not UTF-8 text'],
    [
      'a block of zeros, as a power cut leaves',
      Buffer.alloc(4096),
      'manifest.json is not valid JSON: a NUL byte at line 1, column 1',
    ],
    [
      'two byte order marks',
      '\ufeff\ufeff{}',
      'manifest.json is not valid JSON: a byte order mark, which PHP does not read at line 1, column 1',
    ],
    [
      'a comma too many',
      '{\r\n    "id": "x",\r\n}',
      'manifest.json is not valid JSON: a key that is not a string at line 3, column 1',
    ],
    [
      'a key twice',
      '{"datasets":{},\n "datasets":{}}',
      'manifest.json cannot be relied on: the key "datasets" twice at line 2, column 2',
    ],
    ['only spaces', ' \n', 'manifest.json is cut short: the end, too early at line 2, column 1'],
    [
      'half a string',
      '{\n    "id": "2026',
      'manifest.json is cut short: a string that does not end at line 2, column 11',
    ],
  ])('%s', (_, bytes, expected) => {
    expect(reason(bytes)).toBe(expected);
  });

  test('cut short anywhere says so', () => {
    const {manifest} = makeBackup({
      datasets: [{name: 'tenants', hash: false}],
      metadata: {size: -12, note: null},
    });
    for (let length = 1; length < manifest.length; length++) {
      expect(reason(manifest.slice(0, length)), `cut at ${length}`).toMatch(/^manifest\.json is cut short: /);
    }
  });

  test('a byte order mark is taken off and remembered', () => {
    expect(parse('\ufeff{"datasets":[]}')).toMatchObject({hasBom: true, text: '{"datasets":[]}'});
  });

  test('CRLF stays in the text', () => {
    const text = makeBackup().manifest.replaceAll('\n', '\r\n');
    expect(parse(text)).toMatchObject({id: '20261123_131813', text});
  });
});

test('a long manifest that is looked at again is parsed once, as long as it is the same', () => {
  const entry = {algorithm: 'md5', hash: 'f'.repeat(32), source: '/s', backup: '/b/x'};
  const text = (count: number) =>
    JSON.stringify({datasets: Object.fromEntries(Array.from({length: count}, (_, n) => [`d${n}`, entry]))});
  const first = parse(text(5000));
  expect(parse(text(5000))).toBe(first);
  expect(parse(text(4999))).toMatchObject({datasets: {length: 4999}});
  expect(parse(text(5000))).toEqual(first);
});
