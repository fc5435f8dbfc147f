import {createInterface} from 'node:readline/promises';
import {exitCode, Problem} from '../engine/base/problem.ts';
import {longestOf, oneLineOf} from '../engine/session/about.ts';
import {isUnnamed} from '../engine/session/context.ts';
import {personVariable} from '../engine/session/owner.ts';

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
  if (answer.trim() !== word)
    throw new Problem(exitCode.cancelled, 'That does not match. Nothing was changed.');
}

/**
 * Who the operator is, where the login is shared and nothing else says so: asked for once, and recorded as typed. What
 * this process starts knows it too.
 * @param flags `operator` as it is given; with `yes` nothing is asked
 */
export async function nameOperator(
  {
    operator,
    yes,
    ...others
  }: {operator?: string | undefined; yes?: string | undefined; json?: boolean; quiet?: boolean},
  signal: AbortSignal,
): Promise<void> {
  let name = oneLineOf(operator, longestOf.title, '--operator')?.trim() ?? '';
  if (name === '' && yes === undefined && isUnnamed(process.env) && canAsk(others))
    name = await ask('This login is shared. Your name, for the record (empty: not recorded): ', signal);
  if (name.trim() !== '') process.env[personVariable] = name.trim();
}
