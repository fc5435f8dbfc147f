import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {locateCopy} from '../../../../source/engine/storage/manifest/copy-path.ts';

const id = '20261123_131813';
const backups = '/srv/magmoboce/storage/backups';

describe('a copy inside the backup', () => {
  test.each([
    ['as PHP wrote it', `${backups}/${id}/datasets/a.json`, ['datasets', 'a.json'], backups],
    ['not normalised', `/srv/./magmoboce//storage/backups///${id}/./datasets//a`, ['datasets', 'a'], backups],
    ['.. before the backup', `/srv/x/../b/${id}/datasets/a`, ['datasets', 'a'], '/srv/x/../b'],
    ['a deeper copy', `${backups}/${id}/datasets/media/a.json`, ['datasets', 'media', 'a.json'], backups],
    ['beside datasets', `${backups}/${id}/a.json`, ['a.json'], backups],
    ['a relative path', `storage/backups/${id}/datasets/a`, ['datasets', 'a'], 'storage/backups'],
    ['backups at the top', `/${id}/datasets/a`, ['datasets', 'a'], '/'],
    ['a root named like the backup', `/${id}/b/${id}/datasets/a`, ['datasets', 'a'], `/${id}/b`],
    ['a source named like the backup', `${backups}/${id}/datasets/${id}`, ['datasets', id], backups],
    ['dots in names', `${backups}/${id}/datasets/...`, ['datasets', '...'], backups],
  ])('%s', (_, recorded, segments, recordedBackups) => {
    expect(locateCopy(recorded, [id])).toEqual({segments, recordedBackups});
  });

  test("of a renamed directory is found by the manifest's own id", () => {
    expect(locateCopy(`${backups}/${id}/datasets/a`, ['kept', id])).toEqual({
      segments: ['datasets', 'a'],
      recordedBackups: backups,
    });
  });

  test('of a directory renamed to a name higher up in the path', () => {
    expect(locateCopy(`${backups}/${id}/datasets/a`, ['storage', id])).toEqual({
      segments: ['datasets', 'a'],
      recordedBackups: backups,
    });
  });
});

describe('a path that must not be used', () => {
  test.each([
    ['another backup', `${backups}/20261123_131814/datasets/a`, 'its recorded path lies outside the backup'],
    [
      'a name that only begins alike',
      `${backups}/${id}_x/datasets/a`,
      'its recorded path lies outside the backup',
    ],
    ['a system file', '/etc/passwd', 'its recorded path lies outside the backup'],
    ['nothing', '', 'its recorded path lies outside the backup'],
    ['..', `${backups}/${id}/datasets/../../../x`, 'its recorded path leads out of the backup ("..")'],
    ['.. right after the id', `${backups}/${id}/..`, 'its recorded path leads out of the backup ("..")'],
    ['the backup', `${backups}/${id}`, 'its recorded path is the backup itself'],
    ['the backup, not normalised', `${backups}/${id}/./`, 'its recorded path is the backup itself'],
    ['NUL', `${backups}/${id}/datasets/a\0.json`, 'its recorded path contains a NUL character'],
  ])('%s', (_, recorded, unsafe) => {
    expect(locateCopy(recorded, [id])).toEqual({unsafe});
  });
});

test('no segment ever leads anywhere but one step down', () => {
  const piece = fc.constantFrom('/', '//', '.', '..', id, 'datasets', 'a', '\\', '\0', ' ', 'é');
  const path = fc.array(piece, {maxLength: 14}).map((pieces) => pieces.join(''));
  let found = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        path,
        path.map((tail) => `/b/${id}/${tail}`),
      ),
      fc.constantFrom([id], ['a', id]),
      (recorded, ids) => {
        const located = locateCopy(recorded, ids);
        if ('unsafe' in located) return;
        found++;
        expect(located.segments).not.toHaveLength(0);
        for (const segment of located.segments) expect(segment).toMatch(/^(?!\.{0,2}$)[^/\0]+$/);
      },
    ),
    {numRuns: 2000},
  );
  expect(found).toBeGreaterThan(100);
});

test('.. that stays inside is taken out: recorded paths are not normalised', () => {
  expect(locateCopy(`${backups}/${id}/datasets/../datasets/./a`, [id])).toMatchObject({
    segments: ['datasets', 'a'],
  });
});
