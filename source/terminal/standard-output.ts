import type {WriteStream} from 'node:tty';
import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {errorCode} from '../engine/base/problem.ts';
import {prose} from './prose.ts';

/** What became of stdout: a reader that went away (`| head -1`) is no failure, a full disk is. */
let broken: Error | null = null;
let gone = false;

/** Whether something that was to be said on stderr was lost; where its reader has gone, nobody wanted it. */
let unsaid = false;

/** Must be called once before the first write, or an error of either ends the process with a stack trace. */
export function watchStandardOutput(): void {
  process.stderr.on('error', (error) => {
    if (errorCode(error) !== 'EPIPE') unsaid = true;
  });
  process.stdout.on('error', (error) => {
    if (errorCode(error) === 'EPIPE') gone = true;
    else broken ??= error;
  });
}

/** What is written while it is not known whether something is wrong; null where nothing waits for that. */
let held: string[] | null = null;

/** From here on nothing is written before `releaseOutput`. */
export function holdOutput(): void {
  held = [];
}

/** Writes what was held back, or forgets it. */
export async function releaseOutput(isWanted: boolean): Promise<void> {
  const texts = held ?? [];
  held = null;
  if (isWanted) await writeOut(texts.join(''));
}

/** Writes text and waits until the system has taken it; nothing is written once the reader has gone. */
export function writeOut(text: string): Promise<void> {
  if (gone || broken) return Promise.resolve();
  if (held) {
    held.push(text);
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

/** By words where a terminal shows it; scripts read whole lines, and an object is for them wherever it goes. */
function laidOut(text: string, {isTTY, columns}: WriteStream): string {
  if (!isTTY || !columns || text.startsWith('{')) return text;
  return text
    .split('\n')
    .flatMap((line) => prose(line, columns))
    .join('\n');
}

/** As `writeOut`, of sentences: a terminal breaks none of their words. */
export const writeText = (text: string): Promise<void> => writeOut(laidOut(text, process.stdout));

export const writeLine = (text: string): Promise<void> => writeText(`${text}\n`);

/** A line in which nothing can drive a terminal. */
export const writeEscaped = (text: string): Promise<void> => writeLine(escapeText(text));

/** An object in a line of its own, for scripts. */
export const writeJson = (value: object): Promise<void> => writeOut(`${asciiJson(value)}\n`);

/** Says on stderr what is not the result. */
export function say(text: string): void {
  process.stderr.write(`${laidOut(text, process.stderr)}\n`);
}

/** Whether what is written still comes anywhere. */
export const isRead = (): boolean => !gone && broken === null;

/** Whether an error or a warning could not be told: then a command must not exit with 0 either. */
export const isUnsaid = (): boolean => unsaid;

/** The error that kept output from arriving, if any: then a command must not exit with 0. */
export const outputError = (): Error | null => broken;
