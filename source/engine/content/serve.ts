import fs from 'node:fs';
import {createInterface} from 'node:readline';
import {endWithParent} from '../base/own-program.ts';
import {answer, jobSchema, readyLine} from './answer.ts';

/** Answers one job after the other, a line of JSON each, until there are no more. */
export async function serveChecks(): Promise<void> {
  endWithParent();
  fs.writeSync(1, `${readyLine}\n`);
  for await (const line of createInterface({input: process.stdin})) {
    const job = jobSchema.parse(JSON.parse(line));
    fs.writeSync(1, `${JSON.stringify(await answer(job))}\n`);
  }
}
