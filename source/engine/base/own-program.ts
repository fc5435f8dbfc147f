import {isSea} from 'node:sea';

/** The file that this program is: the executable, which holds its runtime, or what a runtime was given. */
export const programFile = (): string => (isSea() ? process.execPath : (process.argv[1] ?? ''));

/** How this program is started once more, by the same runtime. @param word that it is given */
export const onceMore = (word: string): [file: string, args: string[]] => [
  process.execPath,
  isSea() ? [word] : [programFile(), word],
];
