import fc from 'fast-check';
import {expect, test} from 'vitest';
import {
  applicationName,
  asideName,
  markText,
  readMark,
  stagedName,
  writtenName,
} from '../../../source/engine/session/database-item.ts';

test('what lies beside a database says whose it is', () => {
  expect(stagedName('magds', 3)).toBe('magds_magds_3');
  expect(asideName('magds', 3)).toBe('magds_before_3');
  expect(writtenName('magds', 3)).toBe('magds_written_3');
});

test('a long name is cut where a character ends, and stays apart from others that begin like it', () => {
  const long = 'ä'.repeat(31);
  const name = stagedName(long, 12);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
  expect(name).toMatch(/^ä+~[0-9a-f]{8}_magds_12$/);
  expect(name).not.toBe(stagedName(`${'ä'.repeat(30)}öü`.slice(0, 31), 12));
});

test('no name has more bytes than a server keeps, and none is two databases’', () => {
  const names = fc.string({unit: 'grapheme', minLength: 1}).filter((name) => Buffer.byteLength(name) <= 63);
  fc.assert(
    fc.property(names, names, fc.integer({min: 1, max: 999_999_999}), (one, other, session) => {
      const all = [stagedName, asideName, writtenName].flatMap((make) => [
        make(one, session),
        make(other, session),
      ]);
      for (const name of all) {
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
        expect(name.isWellFormed()).toBe(true);
      }
      expect(new Set(all).size).toBe(one === other ? 3 : 6);
    }),
  );
});

test('a mark is read again, and a comment of others is none', () => {
  const mark = {is: 'before', of: 'a "b" \n c', session: 3, root: '/srv/magmoboce'} as const;
  expect(readMark(markText(mark))).toEqual(mark);
  for (const comment of [null, '', 'the shop', 'magds: ', 'magds: {"is":"before"}', 'magds: []'])
    expect(readMark(comment)).toBeNull();
});

test('sessions of one restore are called so, and those of no other', () => {
  const one = {state: '/srv/magmoboce/storage/runbook', session: 3, host: 'db1'};
  expect(applicationName(one)).toBe(applicationName({...one}));
  for (const other of [{session: 30}, {state: '/srv/b'}, {host: 'db2'}])
    expect(applicationName({...one, ...other})).not.toBe(applicationName(one));
  const long = applicationName({state: 'ä'.repeat(500), session: 999_999_999, host: 'h'.repeat(64)});
  expect(Buffer.byteLength(long)).toBeLessThan(64);
});
