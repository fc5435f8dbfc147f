import fs from 'node:fs';
import {createInterface} from 'node:readline';
import {sayReady} from '../base/own-program.ts';
import {answer, jobSchema} from './answer.ts';

/** Answers one job after the other, a line of JSON each, until there are no more. */
export async function serveChecks(): Promise<void> {
  sayReady();
  for await (const line of createInterface({input: process.stdin})) {
    const job = jobSchema.parse(JSON.parse(line));
    fs.writeSync(1, `${JSON.stringify(await answer(job))}\n`);
  }
}
