import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type {Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {describe, expect, test} from 'vitest';
import {checksums, writeChecksums} from '../../../source/engine/storage/checksums.ts';
import {parseManifest} from '../../../source/engine/storage/manifest/read.ts';
import type {ManifestContent} from '../../../source/engine/storage/manifest/schema.ts';
import {makeBackup, makeRoot, phpHash} from '../../support/backups.ts';
import {temporaryDirectory} from '../../support/temporary.ts';
import {verifyBackup} from '../../support/verifying.ts';

function manifestOf(file: string): ManifestContent {
  const parsed = parseManifest(fs.readFileSync(file));
  if ('reason' in parsed) throw new Error(parsed.reason);
  return parsed;
}

const entry = (name: string, algorithm = 'sha256') => ({
  name,
  algorithm,
  hash: phpHash('sha256', name),
  source: `/srv/${name}`,
  backup: `/srv/storage/backups/id/datasets/${name}`,
  flaw: null,
});
const holding = (...datasets: ManifestContent['datasets']): ManifestContent => ({
  id: 'id',
  createdAt: null,
  label: null,
  finishedAt: null,
  lastVerifiedAt: null,
  lastVerification: null,
  datasets,
  partial: [],
  directories: new Map(),
});

describe('the content', () => {
  test('is a line for each copy, relative to the backup', () => {
    expect(checksums(holding(entry('a.json'), entry('b')), 'id')).toBe(
      `${phpHash('sha256', 'a.json')}  datasets/a.json\n${phpHash('sha256', 'b')}  datasets/b\n`,
    );
  });

  test('is none where one algorithm is another, one hash or path is missing, or there is no dataset', () => {
    expect(checksums(holding(entry('a'), entry('b', 'sha512')), 'id')).toBeNull();
    expect(checksums(holding({...entry('a'), hash: null}), 'id')).toBeNull();
    expect(checksums(holding({...entry('a'), backup: '/etc/passwd'}), 'id')).toBeNull();
    expect(checksums(holding(), 'id')).toBeNull();
  });
});

test('sha256sum itself reads names with line breaks and backslashes, and notices damage', () => {
  const directory = temporaryDirectory();
  fs.mkdirSync(path.join(directory, 'datasets'));
  const names = ['plain', 'line\nbreak', 'back\\slash', 'carriage\rreturn'];
  for (const name of names) fs.writeFileSync(path.join(directory, 'datasets', name), name);
  writeChecksums(directory, checksums(holding(...names.map((name) => entry(name))), 'id') ?? '');
  const check = () =>
    execFileSync('sha256sum', ['--strict', '--quiet', '-c', 'SHA256SUMS'], {cwd: directory, stdio: 'pipe'});
  expect(check().toString()).toBe('');
  fs.writeFileSync(path.join(directory, 'datasets/plain'), 'other');
  expect(check).toThrow('1 computed checksum did NOT match');
});

describe('after a verification', () => {
  test('that passed they are there, with the mode of the directory', async () => {
    const {backups} = makeRoot();
    const backup = makeBackup({backups});
    fs.chmodSync(backup.directory, 0o750);
    const {recorded} = await verifyBackup(backup, {record: true});
    expect(recorded?.note).toBeNull();
    const file = path.join(backup.directory, 'SHA256SUMS');
    expect(fs.readFileSync(file, 'utf8')).toBe(checksums(manifestOf(backup.manifestFile), backup.id));
    expect(fs.statSync(file).mode & 0o777).toBe(0o640);
    expect(fs.readdirSync(backup.directory).sort()).toEqual([
      'SHA256SUMS',
      'datasets',
      'manifest.json',
      'verifications.jsonl',
    ]);
    expect((await verifyBackup(backup, {record: true})).recorded?.note).toBeNull();
  });

  test('that failed they are not', async () => {
    const {backups} = makeRoot();
    const backup = makeBackup({backups});
    fs.appendFileSync(backup.copy('tenants'), 'x');
    await verifyBackup(backup, {record: true});
    expect(fs.existsSync(path.join(backup.directory, 'SHA256SUMS'))).toBe(false);
  });

  test("somebody else's are left as they are, and that is said", async () => {
    const {backups} = makeRoot();
    const backup = makeBackup({backups});
    const file = path.join(backup.directory, 'SHA256SUMS');
    fs.writeFileSync(file, 'mine\n');
    const {recorded, result} = await verifyBackup(backup, {record: true});
    expect(result).toBe('passed');
    expect(recorded?.note).toBe(
      'Not recorded in SHA256SUMS: it says something else than the manifest, and was left as it is.',
    );
    expect(fs.readFileSync(file, 'utf8')).toBe('mine\n');
  });
});

test('several that write it at once all have it written, and leave nothing else', async () => {
  const directory = temporaryDirectory();
  const places = Array.from({length: 40}, (_, index) => path.join(directory, String(index)));
  for (const place of places) fs.mkdirSync(place);
  const script = `
    import {writeChecksums} from ${JSON.stringify(path.resolve('source/engine/storage/checksums.ts'))};
    process.send('ready');
    process.once('message', (places) => {
      for (const place of places) writeChecksums(place, 'sums\\n');
      process.disconnect();
    });`;
  const writers = Array.from({length: 6}, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    }),
  );
  const said = writers.map(({stderr}) => text(stderr as Readable));
  const codes = writers.map(async (writer) => (await once(writer, 'close'))[0] as number);
  await Promise.all(writers.map((writer) => once(writer, 'message')));
  for (const writer of writers) writer.send(places);
  expect(await Promise.all(said)).toEqual(Array(6).fill(''));
  expect(await Promise.all(codes)).toEqual(Array(6).fill(0));
  for (const place of places) {
    expect(fs.readdirSync(place)).toEqual(['SHA256SUMS']);
    expect(fs.readFileSync(path.join(place, 'SHA256SUMS'), 'utf8')).toBe('sums\n');
  }
});
