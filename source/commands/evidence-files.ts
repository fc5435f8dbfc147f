import fs from 'node:fs';
import path from 'node:path';
import {listed} from '../engine/base/format.ts';
import {errorCode, exitCode, Problem} from '../engine/base/problem.ts';
import type {EvidenceCheck} from '../engine/evidence/checks.ts';
import type {Invocation} from './command.ts';

const evidenceMarks = {ok: '+', failed: 'x', 'not checked': '-'} as const;

/** `!` is for what belongs to the file and is not here. */
export const checkLine = ({name, state, text, gap}: EvidenceCheck): string =>
  `${gap ? '!' : evidenceMarks[state]} ${name}: ${text}`;

export const namesOf = (checks: EvidenceCheck[]): string =>
  listed([...new Set(checks.map(({name}) => name))], 20);

/**
 * The files that are named, before anything is done with any.
 * @returns each as it was given, and its absolute path
 * @throws Problem where none is, or one is not there
 */
export function givenFiles({rest, cwd, name}: Invocation): {given: string; file: string}[] {
  if (rest.length === 0)
    throw new Problem(exitCode.usage, `Which file? magds ${name} FILE, as it was exported.`);
  return rest.map((given) => {
    const file = path.resolve(cwd, given);
    try {
      fs.lstatSync(file);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errorCode(error)))
        throw new Problem(exitCode.notFound, `${given}: there is no such file. Nothing was checked.`);
    }
    return {given, file};
  });
}

/** A path that a flag gives, from where the operator is. */
export const pathFlag = ({cwd}: Invocation, value: string | undefined): string | null =>
  value === undefined ? null : path.resolve(cwd, value);

/** A file that a flag names, which has to be there: else what it is for would just fail. */
export function fileFlag(invocation: Invocation, flag: string, value: string | undefined): string | null {
  const file = pathFlag(invocation, value);
  if (file !== null && !fs.statSync(file, {throwIfNoEntry: false})?.isFile())
    throw new Problem(exitCode.usage, `${flag} ${value}: there is no such file. Nothing was checked.`);
  return file;
}
