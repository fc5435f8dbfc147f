import {expect, test} from 'vitest';
import {dependsOf} from '../../source/build/debian.ts';

const dump = (...lines: string[]): string => `Dynamic Section:\n${lines.join('\n')}\n`;

test('what an executable needs is said in the names of packages, by the newest version of each symbol', () => {
  expect(
    dependsOf(
      dump(
        '  NEEDED               libstdc++.so.6',
        '  NEEDED               libm.so.6',
        '  NEEDED               libc.so.6',
        '0000 DF *UND* 0000 (GLIBC_2.9) a',
        '0000 DF *UND* 0000 (GLIBC_2.28) b',
        '0000 DF *UND* 0000 (GLIBCXX_3.4.9) c',
        '0000 DF *UND* 0000 (GLIBCXX_3.4.21) d',
      ),
    ),
  ).toEqual(['libc6 (>= 2.28)', 'libstdc++6 (>= 5)']);
});

test('a library, and a version, that nobody has entered stop the build', () => {
  expect(() => dependsOf(dump('  NEEDED               libnew.so.1'))).toThrow('which package has libnew.so?');
  expect(() => dependsOf(dump('  NEEDED               libstdc++.so.6', '0000 (GLIBCXX_3.4.99) a'))).toThrow(
    'which GCC has GLIBCXX_3.4.99?',
  );
});
