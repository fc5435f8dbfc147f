import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {exitCode, Problem} from '../../../source/engine/base/problem.ts';
import {backupTime, looksLikeBackupId} from '../../../source/engine/storage/backup-id.ts';
import {checkLabel, idTime, labelSuffix, whyNoLabel} from '../../../source/engine/storage/new-id.ts';
import {anyText} from '../../support/arbitraries.ts';

test('the time is UTC, to the second', () => {
  expect(idTime(Date.UTC(2026, 10, 23, 13, 18, 13, 999))).toBe('20261123_131813');
  expect(idTime(0)).toBe('19700101_000000');
});

describe('the suffix', () => {
  test.each([
    ['', ''],
    ['0', ''],
    ['00', '_00'],
    ['nightly', '_nightly'],
    ['hotfix 2.4/rc1', '_hotfix-2-4-rc1'],
    ['A_b-9', '_A_b-9'],
    ['é', '_--'],
    ['漢', '_---'],
    ['😀', '_----'],
    ['e\u0301', '_e--'],
    [' ', '_-'],
    ['../..', '_-----'],
    ['</script>"', '_--script--'],
  ])('of %j is %j', (label, suffix) => {
    expect(labelSuffix(label)).toBe(suffix);
  });

  test('has a character for each byte of the label, those of a name of a backup only', () => {
    const label = anyText.filter((text) => text !== '' && text !== '0');
    fc.assert(
      fc.property(label, (text) => {
        const suffix = labelSuffix(text);
        const bytes = [...Buffer.from(text)].map((byte) => String.fromCharCode(byte));
        const expected = bytes.map((each) => (/[a-zA-Z0-9_-]/.test(each) ? each : '-'));
        expect(suffix).toBe(`_${expected.join('')}`);
        expect(looksLikeBackupId(idTime(0) + suffix)).toBe(true);
        expect(backupTime(idTime(0) + suffix)).toBe(0);
      }),
    );
  });
});

const notUtf8 = 'is not UTF-8 text, and a manifest can hold nothing else';
const tooLong = (length: number) =>
  `makes a name of ${length} bytes, and a name has at most 255: shorten it by ${length - 255}`;

describe('a label', () => {
  test.each(['', '0', 'é 漢字 😀 "\'\\/</script>', '\u2028\u202e\ufeff', 'a'.repeat(239), 'é'.repeat(119)])(
    'can be %j',
    (label) => {
      expect(whyNoLabel(label)).toBeNull();
      expect(checkLabel(label)).toBe(label);
    },
  );

  test.each([
    ['half a surrogate pair', '\ud83d', notUtf8],
    ['the other half', 'a\ude00b', notUtf8],
    ['what stands for bytes that are not UTF-8', 'caf\ufffd', notUtf8],
    ['a line break', 'a\nb', 'holds control characters'],
    ['a NUL', '\0', 'holds control characters'],
    ['an escape sequence', '\u001b[2J', 'holds control characters'],
    ['DEL', '\u007f', 'holds control characters'],
    ['a C1 control', '\u009b2J', 'holds control characters'],
    ['240 characters', 'a'.repeat(240), tooLong(256)],
    ['300 characters', 'a'.repeat(300), tooLong(316)],
    ['120 characters of two bytes', 'é'.repeat(120), tooLong(256)],
  ])('cannot be %s', (_, label, why) => {
    expect(whyNoLabel(label)).toBe(why);
  });

  test('that cannot be is wrong usage', () => {
    const check = () => checkLabel('\n');
    expect(check).toThrow(
      new Problem(exitCode.usage, 'The label holds control characters. Nothing was written.'),
    );
    expect(check).toThrow(expect.objectContaining({exit: exitCode.usage}));
  });

  test('that can be makes a name that a file system takes', () => {
    const long = fc.tuple(anyText, fc.nat({max: 300})).map(([text, times]) => text.repeat(times));
    fc.assert(
      fc.property(fc.oneof(anyText, long), (label) => {
        const bytes = Buffer.byteLength(idTime(0) + labelSuffix(label));
        if (whyNoLabel(label) === null) expect(bytes).toBeLessThanOrEqual(255);
      }),
    );
  });
});
