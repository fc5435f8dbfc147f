import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {explainTarget, lookAtTarget, placeTarget} from '../../../source/engine/restore/target.ts';
import {makePipe, temporaryDirectory} from '../../support/temporary.ts';

const none = new Set<string>();

function makeRoot(): string {
  const root = temporaryDirectory();
  fs.mkdirSync(`${root}/storage/data`, {recursive: true});
  return root;
}

/** Pieces of paths that somebody would try. */
const segment = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    'storage',
    'data',
    'backups',
    'runbook',
    'mag',
    '...',
    '\0',
    'a\0b',
    ' ',
    '\\',
    '%2e%2e',
  ),
  fc.string({unit: 'binary', maxLength: 6}),
);
const tail = fc.array(segment, {maxLength: 6}).map((parts) => parts.join('/'));

describe('placeTarget', () => {
  test('never leads out of its base, nor to where backups and their record are kept', () => {
    const root = makeRoot();
    fc.assert(
      fc.property(
        fc.constantFrom('', '/', root, `${root}/`, `${root}/storage/`, `${root}x/`, '../'),
        tail,
        (head, rest) => {
          const target = head + rest;
          const placed = placeTarget(root, target, none);
          if ('refused' in placed) return;
          expect([`${root}/storage`, root]).toContain(placed.base);
          expect(placed.segments.length).toBeGreaterThan(0);
          for (const each of placed.segments) {
            expect(['', '.', '..']).not.toContain(each);
            expect(each).not.toMatch(/[/\0]/);
          }
          expect(path.join(placed.base, ...placed.segments)).toBe(target);
          for (const kept of ['backups', 'runbook'])
            expect(`${target}/`.startsWith(`${root}/storage/${kept}/`)).toBe(false);
        },
      ),
      {numRuns: 2000},
    );
  });

  test('an allowed path is that very one, and no way is walked below it', () => {
    const [root, elsewhere] = [makeRoot(), temporaryDirectory()];
    fc.assert(
      fc.property(tail, (rest) => {
        const target = `${elsewhere}/${rest}`;
        const placed = placeTarget(root, target, new Set([target]));
        if ('refused' in placed) return;
        expect(placed.segments).toEqual([path.basename(target)]);
        expect(`${placed.base}/${placed.segments[0]}`).toBe(target);
      }),
    );
  });

  test.each([
    ['x', 'is not a plain absolute path'],
    ['/', 'is not a plain absolute path'],
    ['ROOT/storage/../mag', 'is not a plain absolute path'],
    ['ROOT/storage//x', 'is not a plain absolute path'],
    ['ROOT/storage/data/', 'is not a plain absolute path'],
    ['ROOT/a\0b', 'holds a NUL character'],
    ['ROOT/storage/backups', 'lies where backups and their record are kept'],
    ['ROOT/storage/runbook/lock', 'lies where backups and their record are kept'],
    ['/etc/passwd', 'lies outside the project: if that is meant, --allow-target=/etc/passwd'],
    ['ROOTED/x', 'lies outside the project: if that is meant, --allow-target=ROOTED/x'],
  ])('%j is refused', (given, why) => {
    const root = makeRoot();
    const fill = (text: string) => text.replace('ROOT', root);
    expect(placeTarget(root, fill(given), none)).toEqual({refused: fill(why)});
  });

  test('allowing a place where backups are kept does not make it one', () => {
    const root = makeRoot();
    const target = `${root}/storage/backups/x`;
    expect(placeTarget(root, target, new Set([target]))).toHaveProperty('refused');
  });

  test('storage/ is resolved, and what lies below it is not', () => {
    const root = temporaryDirectory();
    const shared = temporaryDirectory();
    fs.symlinkSync(shared, `${root}/storage`);
    const target = `${root}/storage/data/x`;
    expect(placeTarget(root, target, none)).toEqual({path: target, base: shared, segments: ['data', 'x']});
  });
});

describe('lookAtTarget', () => {
  const place = (base: string, ...segments: string[]) => ({
    path: [base, ...segments].join('/'),
    base,
    segments,
  });

  test('says what is there, and which directories are missing', () => {
    const base = temporaryDirectory();
    fs.mkdirSync(`${base}/a`);
    fs.writeFileSync(`${base}/a/file`, 'four', {mode: 0o600});
    expect(lookAtTarget(place(base, 'a', 'file'))).toMatchObject({
      kind: 'file',
      links: 1,
      mode: 0o600,
      stamp: {size: 4},
    });
    expect(lookAtTarget(place(base, 'a', 'x'))).toEqual({kind: 'absent', missing: []});
    expect(lookAtTarget(place(base, 'a', 'b', 'c', 'x'))).toEqual({kind: 'absent', missing: ['b', 'c']});
  });

  test('refuses what is in the way', () => {
    const base = temporaryDirectory();
    fs.writeFileSync(`${base}/file`, '');
    fs.symlinkSync('/etc', `${base}/link`);
    fs.symlinkSync('/etc/passwd', `${base}/passwd`);
    makePipe(`${base}/pipe`);
    expect(lookAtTarget(place(base, 'link', 'passwd'))).toEqual({
      refused: 'link on the way to the target is a link',
    });
    expect(lookAtTarget(place(base, 'passwd'))).toEqual({refused: 'is a link, not a file'});
    expect(lookAtTarget(place(base, 'pipe'))).toEqual({refused: 'is a pipe (FIFO), not a file'});
    expect(lookAtTarget(place(base, 'file', 'x'))).toEqual({
      refused: 'has a file for a directory on its way (file)',
    });
    expect(lookAtTarget(place(`${base}/gone`, 'x'))).toMatchObject({
      refused: expect.stringContaining('cannot be reached'),
    });
  });
});

test('what failed beside a live file is said with what helps', () => {
  const said = (code: string) => explainTarget(Object.assign(new Error(code), {code}), '/srv/x', 0);
  expect(said('EROFS')).toBe('/srv/x: its file system is read-only: mount it writable first');
  expect(said('EXDEV')).toBe('/srv/x: a bind mount of its own: it cannot be replaced, only written into');
  expect(said('EACCES')).toBe('/srv/x: permission denied: run as root (sudo -u root magds …) or as root');
  expect(said('ENOSPC')).toMatch(/^\/srv\/x: the disk is full: \d+ bytes are free there$/);
  expect(said('EIO')).toBe('/srv/x: the disk failed (I/O error)');
});
