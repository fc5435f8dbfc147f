import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {exitCode, Problem} from '../base/problem.ts';
import {type Ended, runTool, type ToolOptions} from '../base/run-tool.ts';
import {type Bytes, piecesOf} from './place.ts';

/**
 * Runs a program that evidence cannot do without.
 * @param words how it is called, and what is said where there is none
 * @throws Problem where it is missing, or did not end
 */
export async function needTool(
  file: string,
  args: string[],
  words: {called: string; missing: string},
  {input, ...options}: Omit<ToolOptions, 'input'> & {input?: Bytes | undefined},
): Promise<Ended> {
  const result = await runTool(file, args, {...options, input: input && piecesOf(input)});
  if (result.state === 'ended') return result;
  if (result.state === 'missing') throw new Problem(exitCode.failed, words.missing);
  if (options.signal?.aborted)
    throw new Problem(exitCode.cancelled, 'Cancelled. Nothing was signed or checked.');
  throw new Problem(exitCode.failed, `${words.called}: ${result.reason}.`);
}

/**
 * Gives a tool that takes no second input a private file with these bytes, which is removed once it is done.
 * @param use is given the file's path
 * @throws the system call's error where it cannot be made
 */
export async function withTemporaryFile<T>(data: Uint8Array, use: (file: string) => Promise<T>): Promise<T> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'magds-evidence-'));
  try {
    const file = `${directory}/data`;
    fs.writeFileSync(file, data, {flag: 'wx', mode: 0o600});
    return await use(file);
  } finally {
    fs.rmSync(directory, {recursive: true, force: true});
  }
}
