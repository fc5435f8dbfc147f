import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {inodeOf} from '../../../source/engine/base/files.ts';
import {programName} from '../../../source/engine/base/version.ts';
import {manifestDigest} from '../../../source/engine/storage/manifest/digest.ts';
import {parseJson} from '../../../source/engine/storage/manifest/json.ts';
import {lastVerification} from '../../../source/engine/storage/verifications.ts';
import {recordVerification} from '../../../source/engine/verify/record.ts';
import {type BuiltBackup, flipBit, makeBackup, makeRoot} from '../../support/backups.ts';
import {verifyBackup} from '../../support/verifying.ts';

const at = '2026-11-24T01:02:03+00:00';

beforeEach(() => {
  vi.useFakeTimers({toFake: ['Date'], now: new Date('2026-11-24T01:02:03.999Z')});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const all = {record: true, manifest: true, note: null};
const marked = (backup: BuiltBackup, result: string, verifiedAt: string) =>
  backup.manifest.replace(
    '"connection": "magdsdb"',
    `"connection": "magdsdb",${verifiedAt}
        "last_verification": {
            "at": "${at}",
            "result": "${result}"
        }`,
  );

test('a pass is recorded beside the backup and marked in its manifest', async () => {
  const backup = makeBackup();
  const result = await verifyBackup(backup, {record: true});
  expect(result.recorded).toEqual(all);
  expect(fs.readFileSync(backup.manifestFile, 'utf8')).toBe(
    marked(backup, 'passed', `\n        "last_verified_at": "${at}",`),
  );
  const text = fs.readFileSync(path.join(backup.directory, 'verifications.jsonl'), 'utf8');
  expect(text).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(text)).toEqual({
    version: 1,
    at,
    result: 'passed',
    reason: null,
    manifest: manifestDigest(parseJson(backup.manifest)),
    copies: expect.stringMatching(/^[0-9a-f]{64}$/),
    failed: [],
    seconds: expect.any(Number),
    host: os.hostname(),
    user: expect.stringMatching(/./),
    program: programName,
    datasets: result.datasets,
  });
  expect(fs.readdirSync(backup.directory).sort()).toEqual([
    'SHA256SUMS',
    'datasets',
    'manifest.json',
    'verifications.jsonl',
  ]);
});

test("a failure is recorded, and PHP's last_verified_at is not touched", async () => {
  const php = {last_verified_at: '2026-11-23T13:18:19+00:00'};
  const backup = makeBackup({metadata: php});
  flipBit(backup.copy('ledger'));
  const result = await verifyBackup(backup, {record: true});
  expect(result.recorded).toEqual(all);
  expect(lastVerification(backup.directory)).toMatchObject({
    at,
    result: 'failed',
    reason: 'ledger: mismatch',
    failed: ['ledger'],
  });
  expect(fs.readFileSync(backup.manifestFile, 'utf8')).toBe(
    backup.manifest.replace(
      /("last_verified_at": ".*")/,
      `$1,
        "last_verification": {
            "at": "${at}",
            "result": "failed"
        }`,
    ),
  );
});

test('an operator without an entry in the user database is named by number', async () => {
  vi.spyOn(os, 'userInfo').mockImplementation(() => {
    throw new Error('no such user');
  });
  const backup = makeBackup();
  await verifyBackup(backup, {record: true});
  const text = fs.readFileSync(path.join(backup.directory, 'verifications.jsonl'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({user: `uid ${process.getuid?.()}`});
});

test('each run adds one record', async () => {
  const backup = makeBackup();
  await verifyBackup(backup, {record: true});
  fs.unlinkSync(backup.copy('tenants'));
  await verifyBackup(backup, {record: true});
  const lines = fs.readFileSync(path.join(backup.directory, 'verifications.jsonl'), 'utf8').split('\n');
  expect(lines).toHaveLength(3);
  expect(lastVerification(backup.directory)).toMatchObject({result: 'failed', failed: ['tenants']});
});

test('a byte order mark stays', async () => {
  const backup = makeBackup({manifest: (text) => `\ufeff${text}`});
  expect((await verifyBackup(backup, {record: true})).recorded).toEqual(all);
  const text = fs.readFileSync(backup.manifestFile, 'utf8');
  expect(text).toBe(`\ufeff${marked(backup, 'passed', `\n        "last_verified_at": "${at}",`)}`);
});

test('nothing is written unless it is asked for', async () => {
  const backup = makeBackup();
  const before = fs.statSync(backup.directory).mtimeMs;
  expect((await verifyBackup(backup, {record: false})).recorded).toBeNull();
  expect(fs.readFileSync(backup.manifestFile, 'utf8')).toBe(backup.manifest);
  expect(fs.statSync(backup.directory).mtimeMs).toBe(before);
});

test('nothing is written into a manifest that cannot be read', async () => {
  const backup = makeBackup({manifest: () => '{"metadata":{}}'});
  expect((await verifyBackup(backup, {record: true})).recorded).toBeNull();
  expect(fs.readdirSync(backup.directory).sort()).toEqual(['datasets', 'manifest.json']);
});

describe('a result that cannot be kept is still a result', () => {
  test('where the record is in the way', async () => {
    const backup = makeBackup();
    fs.mkdirSync(path.join(backup.directory, 'verifications.jsonl'));
    expect(await verifyBackup(backup, {record: true})).toMatchObject({
      result: 'passed',
      recorded: {
        record: false,
        manifest: true,
        note: 'Not recorded in verifications.jsonl: it is a directory, not a file: move it away.',
      },
    });
  });

  test('where the metadata is no map', async () => {
    const backup = makeBackup({manifest: (text) => text.replace(/"metadata": \{[^}]*\}/, '"metadata": "x"')});
    expect((await verifyBackup(backup, {record: true})).recorded).toEqual({
      record: true,
      manifest: false,
      note: 'Not recorded in manifest.json: its "metadata" is not a map.',
    });
  });

  test('where the directory is gone by now', () => {
    const backup = makeBackup();
    fs.rmSync(backup.directory, {recursive: true});
    const result = {id: backup.id, result: 'passed', reason: null, datasets: []} as const;
    expect(recordVerification({...backup, inode: 'gone'}, 'digest', {...result, datasets: []}, 1)).toEqual({
      record: false,
      manifest: false,
      note: 'Not recorded: not there.',
    });
  });
});

test('nothing is written into a directory that was put in the place of the one verified', () => {
  const backup = makeBackup();
  const inode = inodeOf(fs.statSync(backup.directory));
  const aside = `${backup.directory}.aside`;
  fs.renameSync(backup.directory, aside);
  fs.cpSync(aside, backup.directory, {recursive: true});
  const result = {id: backup.id, result: 'passed' as const, reason: null, datasets: []};
  const note = 'Not recorded: the directory was replaced by another one meanwhile.';
  expect(recordVerification({...backup, inode}, 'digest', result, 1)).toEqual({
    record: false,
    manifest: false,
    note,
  });
  fs.rmSync(backup.directory, {recursive: true});
  fs.symlinkSync(aside, backup.directory);
  expect(recordVerification({...backup, inode}, 'digest', result, 1).note).toBe(
    'Not recorded: not a directory.',
  );
  expect(fs.readdirSync(aside).sort()).toEqual(['datasets', 'manifest.json']);
});

test.runIf(process.getuid?.() === 0)('nothing is written through a link of somebody else’s', () => {
  const {root, backups} = makeRoot();
  const other = makeBackup();
  fs.rmdirSync(backups);
  fs.symlinkSync(other.backups, backups);
  fs.lchownSync(backups, 33, 33);
  const result = {id: other.id, result: 'passed' as const, reason: null, datasets: []};
  const inode = inodeOf(fs.statSync(other.directory));
  const found = {root, directory: `${backups}/${other.id}`, id: other.id, inode};
  expect(recordVerification(found, 'digest', result, 1).note).toContain(
    `Not recorded: ${backups} is a link of www-data's, and is not followed`,
  );
  expect(fs.readdirSync(other.directory).sort()).toEqual(['datasets', 'manifest.json']);
});

test('a manifest changed meanwhile is not marked, and the record names the one that was verified', () => {
  const backup = makeBackup();
  const digest = manifestDigest(parseJson(backup.manifest));
  const changed = backup.manifest.replace('"magdsdb"', '"other"');
  fs.writeFileSync(backup.manifestFile, changed);
  const result = {id: backup.id, result: 'passed' as const, reason: null, datasets: []};
  expect(
    recordVerification({...backup, inode: inodeOf(fs.statSync(backup.directory))}, digest, result, 1),
  ).toEqual({
    record: true,
    manifest: false,
    note: 'Not recorded in manifest.json: somebody else changed it meanwhile.',
  });
  expect(fs.readFileSync(backup.manifestFile, 'utf8')).toBe(changed);
  expect(lastVerification(backup.directory)?.manifest).toBe(digest);
});

test('what only could not be checked is not recorded as damage', async () => {
  const backup = makeBackup({manifest: (text) => text.replaceAll('"sha256"', '"blake3"')});
  const {result, recorded} = await verifyBackup(backup, {record: true});
  expect(result).toBe('failed');
  expect(recorded).toEqual({
    record: false,
    manifest: false,
    note: 'Not recorded: nothing was found damaged, but not everything could be checked.',
  });
  expect(fs.readdirSync(backup.directory).sort()).toEqual(['datasets', 'manifest.json']);
});
