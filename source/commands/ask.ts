import {createInterface} from 'node:readline/promises';
import {exitCode, Problem} from '../engine/base/problem.ts';

/** Whether somebody is there to be asked. */
export const canAsk = ({json, quiet}: {json?: boolean; quiet?: boolean}): boolean =>
  process.stdin.isTTY === true && !json && !quiet;

/** @throws Problem where nothing is answered: Ctrl+C, or the end of the input */
export async function ask(question: string, signal: AbortSignal): Promise<string> {
  const prompt = createInterface({input: process.stdin, output: process.stderr});
  try {
    return await prompt.question(question, {signal});
  } catch {
    throw new Problem(exitCode.cancelled, 'Cancelled. Nothing was changed.');
  } finally {
    prompt.close();
  }
}

/** Asks for a word, where a single key must not be enough. @throws Problem where it is another one, or none */
export async function askForWord(question: string, word: string, signal: AbortSignal): Promise<void> {
  const answer = await ask(question, signal);
  if (answer.trim() !== word) throw new Problem(exitCode.cancelled, 'That is not it. Nothing was changed.');
}
