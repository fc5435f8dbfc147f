import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {exitCode, Problem} from '../../../source/engine/base/problem.ts';
import {backupTime, checkBackupId, looksLikeBackupId} from '../../../source/engine/storage/backup-id.ts';

function rejected(id: string): string | null {
  try {
    checkBackupId(id);
    return null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.exit).toBe(exitCode.usage);
    return error.message;
  }
}

describe('looksLikeBackupId', () => {
  test.each([
    '20261123_131813',
    '20261123_131813_nightly',
    '20261123_131813__',
    '20261123_131813_hotfix-2-4-rc1',
  ])('%s', (name) => {
    expect(looksLikeBackupId(name)).toBe(true);
  });

  test.each([
    '',
    '.partial',
    '20261123',
    '20261123_131813_',
    '20261123_131813-x',
    'x20261123_131813',
    '20261123_131813\n',
  ])('not %j', (name) => {
    expect(looksLikeBackupId(name)).toBe(false);
  });
});

describe('backupTime', () => {
  test('is UTC, whatever the label', () => {
    expect(backupTime('20261123_131813')).toBe(1_795_439_893);
    expect(backupTime('20261123_131813_20010101_000000')).toBe(1_795_439_893);
    expect(backupTime('20240229_235959')).toBe(1_709_251_199);
  });

  test.each([
    '20261301_000000',
    '20260230_000000',
    '20260229_000000',
    '20260100_000000',
    '20260101_240000',
    '20260101_006000',
    '20260101_000060',
    'nightly',
  ])('%s is no time', (id) => {
    expect(backupTime(id)).toBeNull();
  });

  test('gives back any time', () => {
    const seconds = fc.integer({min: Date.UTC(1970, 0) / 1000, max: Date.UTC(9999, 11) / 1000});
    fc.assert(
      fc.property(seconds, (time) => {
        const digits = new Date(time * 1000).toISOString().replace(/\D/g, '');
        expect(backupTime(`${digits.slice(0, 8)}_${digits.slice(8, 14)}`)).toBe(time);
      }),
    );
  });
});

describe('checkBackupId', () => {
  const advice = '. Give a backup id as "magds backup list" shows it.';

  test.each([
    ['', '--id is empty'],
    ['.', '--id "." is not a backup id'],
    ['..', '--id ".." is not a backup id'],
    ['../../x', '--id contains a slash, so it is not a backup id'],
    ['/etc', '--id contains a slash, so it is not a backup id'],
    ['a\0', '--id contains a NUL character'],
    ['é'.repeat(128), '--id is 256 bytes long; a name has at most 255'],
  ])('refuses %j', (id, message) => {
    expect(rejected(id)).toBe(message + advice);
  });

  test.each(['20261123_131813', 'kept', '...', 'a b', '-x', 'x'.repeat(255)])('takes %j', (id) => {
    expect(checkBackupId(id)).toBe(id);
  });

  test('takes only names of one entry of a directory', () => {
    const name = fc.array(fc.constantFrom('.', '/', '\0', 'a', '..')).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(name, (id) => {
        expect(rejected(id) === null).toBe(/^(?!\.{1,2}$)[^/\0]+$/.test(id) && id.length <= 255);
      }),
    );
  });
});
